"""Reads of the whole log: pages of entries by keyset, one entry with its changes, notes of access.

Every page walks an index that ends in the order of the list, so that a million entries cost what fifty do. A filter
that few changes meet is asked first; one that many meet is asked of each entry on the way.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from models.people import User
from models.records import AccessNote, AuditChange, AuditEntry, AuditHead

_ENTRY = AuditEntry.__table__
_CHANGE = AuditChange.__table__
_NOTE = AccessNote.__table__
#: Up to so many changes the table's filter looks them up; beyond, it asks entry by entry.
_FEW = 3_000
_TOKYO = ZoneInfo("Asia/Tokyo")
#: (moment, number): where a page ends.
Place = tuple[dt.datetime, int]


@dataclasses.dataclass(frozen=True)
class LogFilter:
    """What the reader asks for. `verb`: `resource:action`, or `resource` for all of its actions."""

    who: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    verb: str = ""
    table: str = ""
    key: str = ""


@dataclasses.dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether there are more on either side."""

    rows: Sequence[Row[Any]]
    has_newer: bool
    has_older: bool


def head(session: Session) -> tuple[int, str]:
    """(sequence, hash) of the last entry."""
    row = session.execute(select(AuditHead.sequence, AuditHead.hash)).one()
    return row.sequence, row.hash


def entries_page(
    session: Session,
    visible: ColumnElement[bool],
    wanted: LogFilter,
    *,
    before: Place | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> Page:
    """A page of entries older than `before`, or newer than `after`, or the newest."""
    statement = select(_ENTRY).where(visible, *criteria(session, wanted))
    return _page(session, statement, (_ENTRY.c.at, _ENTRY.c.sequence), before, after, limit)


def criteria(session: Session, wanted: LogFilter) -> list[ColumnElement[bool]]:
    """The filter as SQL; small lookups (who is meant, how frequent a table is) are asked at once."""
    found = _between(_ENTRY.c.at, wanted.since, wanted.until)
    if wanted.who:
        found.append(_who(session, wanted.who, _ENTRY.c.actor_id, _ENTRY.c.actor_label))
    if ":" in wanted.verb:
        found.append(_ENTRY.c.verb == wanted.verb)
    elif wanted.verb:
        found.append(_resource(session, wanted.verb))
    if wanted.table:
        found.append(_touches(session, wanted.table, wanted.key))
    return found


def _between(
    column: ColumnElement[dt.datetime], since: dt.date | None, until: dt.date | None
) -> list[ColumnElement[bool]]:
    """Days in Tokyo, both included."""
    found = []
    if since is not None:
        found.append(column >= dt.datetime.combine(since, dt.time(), _TOKYO))
    if until is not None:
        found.append(column < dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), _TOKYO))
    return found


def _resource(session: Session, resource: str) -> ColumnElement[bool]:
    """All actions of a resource: by the index of verbs when few entries have it, else of each entry on the way."""

    def within(verb: ColumnElement[str]) -> ColumnElement[bool]:
        return and_(verb >= f"{resource}:", verb < f"{resource};")  # ";" follows ":"

    few = session.scalar(
        select(func.count()).select_from(select(_ENTRY.c.sequence).where(within(_ENTRY.c.verb)).limit(_FEW).subquery())
    )
    return within(_ENTRY.c.verb if (few or 0) < _FEW else func.coalesce(_ENTRY.c.verb, ""))


def _who(
    session: Session, who: str, actor_id: ColumnElement[int | None], label: ColumnElement[str]
) -> ColumnElement[bool]:
    """Users whose present name holds the text, and actors without a user (command line) by their label."""
    found: list[ColumnElement[bool]] = []
    users = session.scalars(
        select(User.id).where(User.display_name.contains(who, autoescape=True)).order_by(User.id).limit(100)
    ).all()
    if users:
        found.append(actor_id.in_(users))
    nameless = and_(actor_id.is_(None), label.contains(who, autoescape=True))
    if session.execute(select(1).where(nameless).limit(1)).first() is not None:
        found.append(nameless)
    return or_(*found) if found else false()


def _touches(session: Session, table: str, key: str) -> ColumnElement[bool]:
    rows = [_CHANGE.c.table_name == table]
    if key:
        rows.append(_CHANGE.c.record_key == key)
    few = session.scalar(select(func.count()).select_from(select(_CHANGE.c.id).where(*rows).limit(_FEW).subquery()))
    if (few or 0) < _FEW:
        return _ENTRY.c.id.in_(select(_CHANGE.c.entry_id).where(*rows))
    return exists().where(_CHANGE.c.entry_id == _ENTRY.c.id, *rows).correlate(_ENTRY)


def _page(
    session: Session,
    statement: Select[Any],
    order: tuple[ColumnElement[Any], ColumnElement[Any]],
    before: Place | None,
    after: Place | None,
    limit: int,
) -> Page:
    """The rows on one side of a place. Read towards it when going back to newer ones, and turned round."""
    if after is not None:
        statement = statement.where(tuple_(*order) > after).order_by(*order)
    else:
        if before is not None:
            statement = statement.where(tuple_(*order) < before)
        statement = statement.order_by(*(column.desc() for column in order))
    rows = session.execute(statement.limit(limit + 1)).all()
    has_more, rows = len(rows) > limit, rows[:limit]
    if after is not None:
        return Page(rows[::-1], has_newer=has_more, has_older=True)
    return Page(rows, has_newer=before is not None, has_older=has_more)


def count_entries(session: Session, visible: ColumnElement[bool], wanted: LogFilter, limit: int = 10_000) -> int:
    """How many entries meet the filter, counted up to `limit` + 1."""
    statement = select(_ENTRY.c.sequence).where(visible, *criteria(session, wanted)).limit(limit + 1)
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def find_entry(session: Session, visible: ColumnElement[bool], sequence: int) -> Row[Any] | None:
    """One entry by its place."""
    if not 0 < sequence < 2**63:
        return None
    return session.execute(select(_ENTRY).where(visible, _ENTRY.c.sequence == sequence)).one_or_none()


def changes_of(session: Session, entry_id: str, *, start: int = 0, limit: int = 50) -> Sequence[Row[Any]]:
    """Changes of an entry from a position on; one more than `limit` when there are more."""
    return session.execute(
        select(_CHANGE)
        .where(_CHANGE.c.entry_id == entry_id, _CHANGE.c.position >= start)
        .order_by(_CHANGE.c.position)
        .limit(limit + 1)
    ).all()


def stream(
    session: Session, visible: ColumnElement[bool], wanted: LogFilter, chunk: int = 300
) -> Iterator[tuple[Row[Any], Row[Any] | None]]:
    """(entry, change) of everything that meets the filter, newest first; an entry without changes once, with None."""
    before: Place | None = None
    while True:
        page = entries_page(session, visible, wanted, before=before, limit=chunk)
        for entry in page.rows:
            if not entry.change_count:
                yield entry, None
                continue
            rows = session.execute(
                select(_CHANGE)
                .where(_CHANGE.c.entry_id == entry.id)
                .order_by(_CHANGE.c.position)
                .execution_options(yield_per=500)
            )
            for change in rows:
                yield entry, change
        if not page.has_older:
            return
        before = (page.rows[-1].at, page.rows[-1].sequence)


def notes_page(
    session: Session,
    visible: ColumnElement[bool],
    wanted: LogFilter,
    *,
    before: Place | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> Page:
    """A page of notes of access, newest first."""
    found = _between(_NOTE.c.at, wanted.since, wanted.until)
    if wanted.who:
        found.append(_who(session, wanted.who, _NOTE.c.actor_id, _NOTE.c.actor_label))
    if wanted.table:
        found.append(_NOTE.c.table_name == wanted.table)
    if wanted.key:
        found.append(_NOTE.c.record_key == wanted.key)
    statement = select(_NOTE).where(visible, *found)
    return _page(session, statement, (_NOTE.c.at, _NOTE.c.id), before, after, limit)
