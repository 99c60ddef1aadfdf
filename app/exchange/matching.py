"""How rows find their records, and how plain values become what a table's attributes hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, func, inspect, literal, select, tuple_
from sqlalchemy.orm import Session

from app.exchange.bulk import as_column_value
from app.exchange.columns import ColumnKind, ImportColumn, Plain
from app.exchange.specs import ParsedRow
from models.base import Base

#: (column key, attribute, converter of a value, what a blank becomes)
Taker = tuple[str, str, Callable[[Any], Any] | None, Any]


@dataclasses.dataclass(frozen=True)
class Match:
    """A way to find the record that a row means: these columns' values equal those attributes.

    `of`: turns a value into what the attribute holds (`fold_name` for a folded name).
    """

    columns: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    of: Callable[[Any], Any] | None = None

    def value(self, row: ParsedRow) -> tuple[Any, ...] | None:
        """What to look for; None when a cell of it is blank or the column is missing."""
        found = []
        for column in self.columns:
            value = row.values.get(column)
            if value is None:
                return None
            value = value[0] if isinstance(value, list) else value
            found.append(self.of(value) if self.of else value)
        return tuple(found)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes."""
        return self.attributes or self.columns


def takers_of(model: type[Base], pairs: Sequence[tuple[ImportColumn, str]]) -> list[Taker]:
    """How each column's plain value becomes what its attribute holds."""
    columns = inspect(model).columns
    takers: list[Taker] = []
    for column, attribute in pairs:
        kind = columns[attribute].type
        blank = "" if not columns[attribute].nullable and column.kind is ColumnKind.TEXT else None
        convert: Callable[[Any], Any] | None = None
        if enum_class := getattr(kind, "enum_class", None):
            convert = enum_class
        elif column.kind is ColumnKind.DATE:
            convert = dt.date.fromisoformat
        elif column.kind is ColumnKind.REFERENCE:
            convert = _first
        takers.append((column.key, attribute, convert, blank))
    return takers


def written_values(values: Mapping[str, Plain], takers: Sequence[Taker]) -> dict[str, Any]:
    """{attribute: value} of a row's plain values."""
    written = {}
    for key, attribute, convert, blank in takers:
        value = values.get(key)
        if value is None:
            written[attribute] = blank
        else:
            written[attribute] = value if convert is None else convert(value)
    return written


def _first(value: Any) -> Any:
    """The key of a reference [key, label]."""
    return value[0] if isinstance(value, (list, tuple)) else value


def among(
    session: Session, keys: Sequence[ColumnElement[Any]], values: Sequence[tuple[Any, ...]]
) -> ColumnElement[bool]:
    """The criterion that these columns equal one of many tuples. PostgreSQL is given arrays, not thousands of bound values."""
    if session.get_bind().dialect.name == "postgresql":
        arrays = [literal([value[place] for value in values], ARRAY(key.type)) for place, key in enumerate(keys)]
        names = [f"k{place}" for place in range(len(keys))]
        wanted = func.unnest(*arrays).table_valued(*names).render_derived()
        return tuple_(*keys).in_(select(*(wanted.c[name] for name in names)))
    return keys[0].in_([value[0] for value in values]) if len(keys) == 1 else tuple_(*keys).in_(values)


def as_key_value(kind: Any, value: Any) -> Any:
    """A plain value as a column of that type is asked for it."""
    enum_class = getattr(kind, "enum_class", None)
    return as_column_value(value, kind.python_type if value is not None else None, enum_class)


def from_key_value(value: Any) -> Any:
    """A stored value in the plain form in which rows name it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)
