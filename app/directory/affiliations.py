"""Who belongs to which group, from/until. Domains above say what follows from a change (conflicts of interest)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory.identity import members_of
from models.directory_records import Affiliation

#: (session, actor, affiliation): called inside the act, after the change was flushed.
AffiliationHook = Callable[[Session, Actor, Affiliation], None]
_hooks: list[AffiliationHook] = []


def register_affiliation_hook(hook: AffiliationHook) -> AffiliationHook:
    """Call `hook` whenever an affiliation was made, changed or is about to be removed. Usable as a decorator."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def tell_affiliation(session: Session, actor: Actor, affiliation: Affiliation) -> None:
    """Call the hooks."""
    for hook in _hooks:
        hook(session, actor, affiliation)


def in_force(day: dt.date) -> ColumnElement[bool]:
    """Affiliations that hold on that day."""
    return or_(Affiliation.from_on.is_(None), Affiliation.from_on <= day) & or_(
        Affiliation.until_on.is_(None), Affiliation.until_on >= day
    )


def organizations_of_user(user_id: int, day: dt.date | None = None) -> Select[int]:
    """SELECT of all ids of the groups that a user belongs to (on that day, or ever), by merged identity."""
    own = select(Affiliation.organization_id).where(Affiliation.user_id == user_id)
    return members_of(own if day is None else own.where(in_force(day)))
