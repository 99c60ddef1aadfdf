"""The triggers under a proposal's story and under confirmed minutes, on both databases, by raw SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.calls import ddl, opinion_services, opinion_writing, services
from app.meetings import ddl as meeting_ddl
from models.coordination import Verdict
from models.proposals import ProposalState
from tests.app.calls.support import DAY, SYSTEM, TODAY, a_proposal, departments, put_into

#: Refused on a proposal with a version, an event, a receipt number, an exception and a submitted opinion.
REFUSED = (
    "UPDATE proposal_version SET snapshot = '{}'",
    "DELETE FROM proposal_version",
    "UPDATE proposal_event SET label = 'x'",
    "DELETE FROM proposal_event",
    "UPDATE rule_override SET reason = 'x'",
    "DELETE FROM rule_override",
    "UPDATE receipt_number SET number = number + 100",
    "DELETE FROM receipt_number",
    "UPDATE opinion_submission SET verdict = 'neutral'",
    'UPDATE opinion_submission SET answers = \'{"need": "x"}\'',
    "DELETE FROM opinion_submission",
    "UPDATE department_opinion SET verdict = 'unfavourable'",
    'UPDATE department_opinion SET answers = \'{"need": "x"}\'',
    "DELETE FROM department_opinion",
)


def test_what_was_handed_in_stands_still_by_whatever_door(any_session: Session) -> None:

    session = any_session
    proposal = a_proposal(session, received_on=TODAY - 60 * DAY)
    services.advance(
        session, actor=SYSTEM, proposal=proposal, step="submit", happened_on=TODAY - 60 * DAY, reason="郵便の遅れ"
    )
    put_into(session, proposal, ProposalState.COORDINATING)
    (opinion,) = opinion_services.request_opinions(
        session,
        actor=SYSTEM,
        proposal=proposal,
        department_ids=[departments(session)[2].id],
        due_on=TODAY + DAY,
    )
    opinion_writing.submit_opinion(
        session, actor=SYSTEM, opinion=opinion, answers={"need": "要る"}, verdict=Verdict.FAVOURABLE
    )
    for statement in REFUSED:
        table = statement.split()[2 if statement.startswith("DELETE") else 1]
        assert session.scalar(text(f"SELECT count(*) FROM {table}")), table
        with pytest.raises(DatabaseError, match="stands still"):
            session.execute(text(statement))
        session.rollback()
    # What goes on: the office hands it back, the department writes anew.
    opinion_services.return_opinion(session, actor=SYSTEM, opinion=opinion, reason="根拠を書いてください")
    opinion_writing.submit_opinion(
        session, actor=SYSTEM, opinion=opinion, answers={"need": "根拠"}, verdict=Verdict.CONDITIONAL
    )
    assert [one.verdict for one in opinion.submissions] == [Verdict.FAVOURABLE, Verdict.CONDITIONAL]
    with pytest.raises(DatabaseError, match="stands still"):
        session.execute(text("UPDATE opinion_submission SET return_reason = 'x' WHERE number = 1"))
    session.rollback()


def test_the_triggers_stand_and_are_found_missing(any_session: Session) -> None:
    connection = any_session.connection()
    for room in (ddl, meeting_ddl):
        names = [guard.name for guard in room.guards()]
        assert len(set(names)) == len(names) and max(map(len, names)) < 64
        assert room.guard_problems(connection) == []
        room.drop_guards(connection)
        assert room.guard_problems(connection) == sorted(names)
        room.create_guards(connection)
        assert room.guard_problems(connection) == []
