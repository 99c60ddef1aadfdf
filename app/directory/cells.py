"""The cells of a list of groups that stand in other tables: one query for a page each, no objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.actor import Actor
from app.directory.consent import readable
from app.directory.registering import RegistrationState, rule_of, state_of
from app.japanese.dates import today_in_tokyo
from models.directory_profile import OrganizationField
from models.directory_registration import Registration
from models.reference import ActivityField


def field_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, list[str]]:
    """{group: its fields of activity in order}, of groups that opened them to the reader."""
    link = OrganizationField
    wanted = (
        select(link.organization_id, ActivityField.name)
        .join(ActivityField, ActivityField.id == link.activity_field_id)
        .where(link.organization_id.in_(keys), readable("fields", level_of(actor), link.organization_id))
        .order_by(link.position, link.id)
    )
    found: dict[int, list[str]] = {}
    for key, name in session.execute(wanted):
        found.setdefault(key, []).append(name)
    return found


def registration_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, RegistrationState]:
    """{group: how its registration stands today}; a group without one is left out."""
    today, notice_days = today_in_tokyo(), rule_of(session)[1]
    wanted = select(Registration.organization_id, Registration.valid_until, Registration.withdrawn_on)
    return {
        row.organization_id: state_of(
            SimpleNamespace(valid_until=row.valid_until, withdrawn_on=row.withdrawn_on),  # type: ignore[arg-type]
            today,
            notice_days,
        )
        for row in session.execute(wanted.where(Registration.organization_id.in_(keys)))
    }
