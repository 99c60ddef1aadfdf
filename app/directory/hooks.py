"""What the directory tells the log: which columns of a group are closed to whom, in its history too."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.actor import Actor
from app.audit.words import register_record_rule
from app.directory.consent import open_fields
from app.directory.fields import BY_NAME, CENTER
from models.directory import Organization


def closed_columns(session: Session, actor: Actor, key: str) -> frozenset[str]:
    """The fields of one group of which the reader may not know that they changed."""
    level = level_of(actor)
    if level >= CENTER:
        return frozenset()
    organization = session.get(Organization, int(key)) if key.isdecimal() else None
    if organization is None:
        return frozenset(BY_NAME)
    return frozenset(BY_NAME) - open_fields(organization, level)


register_record_rule("organization", closed_columns)
