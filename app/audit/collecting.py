"""What a flush changed, as Changes: columns old → new, many-to-many sides, labels; marked columns as "changed" only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from sqlalchemy import ColumnElement, Select, event, select
from sqlalchemy import inspect as inspect_
from sqlalchemy.orm import InstanceState, PassiveFlag, Session, UOWTransaction
from sqlalchemy.orm.attributes import get_history

from app.audit.acts import ACT_KEY, MASK, Act, Change, UnloggedChange
from app.audit.labels import Labels, identity_of, safe_label
from app.audit.plans import Plan, as_json, plan_of, table_order
from models.base import Base
from models.records import ChangeKind

#: Values as they stood before the flush, where the ORM forgets them: {state: {attribute: value}}.
_BEFORE = "audit_before"


def describe(record: Base, kind: ChangeKind, values: dict[str, list[Any]], key: object | None = None) -> Change:
    """A Change of `record`, with the page (root) it is told on: the record itself, or the parent up the line."""
    table = str(record.__tablename__)
    record_key = str(key if key is not None else identity_of(record))[:60]
    root_table, root_key = _root_of(record, table, record_key)
    return Change(kind, table, record_key, safe_label(record), root_table, root_key, values)


def _root_of(record: Base, table: str, record_key: str) -> tuple[str, str]:
    session = inspect_(record).session
    current = record
    for _ in range(4):
        if not current.__audit_parent__:
            break
        mapper = inspect_(type(current))
        prop = mapper.relationships[current.__audit_parent__]
        local = mapper.get_property_by_column(next(iter(prop.local_columns))).key
        parent_key = getattr(current, local)
        if parent_key is None:
            parent_key = next(iter(get_history(current, local, PassiveFlag.PASSIVE_NO_INITIALIZE).deleted or ()), None)
        if parent_key is None:
            break
        model = prop.mapper.class_
        table, record_key = str(model.__tablename__), str(parent_key)[:60]
        if not model.__audit_parent__ or session is None:
            break
        parent = _loaded(current, prop.key) or session.get(model, parent_key)
        if parent is None:
            break
        current = parent
    return table, record_key


def _loaded(record: Base, name: str) -> Any:
    return inspect_(record).dict.get(name)


# --- before the flush ----------------------------------------------------------------------------------------------


def _remember(session: Session, flush_context: UOWTransaction, instances: object) -> None:
    """Read what the flush would make unreadable.

    Old values of attributes that were changed in place (JSON) or set to an SQL expression, and whole rows that are
    about to be deleted while expired.
    """
    before: dict[InstanceState[Any], dict[str, Any]] = {}
    deleted = list(session.deleted)
    for position, record in enumerate([*deleted, *session.dirty]):
        if not _is_audited(record):
            continue
        state = inspect_(record)
        plan = plan_of(type(record))
        if state.expired_attributes or position < len(deleted):
            for name in plan.columns:
                if name in state.unloaded:
                    getattr(record, name)
        for name in plan.collections:
            # added to before it was loaded: the list of what was there is not known otherwise
            if name not in state.dict and get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE).added:
                getattr(record, name)
        names = [
            name
            for name in plan.columns
            if name in state.committed_state and (_is_forgotten(record, name) or _is_sql(state.dict.get(name)))
        ]
        if names:
            before[state] = _read(session, record, plan, names)
    for record in session.new:
        if _is_audited(record):
            state = inspect_(record)
            names = [name for name in plan_of(type(record)).columns if _is_sql(state.dict.get(name))]
            if names:
                before[state] = dict.fromkeys(names)
    flush_context.attributes[_BEFORE] = before


def _is_forgotten(record: Base, name: str) -> bool:
    history = get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
    return bool(history.added) and not history.deleted


def _is_sql(value: Any) -> bool:
    return isinstance(value, ColumnElement) or hasattr(value, "__clause_element__")


def _read(session: Session, record: Base, plan: Plan, names: list[str]) -> dict[str, Any]:
    statement: Select[Any] = select(*(plan.columns[name].column for name in names)).where(
        *(column == value for column, value in zip(plan.key_columns, inspect_(record).identity or (), strict=True))
    )
    row = session.connection().execute(statement).one_or_none()
    return dict(zip(names, row, strict=True)) if row is not None else {}


# --- after the flush -----------------------------------------------------------------------------------------------


def _collect(session: Session, flush_context: UOWTransaction) -> None:
    current: Act | None = session.info.get(ACT_KEY)
    before = flush_context.attributes.get(_BEFORE, {})
    with session.no_autoflush:
        touched = sorted(_touched(session, flush_context), key=_place)
        labels = Labels(session, [record for record, _ in touched])
        for record, kind in touched:
            if kind is ChangeKind.CREATED:
                labels.complete(record)
        found = []
        for record, kind in touched:
            changed = _columns_changed(session, record, kind, before.get(inspect_(record), {}))
            labels.want(record, changed)
            found.append((record, kind, changed, _collections_changed(record, kind)))
        labels.load()
        for record, kind, changed, collections in found:
            if kind is ChangeKind.UPDATED and not changed and not collections:
                continue
            if current is None:
                raise UnloggedChange(f"{type(record).__name__} was changed outside a service")
            values = _told(current, record, changed, labels) | collections
            current.add(describe(record, kind, values))


def _is_audited(record: object) -> TypeGuard[Base]:
    return isinstance(record, Base) and type(record).__audited__


def _touched(session: Session, flush_context: UOWTransaction) -> Iterator[tuple[Base, ChangeKind]]:
    """Records written by the flush. Its own list is asked: orphans that it deletes stand in no list of the session."""
    new = session.new
    for state, (is_delete, _) in list(flush_context.states.items()):
        record = state.obj()
        if record is None or not _is_audited(record):
            continue
        if is_delete:
            if state.key is not None:
                yield record, ChangeKind.DELETED
        elif record in new:
            yield record, ChangeKind.CREATED
        elif state.modified:
            yield record, ChangeKind.UPDATED


def _place(touched: tuple[Base, ChangeKind]) -> tuple[int, int, str]:
    """Records before their lines, new ones in the order in which they were added: a flush keeps no order of its own."""
    record = touched[0]
    state = inspect_(record)
    return (
        table_order()[str(record.__tablename__)],
        state.insert_order or 0,
        str(identity_of(record)).zfill(20),
    )


def _columns_changed(
    session: Session, record: Base, kind: ChangeKind, before: dict[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """{attribute: (old, new)} as Python values."""
    plan = plan_of(type(record))
    state = inspect_(record)
    after = _read_new(session, record, plan, before)
    changed: dict[str, tuple[Any, Any]] = {}
    for name in plan.columns:
        if kind is ChangeKind.CREATED:
            old, new = None, after.get(name, state.dict.get(name))
        elif kind is ChangeKind.DELETED:
            old, new = _old_value(record, name), None
        elif name in before:
            old, new = before[name], after.get(name, state.dict.get(name))
        elif name in state.committed_state:
            old, new = _old_value(record, name), state.dict.get(name)
        else:
            continue
        if old != new:
            changed[name] = (old, new)
    if kind is ChangeKind.UPDATED and any(get_history(record, name).added for name in plan.key_names):
        raise UnloggedChange(f"{type(record).__name__}: a primary key cannot be changed")
    return changed


def _old_value(record: Base, name: str) -> Any:
    history = get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
    if history.deleted:
        return history.deleted[0]
    return None if history.added else inspect_(record).dict.get(name)


def _read_new(session: Session, record: Base, plan: Plan, before: dict[str, Any]) -> dict[str, Any]:
    """What the database made of SQL expressions: the flush leaves such attributes unloaded."""
    names = [name for name in before if name in inspect_(record).unloaded]
    if not names:
        return {}
    key = inspect_(record).mapper.primary_key_from_instance(record)
    statement: Select[Any] = select(*(plan.columns[name].column for name in names)).where(
        *(column == value for column, value in zip(plan.key_columns, key, strict=True))
    )
    return dict(zip(names, session.connection().execute(statement).one(), strict=True))


def _collections_changed(record: Base, kind: ChangeKind) -> dict[str, list[Any]]:
    """Many-to-many sides: [old keys, new keys, old labels, new labels], labels in the order of their keys."""
    values: dict[str, list[Any]] = {}
    for name in plan_of(type(record)).collections:
        history = get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if kind is ChangeKind.DELETED:
            old, new = [*(history.unchanged or ()), *(history.deleted or ())], []
        else:
            kept = list(history.unchanged or ())
            old, new = kept + list(history.deleted or ()), kept + list(history.added or ())
        sides = [{identity_of(item): safe_label(item) for item in side} for side in (old, new)]
        if sides[0].keys() != sides[1].keys():
            values[name] = [*(sorted(side) for side in sides), *([side[key] for key in sorted(side)] for side in sides)]
    return values


def _told(current: Act, record: Base, changed: dict[str, tuple[Any, Any]], labels: Labels) -> dict[str, list[Any]]:
    plan = plan_of(type(record))
    values: dict[str, list[Any]] = {}
    for name, (old, new) in changed.items():
        traits = plan.columns[name]
        if traits.is_marked_on(record):
            current.marked_values |= {value for value in (old, new) if _is_telling(value)}
            values[name] = [None if old is None else MASK, None if new is None else MASK]
            continue
        pair = [as_json(old), as_json(new)]
        named = [labels.of(traits, old), labels.of(traits, new)]
        values[name] = pair if named == pair else [*pair, *named]
    return values


def _is_telling(value: Any) -> bool:
    """Whether a marked value could be recognised in a label: not a flag, a digit or a single sign."""
    if not isinstance(value, str) or len(value.strip()) < 2:
        return False
    return not value.isascii() or len(value) >= 5


def install() -> None:
    """Listen to every session's flush. May be called again."""
    if not event.contains(Session, "before_flush", _remember):
        event.listen(Session, "before_flush", _remember)
        event.listen(Session, "after_flush", _collect)


__all__ = ["as_json", "describe", "install"]
