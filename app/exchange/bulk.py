"""Bulk Core writes that leave the same log as the ORM would: insert, update, delete many rows of one mapped table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, inspect, select, update
from sqlalchemy.orm import Mapper, Session

from app.audit.acts import MASK, Act, Change
from app.audit.plans import Traits, as_json, plan_of
from app.exchange.maintenance import rows_changed
from models.base import Base, utc_now
from models.records import ChangeKind

Values = Mapping[str, Any]
Labels = Mapping[str, Callable[[Any], Any]]


def bulk_insert(
    session: Session, act: Act, model: type[Base], rows: Sequence[Values], *, labels: Labels | None = None
) -> list[int]:
    """Insert rows ({attribute: value}) and log them; returns their new ids in the same order.

    `labels`: attribute → function that gives the text by which the history shows its value (a department's name).
    """
    if not rows:
        return []
    mapper = inspect(model)
    key = mapper.primary_key[0]
    table = mapper.local_table
    names = _column_names(mapper)
    ids = _new_ids(session, key, len(rows))
    parameters = [
        {key.key: record} | {names[attribute]: value for attribute, value in row.items()}
        for record, row in zip(ids, rows, strict=True)
    ]
    session.connection().execute(insert(table), parameters)  # type: ignore[arg-type]
    teller = _Teller(session, mapper, labels)
    act.note_bulk(teller.change(ChangeKind.CREATED, record, {}, row) for record, row in zip(ids, rows, strict=True))
    rows_changed(session, model, ids)
    return ids


def _new_ids(session: Session, key: Any, count: int) -> list[int]:
    """Keys for new rows, taken before they are written: a plain INSERT of many rows is several times faster than one
    that returns its keys. On SQLite the writing transaction keeps all others out."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(f'"{key.table.name}"', key.name)
        numbers = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
        return [int(number) for number in session.connection().execute(numbers).scalars()]
    last = session.connection().execute(select(func.max(key))).scalar() or 0
    return list(range(last + 1, last + 1 + count))


def bulk_update(
    session: Session,
    act: Act,
    model: type[Base],
    rows: Sequence[tuple[int, Values, Values]],
    *,
    labels: Labels | None = None,
    names: Mapping[int, str] | None = None,
) -> None:
    """Update rows [(id, old values, new values)] and log what differs. Every row names the same attributes in `new`.

    The version goes up by one and `updated_at` is set where the table has them; the caller has checked versions in
    the same transaction. `names`: id → how the history names the record.
    """
    if not rows:
        return
    mapper = inspect(model)
    teller = _Teller(session, mapper, labels, [record for record, _, _ in rows])
    table = mapper.local_table
    columns = _column_names(mapper)
    attributes = list(rows[0][2])
    values: dict[str, Any] = {
        columns[name]: bindparam(f"new_{name}", type_=table.c[columns[name]].type) for name in attributes
    }
    if "version" in table.c:
        values["version"] = table.c.version + 1
    if "updated_at" in table.c:
        values["updated_at"] = bindparam("new__moment", type_=table.c.updated_at.type)
    key = mapper.primary_key[0]
    statement = update(table).where(key == bindparam("of_id")).values(values)  # type: ignore[arg-type]
    moment = utc_now()
    parameters = [
        {"of_id": record, "new__moment": moment} | {f"new_{name}": new[name] for name in attributes}
        for record, _, new in rows
    ]
    session.connection().execute(statement, parameters)
    known = names or {}
    act.note_bulk(teller.change(ChangeKind.UPDATED, record, old, new, known.get(record)) for record, old, new in rows)
    rows_changed(session, model, [record for record, _, _ in rows])


def bulk_delete(
    session: Session, act: Act, model: type[Base], rows: Sequence[tuple[int, Values]], *, labels: Labels | None = None
) -> None:
    """Delete rows [(id, values as they were)] and log them."""
    if not rows:
        return
    mapper = inspect(model)
    teller = _Teller(session, mapper, labels, [record for record, _ in rows])
    key = mapper.primary_key[0]
    statement = delete(mapper.local_table).where(key == bindparam("of_id"))  # type: ignore[arg-type]
    session.connection().execute(statement, [{"of_id": record} for record, _ in rows])
    act.note_bulk(teller.change(ChangeKind.DELETED, record, old, {}) for record, old in rows)
    rows_changed(session, model, [record for record, _ in rows])


def _column_names(mapper: Mapper[Any]) -> dict[str, str]:
    return {attribute.key: str(attribute.columns[0].key) for attribute in mapper.column_attrs}


class _Teller:
    """Makes the Changes of rows of one table, under the same marks as the recorder."""

    def __init__(self, session: Session, mapper: Mapper[Any], labels: Labels | None, known: Sequence[int] = ()) -> None:
        self._mapper = mapper
        self._labels = labels or {}
        self._columns = plan_of(mapper.class_).columns  # type: ignore[arg-type]
        self._table = str(mapper.local_table.name)  # type: ignore[attr-defined]
        self._persons = self._stored_flags(session, known)

    def _stored_flags(self, session: Session, ids: Sequence[int]) -> set[tuple[str, int]]:
        """(flag, id) of stored rows on which a `personal_if` flag is set: their values stay out of the log."""
        flags = {
            traits.personal_if for traits in self._columns.values() if traits.personal_if and not traits.is_reckoned
        }
        found: set[tuple[str, int]] = set()
        key = self._mapper.primary_key[0]
        for flag in sorted(flags) if ids else ():
            for start in range(0, len(ids), 1_000):
                wanted = key.in_(ids[start : start + 1_000])
                rows = session.scalars(select(key).where(wanted, self._mapper.columns[flag].is_(True)))
                found.update((flag, record) for record in rows)
        return found

    def _is_masked(self, traits: Traits, record: int, old: Values, new: Values) -> bool:
        if traits.is_marked or traits.is_reckoned:
            return True
        flag = traits.personal_if
        return flag is not None and (bool(old.get(flag)) or bool(new.get(flag)) or (flag, record) in self._persons)

    def change(self, kind: ChangeKind, record: int, old: Values, new: Values, name: str | None = None) -> Change:
        """What the statement does to one row."""
        values: dict[str, list[Any]] = {}
        masked: list[str] = []
        for attribute in {**old, **new} if old and new else old or new:
            before, after = old.get(attribute), new.get(attribute)
            traits = self._columns.get(attribute)
            if traits is None or (before is None and after is None):
                continue
            if (traits.is_marked or traits.personal_if) and self._is_masked(traits, record, old, new):
                masked += [value for value in (before, after) if isinstance(value, str) and value]
                if before != after:
                    values[attribute] = [None if before is None else MASK, None if after is None else MASK]
            elif before != after:
                values[attribute] = self._pair(attribute, before, after)
        plain = f"{self._mapper.class_.__label__} {record}"
        text = str(name or new.get("name") or old.get("name") or new.get("title") or old.get("title") or plain)
        if any(value in text for value in masked):
            text = plain
        return Change(kind, self._table, str(record), text, self._table, str(record), values)

    def _pair(self, attribute: str, before: Any, after: Any) -> list[Any]:
        show = self._labels.get(attribute)
        if show is None and (type(after) is str or after is None) and (type(before) is str or before is None):
            return [before, after]
        show = show or _label
        pair = [_plain(before), _plain(after)]
        shown = [None if before is None else show(before), None if after is None else show(after)]
        return pair if shown == pair else [*pair, *shown]


def _plain(value: Any) -> Any:
    return value if value is None or type(value) in {str, int, bool} else as_json(value)


def _label(value: Any) -> Any:
    if type(value) in {str, int, bool}:
        return value
    return value.label if hasattr(value, "label") else _plain(value)


def as_column_value(value: Any, python_type: type | None, enum_class: type | None) -> Any:
    """A plain (JSON) value as its column takes it: ISO text to a date, code to an enum, [key, label] to the key."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        value = value[0]
    if enum_class is not None:
        return enum_class(value)
    if python_type is dt.date and isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value
