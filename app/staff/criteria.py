"""States of users that an administrator looks for: SQL criteria that the list's filter and 「対応待ち一覧」 share."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, or_

from models.people import Role, RoleAssignment, User

#: Days ahead that the end of a last role is told.
ENDING_DAYS = 30


def without_password() -> ColumnElement[bool]:
    """Active, and nobody ever gave them a password: they cannot sign in."""
    return and_(User.is_active.is_(True), User.password_hash.is_(None))


def without_role(today: dt.date) -> ColumnElement[bool]:
    """Active, without a role now or to come: left after a transfer."""
    return and_(User.is_active.is_(True), ~User.assignments.any(_lasts_until(today)))


def holding(role: Role, today: dt.date) -> ColumnElement[bool]:
    """Active, with that role now or to come."""
    return and_(User.is_active.is_(True), User.assignments.any(and_(RoleAssignment.role == role, _lasts_until(today))))


def ending(today: dt.date) -> ColumnElement[bool]:
    """Active, with a role now whose last one ends within `ENDING_DAYS`: nothing follows it."""
    after = today + dt.timedelta(days=ENDING_DAYS)
    in_force = and_(RoleAssignment.from_on <= today, _lasts_until(today))
    return and_(
        User.is_active.is_(True),
        User.assignments.any(in_force),
        ~User.assignments.any(_lasts_until(after + dt.timedelta(days=1))),
    )


def _lasts_until(day: dt.date) -> ColumnElement[bool]:
    return or_(RoleAssignment.until_on.is_(None), RoleAssignment.until_on >= day)
