"""What is found of an organisation: its name, reading, aliases and what it does; private persons by staff only."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from app.search.documents import PUBLIC, STAFF, SearchSpec, TextByLevel, cumulative, owners, register
from models.directory import Organization, OrganizationAlias


def _texts(organization: Organization) -> TextByLevel:
    level = STAFF if organization.is_person else PUBLIC
    return cumulative(
        [
            (level, "A", organization.name),
            (level, "A", organization.reading),
            *((level, "A", alias.name) for alias in organization.aliases),
            (level, "B", organization.legal_form),
            (level, "B", organization.purpose),
            (level, "C", organization.activities),
        ]
    )


register(
    SearchSpec(
        entity="organization",
        model=Organization,
        text_by_level=_texts,
        touched_by={OrganizationAlias: owners("organization_id")},
        options=(selectinload(Organization.aliases),),
    )
)
