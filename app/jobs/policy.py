"""Who sees which job: each their own; the administrator that they exist."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from app.access.scopes import register_scope
from app.actor import Actor
from models.exchange import Job
from models.people import Role


def own_or_administrator(actor: Actor) -> ColumnElement[bool]:
    """Jobs that the actor asked for; all of them for the administrator."""
    if actor.is_system or actor.has(Role.ADMINISTRATOR):
        return true()
    return Job.user_id == actor.user_id if actor.user_id is not None else false()


register_scope(Job, visible=own_or_administrator)
