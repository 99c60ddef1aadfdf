"""SQL of a search: which records hold all words, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    or_,
    select,
    table,
    true,
    union,
)
from sqlalchemy import literal as bound
from sqlalchemy.dialects.postgresql import TSQUERY

from app.search.bigrams import scope
from app.search.query import Query, fts5_match, parse_query, tsquery, tsquery_scope
from models.search import SearchDocument

Form = Literal["in", "exists"]
#: From this share of the documents on, those with a hit are found by looking at one row after the other.
WALKED_SHARE = 0.015

_FTS5: Any = table("search_index", column("rowid"), column("search_index"))


def criterion(
    entity: str,
    query: str,
    level: int,
    dialect: str,
    id_column: ColumnElement[int] | Any,
    form: Form = "in",
    ids: Sequence[int] | None = None,
) -> ColumnElement[bool]:
    """A condition on `id_column` that any select of the entity's records can be narrowed by.

    query: as typed; a blank one is true, one that is too long or of signs alone false. level: the reader's. dialect:
    "sqlite" or "postgresql". form: "in" asks the index first (few hits), "exists" looks at each row that another order
    brings (many hits); `plan` says which. ids: of all hits, where the plan knows them.
    """
    parsed = parse_query(query)
    if parsed.is_blank:
        return true()
    if not parsed.words:
        return false()
    if ids is not None:
        return id_column.in_(ids)
    if form == "in":
        return id_column.in_(hits(entity, parsed, level, dialect))
    document: Any = SearchDocument.__table__.alias()
    return exists(
        select(document.c.id).where(
            document.c.entity == entity,
            document.c.level == level,
            document.c.record_id == id_column,
            holds(parsed, document.c.body, dialect),
        )
    )


def hits(entity: str, query: Query, level: int, dialect: str, *, is_heading: bool = False) -> Select[int]:
    """Record ids whose text holds all words, by the index. is_heading: by weight A alone."""
    document: Any = SearchDocument.__table__.alias()
    statement = _matching(document, entity, query, level, dialect, is_heading=is_heading)
    return statement.with_only_columns(document.c.record_id)


def join_hits(narrowed: Select[Any], entity: str, query: str, level: int, dialect: str, id_column: Any) -> Select[Any]:
    """`narrowed` to the hits by a join from the index: with a limit it stops early, where `id IN (…)` reads all hits."""
    found = hits(entity, parse_query(query), level, dialect).subquery()
    return narrowed.join(found, found.c.record_id == id_column)


def matches(entity: str, query: Query, level: int, dialect: str) -> Select[int]:
    """One row per hit, for counting: from the index alone where that is enough (PostgreSQL: on vacuumed pages)."""
    if query.is_exact and dialect == "sqlite":
        return candidates_in_fts5(entity, query, level)
    document: Any = SearchDocument.__table__.alias()
    return _matching(document, entity, query, level, dialect).with_only_columns(bound(1))


def candidates_in_fts5(entity: str, query: Query, level: int) -> Select[int]:
    """One row per document that has all pairs of the words: at least the hits, from the index alone (SQLite)."""
    match = fts5_match(query, scope(entity, level))
    return select(bound(1)).select_from(_FTS5).where(_FTS5.c.search_index.op("MATCH")(match))


def _matching(
    document: Any, entity: str, query: Query, level: int, dialect: str, *, is_heading: bool = False
) -> Select[Any]:
    """A select from `document` of what holds all words; the scope in the tokens stands for entity and level."""
    if dialect == "sqlite":
        statement = (
            select(document.c.id)
            .select_from(_FTS5.join(document, document.c.id == _FTS5.c.rowid))
            .where(_FTS5.c.search_index.op("MATCH")(fts5_match(query, scope(entity, level, is_heading=is_heading))))
        )
    else:
        tokens = func.search_tokens(*(document.c[name] for name in ("entity", "level", "a_end", "body")))
        asked = tsquery(query, tsquery_scope(entity, level, is_heading=is_heading))
        statement = select(document.c.id).where(tokens.op("@@")(cast(asked, TSQUERY)))
    if not query.is_exact:
        body = func.substr(document.c.body, 1, document.c.a_end) if is_heading else document.c.body
        statement = statement.where(holds(query, body, dialect))
    return statement


def holds(query: Query, body: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """Whether a folded text holds every word in one of its spellings."""
    return and_(*(or_(*(_position(body, spelling, dialect) > 0 for spelling in word)) for word in query.words))


def _position(body: ColumnElement[str], word: str, dialect: str) -> ColumnElement[int]:
    return func.instr(body, word) if dialect == "sqlite" else func.strpos(body, word)


def score(query: Query, document: Any, dialect: str) -> ColumnElement[int]:
    """How well a document holds the words, summed over them: the name itself 8, its beginning 6, weight A 4, B 2, C 1."""
    return sum((_word_score(word, document, dialect) for word in query.words), start=bound(0))


def _word_score(word: tuple[str, ...], document: Any, dialect: str) -> ColumnElement[int]:
    found = [_position(document.c.body, spelling, dialect) for spelling in word]
    names = [
        and_(at == 1, func.substr(document.c.body, len(spelling) + 1, 1) == "\n")
        for at, spelling in zip(found, word, strict=True)
    ]
    return case(
        (or_(*names), 8),
        (and_(document.c.a_end > 0, or_(*(at == 1 for at in found))), 6),
        (or_(*(at.between(1, document.c.a_end) for at in found)), 4),
        (or_(*(at.between(1, document.c.b_end) for at in found)), 2),
        else_=1,
    )


def _first_of_many(
    entity: str, query: Query, level: int, dialect: str, candidates: int, share: float, *, is_heading: bool
) -> Subquery:
    """The first documents that hold the words, among so many rows as that should take, twice over."""
    document: Any = SearchDocument.__table__.alias()
    rows = (
        select(
            document.c.id,
            (func.substr(document.c.body, 1, document.c.a_end) if is_heading else document.c.body).label("text"),
        )
        .where(document.c.entity == entity, document.c.level == level)
        .order_by(document.c.record_id)
        .limit(int(2 * candidates / share))
        .subquery()
    )
    return select(rows.c.id).where(holds(query, rows.c.text, dialect)).limit(candidates).subquery()


def ranked(
    entity: str,
    query: str,
    level: int,
    dialect: str,
    *,
    candidates: int = 10_000,
    is_heading_enough: bool = False,
    ids: Sequence[int] | None = None,
    shares: tuple[float, float] = (0.0, 0.0),
) -> Select[int, int]:
    """(record_id, score) of the hits, best first, then by id; narrow it by `.where`, `.limit` or join it as a subquery.

    Of a word with more than `candidates` hits only as many are scored: first those whose weight A holds all words.
    is_heading_enough: so many hold them in weight A that no others are asked for. ids: of all hits, where they are known.
    shares: of the documents that hold them in weight A, and anywhere; where one is high (PostgreSQL), rows are looked at one
    after the other, because its index would read all hits before it gave the first.
    """
    parsed = parse_query(query)
    document: Any = SearchDocument.__table__.alias()
    result = select(document.c.record_id, score(parsed, document, dialect).label("score"))
    if not parsed.words:
        return result.where(false())
    best_first = (score(parsed, document, dialect).desc(), document.c.record_id)
    if ids is not None:
        hit = and_(document.c.entity == entity, document.c.level == level, document.c.record_id.in_(ids))
        return result.where(hit).order_by(*best_first)
    inner: Any = SearchDocument.__table__.alias()
    sources = [
        _first_of_many(entity, parsed, level, dialect, candidates, share, is_heading=is_heading)
        if (share := shares[not is_heading]) >= WALKED_SHARE
        else _matching(inner, entity, parsed, level, dialect, is_heading=is_heading).limit(candidates).subquery()
        for is_heading in ((True,) if is_heading_enough else (True, False))
    ]
    chosen = union(*(select(source.c.id) for source in sources)) if len(sources) > 1 else select(sources[0].c.id)
    return result.where(document.c.id.in_(chosen)).order_by(*best_first)
