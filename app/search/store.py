"""Writes search documents and their tokens, the same for both databases, in Core and in chunks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text
from sqlalchemy.dialects import postgresql

from app.search.documents import LEVELS, Document, tokens_of
from models.search import SearchDocument

_TABLE: Any = SearchDocument.__table__
_COLUMNS = (_TABLE.c.id, _TABLE.c.record_id, _TABLE.c.level, _TABLE.c.a_end, _TABLE.c.b_end, _TABLE.c.body)

_FTS5_INSERT = text("INSERT INTO search_index(rowid, tokens) VALUES (:id, :tokens)")
_FTS5_DELETE = text("INSERT INTO search_index(search_index, rowid, tokens) VALUES ('delete', :id, :tokens)")


def replace_documents(
    connection: Connection, entity: str, record_ids: Collection[int], documents: Iterable[Document]
) -> int:
    """Make `documents` all that there is of these records; what has not changed is not touched.

    Returns the number of documents written or removed. `documents` may only be of `record_ids`.
    """
    wanted = {(document.record_id, document.level): document for document in documents}
    stored = {(row.record_id, row.level): row for row in _stored(connection, entity, record_ids)}
    obsolete = [row for key, row in stored.items() if key not in wanted or not _is_same(row, wanted[key])]
    changed = [document for key, document in wanted.items() if key not in stored or not _is_same(stored[key], document)]
    if connection.dialect.name == "sqlite":
        _remove(connection, entity, obsolete)
        _write_sqlite(connection, entity, changed)
    else:
        _remove(connection, entity, [row for row in obsolete if (row.record_id, row.level) not in wanted])
        _write_postgresql(connection, entity, changed)
    touched: list[Any] = [*obsolete, *changed]
    return len({(each.record_id, each.level) for each in touched})


def remove_between(connection: Connection, entity: str, after: int, until: int | None, keep: Collection[int]) -> int:
    """Remove the documents of records with after < id (≤ until) that are not in `keep`; returns of how many."""
    condition = (_TABLE.c.entity == entity) & _TABLE.c.level.in_(LEVELS) & (_TABLE.c.record_id > after)
    if until is not None:
        condition &= _TABLE.c.record_id <= until
    ids = connection.execute(select(_TABLE.c.record_id).where(condition).distinct()).scalars()
    gone = list(set(ids).difference(keep))
    for start in range(0, len(gone), 1_000):
        _remove(connection, entity, _stored(connection, entity, gone[start : start + 1_000]))
    return len(gone)


def _stored(connection: Connection, entity: str, record_ids: Collection[int]) -> Sequence[Any]:
    # The levels are named so that PostgreSQL goes down its one index (entity, level, record) instead of along it.
    query = select(*_COLUMNS).where(
        _TABLE.c.entity == entity, _TABLE.c.level.in_(LEVELS), _TABLE.c.record_id.in_(list(record_ids))
    )
    return connection.execute(query).all()


def _is_same(row: Any, document: Document) -> bool:
    return bool(row.body == document.body and (row.a_end, row.b_end) == (document.a_end, document.b_end))


def _remove(connection: Connection, entity: str, rows: Sequence[Any]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(
            _FTS5_DELETE,
            [{"id": row.id, "tokens": " ".join(tokens_of(entity, row.level, row.a_end, row.body))} for row in rows],
        )
    connection.execute(delete(_TABLE).where(_TABLE.c.id == bindparam("gone")), [{"gone": row.id} for row in rows])


def _values(entity: str, document: Document) -> dict[str, Any]:
    return {
        "entity": entity,
        "record_id": document.record_id,
        "level": document.level,
        "a_end": document.a_end,
        "b_end": document.b_end,
        "body": document.body,
    }


def _write_sqlite(connection: Connection, entity: str, documents: Sequence[Document]) -> None:
    if not documents:
        return
    key = (_TABLE.c.id, _TABLE.c.record_id, _TABLE.c.level)
    written = connection.execute(insert(_TABLE).returning(*key), [_values(entity, each) for each in documents])
    ids = {(row.record_id, row.level): row.id for row in written}
    connection.execute(
        _FTS5_INSERT,
        [
            {
                "id": ids[each.record_id, each.level],
                "tokens": " ".join(tokens_of(entity, each.level, each.a_end, each.body)),
            }
            for each in documents
        ],
    )


def _write_postgresql(connection: Connection, entity: str, documents: Sequence[Document]) -> None:
    if not documents:
        return
    # Two writers of one record (a reindex beside a user) must not fail each other: the later one stands.
    new = postgresql.insert(_TABLE)
    upsert = new.on_conflict_do_update(
        constraint="uq_search_document_record",
        set_={name: new.excluded[name] for name in ("a_end", "b_end", "body")},
    )
    connection.execute(upsert, [_values(entity, each) for each in documents])
