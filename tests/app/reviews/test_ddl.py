"""The triggers of both databases: what a confirmed conclusion rests on stands still, by whatever door it is tried."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.reviews import ddl, setting_up
from models.base import utc_now
from models.bodies import Body
from models.meetings import Meeting
from models.review_results import CityDecision, ConfirmationMeans, Outcome, ReviewConclusion
from tests.app.reviews.support import SYSTEM, Case, a_case

REFUSED = (
    "UPDATE criterion SET label = 'x' WHERE call_id = {call}",
    "INSERT INTO stage_opening (call_id, stage, opened_at) VALUES ({call}, 'interview', '2026-01-01 00:00:00')",
    "UPDATE stage_opening SET ended_at = '2026-01-01 00:00:00' WHERE call_id = {call}",
    "DELETE FROM decision_rule WHERE call_id = {call}",
    "UPDATE review_member SET name = 'x' WHERE call_id = {call}",
    "UPDATE score_sheet SET state = 'draft' WHERE proposal_id = {proposal}",
    "DELETE FROM score_sheet_version",
    "UPDATE conflict_declaration SET replaced_at = '2026-01-01 00:00:00' WHERE proposal_id = {proposal}",
    "UPDATE proposal SET requested_yen = 1 WHERE id = {proposal}",
    "UPDATE proposal SET title = 'x' WHERE id = {proposal}",
    "DELETE FROM budget_line WHERE proposal_id = {proposal}",
    "UPDATE budget_line SET unit_price_yen = 1 WHERE proposal_id = {proposal}",
    "UPDATE review_conclusion SET note = 'x' WHERE call_id = {call}",
    "DELETE FROM review_conclusion WHERE call_id = {call}",
)


def _concluded(session: Session) -> Case:
    case = a_case(session)
    for number in range(3):
        case.declare(number)
    case.seal_all()
    body = session.scalars(select(Body).where(Body.code == "committee")).one()
    with act(session, SYSTEM, "test:conclude", "試験の結論"):
        meeting = Meeting(body_id=body.id, fiscal_year=2101, number=1, held_on=dt.date(2101, 5, 1))
        session.add(meeting)
        session.flush()
        session.add(
            ReviewConclusion(
                call_id=case.call.id,
                meeting_id=meeting.id,
                confirmed_at=utc_now(),
                confirmed_by_means=ConfirmationMeans.CHAIR_LOGIN,
            )
        )
    return case


def test_all_triggers_stand_and_are_found_missing(any_session: Session) -> None:
    connection = any_session.connection()
    assert ddl.guard_problems(connection) == []
    ddl.drop_guards(connection)
    assert ddl.guard_problems(connection) == sorted(guard.name for guard in ddl.guards())
    ddl.create_guards(connection)
    ddl.create_guards(connection)
    assert ddl.guard_problems(connection) == []


def test_names_fit_into_what_postgresql_keeps() -> None:
    names = [guard.name for guard in ddl.guards()]
    assert len(names) == len(set(names))
    assert max(len(name) for name in names) < 64


@pytest.mark.parametrize("statement", REFUSED)
def test_what_a_conclusion_rests_on_stands_still(any_session: Session, statement: str) -> None:
    case = _concluded(any_session)
    told = statement.format(call=case.call.id, proposal=case.proposals[0].id)
    with pytest.raises(DatabaseError, match="stands still"):
        any_session.connection().exec_driver_sql(told)


def test_verbs_say_that_it_is_concluded_and_what_follows_goes_on(any_session: Session) -> None:
    case = _concluded(any_session)
    with pytest.raises(Refusal, match="結論が確定"):
        setting_up.leave(any_session, actor=case.office, member_id=case.members[1].id, reason="辞任")
    with act(any_session, SYSTEM, "test:after", "試験のその後"):
        case.proposals[0].decided_yen = 50_000
        case.proposals[0].note = "交付へ"
    other = a_case(any_session)
    other.declare(0)
    other.seal(0, 0, 4, 4)


def test_a_decision_that_took_effect_is_not_changed(any_session: Session) -> None:
    case = a_case(any_session)
    with act(any_session, SYSTEM, "test:decide", "試験の決定"):
        decision = CityDecision(proposal_id=case.proposals[0].id, outcome=Outcome.REJECTED, reason="試験")
        any_session.add(decision)
        any_session.flush()
        decision.decided_on, decision.decided_at = dt.date(2026, 5, 1), utc_now()
    with pytest.raises(DatabaseError, match="stands still"):
        any_session.connection().exec_driver_sql("UPDATE city_decision SET amount_yen = 0")
