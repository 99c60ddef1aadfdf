"""What follows from bulk writes besides the log: the session forgets stale rows, the search index is brought up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app.search.documents import all_specs
from app.search.index import refresh
from models.base import Base

Listener = Callable[[Session, type[Base], Sequence[int]], None]
_listeners: list[Listener] = []


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
    for spec in all_specs():
        if spec.model is model:
            refresh(session, spec.entity, ids)
    for listener in _listeners:
        listener(session, model, ids)
