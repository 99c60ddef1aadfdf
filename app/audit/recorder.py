"""Writes the log in the same transaction as the change.

Every change runs inside `act(...)`, the unit of work of a service: it collects what the ORM flushes, and on leaving
writes one AuditEntry with its AuditChange rows, takes the next place in the chain and commits. An error rolls
everything back. A flush of an audited table outside an act is refused, and so is a bulk statement that the act was
not told about (`Act.note_bulk`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, cast

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.attributes import get_history

from app.actor import Actor
from app.audit import chain
from models.base import Base, db, utc_now
from models.engine import is_reading
from models.records import AuditChange, AuditEntry, ChangeKind

_KEY = "audit_act"
MASK = "(変更あり)"


class UnloggedChange(RuntimeError):
    """Something tried to change data outside a service."""


@dataclasses.dataclass
class Change:
    """What happened to one row. `values`: {column: [old, new]} or [old, new, old label, new label]."""

    kind: ChangeKind
    table_name: str
    record_key: str
    record_label: str
    root_table: str
    root_key: str
    values: dict[str, list[Any]]


@dataclasses.dataclass
class Act:
    """One act of one actor. Services may add to `label` and `reason` while it is open."""

    actor: Actor
    verb: str
    label: str
    reason: str | None = None
    on_behalf_of: str | None = None
    changes: dict[tuple[str, str], Change] = dataclasses.field(default_factory=dict)
    is_bulk_noted: bool = False
    #: Written even when nothing changed (a sign-off, an export of personal data).
    is_kept_when_empty: bool = False

    def note(self, change: Change) -> None:
        """Add a change; a second one of the same row joins the first."""
        key = (change.table_name, change.record_key)
        first = self.changes.get(key)
        if first is None:
            self.changes[key] = change
        else:
            _join(first, change)
            if first.kind is ChangeKind.UPDATED and not first.values:
                del self.changes[key]

    def note_bulk(self, changes: Iterable[Change]) -> None:
        """Say what bulk Core statements of this act do: allows them, and logs them like any change."""
        self.is_bulk_noted = True
        for change in changes:
            self.note(change)


def _join(first: Change, second: Change) -> None:
    if second.kind is ChangeKind.DELETED:
        first.kind = ChangeKind.DELETED
    for column, pair in second.values.items():
        known = first.values.get(column)
        if known is None:
            first.values[column] = pair
            continue
        old, new = known[0], pair[1]
        if old == new and first.kind is ChangeKind.UPDATED and old != MASK:
            del first.values[column]
            continue
        labels = [known[2] if len(known) > 2 else known[0], pair[3] if len(pair) > 3 else pair[1]]
        first.values[column] = [old, new] if labels == [old, new] else [old, new, *labels]
    first.record_label = second.record_label


@contextlib.contextmanager
def act(
    session: Session,
    actor: Actor,
    verb: str,
    label: str,
    *,
    reason: str | None = None,
    on_behalf_of: str | None = None,
    keep_when_empty: bool = False,
) -> Iterator[Act]:
    """The unit of work of a service. Nested acts join the outermost, which writes the log and commits.

    Args:
        verb: `resource:action`. label: what was done, in Japanese, as the history tells it.
    Raises:
        whatever the body raises, after rolling back; nothing is then changed or logged.
    """
    outer: Act | None = session.info.get(_KEY)
    if outer is not None:
        if reason and not outer.reason:
            outer.reason = reason
        yield outer
        return
    if is_reading():
        raise UnloggedChange("a reading transaction cannot change anything")
    current = Act(actor, verb, label, reason, on_behalf_of, is_kept_when_empty=keep_when_empty)
    session.info[_KEY] = current
    try:
        yield current
        session.flush()
        entry = _write(session, current)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_KEY, None)
    if entry is not None:
        chain.write_anchor(*entry)


def _write(session: Session, current: Act) -> tuple[int, str] | None:
    """Write the entry; returns (sequence, hash), None when there was nothing to write."""
    if not current.changes and not current.is_kept_when_empty:
        return None
    entry_id = uuid.uuid4().hex
    changes = list(current.changes.values())
    rows = [
        {
            "entry_id": entry_id,
            "position": position,
            "kind": change.kind.value,
            "table_name": change.table_name,
            "record_key": change.record_key,
            "record_label": change.record_label[:300],
            "root_table": change.root_table,
            "root_key": change.root_key,
            "values": change.values,
        }
        for position, change in enumerate(changes)
    ]
    if rows:
        session.execute(insert(AuditChange), rows)
    entry = {
        "id": entry_id,
        "at": utc_now(),
        "actor_id": current.actor.user_id,
        "actor_label": current.actor.label[:200],
        "channel": current.actor.channel,
        "address": current.actor.address,
        "on_behalf_of": current.on_behalf_of,
        "verb": current.verb,
        "label": current.label[:300],
        "reason": current.reason,
        "change_count": len(rows),
        "body_digest": chain.digest_of_changes(rows),
    }
    return chain.append(session, entry)


# --- what the ORM flushes -------------------------------------------------------------------------------------


def describe(
    record: Base, kind: ChangeKind, values: dict[str, list[Any]], key: object | None = None
) -> Change:
    """A Change of `record`, with the page (root) it is told on."""
    table = str(record.__tablename__)
    record_key = str(key if key is not None else _identity(record))
    root_table, root_key = table, record_key
    if record.__audit_parent__:
        prop = inspect(type(record)).relationships[record.__audit_parent__]
        root_table = str(prop.mapper.class_.__tablename__)
        local = next(iter(prop.local_columns))
        root_key = str(getattr(record, inspect(type(record)).get_property_by_column(local).key))
    return Change(kind, table, record_key, str(record), root_table, root_key, values)


def _identity(record: Base) -> object:
    state = inspect(record)
    mapper = state.mapper
    values = mapper.primary_key_from_instance(record)
    return values[0] if len(values) == 1 else "-".join(str(value) for value in values)


def as_json(value: Any) -> Any:
    """A value as the log keeps it: JSON types, dates as ISO text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "value") and hasattr(value, "label"):
        return value.value
    return value


def _column_changes(session: Session, record: Base, kind: ChangeKind) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    mapper = inspect(record).mapper
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        info = column.info
        if info.get("unlogged") or column.primary_key:
            continue
        history = get_history(record, attribute.key)
        if kind is ChangeKind.CREATED:
            old, new = None, getattr(record, attribute.key)
        elif kind is ChangeKind.DELETED:
            old, new = getattr(record, attribute.key), None
        else:
            if not history.added:
                continue
            old, new = (history.deleted[0] if history.deleted else None), history.added[0]
        if old == new:
            continue
        if info.get("personal") or info.get("sealed") or info.get("secret") or _is_personal_here(record, info):
            values[attribute.key] = [None if old is None else MASK, None if new is None else MASK]
            continue
        pair = [as_json(old), as_json(new)]
        labels = [_label(session, mapper, column, old), _label(session, mapper, column, new)]
        values[attribute.key] = pair if labels == pair else [*pair, *labels]
    return values


def _is_personal_here(record: Base, info: dict[str, Any]) -> bool:
    flag = info.get("personal_if")
    return bool(flag and getattr(record, flag))


def _label(session: Session, mapper: Any, column: Any, value: Any) -> Any:
    if value is None:
        return None
    if hasattr(value, "label"):
        return value.label
    for key in column.foreign_keys:
        for relationship in mapper.relationships:
            if relationship.local_columns == {column}:
                found = session.get(relationship.mapper.class_, value)
                return str(found) if found is not None else as_json(value)
        del key
    return as_json(value)


def _collection_changes(record: Base) -> dict[str, list[Any]]:
    """Many-to-many sides that were set: lists of ids, with their labels."""
    values: dict[str, list[Any]] = {}
    for relationship in inspect(record).mapper.relationships:
        if relationship.secondary is None or relationship.viewonly:
            continue
        history = get_history(record, relationship.key)
        if not history.added and not history.deleted:
            continue
        kept = list(history.unchanged or ())
        old, new = kept + list(history.deleted), kept + list(history.added)
        values[relationship.key] = [
            sorted(_identity(item) for item in old),  # type: ignore[type-var]
            sorted(_identity(item) for item in new),  # type: ignore[type-var]
            "、".join(str(item) for item in old),
            "、".join(str(item) for item in new),
        ]
    return values


def _is_audited(record: object) -> bool:
    return isinstance(record, Base) and type(record).__audited__


def _collect(session: Session, flush_context: UOWTransaction) -> None:
    current: Act | None = session.info.get(_KEY)
    touched = [
        (record, kind)
        for records, kind in (
            (session.new, ChangeKind.CREATED),
            (session.dirty, ChangeKind.UPDATED),
            (session.deleted, ChangeKind.DELETED),
        )
        for record in records
        if _is_audited(record)
    ]
    pending: list[Change] = []
    with session.no_autoflush:
        for record, kind in touched:
            values = _column_changes(session, record, kind)
            if kind is not ChangeKind.DELETED:
                values |= _collection_changes(record)
            if kind is ChangeKind.UPDATED and not values:
                continue
            if current is None:
                raise UnloggedChange(f"{type(record).__name__} was changed outside a service")
            pending.append(describe(record, kind, values))
    for change in pending:
        assert current is not None
        current.note(change)


def _guard_bulk(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is None or not cast(type[Base], mapper.class_).__audited__:
        return
    current: Act | None = state.session.info.get(_KEY)
    if current is None or not current.is_bulk_noted:
        raise UnloggedChange(f"bulk change of {mapper.class_.__name__} that no act was told about")


def install() -> None:
    """Attach the listeners to the session class that Flask-SQLAlchemy uses. May be called again."""
    maker = db.session.session_factory if hasattr(db.session, "session_factory") else Session
    for target in {Session, maker} if maker is not Session else {Session}:
        if not isinstance(target, type):
            continue
        if not event.contains(target, "after_flush", _collect):
            event.listen(target, "after_flush", _collect)
            event.listen(target, "do_orm_execute", _guard_bulk)


def record_class(entry: AuditEntry) -> type[AuditEntry]:
    """For typing of callers that page through entries."""
    return type(entry)
