"""Where groups were hit: the places of one page of them, read in a few plain queries and no more than are looked at."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from app.directory.fields import CENTER
from app.directory.searching import SEARCHED, texts_of
from app.search.bigrams import search_text
from app.search.documents import MAX_BODY, MAX_HEADING, get_spec
from app.search.marking import Segment, snippet
from app.search.query import parse_query
from models.among import among
from models.directory import Organization, OrganizationAlias
from models.directory_profile import (
    Audience,
    FieldConsent,
    OrganizationField,
    organization_area,
    organization_audience,
)
from models.directory_records import ActivityRecord
from models.reference import ActivityField, Area
from models.search import SearchDocument

_COLUMNS: tuple[Any, ...] = tuple(
    Organization.__table__.c[name] for name in ("id", "name", "reading", "legal_form", "is_person", *SEARCHED)
)

_NAMES = tuple(column.name for column in _COLUMNS)
_DOCUMENT: Any = SearchDocument.__table__
#: Names of fields, audiences and areas stand with one group after the other.
_SHORT = 40
_folded = functools.lru_cache(maxsize=4_000)(search_text)


@dataclasses.dataclass(frozen=True)
class Match:
    """Where a group was hit: the field, and its text in pieces, the hit marked."""

    label: str
    pieces: Sequence[Segment]


def matches_of_page(
    session: Session, ids: Collection[int], query: str, level: int, *, most: int = 2
) -> dict[int, list[Match]]:
    """{group: where it was hit, weightiest first, at most so many places}, as a reader of that level may know."""
    spellings = {spelling for word in parse_query(query).words for spelling in word}
    return {one.id: list(_matches(one, query, spellings, level, most)) for one in _Page(session, ids, level, spellings)}


def _lines_with_hits(body: str, a_end: int, b_end: int, spellings: Collection[str]) -> dict[str, int] | None:
    """{weight: in how many different texts a word stands}: the index keeps them folded, a line each. None: not known,
    because what lies behind the end of the index may hold a word too."""
    if a_end >= MAX_HEADING or len(body) >= MAX_BODY:
        return None
    return {
        weight: sum(_holds(line, spellings) for line in part.split("\n")) if _holds(part, spellings) else 0
        for weight, part in (("A", body[:a_end]), ("B", body[a_end:b_end]), ("C", body[b_end:]))
    }


def _matches(group: _Group, query: str, spellings: Collection[str], level: int, most: int) -> Iterator[Match]:
    told: set[tuple[str, str]] = set()
    for open_to, weight, label, text in texts_of(group):  # type: ignore[arg-type]
        if not text or open_to > level or group.is_done_with(weight):
            continue
        folded = _folded(text) if len(text) <= _SHORT else search_text(text)
        if (weight, folded) not in told and (_holds(folded, spellings) or _holds(text, spellings)):
            yield Match(label, snippet(text, query, 60, folded=folded))
            told.add((weight, folded))
            group.take(weight)
            if len(told) >= most or group.is_done:
                return


def _holds(folded: str, spellings: Collection[str]) -> bool:
    return any(spelling in folded for spelling in spellings)


class _Group:
    """What `texts_of` reads of a group; what hangs on it is read for the whole page when the first is asked for, and not at
    all when every hit in texts of its weight has been told."""

    def __init__(self, page: _Page, row: Sequence[Any], lines: dict[str, int] | None) -> None:
        self._page, self._lines = page, lines
        self.__dict__.update(zip(_NAMES, row, strict=False))

    def __getattr__(self, name: str) -> Any:
        if name not in _HANGING:
            raise AttributeError(name)
        weight = _HANGING[name]
        if weight is not None and self.is_done_with(weight):
            return ()
        return getattr(self._page, name).get(self.id, ())

    def is_done_with(self, weight: str) -> bool:
        """Whether no text of that weight is left that holds a word."""
        return self._lines is not None and self._lines[weight] <= 0

    @property
    def is_done(self) -> bool:
        """Whether every hit has been told."""
        return self._lines is not None and not any(self._lines.values())

    def take(self, weight: str) -> None:
        """One hit of that weight has been told."""
        if self._lines is not None:
            self._lines[weight] -= 1


#: What hangs on a group, and the weight of its texts.
_HANGING: dict[str, str | None] = {
    "aliases": "A",
    "absorbed": "A",
    "consents": None,
    "fields": "C",
    "audiences": "C",
    "areas": "C",
    "activity_records": "C",
}


@functools.cache
def _texts_of(dialect: str) -> Select[Any]:
    """Groups with their documents. Built once: it runs with every page of hits."""
    key, document = _COLUMNS[0], _DOCUMENT.c
    is_its_own = and_(
        document.entity == "organization", document.level == bindparam("at_level"), document.record_id == key
    )
    return (
        select(*_COLUMNS, document.a_end, document.b_end, document.body)
        .select_from(Organization.__table__.outerjoin(_DOCUMENT, is_its_own))
        .where(among(key, dialect))
    )


class _Page:
    """The groups of one page. Each property is one query, of the groups hit in such texts: {group: its rows}."""

    def __init__(self, session: Session, ids: Collection[int], level: int, spellings: Collection[str]) -> None:
        self.session, self.ids, self.level = session, list(ids), level
        self._dialect = session.get_bind().dialect.name
        self.groups = [
            _Group(self, row, None if row.body is None else _lines_with_hits(row.body, row.a_end, row.b_end, spellings))
            for row in session.execute(_texts_of(self._dialect), {"ids": self.ids, "at_level": level}).all()
        ]
        self.by_name = [one.id for one in self.groups if not one.is_done_with("A")]
        self.by_rows = [one.id for one in self.groups if not one.is_done_with("C")]

    def __iter__(self) -> Iterator[_Group]:
        return iter(self.groups)

    def _rows(self, statement: Select[Any], owner: Any, ids: Sequence[int]) -> Sequence[Any]:
        return self.session.execute(statement.where(among(owner, self._dialect)), {"ids": ids}).all() if ids else ()

    def _by_owner(self, statement: Select[Any], ids: Sequence[int]) -> Mapping[int, list[Any]]:
        """Rows whose first column is the group's id."""
        found: dict[int, list[Any]] = {}
        for row in self._rows(statement, statement.selected_columns[0], ids):
            found.setdefault(row[0], []).append(row)
        return found

    @cached_property
    def aliases(self) -> Mapping[int, list[Any]]:
        alias = OrganizationAlias.__table__.c
        return self._by_owner(select(alias.organization_id, alias.name).order_by(alias.id), self.by_name)

    @cached_property
    def absorbed(self) -> Mapping[int, list[Any]]:
        """Merged records are few: they come whole."""
        into = Organization.__table__.c.merged_into_id
        found: dict[int, list[Any]] = {}
        if not self._rows(select(into).limit(1), into, self.by_name):
            return found
        merged = select(Organization).where(Organization.merged_into_id.in_(self.by_name)).order_by(Organization.id)
        for one in self.session.scalars(merged.options(*get_spec("organization").options)):
            found.setdefault(one.merged_into_id or 0, []).append(one)
        return found

    @cached_property
    def consents(self) -> Mapping[int, list[Any]]:
        said = FieldConsent.__table__.c
        # The centre reads all.
        ids = [] if self.level >= CENTER else self.ids
        return self._by_owner(select(said.organization_id, said.field, said.level), ids)

    @cached_property
    def fields(self) -> Mapping[int, list[Any]]:
        link, field = OrganizationField.__table__, ActivityField.__table__
        wanted = select(link.c.organization_id, field.c.name).join_from(link, field)
        rows = self._by_owner(wanted.order_by(link.c.position, link.c.id), self.by_rows)
        return {
            owner: [SimpleNamespace(activity_field=SimpleNamespace(name=name)) for _, name in named]
            for owner, named in rows.items()
        }

    def _names(self, link: Any, named: Any) -> Mapping[int, list[Any]]:
        wanted = select(link.c.organization_id, named.c.name).join_from(link, named)
        return self._by_owner(wanted.order_by(named.c.position, named.c.id), self.by_rows)

    @cached_property
    def audiences(self) -> Mapping[int, list[Any]]:
        return self._names(organization_audience, Audience.__table__)

    @cached_property
    def areas(self) -> Mapping[int, list[Any]]:
        return self._names(organization_area, Area.__table__)

    @cached_property
    def activity_records(self) -> Mapping[int, list[Any]]:
        record = ActivityRecord.__table__.c
        wanted = select(record.organization_id, record.heading, record.description)
        return self._by_owner(wanted.order_by(record.fiscal_year.desc(), record.id), self.by_rows)
