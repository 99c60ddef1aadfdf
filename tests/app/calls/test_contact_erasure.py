"""Erasing whom at the group to reach: every copy, in any state, by the office, with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.calls import contact_erasure
from app.problems import Conflict, Invalid, NotAllowed, StaleRecord
from models.coordination import CoordinationMeans, CoordinationNote
from models.people import Role
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal, ProposalState
from models.records import AuditChange
from tests.app.calls.support import SYSTEM, TODAY, a_proposal, actor_as, put_into

PERSON = {
    "representative_name": "試験 月子",
    "contact_name": "試験 花子",
    "contact_phone": "000-000-0000",
    "contact_email": "hanako@example.jp",
    "contact_address": "架空町1-2-3",
}


def _with_a_person(session: Session) -> Proposal:
    proposal = a_proposal(session, state=ProposalState.COORDINATING, **PERSON)
    with act(session, SYSTEM, "test:note", "試験の記録"):
        session.add(
            CoordinationNote(
                proposal=proposal,
                held_on=TODAY,
                means=CoordinationMeans.MEETING,
                participants="試験 花子、推進担当",
                content="話した。",
            )
        )
    with act(session, SYSTEM, "test:upload", "試験の様式"):
        session.add(
            ProposalUpload(call=proposal.call, proposal=proposal, file_name="様式.xlsx", content={"fields": PERSON})
        )
    return proposal


def test_the_persons_go_from_every_copy_and_the_proposal_stays(session: Session) -> None:
    proposal = _with_a_person(session)
    put_into(session, proposal, ProposalState.CLOSED)  # long past the committee's door
    office = actor_as(session, Role.OFFICE)
    contact_erasure.erase_contacts(
        session, actor=office, proposal=proposal, version=proposal.version, reason="本人からの申出"
    )
    assert [getattr(proposal, name) for name in PERSON] == [None] * 5
    names = select(CoordinationNote.participants).where(CoordinationNote.proposal_id == proposal.id)
    assert session.scalars(names).all() == [""]
    forms = select(func.count()).select_from(ProposalUpload).where(ProposalUpload.proposal_id == proposal.id)
    assert session.scalar(forms) == 0
    assert (proposal.content, proposal.state) == ("内容", ProposalState.CLOSED)
    assert not any("花子" in str(one.values) for one in session.scalars(select(AuditChange)))
    with pytest.raises(Conflict):
        contact_erasure.erase_contacts(session, actor=office, proposal=proposal, version=None, reason="もう一度")


def test_it_asks_for_a_reason_and_the_present_version_and_is_the_offices(session: Session) -> None:
    proposal = _with_a_person(session)
    office, department = actor_as(session, Role.OFFICE), actor_as(session, Role.DEPARTMENT, proposal.department)
    with pytest.raises(Invalid):
        contact_erasure.erase_contacts(session, actor=office, proposal=proposal, version=None, reason=" ")
    with pytest.raises(StaleRecord):
        contact_erasure.erase_contacts(
            session, actor=office, proposal=proposal, version=proposal.version - 1, reason="申出"
        )
    with pytest.raises(NotAllowed):
        contact_erasure.erase_contacts(session, actor=department, proposal=proposal, version=None, reason="申出")
    assert proposal.contact_name == "試験 花子"
