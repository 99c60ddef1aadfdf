"""Keeps the search documents true: in the transaction of each change, for bulk writers, and from scratch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from app.search.documents import SearchSpec, TextByLevel, all_specs, documents_of, get_spec
from app.search.store import remove_between, replace_documents

_Item = TypeVar("_Item")

_CHUNK = 1_000
_TOUCHED = "search_touched"
_HELD = "search_held"


class IndexReader(Session):
    """Reads records as they stand in the database, whoever is asking: no row scope applies to it (`info["unscoped"]`).

    Its own identity map, so that stale collections of the caller's session are not indexed.
    """


def watch(target: Any) -> None:
    """Keep documents true in every session of `target` (a Session, its class or maker, a scoped session).

    Flushed objects only: whoever writes by bulk statements calls `update_many`, `refresh` or `forget`.
    """
    event.listen(target, "after_flush", _note_touched)
    event.listen(target, "after_flush_postexec", _write_touched)


_is_watching = False


def watch_once() -> None:
    """`watch` every session of this process, once however many applications are made."""
    global _is_watching
    if not _is_watching:
        watch(Session)
        _is_watching = True


def unwatch(target: Any) -> None:
    """Undo `watch` (tests)."""
    event.remove(target, "after_flush", _note_touched)
    event.remove(target, "after_flush_postexec", _write_touched)


def _note_touched(session: Session, flush_context: Any) -> None:
    changed = [*session.new, *session.deleted, *(each for each in session.dirty if session.is_modified(each))]
    touched: dict[str, set[int]] = session.info.setdefault(_TOUCHED, {})
    for spec in all_specs():
        for each in changed:
            if ids := [record_id for record_id in _touched_by(spec, each) if record_id is not None]:
                touched.setdefault(spec.entity, set()).update(ids)


def _touched_by(spec: SearchSpec, changed: Any) -> Iterable[int | None]:
    if isinstance(changed, spec.model) and _is_read(spec, changed):
        yield changed.id
    for model, ids_of in spec.touched_by.items():
        if isinstance(changed, model):
            yield from ids_of(changed)


def _is_read(spec: SearchSpec, changed: Any) -> bool:
    """Whether something changed that the record's text is made of."""
    state = inspect(changed)
    if spec.reads is None or not state.persistent or state.session is None or changed in state.session.deleted:
        return True
    return any(state.attrs[name].history.has_changes() for name in spec.reads)


@contextlib.contextmanager
def held(session: Session) -> Iterator[None]:
    """Many changes in one transaction: the documents are written at the end, once a record. Nobody searches meanwhile.

    What fails within leaves them unwritten: the caller rolls back.
    """
    if session.info.get(_HELD):
        yield
        return
    session.info[_HELD] = True
    try:
        yield
        session.flush()
        session.info.pop(_HELD)
        _write_touched(session, None)
    except BaseException:
        session.info.pop(_TOUCHED, None)
        raise
    finally:
        session.info.pop(_HELD, None)


def _write_touched(session: Session, flush_context: Any) -> None:
    if session.info.get(_HELD):
        return
    for entity, ids in session.info.pop(_TOUCHED, {}).items():
        refresh(session, entity, ids)


def refresh(session: Session, entity: str, ids: Collection[int]) -> int:
    """Write the documents of these records as the database has them now; of those that are gone, remove them.

    In the caller's transaction. Returns the number of documents written or removed.
    """
    spec, connection, done = get_spec(entity), session.connection(), 0
    for chunk in _chunks(sorted(ids)):
        if connection.dialect.name == "postgresql":
            # Whoever changes the same records (or what hangs on them) waits, and then sees what we wrote.
            key = spec.model.id
            lock = select(key).where(key.in_(chunk)).order_by(key).with_for_update(key_share=True, of=spec.model)
            connection.execute(lock)
        done += _write(session, spec, chunk, _load(session, spec, chunk))
    return done


def update_many(session: Session, entity: str, rows: Iterable[tuple[int, TextByLevel]]) -> int:
    """For bulk writers that have the texts at hand: (record id, text by level) → documents written or removed."""
    connection, done = session.connection(), 0
    for chunk in _chunks(rows):
        documents = [document for record_id, texts in chunk for document in documents_of(record_id, texts)]
        done += replace_documents(connection, entity, [record_id for record_id, _ in chunk], documents)
    return done


def forget(session: Session, entity: str, ids: Collection[int]) -> int:
    """Remove all documents of these records (bulk deletion, erasure)."""
    return update_many(session, entity, [(record_id, {}) for record_id in ids])


def reindex(
    session: Session,
    entity: str,
    ids: Collection[int] | None = None,
    *,
    progress: Callable[[int], None] | None = None,
    commit: bool = False,
) -> int:
    """Make all documents of an entity (or of `ids`) again from its records; returns how many records were read.

    progress: called with that number after each chunk of 1,000. commit: after each chunk, so that nobody waits long.
    """
    spec = get_spec(entity)
    if ids is not None:
        refresh(session, entity, ids)
        return len(ids)
    done, last = 0, -(2**31)
    while chunk := _next_ids(session, spec, last):
        refresh(session, entity, chunk)
        remove_between(session.connection(), entity, last, chunk[-1], chunk)
        done, last = done + len(chunk), chunk[-1]
        if progress:
            progress(done)
        if commit:
            session.commit()
    remove_between(session.connection(), entity, last, None, ())
    if commit:
        session.commit()
    return done


def _next_ids(session: Session, spec: SearchSpec, after: int) -> Sequence[int]:
    key = spec.model.id
    query = select(key).where(key > after).order_by(key).limit(_CHUNK)
    return session.connection().execute(query).scalars().all()


def _load(session: Session, spec: SearchSpec, ids: Sequence[int]) -> list[tuple[int, TextByLevel]]:
    reader = IndexReader(
        bind=session.connection(),
        autoflush=False,
        join_transaction_mode="rollback_only",
        info={"unscoped": True},
    )
    query = select(spec.model).where(spec.model.id.in_(ids)).options(*spec.options)
    found = [(record.id, spec.text_by_level(record)) for record in reader.scalars(query).unique()]
    reader.expunge_all()
    reader.commit()  # ends the reader alone: the caller's transaction goes on
    return found


def _write(session: Session, spec: SearchSpec, ids: Sequence[int], texts: Iterable[tuple[int, TextByLevel]]) -> int:
    documents = [document for record_id, by_level in texts for document in documents_of(record_id, by_level)]
    return replace_documents(session.connection(), spec.entity, ids, documents)


def _chunks(items: Iterable[_Item]) -> Iterable[tuple[_Item, ...]]:
    rest = iter(items)
    while chunk := tuple(islice(rest, _CHUNK)):
        yield chunk
