"""Loads the reference tables: what is missing is added, what the office changed is kept, the rest is renewed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.reference import Program, SeededRow
from seed.files import read_csv, read_toml
from seed.tables import TABLE_FILES, TableFile


@dataclasses.dataclass
class Counts:
    """What a load did to rows. `kept`: changed or removed by a person since, so left alone."""

    created: int = 0
    renewed: int = 0
    unchanged: int = 0
    kept: int = 0

    @property
    def written(self) -> int:
        """Rows that the load created or renewed."""
        return self.created + self.renewed


def load_reference(session: Session, folder: Path, counts: Counts) -> None:
    """Bring every reference table to what its file says. To be called inside an act."""
    for spec in TABLE_FILES:
        _load_table(session, spec, folder, counts)
    _load_programs(session, folder, counts)


class Seeded:
    """What was last seeded into one table."""

    def __init__(self, session: Session, table_name: str) -> None:
        self._session = session
        self._table_name = table_name
        rows = session.scalars(select(SeededRow).where(SeededRow.table_name == table_name))
        self._known = {row.record_code: row for row in rows}

    def digest(self, code: str) -> str | None:
        """The digest last written under that key; None when the loader never wrote it."""
        found = self._known.get(code)
        return found.digest if found else None

    def remember(self, code: str, digest: str) -> None:
        """Say that the row now is what the file says."""
        found = self._known.get(code)
        if found is None:
            row = SeededRow(table_name=self._table_name, record_code=code, digest=digest)
            self._known[code] = row
            self._session.add(row)
        elif found.digest != digest:
            found.digest = digest


def digest_of(cells: object) -> str:
    """A mark of what a row says."""
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def merge(seeded: Seeded, code: str, wanted: str, held: str | None, counts: Counts, write: Callable[[], None]) -> None:
    """Three-way: what the file wants, what the table holds (None: no row), what was last seeded."""
    last = seeded.digest(code)
    if held == wanted:
        counts.unchanged += 1
    elif held is None and last is None:
        write()
        counts.created += 1
    elif held is not None and held == last:
        write()
        counts.renewed += 1
    else:
        counts.kept += 1
        return
    seeded.remember(code, wanted)


def _load_table(session: Session, spec: TableFile, folder: Path, counts: Counts) -> None:
    path = folder / spec.file_name
    if not path.exists():
        return
    table_name = str(spec.model.__tablename__)
    seeded = Seeded(session, table_name)
    held: dict[str, Any] = {}
    order = (getattr(spec.model, name) for name in spec.order)
    for stored in session.scalars(select(spec.model).order_by(*order)):
        held.setdefault(spec.key_of(spec.cells_of(stored)), stored)
    links: list[tuple[Any, dict[str, str]]] = []
    for place, cells in enumerate(read_csv(path), start=1):
        code = spec.key_of(cells)
        row = held.get(code)

        def write(code: str = code, row: Any = row, cells: dict[str, str] = cells, place: int = place) -> None:
            if row is None:
                row = spec.model(**({spec.position: place} if spec.position else {}))
                session.add(row)
                held[code] = row
            for name, value in spec.values_of(cells).items():
                setattr(row, name, value)
            links.append((row, cells))

        merge(seeded, code, digest_of(cells), digest_of(spec.cells_of(row)) if row else None, counts, write)
    session.flush()
    for row, cells in links:
        for column in spec.columns:
            if column.is_link and column.attribute:
                setattr(row, column.attribute, held.get(cells[column.header]))
    session.flush()


def _load_programs(session: Session, folder: Path, counts: Counts) -> None:
    seeded = Seeded(session, "program")
    held = {program.code: program for program in session.scalars(select(Program).order_by(Program.id))}
    for table in read_toml(folder / "programs.toml").get("program", []):
        code = table["code"]
        program = held.get(code)

        def write(program: Program | None = program, table: dict[str, Any] = table) -> None:
            if program is None:
                program = Program(code=table["code"])
                session.add(program)
            for name, value in program_values(table).items():
                setattr(program, name, value)

        merge(seeded, code, digest_of(table), digest_of(program_table(program)) if program else None, counts, write)
    session.flush()


def program_values(table: dict[str, Any]) -> dict[str, Any]:
    """Attributes of a Program from its TOML table; `rules` is the whole table, so that nothing gets lost."""
    return {
        "name": table["name"],
        "is_closed": table["is_closed"],
        "source": table["source"],
        "rules": table,
        "unset_rules": table["status"]["unset"],
    }


def program_table(program: Program) -> dict[str, Any]:
    """The TOML table of a Program: its rules with what its own columns hold now."""
    table = dict(program.rules)
    table |= {
        "code": program.code,
        "name": program.name,
        "is_closed": program.is_closed,
        "source": program.source,
        "status": table.get("status", {}) | {"unset": list(program.unset_rules)},
    }
    return table
