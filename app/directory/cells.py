"""The cells of a list of groups that stand in other tables: one query for a page each, no objects."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.actor import Actor
from app.directory.consent import readable
from app.directory.registering import RegistrationState, rule_of, state_of
from app.japanese.dates import today_in_tokyo
from models.among import among
from models.directory_profile import OrganizationField
from models.directory_registration import Registration
from models.reference import ActivityField


@functools.cache
def _fields_of(dialect: str, level: int) -> Select[Any]:
    link, field = OrganizationField.__table__, ActivityField.__table__
    owner = link.c.organization_id
    return (
        select(owner, field.c.name)
        .join_from(link, field, field.c.id == link.c.activity_field_id)
        .where(among(owner, dialect), readable("fields", level, owner))
        .order_by(link.c.position, link.c.id)
    )


@functools.cache
def _registrations_of(dialect: str) -> Select[Any]:
    row = Registration.__table__.c
    return select(row.organization_id, row.valid_until, row.withdrawn_on).where(among(row.organization_id, dialect))


def field_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, list[str]]:
    """{group: its fields of activity in order}, of groups that opened them to the reader."""
    wanted = _fields_of(session.get_bind().dialect.name, level_of(actor))
    found: dict[int, list[str]] = {}
    for key, name in session.execute(wanted, {"ids": list(keys)}).all():
        found.setdefault(key, []).append(name)
    return found


def registration_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, RegistrationState]:
    """{group: how its registration stands today}; a group without one is left out."""
    today, notice_days = today_in_tokyo(), rule_of(session)[1]
    wanted = _registrations_of(session.get_bind().dialect.name)
    return {
        key: state_of(SimpleNamespace(valid_until=until, withdrawn_on=withdrawn), today, notice_days)  # type: ignore[arg-type]
        for key, until, withdrawn in session.execute(wanted, {"ids": list(keys)}).all()
    }
