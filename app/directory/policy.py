"""Which rows of the directory each role sees and changes (domain.md 1). Which fields of a group: `consent`.

Everybody who signs in reads groups, private persons among them only staff. What hangs on a group follows its field's
consent; officers, affiliations, registrations and judgements are for the centre and the supervising office.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, select, true

from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.policy import granted
from app.access.scopes import Criterion, register_field_scope, register_scope, visible_to
from app.actor import Actor
from app.directory.consent import readable
from app.directory.fields import CENTER
from models.base import Base
from models.directory import Organization, OrganizationAlias
from models.directory_profile import Audience, FieldConsent, OrganizationField
from models.directory_records import ActivityRecord, Affiliation, FinancialStatement, MemberCount, OrganizationOfficer
from models.directory_registration import (
    DuplicateJudgement,
    RegisteredCount,
    Registration,
    RegistrationCheck,
    RegistrationRenewal,
    RegistrationRequirement,
    RegistrationRule,
)
from models.people import Role

_STAFF_ROLES = (Role.OFFICE, Role.CENTER, Role.DEPARTMENT)


def reads_persons(actor: Actor) -> bool:
    """Whether the actor sees organisations that are private persons."""
    return actor.is_system or actor.has(*_STAFF_ROLES)


def reads_inner(actor: Actor) -> bool:
    """Whether the actor reads what is kept by the centre alone: the centre and its supervising office."""
    return level_of(actor) >= CENTER


def organizations_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Everybody who signs in reads the directory; private persons in it only staff."""
    if not actor.may(Permission.ORGANIZATION_READ):
        return false()
    return true() if reads_persons(actor) else Organization.is_person.is_(False)


def organizations_editable_by(actor: Actor) -> ColumnElement[bool]:
    """あすぴあ keeps the directory."""
    return true() if actor.may(Permission.ORGANIZATION_EDIT) else false()


def _of_visible(column: Any, actor: Actor) -> ColumnElement[bool]:
    ids = select(Organization.id).where(visible_to(Organization, actor))
    found: ColumnElement[bool] = column.in_(ids)
    return found


def _aliases_visible_to(actor: Actor) -> ColumnElement[bool]:
    return _of_visible(OrganizationAlias.organization_id, actor)


def _with_field(model: Any, name: str) -> Criterion:
    """Rows of a visible group whose field of that name is open to the actor."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        return and_(
            _of_visible(model.organization_id, actor),
            readable(name, level_of(actor), model.organization_id),
        )

    return criterion


def _inner(model: Any) -> Criterion:
    """Rows for the centre and the supervising office alone."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        return _of_visible(model.organization_id, actor) if reads_inner(actor) else false()

    return criterion


def _registrations(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.REGISTRATION_READ):
        return false()
    return _of_visible(Registration.organization_id, actor)


def _of_registration(model: Any) -> Criterion:
    def criterion(actor: Actor) -> ColumnElement[bool]:
        ids = select(Registration.id).where(_registrations(actor))
        found: ColumnElement[bool] = model.registration_id.in_(ids)
        return found

    return criterion


register_scope(Organization, visible=organizations_visible_to, editable=organizations_editable_by)
register_scope(OrganizationAlias, visible=_aliases_visible_to, editable=organizations_editable_by)
register_field_scope(Organization, "personal", reads_inner)

_BY_FIELD: Sequence[tuple[type[Base], str]] = (
    (ActivityRecord, "activity_records"),
    (FinancialStatement, "statements"),
    (MemberCount, "member_counts"),
    (OrganizationField, "fields"),
)
_INNER: Sequence[type[Base]] = (FieldConsent, OrganizationOfficer, Affiliation)
_OF_REGISTRATION: Sequence[type[Base]] = (RegistrationRenewal, RegistrationCheck)
_REFERENCE: Sequence[type[Base]] = (Audience, RegistrationRequirement, RegistrationRule, RegisteredCount)

for _model, _name in _BY_FIELD:
    register_scope(_model, visible=_with_field(_model, _name), editable=organizations_editable_by)
for _model in _INNER:
    register_scope(_model, visible=_inner(_model), editable=organizations_editable_by)
register_field_scope(OrganizationOfficer, "personal", reads_inner)

register_scope(Registration, visible=_registrations, editable=granted(Permission.REGISTRATION_EDIT))
for _model in _OF_REGISTRATION:
    register_scope(_model, visible=_of_registration(_model), editable=granted(Permission.REGISTRATION_EDIT))
register_scope(
    DuplicateJudgement,
    visible=granted(Permission.ORGANIZATION_MERGE),
    editable=granted(Permission.ORGANIZATION_MERGE),
)
for _model in _REFERENCE:
    register_scope(_model, visible=granted(Permission.REFERENCE_READ), editable=granted(Permission.REFERENCE_EDIT))
