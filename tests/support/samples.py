"""Rows of the rooms whose tables the reference data leaves empty: the guards of tests/site open, edit and refuse them.

Each is fictitious and marked as demonstration data, so that `flask seed demo` still finds no real data here.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from app.calls.door import door
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from models.base import utc_now
from models.bodies import Body
from models.calls import Call, CallState, Challenge, ChallengeState
from models.coordination import CoordinationNote, CoordinationTask, DepartmentOpinion
from models.directory import Organization
from models.matches import Match, MatchStep, Stage
from models.meetings import (
    AgendaItem,
    Attendance,
    AttendanceState,
    Meeting,
    MeetingState,
    Resolution,
    ResolutionDecision,
)
from models.minutes import Minutes
from models.notices import Honorific, Notice, NoticeTemplate, OutboxMessage, OutboxState
from models.partnering import PartnerCandidate, PartnerSearch
from models.proposals import Proposal, ProposalState
from models.reference import Department, Program
from models.talent_requests import TalentRequest
from models.talents import ConsentWay, Talent

#: Longer than any name beside it: the guards change the longest text of a form.
_LONG = "見本です。団体の名前よりも長い説明を、ここにふだんのことばで書いておきます。件名よりも、会場よりも長くしておきます。"


def load(session: Session) -> None:
    """Add them in one act."""
    with act(session, system_actor("試験"), "test:create", "試験の見本"):
        _talents(session)
        _meetings(session)
        _notices(session)
        _calls(session)
        _partnering(session)


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
        description=_LONG,
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


def _calls(session: Session) -> None:
    """A call that takes proposals, challenges, a draft and a proposal that departments are asked about."""
    today = today_in_tokyo()
    year = fiscal_year_of(today)
    program = session.scalars(select(Program).where(Program.code == "suggested")).one()
    department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
    group = session.scalars(
        select(Organization).where(Organization.is_person.is_(False)).order_by(Organization.id).limit(1)
    ).one()
    call = Call(
        program=program,
        fiscal_year=year - 20,  # no call of the demonstration set is in its way
        round_number=1,
        name="見本の募集",
        state=CallState.OPEN,
        rules=program.rules,
        opens_on=today - dt.timedelta(days=10),
        closes_on=today + dt.timedelta(days=10),
        period_from_on=dt.date(year, 7, 1),
        period_until_on=dt.date(year + 1, 3, 31),
        opened_at=utc_now(),
        purpose_text=_LONG,
        is_demo=True,
    )
    chosen = Challenge(
        program=program,
        fiscal_year=year,
        department=department,
        title="見本の課題",
        state=ChallengeState.CHOSEN,
        decided_on=today,
        call=call,
        is_demo=True,
    )
    draft = Challenge(
        program=program,
        fiscal_year=year + 1,
        department=department,
        title="見本の課題の下書き",
        background=_LONG,
        is_demo=True,
    )
    proposal = Proposal(
        call=call,
        organization=group,
        challenge=chosen,
        department=department,
        title="見本の応募",
        purpose=_LONG,
        is_demo=True,
    )
    asked = Proposal(
        call=call,
        organization=group,
        challenge=chosen,
        department=department,
        title="見本の応募(調整中)",
        received_on=today,
        is_demo=True,
    )
    session.add_all([call, chosen, draft, proposal, asked])
    session.flush()
    with door():
        asked.state = ProposalState.COORDINATING
        session.flush()
    session.add(
        DepartmentOpinion(
            proposal=asked,
            department=department,
            due_on=today + dt.timedelta(days=5),
            questions=[{"key": "need", "label": "必要性"}, {"key": "other", "label": "その他"}],
        )
    )
    note = CoordinationNote(
        proposal=asked, held_on=today, participants="見本の出席者", content="見本の話", department=department
    )
    session.add_all([note, CoordinationTask(proposal=asked, note=note, title="見本の宿題", department=department)])


def _partnering(session: Session) -> None:
    """A search of the first department, which a login of the tests without one has, with a candidate."""
    department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
    group = session.scalars(
        select(Organization).where(Organization.is_person.is_(False)).order_by(Organization.id).limit(1)
    ).one()
    search = PartnerSearch(
        title="見本のパートナー選び",
        fiscal_year=2027,
        department=department,
        problem="見本の課題です。件名よりも長い文を、ふだんの言葉で書いておきます。",
        gains=[],
        supports=[],
    )
    search.candidates.append(PartnerCandidate(organization=group, reasons=[]))
    session.add(search)
