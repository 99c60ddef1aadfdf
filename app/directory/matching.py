"""Where groups were hit: the places of one page of them, read in a few plain queries and no more than are looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.fields import CENTER
from app.directory.searching import SEARCHED, texts_of
from app.search.bigrams import search_text
from app.search.documents import MAX_BODY, MAX_HEADING, get_spec
from app.search.marking import Segment, snippet
from app.search.query import parse_query
from models.directory import Organization, OrganizationAlias
from models.directory_profile import (
    Audience,
    FieldConsent,
    OrganizationField,
    organization_area,
    organization_audience,
)
from models.directory_records import ActivityRecord
from models.moment import remembered
from models.reference import ActivityField, Area
from models.search import SearchDocument

_COLUMNS: tuple[Any, ...] = tuple(
    Organization.__table__.c[name] for name in ("id", "name", "reading", "legal_form", "is_person", *SEARCHED)
)

_NAMES = tuple(column.name for column in _COLUMNS)


@dataclasses.dataclass(frozen=True)
class Match:
    """Where a group was hit: the field, and its text in pieces, the hit marked."""

    label: str
    pieces: Sequence[Segment]


def matches_of_page(
    session: Session, ids: Collection[int], query: str, level: int, *, most: int = 2
) -> dict[int, list[Match]]:
    """{group: where it was hit, weightiest first, at most so many places}, as a reader of that level may know.

    Shared while nothing changes: read it only.
    """
    asked = ("matches", tuple(ids), query, level, most)
    return remembered(session, asked, lambda: _matches_of_page(session, ids, query, level, most))


def _matches_of_page(
    session: Session, ids: Collection[int], query: str, level: int, most: int
) -> dict[int, list[Match]]:
    spellings = {spelling for word in parse_query(query).words for spelling in word}
    places = _places(session, ids, spellings, level)
    return {
        one.id: list(_matches(one, query, spellings, level, places.get(one.id, _ANYWHERE), most))
        for one in _Page(session, ids, level, places).groups
    }


@dataclasses.dataclass(frozen=True)
class _Places:
    """In how many texts of a group a word stands (0: unknown), and the weights of those that are worth a look."""

    number: int
    weights: str


_ANYWHERE = _Places(0, "ABC")


def _places(session: Session, ids: Collection[int], spellings: Collection[str], level: int) -> dict[int, _Places]:
    """{group: where a word stands}: the index keeps the texts folded, so that no more are read, folded and looked at."""
    document: Any = SearchDocument.__table__
    columns = (document.c.record_id, document.c.a_end, document.c.b_end, document.c.body)
    bodies = select(*columns).where(
        document.c.entity == "organization", document.c.level == level, document.c.record_id.in_(ids)
    )
    return {key: _places_in(body, a_end, b_end, spellings) for key, a_end, b_end, body in session.execute(bodies)}


def _places_in(body: str, a_end: int, b_end: int, spellings: Collection[str]) -> _Places:
    counts = {
        weight: sum(_holds(line, spellings) for line in part.split("\n")) if part and _holds(part, spellings) else 0
        for weight, part in (("A", body[:a_end]), ("B", body[a_end:b_end]), ("C", body[b_end:]))
    }
    is_cut = a_end >= MAX_HEADING or len(body) >= MAX_BODY  # what lies behind is not in the index
    return _Places(sum(counts.values()), "ABC" if is_cut else "".join(one for one, hits in counts.items() if hits))


def _matches(
    organization: Any, query: str, spellings: Collection[str], level: int, places: _Places, most: int
) -> Iterator[Match]:
    found, wanted = 0, min(most, places.number or most)
    for open_to, weight, label, text in texts_of(organization):
        if not text or open_to > level or weight not in places.weights:
            continue
        folded = search_text(text)
        if _holds(folded, spellings) or _holds(text, spellings):
            yield Match(label, snippet(text, query, 60, folded=folded))
            found += 1
            if found >= wanted:
                return


def _holds(folded: str, spellings: Collection[str]) -> bool:
    return any(spelling in folded for spelling in spellings)


class _Group:
    """What `texts_of` reads of a group; what hangs on it is read for the whole page when the first is asked for."""

    def __init__(self, page: _Page, row: Any) -> None:
        self._page = page
        self.__dict__.update(zip(_NAMES, row, strict=True))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _HANGING:
            raise AttributeError(name)
        return getattr(self._page, name).get(self.id, [])


_HANGING = {"aliases", "absorbed", "consents", "fields", "audiences", "areas", "activity_records"}


class _Page:
    """The groups of one page. Each property is one query, of the groups hit in such texts: {group: its rows}."""

    def __init__(self, session: Session, ids: Collection[int], level: int, places: Mapping[int, _Places]) -> None:
        self.session, self.ids, self.level = session, list(ids), level
        self.by_name = [key for key in self.ids if "A" in places.get(key, _ANYWHERE).weights]
        self.by_rows = [key for key in self.ids if "C" in places.get(key, _ANYWHERE).weights]
        self.groups = [_Group(self, row) for row in session.execute(select(*_COLUMNS).where(_COLUMNS[0].in_(self.ids)))]

    def _by_owner(self, statement: Any) -> Mapping[int, list[Any]]:
        """Rows whose first column is the group's id."""
        found: dict[int, list[Any]] = {}
        for row in self.session.execute(statement):
            found.setdefault(row[0], []).append(row)
        return found

    @cached_property
    def aliases(self) -> Mapping[int, list[Any]]:
        alias = OrganizationAlias
        if not self.by_name:
            return {}
        wanted = select(alias.organization_id, alias.name).where(alias.organization_id.in_(self.by_name))
        return self._by_owner(wanted.order_by(alias.id))

    @cached_property
    def absorbed(self) -> Mapping[int, list[Any]]:
        """Merged records are few: they come whole."""
        if not self.by_name:
            return {}
        into = Organization.__table__.c.merged_into_id
        found: dict[int, list[Any]] = {}
        if self.session.scalar(select(into).where(into.in_(self.by_name)).limit(1)) is None:
            return found
        merged = select(Organization).where(Organization.merged_into_id.in_(self.by_name)).order_by(Organization.id)
        for one in self.session.scalars(merged.options(*get_spec("organization").options)):
            found.setdefault(one.merged_into_id or 0, []).append(one)
        return found

    @cached_property
    def consents(self) -> Mapping[int, list[Any]]:
        if self.level >= CENTER:
            return {}  # the centre reads all
        said = FieldConsent
        return self._by_owner(
            select(said.organization_id, said.field, said.level).where(said.organization_id.in_(self.ids))
        )

    @cached_property
    def fields(self) -> Mapping[int, list[Any]]:
        row = OrganizationField
        wanted = select(row.organization_id, ActivityField.name).join(ActivityField).order_by(row.position, row.id)
        found: dict[int, list[Any]] = {}
        for owner, name in self.session.execute(wanted.where(row.organization_id.in_(self.by_rows))):
            found.setdefault(owner, []).append(SimpleNamespace(activity_field=SimpleNamespace(name=name)))
        return found

    @cached_property
    def audiences(self) -> Mapping[int, list[Any]]:
        owner = organization_audience.c.organization_id
        wanted = select(owner, Audience.name).join(Audience).where(owner.in_(self.by_rows))
        return self._by_owner(wanted.order_by(Audience.position, Audience.id))

    @cached_property
    def areas(self) -> Mapping[int, list[Any]]:
        owner = organization_area.c.organization_id
        wanted = select(owner, Area.name).join(Area).where(owner.in_(self.by_rows))
        return self._by_owner(wanted.order_by(Area.position, Area.id))

    @cached_property
    def activity_records(self) -> Mapping[int, list[Any]]:
        record = ActivityRecord
        wanted = select(record.organization_id, record.heading, record.description)
        return self._by_owner(
            wanted.where(record.organization_id.in_(self.by_rows)).order_by(record.fiscal_year.desc(), record.id)
        )
