"""Runs the benchmarks and prints a table: python -m benchmarks [NAME …] [--rows 1000,100000] [--json FILE]."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import benchmarks

#: Modules of this package that only help others.
HELPERS = {"__main__", "dataset", "floor", "measure"}


def names() -> list[str]:
    """The benchmarks, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name not in HELPERS)


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a text table; the columns are those of the first row."""
    if not rows:
        return "(nothing measured)"
    heads = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_text(row.get(head)) for head in heads] for row in rows]
    widths = [max(len(head), *(len(line[index]) for line in cells)) for index, head in enumerate(heads)]
    lines = ["  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join(lines)


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Run what is asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[*names(), []], help="which; all by default")
    parser.add_argument("--rows", default="1000,100000", help="sizes of the lists, with commas; 1000000 takes long")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    sizes = [int(size) for size in options.rows.split(",")]
    figures: dict[str, Any] = {}
    for name in options.name or names():
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n# {name}: {(module.__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
        found = module.run(sizes) if getattr(module, "TAKES_SIZES", False) else module.run()
        figures[name] = found
        print(f"\n# {name}\n{table(found)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
