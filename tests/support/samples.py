"""Rows of the rooms whose tables the reference data leaves empty: the guards of tests/site open, edit and refuse them.

Each is fictitious and marked as demonstration data, so that `flask seed demo` still finds no real data here.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from models.directory import Organization
from models.matches import Match, MatchStep, Stage
from models.talent_requests import TalentRequest
from models.talents import ConsentWay, Talent


def load(session: Session) -> None:
    """Add them in one act."""
    with act(session, system_actor("試験"), "test:create", "試験の見本"):
        _talents(session)


def _talents(session: Session) -> None:
    group = session.scalars(
        select(Organization).where(Organization.is_person.is_(False)).order_by(Organization.id).limit(1)
    ).one()
    talent = Talent(
        name="見本 はなこ",
        reading="みほん はなこ",
        phone="042-000-0000",
        description="見本の人財です。",
        consent_on=dt.date(2026, 4, 1),
        consent_way=ConsentWay.PAPER,
        registered_on=dt.date(2026, 4, 1),
        is_demo=True,
    )
    request = TalentRequest(
        organization_id=group.id,
        title="見本の依頼",
        description="見本です。団体の名前よりも長い説明を、ここにふだんのことばで書いておきます。件名よりも、会場よりも長くしておきます。",
        received_on=dt.date(2026, 4, 1),
        is_demo=True,
    )
    match = Match(talent=talent, request=request, stage=Stage.CANDIDATE)
    match.steps.append(MatchStep(stage=Stage.CANDIDATE))
    session.add_all([talent, request, match])
