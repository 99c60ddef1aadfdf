"""Reads and writes the files of a city's folder: CSV (UTF-8, LF, header) and TOML."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

SEED_ROOT = Path(__file__).resolve().parent


def city_folder(city: str) -> Path:
    """`seed/<city>/`. Raises FileNotFoundError with a sentence when there is none."""
    folder = SEED_ROOT / city
    if not city.isidentifier() or not folder.is_dir():
        raise FileNotFoundError(f"参照データのフォルダー seed/{city}/ がありません。CITY の値を確かめてください。")
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file as {header: cell}."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def csv_text(headers: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """The text of a CSV file as the seed folder keeps it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(headers), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as nested tables; an absent one is empty."""
    if not path.exists():
        return {}
    return tomllib.loads(path.read_text(encoding="utf-8"))


def toml_text(name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """An array of tables `[[name]]` as TOML: plain values first, then sub-tables and arrays of tables."""
    lines: list[str] = []
    for table in tables:
        lines += ["", f"[[{name}]]"]
        _write_table(lines, name, table)
    return "\n".join(lines[1:]) + "\n"


def _write_table(lines: list[str], path: str, table: Mapping[str, Any]) -> None:
    nested = {key: value for key, value in table.items() if isinstance(value, dict) or _is_array_of_tables(value)}
    for key, value in table.items():
        if key not in nested:
            lines.append(f"{key} = {_toml_value(value)}")
    for key, value in nested.items():
        if isinstance(value, dict):
            lines += ["", f"[{path}.{key}]"]
            _write_table(lines, f"{path}.{key}", value)
            continue
        for item in value:
            lines += ["", f"[[{path}.{key}]]"]
            _write_table(lines, f"{path}.{key}", item)


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
