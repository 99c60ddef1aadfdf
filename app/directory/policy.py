"""Who may see and change organisations (domain.md 1). Private persons are seen by staff and the centre alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true

from app.access.permissions import Permission
from app.access.scopes import register_field_scope, register_scope, visible_to
from app.actor import Actor
from models.directory import Organization, OrganizationAlias
from models.people import Role

_STAFF_ROLES = (Role.OFFICE, Role.CENTER, Role.DEPARTMENT)


def reads_persons(actor: Actor) -> bool:
    """Whether the actor sees organisations that are private persons."""
    return actor.is_system or actor.has(*_STAFF_ROLES)


def organizations_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Everybody who signs in reads the directory; private persons in it only staff."""
    if not actor.may(Permission.ORGANIZATION_READ):
        return false()
    return true() if reads_persons(actor) else Organization.is_person.is_(False)


def organizations_editable_by(actor: Actor) -> ColumnElement[bool]:
    """あすぴあ keeps the directory."""
    return true() if actor.may(Permission.ORGANIZATION_EDIT) else false()


def _aliases_visible_to(actor: Actor) -> ColumnElement[bool]:
    return OrganizationAlias.organization_id.in_(select(Organization.id).where(visible_to(Organization, actor)))


def _aliases_editable_by(actor: Actor) -> ColumnElement[bool]:
    return organizations_editable_by(actor)


register_scope(Organization, visible=organizations_visible_to, editable=organizations_editable_by)
register_scope(OrganizationAlias, visible=_aliases_visible_to, editable=_aliases_editable_by)
register_field_scope(Organization, "personal", reads_persons)
