"""Builds the actor that a user is today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import ROLE_PERMISSIONS, Permission
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from models.people import Role, User
from models.reference import Department


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """The union of what the roles grant."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


def actor_of(
    session: Session, user: User, *, address: str | None = None, channel: str = "screen", on: dt.date | None = None
) -> Actor:
    """The actor that `user` is today: reads assignments and departments (two queries)."""
    day = on or today_in_tokyo()
    held = [
        (assignment.role, assignment.department_id)
        for assignment in user.assignments
        if user.is_active and assignment.is_in_force(day)
    ]
    return actor_holding(session, user.id, user.display_name, held, address=address, channel=channel)


def actor_holding(
    session: Session,
    user_id: int,
    label: str,
    held: Iterable[tuple[Role, int | None]],
    *,
    address: str | None = None,
    channel: str = "screen",
) -> Actor:
    """The actor with these roles in force, (role, department or None) each."""
    pairs = list(held)
    roles = frozenset(role for role, _ in pairs)
    own = {department for _, department in pairs if department is not None}
    return Actor(
        user_id=user_id,
        label=label,
        roles=roles,
        departments=with_predecessors(session, own),
        address=address,
        channel=channel,
        permissions=permissions_of(roles),
    )


def with_predecessors(session: Session, departments: Iterable[int]) -> frozenset[int]:
    """The departments and all that they succeeded, directly or through others."""
    known = set(departments)
    if not known:
        return frozenset()
    links = session.execute(
        select(Department.id, Department.successor_id).where(Department.successor_id.is_not(None))
    ).all()
    grew = True
    while grew:
        found = {row.id for row in links if row.successor_id in known} - known
        known |= found
        grew = bool(found)
    return frozenset(known)
