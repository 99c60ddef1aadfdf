"""Reads a list: what the address asks for, the scoped query behind it, and the pages around it.

Ids come first, from an index that ends in the primary key, and only the rows of one page are loaded. The count stops
at COUNT_LIMIT (1–3 ms on a million rows). A page in the far half of a counted list is read from its end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, false, func, inspect, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from admin_views.columns import Column, Filter
from app.access.scopes import visible_to
from app.actor import Actor
from app.search.criteria import criterion
from app.search.plan import Plan, known_plan, page_ids
from models.among import among
from models.base import Base
from models.moment import recalled, remembered

COUNT_LIMIT = 10_000
PAGE_SIZES = (20, 50, 100)
MAX_PAGE = 10**7
#: Up to this offset a page is read in one query; beyond it, ids first from the index.
NEAR = 500


@dataclasses.dataclass(frozen=True)
class ListState:
    """What the address of a list asks for, already cleaned. `ignored`: sentences on what could not be read."""

    search: str = ""
    page: int = 1
    size: int = 50
    sort: str = ""
    is_descending: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """The parameters of this state with changes; what is usual is left out."""
        state = dataclasses.replace(self, **changes)
        pairs: list[tuple[str, str]] = []
        if state.search:
            pairs.append(("q", state.search))
        pairs += [(f"f-{key}", value) for key, value in state.filters]
        if state.sort:
            pairs.append(("sort", ("-" if state.is_descending else "") + state.sort))
        if state.columns:
            pairs.append(("columns", ",".join(state.columns)))
        if state.size != 50:
            pairs.append(("size", str(state.size)))
        if state.page > 1:
            pairs.append(("page", str(state.page)))
        return pairs

    def query(self, **changes: Any) -> str:
        """The query string of this state with changes."""
        return urlencode(self.pairs(**changes))


def read_state(
    args: MultiDict[str, str], columns: Sequence[Column], filters: Sequence[Filter]
) -> tuple[ListState, list[ColumnElement[bool]]]:
    """The state, and the criteria of its filters. What cannot be read is left out and said."""
    ignored: list[str] = []
    criteria: list[ColumnElement[bool]] = []
    chosen: list[tuple[str, str]] = []
    for one in filters:
        values = [value.strip() for value in args.getlist(f"f-{one.key}") if value.strip()][:50]
        alternatives = []
        for value in values:
            try:
                if "\x00" in value or len(value) > 500:
                    raise ValueError
                alternatives.append(one.criterion(value))
                chosen.append((one.key, value))
            except (ValueError, OverflowError):
                ignored.append(f"絞り込み「{one.label}」の値を読み取れないため、使っていません。")
        if alternatives:
            together = alternatives[0]
            for other in alternatives[1:]:
                together = together | other
            criteria.append(together)
    sort = args.get("sort", "")
    is_descending = sort.startswith("-")
    sort = sort.lstrip("-")
    if sort not in {column.key for column in columns if column.sort}:
        sort, is_descending = "", False
    known = {column.key for column in columns}
    state = ListState(
        search=args.get("q", "").replace("\x00", "").strip()[:1000],
        page=_number(args.get("page", ""), 1, MAX_PAGE),
        size=_size(args.get("size", "")),
        sort=sort,
        is_descending=is_descending,
        filters=tuple(chosen),
        columns=tuple(dict.fromkeys(key for key in _keys(args.getlist("columns")) if key in known)),
        ignored=tuple(ignored),
    )
    return state, criteria


def _keys(values: Sequence[str]) -> list[str]:
    return [key for value in values for key in value.split(",")]


def _number(text: str, default: int, limit: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        return default
    return max(default, min(int(text), limit))


def _size(text: str) -> int:
    return int(text) if text in {str(size) for size in PAGE_SIZES} else 50


@dataclasses.dataclass
class ListQuery:
    """One list of one actor: scope, filters, search and order, ready to be read."""

    session: Session
    model: type[Base]
    actor: Actor
    criteria: list[ColumnElement[bool]]
    order: Sequence[Any]
    is_descending: bool = False
    eager: Sequence[Any] = ()
    is_deleted: bool = False
    #: (entity, words, level) of a full-text search.
    search: tuple[str, str, int] | None = None
    #: When set, rows of these plain attributes (and the id) instead of objects.
    lean: Sequence[str] | None = None
    #: Names scope, criteria and order, for remembering what was found while nothing changes; None: nothing is.
    name: Hashable = None

    @property
    def key(self) -> ColumnElement[Any]:
        """The primary key column."""
        return inspect(self.model).primary_key[0]

    def _where(self) -> list[ColumnElement[bool]]:
        return [visible_to(self.model, self.actor, deleted=self.is_deleted), *self.criteria]

    @cached_property
    def _plan(self) -> Plan:
        assert self.search is not None
        entity, words, level = self.search
        return known_plan(self.session, entity, words, level)

    def _found(self) -> list[ColumnElement[bool]]:
        if self.search is None or self._plan.form == "all":
            return []
        if self._plan.form == "none":
            return [false()]
        entity, words, level = self.search
        dialect = self.session.get_bind().dialect.name
        return [criterion(entity, words, level, dialect, self.key, self._plan.form, self._plan.ids)]

    def count(self, limit: int = COUNT_LIMIT) -> int:
        """How many rows, at most limit + 1."""
        if self.search is not None and self._plan.is_capped and not self.criteria:
            return limit + 1
        if self.name is None:
            return self._counted(limit)
        asked = ("count", self.is_deleted, limit, self.name)
        return recalled(self.session, asked, lambda: self._counted(limit), lambda count: count > limit)

    def _counted(self, limit: int) -> int:
        some = select(self.key).where(*self._where(), *self._found()).limit(limit + 1).subquery()
        return self.session.scalar(select(func.count()).select_from(some)) or 0

    def counted_page(self, page: int, size: int) -> tuple[list[Any], int, int]:
        """(rows, count up to the limit, number of the page shown): a page behind the last one is the last one."""
        count = self.count()
        is_capped = count > COUNT_LIMIT
        if not is_capped:
            page = min(page, max(1, -(-count // size)))
        return self.page((page - 1) * size, size, None if is_capped else count), count, page

    def ids(self, *, backwards: bool = False) -> Select[Any]:
        """SELECT of the ids in order; the primary key ends the order."""
        return select(self.key).where(*self._where()).order_by(*self._order(backwards=backwards))

    def page(self, offset: int, size: int, total: int | None) -> list[Any]:
        """The rows of one page, in order. `total` when the count is exact: far pages are read from the end."""
        if self.search is not None:
            if self.name is None:
                return self.load(self._page_ids(offset, size))
            asked = ("ids", self.is_deleted, self.name, offset, size)
            return self.load(remembered(self.session, asked, lambda: self._page_ids(offset, size)))
        if total is not None and offset > max(total // 2, NEAR):
            size = min(size, total - offset)
            if size <= 0:
                return []
            found = self.session.scalars(self.ids(backwards=True).offset(total - offset - size).limit(size)).all()
            return self.load(list(reversed(found)))
        if offset <= NEAR:
            return self._read(self._wanted().where(*self._where()).order_by(*self._order()).offset(offset).limit(size))
        return self.load(list(self.session.scalars(self.ids().offset(offset).limit(size)).all()))

    def _page_ids(self, offset: int, size: int, ordered: Select[Any] | None = None) -> list[int]:
        """ordered: a part of `ids` to read instead of all."""
        assert self.search is not None
        entity, words, level = self.search
        return page_ids(
            self.session,
            self.ids() if ordered is None else ordered,
            entity=entity,
            query=words,
            level=level,
            id_column=self.key,
            limit=size,
            offset=offset,
            planned=self._plan,
        )

    def _order(self, *, backwards: bool = False) -> list[Any]:
        descending = self.is_descending != backwards
        return [item.desc() if descending else item.asc() for item in (*self.order, self.key)]

    def _wanted(self) -> Select[Any]:
        if self.lean is None:
            return select(self.model).options(*self.eager)
        columns = self.model.__mapper__.columns
        # Under the attribute's name: a column may be called otherwise (skill_group).
        return select(self.key, *(columns[name].label(name) for name in self.lean if columns[name] is not self.key))

    def _read(self, statement: Select[Any]) -> list[Any]:
        if self.lean is None:
            return list(self.session.scalars(statement).all())
        return list(self.session.execute(statement).all())

    def load(self, keys: Sequence[Any]) -> list[Any]:
        """The rows with these keys, in this order."""
        rows: Sequence[Any]
        if not keys:
            return []
        if self.lean is None:
            rows = self._read(self._wanted().where(self.key.in_(keys)))
        else:
            wanted = self._wanted().where(among(self.key, self.session.get_bind().dialect.name))
            rows = self.session.execute(wanted, {"ids": list(keys)}).all()
        by_key = {row.id: row for row in rows}
        return [by_key[key] for key in keys if key in by_key]

    def stream(self, chunk: int = 500) -> Iterator[list[Any]]:
        """All rows in order, chunk by chunk, with flat memory."""
        keys = list(self.session.scalars(self.ids().where(*self._found())))
        for start in range(0, len(keys), chunk):
            yield self.load(keys[start : start + chunk])
            self.session.expunge_all()


@dataclasses.dataclass(frozen=True)
class Pages:
    """Links to other pages. `items`: (label, url, is_current), None is a gap."""

    prev_url: str | None
    next_url: str | None
    items: list[tuple[str, str, bool] | None]


def pages_around(page: int, last: int, url_of: Any, *, has_more: bool = False) -> Pages:
    """The pages around the current one; `has_more` when the count stopped at its limit."""
    wanted = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    items: list[tuple[str, str, bool] | None] = []
    before = 0
    for number in wanted:
        if number - before > 1 and before:
            items.append(None)
        items.append((str(number), url_of(number), number == page))
        before = number
    return Pages(
        prev_url=url_of(page - 1) if page > 1 else None,
        next_url=url_of(page + 1) if page < last or has_more else None,
        items=items,
    )
