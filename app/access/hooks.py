"""What this floor tells the log below it: who reads the whole log, and how a record's history asks the scopes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from app.access.levels import CENTER, level_of
from app.access.permissions import Permission
from app.access.policy import granted
from app.access.scopes import may_read_field, register_scope, scoped_models, visible_to
from app.actor import Actor
from app.audit import words
from app.audit.values import is_consented
from models.base import Base, SoftDeleted
from models.records import AccessNote, AuditChange, AuditEntry


def _rows(model: type[Base], actor: Actor) -> ColumnElement[bool] | None:
    """Rows whose past the actor may read: those they read now, and those that were put aside (soft deleted)."""
    if model not in scoped_models():
        return None
    if actor.is_system or actor.may(Permission.AUDIT_READ):
        return true()
    if issubclass(model, SoftDeleted):
        return visible_to(model, actor) | visible_to(model, actor, deleted=True)
    return visible_to(model, actor)


def _fields(model: type[Base], name: str, actor: Actor) -> bool:
    """A personal or secret field is told as "changed" to all who read the record; a sealed one by its own scope."""
    return not _is_sealed(model, name) or may_read_field(model, name, actor)


def _values(model: type[Base], name: str, actor: Actor) -> bool:
    """Past values of what somebody outside opens as far as they like are told to the centre and the office alone."""
    return not is_consented(model, name) or level_of(actor) >= CENTER


def _is_sealed(model: type[Base], name: str) -> bool:
    return bool(model.__mapper__.columns[name].info.get("sealed"))


for _model in (AuditEntry, AuditChange, AccessNote):
    register_scope(_model, visible=granted(Permission.AUDIT_READ))
words.register_reading(_rows, _fields, _values)
