"""What a list is made of: columns and filters, each declared once for screen, export and saved view."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.actor import Actor
from app.japanese.dates import format_date, format_datetime, format_fiscal_year, parse_fiscal_year
from models.base import utc_now
from models.moment import remembered


def shown(value: Any) -> str | Markup:
    """A value as people read it: dates with the era, enums by label, yes and no in words, nothing as ''."""
    if value is None:
        return ""
    if type(value) is str or isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, dt.datetime):
        return format_datetime(value)
    if isinstance(value, dt.date):
        return format_date(value)
    if hasattr(value, "label") and hasattr(value, "value"):
        return str(value.label)
    if isinstance(value, (list, tuple)):
        return "、".join(str(shown(item)) for item in value)
    return str(value)


def grouped(value: int | None) -> str:
    """A number as people read it: 1,234,567; '' for none."""
    return "" if value is None else f"{value:,}"


#: (session, actor, keys) -> key -> what one column needs of other tables: one query for a whole page, no objects. The
#: answer is shared by pages until the database changes: plain values that nobody changes.
Fetch = Callable[[Session, Actor, Sequence[int]], Mapping[int, Any]]


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of a list.

    value: record -> value (also exported; a number or date stays one in Excel). show: how it is drawn, else
    `shown`. sort: SQL expressions, for which an index ending in the primary key exists. attribute: the model
    attribute whose field scope decides who sees the column.
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    show: Callable[[Any], str | Markup] | None = None
    sort: Sequence[Any] = ()
    is_number: bool = False
    is_default: bool = True
    attribute: str | None = None
    #: The attributes that `value` and `show` read, when these are plain columns of the table: a list all of whose
    #: columns say so reads only these, without making objects.
    needs: Sequence[str] | None = None
    #: Loader options for what `value` reads of other tables.
    load: Sequence[Any] = ()
    #: When set, `value` and `show` are given what this found for the record (None: nothing) instead of the record.
    #: Columns with the same function share its query.
    fetch: Fetch | None = None

    @property
    def is_lean(self) -> bool:
        """Whether the cell can be filled without the record as an object."""
        return self.needs is not None or self.fetch is not None


def identity_of(actor: Actor) -> tuple[Hashable, ...]:
    """Whatever besides the database decides what somebody may see: who asks, with what rights, in which minute."""
    minute = int(utc_now().timestamp() // 60)
    return (actor.user_id, actor.roles, actor.departments, actor.permissions, actor.is_system, minute)


#: Gives what one Fetch finds for the records of one page.
_Asking = Callable[[Fetch], Mapping[int, Any]]


def values_of(session: Session, actor: Actor, columns: Sequence[Column], records: Sequence[Any]) -> list[list[Any]]:
    """The values of every record, column by column, as they are exported."""
    keys = [record.id for record in records]
    return _cells(columns, records, [column.value for column in columns], lambda fetch: fetch(session, actor, keys))


def cells_of(session: Session, actor: Actor, columns: Sequence[Column], records: Sequence[Any]) -> list[list[Any]]:
    """The same as they are drawn on screen; what other tables gave is remembered until the database changes."""
    keys = tuple(record.id for record in records)
    asked = (*identity_of(actor), keys)

    def ask(fetch: Fetch) -> Mapping[int, Any]:
        return remembered(session, (fetch, *asked), lambda: fetch(session, actor, keys))

    return _cells(columns, records, [column.show or _shower(column.value) for column in columns], ask)


def _cells(
    columns: Sequence[Column], records: Sequence[Any], fill: Sequence[Callable[[Any], Any]], ask: _Asking
) -> list[list[Any]]:
    fetched = {fetch: ask(fetch) for fetch in dict.fromkeys(column.fetch for column in columns) if fetch}
    sources = [fetched[column.fetch] if column.fetch else None for column in columns]
    return [
        [make(record if source is None else source.get(record.id)) for make, source in zip(fill, sources, strict=True)]
        for record in records
    ]


def _shower(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda record: shown(value(record))


#: (session, actor) -> (value, label) pairs to choose from.
Options = Callable[[Session, Actor], Sequence[tuple[str, str]]]


@dataclasses.dataclass(frozen=True)
class Filter:
    """One condition of a list that reads in words.

    criterion: parsed value(s) -> SQL; raises ValueError with a sentence for a value that it cannot read.
    kind: "choice" (one of options), "text". An option list is short; long ones are "lookup" with an endpoint.
    """

    key: str
    label: str
    criterion: Callable[[str], ColumnElement[bool]]
    options: Options | None = None
    kind: str = "choice"
    lookup: str | None = None
    #: (session, actor, value) -> the value in words, for lookups and texts.
    words: Callable[[Session, Actor, str], str] | None = None


def year_filter(column: Any, options: Options, *, label: str = "年度", key: str = "year") -> Filter:
    """The filter by fiscal year that most lists have."""
    return Filter(
        key=key,
        label=label,
        criterion=lambda value: column == parse_fiscal_year(value),
        options=options,
    )


def year_options(years: Sequence[int]) -> list[tuple[str, str]]:
    """Options of a year filter."""
    return [(str(year), format_fiscal_year(year)) for year in years]
