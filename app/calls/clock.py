"""The clock: what is due when and by whom, over all open years (rules.md 19-22). Rooms register what they know."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from app.actor import Actor
from app.japanese.dates import (
    business_day_from,
    fiscal_year_bounds,
    fiscal_year_of,
    format_date,
    is_business_day,
)


@dataclasses.dataclass(frozen=True)
class ClockEntry:
    """One thing on the calendar.

    key: stable, for the feed. subject: the row it stands in (a call, a body). first/last: both days included; both None:
    未設定; last None: open at the end. is_deadline: `last` is a due date, which moves when the city hall is closed.
    fiscal_year: in which an entry without days is shown. link: (kind of page, key). kind: how the picture draws it.
    """

    key: str
    subject: str
    label: str
    kind: str
    fiscal_year: int
    who: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    is_deadline: bool = False
    note: str = ""
    link: tuple[str, str] | None = None
    is_done: bool = False
    #: A date for all proposals of a call: who is late is told one by one.
    is_for_all: bool = False
    #: Place of the subject among the others.
    order: tuple[int, ...] = ()

    @property
    def due_on(self) -> dt.date | None:
        """The last day; a due date on which the city hall is closed moves to the next day on which it is open."""
        if self.last is None or not self.is_deadline:
            return self.last
        return business_day_from(self.last)

    @property
    def is_moved(self) -> bool:
        """Whether the due date had to move."""
        return self.due_on != self.last

    @property
    def holiday_note(self) -> str:
        """What is said of a last day on which the city hall is closed."""
        if self.last is None or (self.first != self.last and not self.is_deadline and self.kind != "call"):
            return ""
        if self.is_moved and self.due_on is not None:
            return f"期限の{format_date(self.last)}は閉庁日のため、次の開庁日の{format_date(self.due_on)}までとします。"
        if not is_business_day(self.last):
            return f"{format_date(self.last)}は閉庁日です。"
        return ""

    def is_late(self, today: dt.date) -> bool:
        """Whether it was due before today and is not done."""
        return self.is_deadline and not (self.is_done or self.is_for_all) and (self.due_on or today) < today

    def overlaps(self, first: dt.date, last: dt.date) -> bool:
        """Whether it touches the days first..last; without days: whether its fiscal year does."""
        start, end = self.first or self.last, self.due_on or self.last
        if start is None and end is None:
            return fiscal_year_of(first) <= self.fiscal_year <= fiscal_year_of(last)
        return (start is None or start <= last) and (end is None or end >= first)


#: (session, actor) -> entries that the actor may see, of all years.
Source = Callable[[Session, Actor], Iterable[ClockEntry]]
_sources: list[Source] = []


def register_clock_source(source: Source) -> Source:
    """Let a room put its dates on the clock (at import, in its hooks.py). Usable as a decorator."""
    if source not in _sources:
        _sources.append(source)
    return source


def all_entries(session: Session, actor: Actor) -> list[ClockEntry]:
    """Everything that the actor may see, by subject, then by day; what has no day comes last in its subject."""
    found = [entry for source in _sources for entry in source(session, actor)]
    return sorted(found, key=_order)


def _order(entry: ClockEntry) -> tuple[object, ...]:
    day = entry.first or entry.last
    return (entry.order, entry.subject, day is None, day or dt.date.max, entry.last or dt.date.max, entry.key)


def entries_of_year(entries: Iterable[ClockEntry], fiscal_year: int) -> list[ClockEntry]:
    """Those that touch the fiscal year."""
    first, last = fiscal_year_bounds(fiscal_year)
    return [entry for entry in entries if entry.overlaps(first, last)]


def years_of(entries: Iterable[ClockEntry]) -> list[int]:
    """Fiscal years from the first to the last that an entry touches."""
    years: set[int] = set()
    for entry in entries:
        for day in (entry.first, entry.due_on):
            years.add(entry.fiscal_year if day is None else fiscal_year_of(day))
    return list(range(min(years), max(years) + 1)) if years else []


def deadlines(entries: Iterable[ClockEntry], today: dt.date) -> list[ClockEntry]:
    """What is late, and what somebody has to hand in or hold from today on, by day; what is done is left out."""
    due = [
        entry
        for entry in entries
        if _is_point(entry)
        and not entry.is_done
        and entry.due_on is not None
        and (entry.due_on >= today or entry.is_late(today))
    ]
    return sorted(due, key=lambda entry: (entry.due_on or dt.date.max, entry.order, entry.subject, entry.key))


def _is_point(entry: ClockEntry) -> bool:
    return entry.is_deadline or entry.first == entry.last
