"""The council takes up what waits, and what it resolves decides challenges and is its opinion on proposals."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import find_visible
from app.actor import system_actor
from app.calls import call_services
from app.calls.challenge_services import decide_challenge, draft_challenge, submit_challenge
from app.meetings import attendance, queries, resolutions, services
from app.meetings.agenda import proposals_for
from app.problems import Conflict
from models.calls import Challenge, ChallengeState
from models.coordination import CouncilOpinion, Verdict
from models.meetings import AttendanceState, Meeting, ResolutionDecision
from models.people import Role
from models.proposal_story import ProposalEvent
from models.proposals import Proposal, ProposalState
from models.records import AuditEntry
from models.reference import Program
from tests.app.calls.support import a_call, a_proposal, actor_as, departments, put_into

SYSTEM = system_actor("試験")
DAY = dt.date(2026, 6, 15)


def _challenge(session: Session) -> Challenge:
    program = session.scalars(select(Program).where(Program.code == "ikiiki")).one()
    values = {
        "title": "水辺の案内",
        "program_id": program.id,
        "fiscal_year": 2026,
        "department_id": departments(session)[1].id,
        "background": "背景",
        "current_situation": "現状",
        "expectation": "期待",
    }
    challenge = draft_challenge(session, actor=SYSTEM, values=values)
    return submit_challenge(session, actor=SYSTEM, challenge=challenge)


def _council_takes_up(session: Session, kind: str, key: int, *, is_called: bool = True) -> Meeting:
    council = queries.get_body(session, "council")
    (wanted,) = (
        one for one in proposals_for(session, SYSTEM, council) if (one.subject_kind, one.subject_id) == (kind, key)
    )
    meeting = services.plan_meeting(session, actor=SYSTEM, body=council, held_on=DAY)
    services.add_item(session, actor=SYSTEM, meeting=meeting, title=wanted.title, subject_kind=kind, subject_id=key)
    assert key not in {one.subject_id for one in proposals_for(session, SYSTEM, council) if one.subject_kind == kind}
    if is_called:
        services.call_meeting(session, actor=SYSTEM, meeting=meeting)
        rows = {one.membership_id: {"state": AttendanceState.PRESENT} for one in meeting.attendances}
        attendance.set_attendance(session, actor=SYSTEM, meeting=meeting, rows=rows, presiding_id=None)
    return meeting


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (ResolutionDecision.APPROVED, ChallengeState.CHOSEN),
        (ResolutionDecision.REJECTED, ChallengeState.DECLINED),
        (ResolutionDecision.CONTINUED, ChallengeState.SUBMITTED),
    ],
)
def test_a_resolution_decides_a_challenge(
    session: Session, decision: ResolutionDecision, state: ChallengeState
) -> None:
    challenge = _challenge(session)
    meeting = _council_takes_up(session, "challenge", challenge.id)
    resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=meeting.items[0], decision=decision, text="そのように決めた。"
    )
    assert challenge.state is state
    assert challenge.decided_on == (None if state is ChallengeState.SUBMITTED else DAY)
    (found,) = queries.resolutions_on(session, "challenge", challenge.id, body_code="council")
    assert found.decision is decision


def test_a_resolution_is_the_councils_opinion_on_a_proposal(session: Session) -> None:
    proposal = a_proposal(session, a_call(session, "ikiiki"), state=ProposalState.COORDINATING)
    meeting = _council_takes_up(session, "proposal", proposal.id)
    resolutions.record_resolution(
        session,
        actor=SYSTEM,
        agenda_item=meeting.items[0],
        decision=ResolutionDecision.CONDITIONAL,
        text="安全に気を付けること。",
    )
    (opinion,) = session.scalars(select(CouncilOpinion).where(CouncilOpinion.proposal_id == proposal.id))
    assert (opinion.verdict, opinion.text, opinion.given_on) == (Verdict.CONDITIONAL, "安全に気を付けること。", DAY)
    assert opinion.source_note == "協働推進庁内検討会議(令和8年度 第1回)"


def test_departments_of_the_council_see_the_challenge_of_another_that_they_decide(session: Session) -> None:
    challenge = _challenge(session)
    rows = {row.code: row for row in departments(session)}
    member, other = (actor_as(session, Role.DEPARTMENT, rows[code]) for code in ("toshokan", "doro"))
    assert challenge.department_id not in member.departments | other.departments
    meeting = _council_takes_up(session, "challenge", challenge.id, is_called=False)
    assert find_visible(session, Challenge, challenge.id, member) is None
    services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    assert find_visible(session, Challenge, challenge.id, member) is challenge
    assert [item.title for item in queries.items_of(session, member, meeting)] == [meeting.items[0].title]
    assert find_visible(session, Challenge, challenge.id, other) is None  # it has no seat in the council


def test_departments_of_the_council_see_what_they_are_asked_about(session: Session) -> None:
    proposal = a_proposal(session, a_call(session, "ikiiki"), state=ProposalState.COORDINATING)
    rows = {row.code: row for row in departments(session)}
    member, other = (
        actor_as(session, Role.DEPARTMENT, rows["toshokan"]),
        actor_as(session, Role.DEPARTMENT, rows["doro"]),
    )
    meeting = _council_takes_up(session, "proposal", proposal.id, is_called=False)
    assert find_visible(session, Proposal, proposal.id, member) is None
    services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    assert find_visible(session, Proposal, proposal.id, member) is proposal
    assert [item.title for item in queries.items_of(session, member, meeting)] == [meeting.items[0].title]
    assert find_visible(session, Proposal, proposal.id, other) is None
    assert list(queries.items_of(session, other, meeting)) == []


def test_a_resolution_taken_back_reopens_its_challenge_unless_a_call_shows_it(session: Session) -> None:
    challenge = _challenge(session)
    meeting = _council_takes_up(session, "challenge", challenge.id)
    done = resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=meeting.items[0], decision=ResolutionDecision.APPROVED, text="提示する。"
    )
    call = call_services.prepare_call(session, actor=SYSTEM, program=challenge.program, fiscal_year=2026)
    call_services.show_challenges(session, actor=SYSTEM, call=call, challenges=[challenge])
    with pytest.raises(Conflict, match="示しているため"):
        resolutions.remove_resolution(session, actor=SYSTEM, resolution=done, reason="入力の誤り")
    assert queries.resolutions_on(session, "challenge", challenge.id, body_code="council")
    call_services.show_challenges(session, actor=SYSTEM, call=call, challenges=[])
    with pytest.raises(Conflict, match="決議を記録した会議は中止にできません"):
        services.cancel_meeting(session, actor=SYSTEM, meeting=meeting, reason="台風")
    resolutions.remove_resolution(session, actor=SYSTEM, resolution=done, reason="入力の誤り")
    assert (challenge.state, challenge.decided_on) == (ChallengeState.SUBMITTED, None)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert last.reason == "入力の誤り"
    again = resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=meeting.items[0], decision=ResolutionDecision.REJECTED, text="見送る。"
    )
    assert (challenge.state, again.decision) == (ChallengeState.DECLINED, ResolutionDecision.REJECTED)


def test_a_decision_from_elsewhere_is_not_undone_by_a_resolution(session: Session) -> None:
    challenge = _challenge(session)
    meeting = _council_takes_up(session, "challenge", challenge.id)
    done = resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=meeting.items[0], decision=ResolutionDecision.CONTINUED, text="次回に。"
    )
    decide_challenge(session, actor=SYSTEM, challenge=challenge, is_chosen=True, decided_on=DAY, note="紙の記録")
    resolutions.remove_resolution(session, actor=SYSTEM, resolution=done, reason="入力の誤り")
    assert (challenge.state, challenge.decision_note) == (ChallengeState.CHOSEN, "紙の記録")


def test_an_opinion_goes_with_its_resolution_unless_the_review_rests_on_it(session: Session) -> None:
    proposal = a_proposal(session, a_call(session, "ikiiki"), state=ProposalState.COORDINATING)
    meeting = _council_takes_up(session, "proposal", proposal.id)
    done = resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=meeting.items[0], decision=ResolutionDecision.APPROVED, text="よい。"
    )
    put_into(session, proposal, ProposalState.REVIEWING)
    with pytest.raises(Conflict, match="審査中.*に進んでいるため"):
        resolutions.remove_resolution(session, actor=SYSTEM, resolution=done, reason="別の提案の意見だった")
    put_into(session, proposal, ProposalState.COORDINATING)
    resolutions.remove_resolution(session, actor=SYSTEM, resolution=done, reason="別の提案の意見だった")
    assert session.scalars(select(CouncilOpinion).where(CouncilOpinion.proposal_id == proposal.id)).all() == []
    line = session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == proposal.id)).all()[-1]
    assert line.label.endswith("を取り消した") and line.reason is not None
    assert line.reason.endswith("別の提案の意見だった")
