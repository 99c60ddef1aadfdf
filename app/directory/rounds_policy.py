"""Who sees what: confirmation rounds and their forms the centre alone; frozen editions everybody who signs in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.policy import granted, nobody
from app.access.scopes import register_field_scope, register_scope
from app.actor import Actor
from app.files.policy import register_owner
from models.base import Base
from models.directory_rounds import (
    ConfirmationForm,
    ConfirmationReminder,
    ConfirmationRound,
    ConfirmationUpload,
    Edition,
    EditionEntry,
)

_manage = granted(Permission.CONFIRMATION_ROUND_MANAGE)
_read = granted(Permission.EDITION_READ)


def manages_rounds(actor: Actor) -> bool:
    """Whether the actor runs the yearly confirmation."""
    return actor.may(Permission.CONFIRMATION_ROUND_MANAGE)


_MODELS: tuple[type[Base], ...] = (ConfirmationRound, ConfirmationForm, ConfirmationReminder, ConfirmationUpload)
for _model in _MODELS:
    register_scope(_model, visible=_manage, editable=_manage)
register_field_scope(ConfirmationForm, "personal", manages_rounds)
_FROZEN: tuple[type[Base], ...] = (Edition, EditionEntry)
for _model in _FROZEN:
    register_scope(_model, visible=_read, editable=nobody)  # frozen: only erasure changes them


def _round_files(session: Session, actor: Actor, key: str) -> bool:
    return manages_rounds(actor)


def _edition_files(session: Session, actor: Actor, key: str) -> bool:
    return False  # a stored booklet is handed out by `edition_files` alone, which asks whether it is still right


register_owner("confirmation_round", _round_files)
register_owner("edition", _edition_files)
