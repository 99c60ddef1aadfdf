"""What an import into one table is: `ImportSpec`s, registered by name so that a resumed job finds its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.acts import Act
from app.exchange.cells import CellProblem, address
from app.exchange.columns import ColumnKind, ImportColumn, Plain
from app.japanese.text import clean_line
from app.problems import NotFound


@dataclasses.dataclass(frozen=True)
class Context:
    """What the hooks of a spec are given: who imports, what the upload page asked besides, which columns are there."""

    session: Session
    actor: Actor
    options: Mapping[str, Any]
    columns: frozenset[str]


@dataclasses.dataclass(slots=True)
class ParsedRow:
    """One row of the file as it was understood. `places`: column key → position of its cell."""

    number: int
    values: dict[str, Plain]
    places: Mapping[str, int]
    cells: Sequence[Any] = ()
    problems: list[CellProblem] = dataclasses.field(default_factory=list)

    def problem(self, column: str, message: str) -> None:
        """Say what is wrong: with a cell, or, with column "", with the row."""
        place = self.places.get(column)
        where = f"{self.number}行目" if place is None else address(self.number, place)
        self.problems.append(CellProblem(where, column, clean_line(message, strip_controls=True)))


@dataclasses.dataclass(frozen=True, slots=True)
class Existing:
    """The stored record that a row means. `refusal`: why this actor may not change it (「他の課の事業です」).

    `kept`: what no column tells and undoing must bring back; a changed row carries it in `old` beside the cells.
    """

    key: str
    version: int
    values: Mapping[str, Plain]
    label: str
    refusal: str | None = None
    kept: Mapping[str, Plain] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class PlannedRow:
    """A row to write, or to take back. `old`: the cells that differ (and what was `kept`); `values`: all cells.

    `apply` sets `record_key` of new rows and `record_version` of all to what it wrote.
    """

    number: int
    is_new: bool
    label: str
    values: Mapping[str, Plain]
    old: Mapping[str, Plain]
    record_key: str | None
    record_version: int | None


class ImportSpec:
    """How one table is imported. Subclass, or use `TableImport` for a plain table, and `register_import`.

    Reads and writes come in chunks of about a thousand rows: each hook should take one query a chunk.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    #: Needed besides `import:run`.
    permission: ClassVar[str]
    columns: ClassVar[Sequence[ImportColumn]]
    help: ClassVar[str] = ""
    #: What the upload page asks besides the file (a fiscal year …), in the plain form of these columns.
    option_columns: ClassVar[Sequence[ImportColumn]] = ()

    def columns_for(self, options: Mapping[str, Any]) -> Sequence[ImportColumn]:
        """The columns, when they depend on the options."""
        return self.columns

    def check_options(self, session: Session, actor: Actor, options: Mapping[str, Any]) -> None:
        """Raise Problem when the options cannot be used by this actor. Asked again by every job."""

    def identity(self, row: ParsedRow) -> Hashable:
        """What must not appear twice in a file; None: may."""
        return None

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        """Row number → the stored record, for rows that mean one. May add problems to rows (several match …).

        `context.columns` is empty when only existence is asked (just before new rows are written).
        """
        raise NotImplementedError

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        """Rules over the whole row, and whether the actor may add it: `row.problem(...)`."""

    def label(self, row: ParsedRow) -> str:
        """How previews and messages name the row."""
        if row.values.get("name"):
            return str(row.values["name"])
        for column in self.columns:
            value = row.values.get(column.key)
            if value and column.kind is ColumnKind.TEXT:
                return str(value)
        return f"{row.number}行目"

    def versions(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        """The versions of stored (not deleted) records now, locked against change until the transaction ends."""
        raise NotImplementedError

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Write the rows, within the act; set their `record_key` and `record_version`."""
        raise NotImplementedError

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Put `old` values back and remove new records. Versions have been checked."""
        raise NotImplementedError

    def hindrances(self, session: Session, rows: Sequence[PlannedRow]) -> list[str]:
        """Sentences why new records cannot be removed (others refer to them)."""
        return []


_specs: dict[str, ImportSpec] = {}


def register_import(spec: ImportSpec) -> ImportSpec:
    """Make an import known by its name."""
    _specs[spec.name] = spec
    return spec


def get_import(name: str) -> ImportSpec:
    """The spec of that name. Raises NotFound."""
    spec = _specs.get(name)
    if spec is None:
        raise NotFound(f"取込の種類「{name[:60]}」はありません。")
    return spec


def imports_for(actor: Actor) -> list[ImportSpec]:
    """What the actor may import, by title."""
    if not actor.may("import:run"):
        return []
    return sorted((spec for spec in _specs.values() if actor.may(spec.permission)), key=lambda spec: spec.title)
