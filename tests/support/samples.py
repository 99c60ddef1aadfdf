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
from models.meetings import (
    AgendaItem,
    Attendance,
    AttendanceState,
    Body,
    Meeting,
    MeetingState,
    Minutes,
    Resolution,
    ResolutionDecision,
)
from models.notices import Honorific, Notice, NoticeTemplate, OutboxMessage, OutboxState
from models.talent_requests import TalentRequest
from models.talents import ConsentWay, Talent


def load(session: Session) -> None:
    """Add them in one act."""
    with act(session, system_actor("試験"), "test:create", "試験の見本"):
        _talents(session)
        _meetings(session)
        _notices(session)


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


def _meetings(session: Session) -> None:
    """A meeting that was held, its minutes still a draft that the members read: all of its pages open."""
    body = session.scalars(select(Body).where(Body.code == "akvs")).one()
    moment = dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC)
    meeting = Meeting(
        body=body,
        fiscal_year=2026,
        number=1,
        held_on=dt.date(2026, 4, 15),
        place="見本の会議室",
        call_text="見本のお知らせです。場所の名前よりも長い文を書いておきます。",
        state=MeetingState.HELD,
        called_at=moment,
    )
    item = AgendaItem(title="見本の議題です。ほかの欄よりも長い題にしておきます。", discussion="見本の議事です。")
    item.resolutions.append(
        Resolution(decision=ResolutionDecision.NOTED, text="見本の決議です。", decided_on=dt.date(2026, 4, 15))
    )
    meeting.items.append(item)
    meeting.attendances = [Attendance(membership=seat, state=AttendanceState.PRESENT) for seat in body.memberships]
    meeting.minutes = Minutes(text="見本の議事録です。", circulated_at=moment)
    session.add(meeting)


def _notices(session: Session) -> None:
    """A draft of the office and one of the centre, and a mail."""
    for code in ("receipt", "yearly_confirmation"):
        template = session.scalars(select(NoticeTemplate).where(NoticeTemplate.code == code)).one()
        notice = Notice(
            template=template,
            template_edition=1,
            issuer=template.issuer,
            fiscal_year=2026,
            dated_on=dt.date(2026, 4, 1),
            recipient_name="見本の会",
            honorific=Honorific.GROUP,
            title="見本の通知",
            body="見本の本文です。宛名や件名よりも、長い文を書いておきます。",
        )
        mail = OutboxMessage(
            notice=notice,
            issuer=template.issuer,
            to_name="見本の会",
            to_address="sample@example.jp",
            title="見本の通知",
            body="見本の本文です。",
            state=OutboxState.TO_COPY,
        )
        session.add_all([notice, mail])
