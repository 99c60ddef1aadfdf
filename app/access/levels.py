"""The reader's level of consent: which of a record's texts (public, city staff, centre) search and screens may use."""

from __future__ import annotations

from app.actor import Actor
from models.people import Role

PUBLIC, STAFF, CENTER = 0, 1, 2


def level_of(actor: Actor) -> int:
    """0 public, 1 city staff, 2 the centre and its supervising office (domain.md 1, the directory's column)."""
    if actor.is_system or actor.has(Role.CENTER, Role.OFFICE):
        return CENTER
    return STAFF if actor.has(Role.DEPARTMENT) else PUBLIC
