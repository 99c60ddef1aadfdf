"""What follows from bulk writes besides the log: the session forgets stale rows, the search index is brought up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.jobs.handle import JobHandle
from app.jobs.queue import enqueue
from app.search.documents import all_specs
from app.search.index import refresh
from models.base import Base

REFRESH = "search_refresh"
Listener = Callable[[Session, type[Base], Sequence[int]], None]
_listeners: list[Listener] = []
_DEFERRED = "exchange_deferred_index"
_CHUNK = 500


def register_bulk_listener(listener: Listener) -> Listener:
    """Be called, in the same transaction, with the ids of rows that a bulk statement wrote or deleted."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def rows_changed(session: Session, model: type[Base], ids: Sequence[int]) -> None:
    """Tell everybody. What the session held of these rows is stale and is read again."""
    if not ids:
        return
    for record in list(session.identity_map.values()):
        if type(record) is model:
            session.expire(record)
    deferred: dict[str, list[int]] | None = session.info.get(_DEFERRED)
    for spec in all_specs():
        if spec.model is model:
            if deferred is None:
                refresh(session, spec.entity, ids)
            else:
                deferred.setdefault(spec.entity, []).extend(ids)
    for listener in _listeners:
        listener(session, model, ids)


@contextlib.contextmanager
def index_afterwards(session: Session, actor: Actor) -> Iterator[None]:
    """Leave the search index of bulk-written rows to a job, queued in the same transaction as the rows.

    Folding and cutting thousands of texts takes longer than writing them: so it does not hold the write lock (SQLite)
    or the head of the log, and what was written is found by search some seconds later. The job is repeated until done.
    """
    session.info[_DEFERRED] = {}
    try:
        yield
        for entity, ids in session.info[_DEFERRED].items():
            enqueue(session, actor, REFRESH, payload={"entity": entity, "ids": sorted(set(ids))}, total=len(ids))
    finally:
        session.info.pop(_DEFERRED, None)


def run_refresh(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any] | None:
    """The job: writes the documents of these rows as they are now, in short transactions. May be repeated."""
    ids: list[int] = job.payload["ids"]
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        refresh(session, job.payload["entity"], chunk)
        job.end_chunk(session, start + len(chunk), len(ids))
    return None
