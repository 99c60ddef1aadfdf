"""How the log names records: by their text, unless that would tell a personal value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect as inspect_
from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from app.audit.plans import Traits, as_json, plan_of
from models.base import Base

_CHUNK = 500


def identity_of(record: Base) -> Any:
    """The primary key: itself when it is one column, else the parts joined by a hyphen."""
    known = inspect_(record).dict
    try:
        values = tuple(known[name] for name in plan_of(type(record)).key_names)
    except KeyError:  # expired
        values = inspect_(record).mapper.primary_key_from_instance(record)
    return values[0] if len(values) == 1 else "-".join(str(value) for value in values)


def safe_label(record: Base) -> str:
    """`str(record)`; 「表の名 番号」 when that text holds a marked value of the record or of one that it belongs to."""
    plain = f"{record.__label__ or type(record).__name__} {identity_of(record)}"
    try:
        text = str(record)
    except Exception:  # a label must not stand in the way of, say, deleting a row whose parent is gone
        return plain
    return plain if any(value in text for value in _marked_texts(record, depth=2)) else text


def _marked_texts(record: Base, depth: int) -> Iterable[str]:
    state = inspect_(record)
    plan = plan_of(type(record))
    for traits in plan.marked:
        value = state.dict.get(traits.name)
        if isinstance(value, str) and value.strip() and traits.is_marked_on(record):
            yield value
    if depth:
        for name in plan.to_one:
            related = state.dict.get(name)
            if isinstance(related, Base):
                yield from _marked_texts(related, depth - 1)


class Labels:
    """Labels of the records that foreign keys name: one query a model, not one a row.

    `flushed`: records of the flush itself; the session does not find new ones by their key yet.
    """

    def __init__(self, session: Session, flushed: Iterable[Base]) -> None:
        self._session = session
        self._flushed = {(type(record), identity_of(record)): record for record in flushed}
        self._wanted: dict[type[Base], set[Any]] = {}
        self._texts: dict[tuple[type[Base], Any], str] = {}

    def complete(self, record: Base) -> None:
        """Give a new record its parents: before the flush has ended it cannot load them, and its marks ask them."""
        state = inspect_(record)
        for column, (relation, model) in plan_of(type(record)).parents.items():
            key = state.dict.get(column)
            if key is not None and state.dict.get(relation) is None:
                parent = self._flushed.get((model, key)) or self._session.get(model, key)
                set_committed_value(record, relation, parent)

    def want(self, record: Base, changed: dict[str, tuple[Any, Any]]) -> None:
        """Ask for the labels of what the changed columns of `record` name."""
        columns = plan_of(type(record)).columns
        for name, pair in changed.items():
            target = columns[name].target
            if target is None or columns[name].is_marked:
                continue
            for key in pair:
                if key is None or (target, key) in self._texts:
                    continue
                known = self._flushed.get((target, key)) or self._session.identity_map.get(
                    inspect_(target).identity_key_from_primary_key((key,))
                )
                if isinstance(known, Base) and not inspect_(known).expired:
                    self._texts[target, key] = safe_label(known)
                else:
                    self._wanted.setdefault(target, set()).add(key)

    def load(self) -> None:
        """Fetch what was asked for."""
        for model, keys in self._wanted.items():
            column = inspect_(model).primary_key[0]
            ordered = sorted(keys)
            for start in range(0, len(ordered), _CHUNK):
                part = ordered[start : start + _CHUNK]
                statement = select(model).where(column.in_(part)).options(lazyload("*"))
                for record in self._session.scalars(statement):
                    self._texts[model, identity_of(record)] = safe_label(record)
        self._wanted.clear()

    def of(self, traits: Traits, value: Any) -> Any:
        """The label of a value: of the record that it names, of an enum, else the value as the log keeps it."""
        if value is None:
            return None
        if traits.target is not None:
            return self._texts.get((traits.target, value), as_json(value))
        label = getattr(value, "label", None)
        return label if isinstance(label, str) else as_json(value)
