"""Changes reference data: what the city may change by notice, with the log, and never what the code rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Invalid, NotFound, check_version
from models.base import Base
from models.reference import CollaborationForm, Department

R = TypeVar("R", bound=Base)


def create_reference(session: Session, model: type[R], *, actor: Actor, values: Mapping[str, Any]) -> R:
    """Add a row of reference data. values: {attribute: value}. Raises NotAllowed, Invalid."""
    actor.require(Permission.REFERENCE_EDIT)
    _check(session, model, None, values)
    with act(session, actor, "reference:create", f"{model.__label__}の登録"):
        record = model(**values)
        session.add(record)
        session.flush()
    return record


def update_reference(session: Session, record: R, *, actor: Actor, values: Mapping[str, Any], version: int | None) -> R:
    """Change a row of reference data. Raises NotAllowed, StaleRecord, Invalid."""
    actor.require(Permission.REFERENCE_EDIT)
    record = get_visible(session, type(record), _key_of(record), actor)
    check_version(record, version)
    _check(session, type(record), record, values)
    with act(session, actor, "reference:edit", f"{record.__label__}の修正"):
        for name, value in values.items():
            setattr(record, name, value)
    return record


def _key_of(record: Base) -> object:
    identity = inspect(record).identity
    if identity is None:
        raise NotFound
    return identity[0]


def _check(session: Session, model: type[Base], record: Any, values: Mapping[str, Any]) -> None:
    """Codes and numbers are unique; a department is not its own successor, directly or through others."""
    for attribute in ("code", "number", "name"):
        column = model.__mapper__.columns.get(attribute)
        if column is None or not column.unique or values.get(attribute) is None:
            continue
        wanted = select(model).where(column == values[attribute])
        other = session.scalars(wanted).first()
        if other is not None and other is not record:
            label = column.info["label"]
            raise Invalid(
                f"{label}「{values[attribute]}」はすでに使われています。",
                fields={attribute: f"{label}「{values[attribute]}」はすでに使われています。別の値にしてください。"},
            )
    if model is Department:
        _check_department(session, record, values)
    if model is CollaborationForm and record is not None and values.get("parent_id") == record.id:
        raise Invalid("形態を自分自身に属させることはできません。", fields={"parent_id": "別の形態を選んでください。"})


def _check_department(session: Session, record: Any, values: Mapping[str, Any]) -> None:
    starts, ends = values.get("valid_from"), values.get("valid_until")
    if starts and ends and ends < starts:
        raise Invalid("廃止日が設置日より前です。", fields={"valid_until": "設置日より後の日付を入力してください。"})
    following, seen = values.get("successor_id"), set()
    while following is not None and record is not None:
        if following == record.id or following in seen:
            raise Invalid(
                "引継ぎ先をたどると元の課に戻ります。",
                fields={"successor_id": "引継ぎ先をたどると元の課に戻ります。別の課を選んでください。"},
            )
        seen.add(following)
        following = session.scalar(select(Department.successor_id).where(Department.id == following))
