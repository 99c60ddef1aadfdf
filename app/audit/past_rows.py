"""Which deleted lines a reader may still be told of: the row scope is asked about the row as the log kept it.

The rows are put into the query under the name of their table (`WITH project_partner AS (…)`), so that the criterion
that holds for present rows judges them as it is. What the log does not hold (personal values, many-to-many sides)
is missing from them: a scope that needs it answers no.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Enum, String, Table, literal, select, union_all
from sqlalchemy import inspect as inspect_
from sqlalchemy.orm import Session

from app.audit.acts import MASK
from models.base import Base, UtcDateTime
from models.records import AuditChange, ChangeKind

_CHUNK = 200


def visible_past_keys(session: Session, model: type[Base], keys: Iterable[str], rule: ColumnElement[bool]) -> set[str]:
    """Those of `keys` (of rows that are gone) whose last state `rule` lets through."""
    wanted = sorted(keys)
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        deletions = session.execute(
            select(AuditChange.record_key, AuditChange.values)
            .where(
                AuditChange.table_name == model.__tablename__,
                AuditChange.record_key.in_(wanted[start : start + _CHUNK]),
                AuditChange.kind == ChangeKind.DELETED.value,
            )
            .order_by(AuditChange.id)
        ).all()
        rows = {key: values for key, values in deletions if key.isdecimal()}
        if rows:
            found |= _judged(session, model, rows, rule)
    return found


def _judged(
    session: Session, model: type[Base], rows: dict[str, dict[str, Any]], rule: ColumnElement[bool]
) -> set[str]:
    mapper = inspect_(model)
    table = mapper.local_table
    assert isinstance(table, Table)
    attributes = {prop.columns[0].name: prop.key for prop in mapper.column_attrs}
    primary_key = mapper.primary_key[0].name
    selects = []
    for key, values in rows.items():
        old = {primary_key: int(key)}
        for column in table.columns:
            pair = values.get(attributes.get(column.name, column.name))
            if column.name != primary_key and isinstance(pair, list) and pair:
                old[column.name] = _as_python(column, pair[0])
        selects.append(select(*(_literal(column, old.get(column.name)) for column in table.columns)))
    stand_in = union_all(*selects).cte(table.name)
    statement = select(table.c[primary_key]).add_cte(stand_in).where(rule)
    return {str(number) for number in session.scalars(statement)}


def _literal(column: Column[Any], value: Any) -> ColumnElement[Any]:
    kind = String() if isinstance(column.type, Enum) else column.type
    return literal(value, kind).label(column.name)


def _as_python(column: Column[Any], value: Any) -> Any:
    if value is None or value == MASK:
        return None
    with contextlib.suppress(TypeError, ValueError):
        if isinstance(column.type, Date):
            return dt.date.fromisoformat(value)
        if isinstance(column.type, UtcDateTime):
            return dt.datetime.fromisoformat(value)
        return value
    return None
