"""Reviews for tests from the sealed sheets on: a meeting, the conclusion, its confirmation, the city's decisions."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.reviews import concluding, conclusion_checks, confirming, deciding, queries, setting_up
from app.reviews.conclusion_checks import LineValues
from app.reviews.deciding import DecisionValues
from models.bodies import Body
from models.meetings import Attendance, AttendanceState, Meeting
from models.review_results import CityDecision, Outcome, ReviewConclusion
from tests.app.reviews.support import SYSTEM, Case, a_case

TODAY = today_in_tokyo()


def ready(session: Session, **more: Any) -> Case:
    """All sheets sealed, a meeting chosen."""
    case = a_case(session, **more)
    for number in range(len(case.users)):
        case.declare(number)
    case.seal_all()
    meet(case)
    return case


def meet(case: Case) -> None:
    """A meeting of the committee, today, to which all came."""
    session = case.session
    body = session.scalars(select(Body).where(Body.code == "committee")).one()
    with act(session, SYSTEM, "test:meeting", "試験の会議"):
        meeting = Meeting(body_id=body.id, fiscal_year=TODAY.year, number=91, held_on=TODAY)
        session.add(meeting)
        session.flush()
        members = queries.members_of(session, case.call.id)
        session.add_all(
            Attendance(meeting_id=meeting.id, membership_id=one.membership_id, state=AttendanceState.PRESENT)
            for one in members
        )
    setting_up.update_setting(session, actor=case.office, call_id=case.call.id, values={"meeting_id": meeting.id})


def lines_of(conclusion: ReviewConclusion) -> list[LineValues]:
    """The lines as they stand."""
    return [conclusion_checks.values_of(line) for line in conclusion.lines]


def save(case: Case, conclusion: ReviewConclusion, lines: list[LineValues]) -> ReviewConclusion:
    """Written by the office, today."""
    return concluding.save_conclusion(
        case.session,
        actor=case.office,
        call_id=case.call.id,
        seen_version=conclusion.version,
        meeting_id=conclusion.meeting_id,
        concluded_on=TODAY,
        note="",
        lines=lines,
    )


def written(case: Case) -> ReviewConclusion:
    """Drafted from the rule and saved."""
    conclusion = concluding.draft_conclusion(case.session, actor=case.office, call_id=case.call.id)
    return save(case, conclusion, lines_of(conclusion))


def confirmed(case: Case) -> ReviewConclusion:
    """And confirmed by the chair."""
    conclusion = written(case)
    return confirming.confirm(case.session, actor=case.actor(0), call_id=case.call.id, seen_version=conclusion.version)


def decision(case: Case, place: int, **more: Any) -> CityDecision:
    """The city's decision as the committee concluded, drafted."""
    line = deciding.find_line(case.session, case.proposals[place].id)
    assert line is not None
    outcome = Outcome.REJECTED if line.outcome is Outcome.RESERVE else line.outcome
    amount = 0 if outcome is Outcome.REJECTED else line.amount_yen
    values = DecisionValues(outcome, amount, reason=line.reason or "審査結果のとおり", decided_on=TODAY)
    return deciding.save_decision(
        case.session,
        actor=case.office,
        proposal_id=case.proposals[place].id,
        values=dataclasses.replace(values, **more),
    )


def decided(case: Case) -> None:
    """All of it: confirmed, and every decision in effect."""
    confirmed(case)
    for place, proposal in enumerate(case.proposals):
        drafted = decision(case, place)
        deciding.decide(case.session, actor=case.office, proposal_id=proposal.id, seen_version=drafted.version)
