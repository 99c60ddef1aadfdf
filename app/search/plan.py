"""Chooses between the index and the order, so that neither rare nor frequent words are slow.

Of N rows with h hits, the index costs h look-ups and walking the order page·N/h; at 10,000 hits of a million rows both are
a few thousand. So the order is walked first, in steps, when there are many hits, until the page is full or as many rows are
seen as a quarter of the hits (`WALK` when they were not counted to the end); only then the index is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, column, func, select
from sqlalchemy.orm import Session

from app.search.criteria import Form, candidates_in_fts5, criterion, hits, holds, matches
from app.search.query import Query, parse_query
from app.search.sampling import sample_of
from models.moment import recalled
from models.search import SearchDocument

CAP = 10_000
WALK = 5_000
#: So few hits are read at once, and the index is asked no more.
FEW = 200
_STEPS = (250, 750, 1_500, 2_500)
_WORTH_A_WALK = 2_000
_SAMPLE = 300
_WORTH_A_SAMPLE = 100
_SURELY = 3  # times the cap: an estimate of so many is believed
_LIKELY = 1.25  # times the cap: of so many candidates nine tenths are more than the cap


_Asked = tuple[str, Query, int, str]  # entity, query, level, dialect


@dataclass(frozen=True)
class Plan:
    """form: of `criterion`; "all" for a blank query, "none" when nothing can be found. hits: at most cap + 1.

    ids: of all hits, in no order, where there are few (`FEW`). shares: of all documents, those that hold the words in weight
    A, and those that hold them anywhere; 0.0 where that is not known.
    """

    form: Form | Literal["all", "none"]
    hits: int = 0
    is_capped: bool = False
    ids: tuple[int, ...] | None = None
    shares: tuple[float, float] = (0.0, 0.0)


def capped_count(session: Session, statement: Select[Any], cap: int = CAP) -> int:
    """Rows of a select, counted no further than cap + 1 (shown as 「10,000件以上」)."""
    rows = statement.order_by(None).limit(cap + 1).subquery()
    return session.execute(select(func.count()).select_from(rows)).scalar_one()


def plan(session: Session, entity: str, query: str, level: int, *, cap: int = CAP) -> Plan:
    """How to ask for a query, by a capped count of its hits in the index (all rows of the level, whatever else is asked)."""
    parsed = parse_query(query)
    if parsed.is_blank:
        return Plan("all")
    if not parsed.words:
        return Plan("none")
    dialect = session.connection().dialect.name
    statement = matches(entity, parsed, level, dialect)
    if dialect == "postgresql" and (guess := _estimate(session, statement)) >= _WORTH_A_SAMPLE:
        sample = sample_of(session, entity, parsed, level)
        if max(guess, sample.estimate) > _SURELY * cap:
            return Plan("exists", cap + 1, True, shares=(sample.heading_share, sample.share))
    if dialect == "sqlite" and not parsed.is_exact and _is_surely_many(session, (entity, parsed, level, dialect), cap):
        return Plan("exists", cap + 1, True)
    if dialect == "sqlite" and not parsed.is_exact:
        few = _few(session, (entity, parsed, level, dialect))
        if few is not None:
            return Plan("in" if few else "none", len(few), ids=few or None)
    found = capped_count(session, statement, cap)
    if not found:
        return Plan("none")
    if found > cap:
        return Plan("exists", found, True)
    return Plan("in", found, ids=_few(session, (entity, parsed, level, dialect)) if found <= FEW else None)


def known_plan(session: Session, entity: str, query: str, level: int) -> Plan:
    """`plan`, remembered until the database changes; that a word is frequent is believed for some minutes."""
    asked = ("plan", entity, query, level)
    return recalled(session, asked, lambda: plan(session, entity, query, level), lambda found: found.is_capped)


def _few(session: Session, asked: _Asked) -> tuple[int, ...] | None:
    """The record ids of all hits; None when there are more than FEW."""
    entity, query, level, dialect = asked
    found = tuple(session.scalars(hits(entity, query, level, dialect).limit(FEW + 1)))
    return found if len(found) <= FEW else None


def _is_surely_many(session: Session, asked: _Asked, cap: int) -> bool:
    """SQLite: whether so many documents have all pairs of the words, and so many of the first of them the words, that
    reading the text of every one would only confirm it."""
    entity, query, level, dialect = asked
    likely = int(_LIKELY * cap)
    if capped_count(session, candidates_in_fts5(entity, query, level), likely) <= likely:
        return False
    first = candidates_in_fts5(entity, query, level).add_columns(column("rowid")).limit(_SAMPLE).subquery()
    document: Any = SearchDocument.__table__
    held = select(func.count()).where(document.c.id.in_(select(first.c.rowid)), holds(query, document.c.body, dialect))
    return (session.scalar(held) or 0) >= _SAMPLE * 9 // 10


def _estimate(session: Session, statement: Select[Any]) -> float:
    """PostgreSQL's own guess of the rows, from its statistics of frequent tokens: a count would read every hit."""
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect)
    explain = f"EXPLAIN (FORMAT JSON) {compiled}"
    found = connection.exec_driver_sql(explain, compiled.construct_params()).scalar_one()
    return float(found[0]["Plan"]["Plan Rows"])


def page_ids(
    session: Session,
    ordered: Select[int],
    *,
    entity: str,
    query: str,
    level: int,
    id_column: ColumnElement[int] | Any,
    limit: int,
    offset: int = 0,
    planned: Plan | None = None,
) -> list[int]:
    """The ids of one page of `ordered`, a select of `id_column` with every other condition and a total order.

    planned: of an earlier `plan` for the same query, to save its count.
    """
    planned = planned or plan(session, entity, query, level)
    if planned.form == "none":
        return []
    if planned.form == "all":
        return list(session.scalars(ordered.limit(limit).offset(offset)))
    dialect = session.connection().dialect.name
    budget = WALK if planned.is_capped else planned.hits // 4
    if planned.is_capped or planned.hits >= _WORTH_A_WALK:
        asked = (entity, parse_query(query), level, dialect)
        walked = _walk(session, ordered, asked, limit + offset, budget)
        if walked is not None:
            return walked[offset : offset + limit]
    narrowed = ordered.where(criterion(entity, query, level, dialect, id_column, ids=planned.ids))
    return list(session.scalars(narrowed.limit(limit).offset(offset)))


def _walk(session: Session, ordered: Select[int], asked: _Asked, wanted: int, budget: int) -> list[int] | None:
    """The first `wanted` hits in order; None when they are not among the first `budget` rows."""
    found: list[int] = []
    seen = 0
    for step in _STEPS:
        if seen + step > budget:
            return None
        ids = session.scalars(ordered.limit(step).offset(seen)).all()
        found += _holding(session, ids, *asked)
        seen += step
        if len(found) >= wanted or len(ids) < step:
            return found
    return None


def _holding(session: Session, ids: Sequence[int], entity: str, query: Query, level: int, dialect: str) -> list[int]:
    document: Any = SearchDocument.__table__
    held = set(
        session.scalars(
            select(document.c.record_id).where(
                document.c.entity == entity,
                document.c.level == level,
                document.c.record_id.in_(ids),
                holds(query, document.c.body, dialect),
            )
        )
    )
    return [record_id for record_id in ids if record_id in held]
