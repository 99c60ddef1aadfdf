"""Which rows of people and of reference data each role sees and changes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from app.access.permissions import Permission
from app.access.scopes import Criterion, register_field_scope, register_scope
from app.actor import Actor
from models import reference
from models.base import Base
from models.people import LoginSession, RecoveryCode, RoleAssignment, RoleSetting, SavedView, User

REFERENCE_MODELS: tuple[type[Base], ...] = (
    reference.ActivityField,
    reference.Area,
    reference.CheckItem,
    reference.CheckPoint,
    reference.Chronicle,
    reference.CollaborationForm,
    reference.Department,
    reference.Effect,
    reference.EvaluationPoint,
    reference.PolicyBasis,
    reference.Principle,
    reference.Program,
    reference.ProjectCategory,
    reference.Skill,
)


def granted(permission: Permission) -> Criterion:
    """All rows to those who have the permission, none to others."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        return true() if actor.may(permission) else false()

    return criterion


def is_administrator(actor: Actor) -> bool:
    """Whether the actor manages users."""
    return actor.may(Permission.USER_MANAGE)


def own_user(actor: Actor) -> ColumnElement[bool]:
    """Administrators see every user, everybody themselves."""
    return true() if is_administrator(actor) else User.id == actor.user_id


def own_assignments(actor: Actor) -> ColumnElement[bool]:
    """The same of roles."""
    return true() if is_administrator(actor) else RoleAssignment.user_id == actor.user_id


def own_views(actor: Actor) -> ColumnElement[bool]:
    """A saved view is its owner's alone."""
    return true() if actor.is_system else SavedView.user_id == actor.user_id


def own_sessions(actor: Actor) -> ColumnElement[bool]:
    """One's own sessions alone: an administrator ends others' by the rights, never looks at them."""
    return LoginSession.user_id == actor.user_id


def nobody(actor: Actor) -> ColumnElement[bool]:
    """No row to anybody: hashes are compared, not read."""
    return false()


register_scope(User, visible=own_user, editable=granted(Permission.USER_MANAGE))
register_scope(RoleAssignment, visible=own_assignments, editable=granted(Permission.USER_MANAGE))
register_scope(RoleSetting, visible=granted(Permission.USER_MANAGE), editable=granted(Permission.USER_MANAGE))
register_scope(SavedView, visible=own_views, editable=own_views)
register_scope(LoginSession, visible=own_sessions, editable=own_sessions)
register_scope(RecoveryCode, visible=nobody, editable=nobody)

# Users are staff: their addresses and numbers are for those who manage them. Everybody reads their own on the
# page of their account, which is theirs by the row scope.
register_field_scope(User, "personal", is_administrator)

for model in REFERENCE_MODELS:
    register_scope(model, visible=granted(Permission.REFERENCE_READ), editable=granted(Permission.REFERENCE_EDIT))
