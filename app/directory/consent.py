"""Up to whom each field of a group is open: asked by every way out, as a value and as SQL.

Readers have a level (`app.access.levels.level_of`). A field's level is what the group said (`FieldConsent`), else its
usual one (`app.directory.fields`). For print and publication the usual level is not enough: `may_publish`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, true
from sqlalchemy.orm import aliased

from app.directory.fields import BY_NAME, CENTER, FIELDS, PUBLIC, ProfileField
from models.directory import Organization
from models.directory_profile import ConsentLevel, FieldConsent


def levels_of(organization: Organization) -> dict[str, ConsentLevel]:
    """{field: level} of every field; the consents should be loaded (`selectinload(Organization.consents)`)."""
    levels = {field.name: field.level for field in FIELDS}
    levels |= {row.field: ConsentLevel(row.level) for row in organization.consents if row.field in levels}
    return levels


def level_of_field(organization: Organization, name: str) -> ConsentLevel:
    """Up to whom one field of a group is open."""
    said = next((row.level for row in organization.consents if row.field == name), None)
    return BY_NAME[name].level if said is None else ConsentLevel(said)


def is_open(organization: Organization, name: str, level: int) -> bool:
    """Whether a reader of that level may read the field."""
    return level >= CENTER or level_of_field(organization, name) <= level


def open_fields(organization: Organization, level: int) -> frozenset[str]:
    """The names of the fields that a reader of that level may read."""
    if level >= CENTER:
        return frozenset(BY_NAME)
    return frozenset(name for name, open_to in levels_of(organization).items() if open_to <= level)


def value_for(organization: Organization, name: str, level: int) -> Any:
    """The field's value for a reader of that level; None when it is closed to them."""
    return getattr(organization, name) if is_open(organization, name, level) else None


def may_publish(organization: Organization, name: str) -> bool:
    """Whether the field may be printed and published: the group said so, and nothing keeps it inside."""
    field = BY_NAME[name]
    if field.is_internal or organization.is_person:
        return False
    return any(row.field == name and row.level == PUBLIC for row in organization.consents)


def readable(name: str, level: int, organization_id: Any = Organization.id) -> ColumnElement[bool]:
    """SQL: groups (by their id) whose field is open to a reader of that level."""
    if level >= CENTER:
        return true()
    said = aliased(FieldConsent)
    rows = exists().where(said.organization_id == organization_id, said.field == name)
    if BY_NAME[name].level <= level:
        return ~rows.where(said.level > level)
    return rows.where(said.level <= level)


def consent_is_missing() -> ColumnElement[bool]:
    """SQL: confirmed groups with a purpose to print of which no consent at all is on record."""
    said = aliased(FieldConsent)
    return and_(
        Organization.is_confirmed.is_(True),
        Organization.is_person.is_(False),
        Organization.purpose.is_not(None),
        ~exists().where(said.organization_id == Organization.id),
    )


def consents_of(organization: Organization) -> Mapping[str, FieldConsent]:
    """{field: what the group said}."""
    return {row.field: row for row in organization.consents}


def without_consent(organization: Organization, filled: frozenset[str]) -> list[ProfileField]:
    """Filled fields that the group has said nothing about: they stay out of print until it does."""
    said = consents_of(organization)
    return [field for field in FIELDS if field.name in filled and field.name not in said and not field.is_internal]
