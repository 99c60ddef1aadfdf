"""A department that was merged: who carries on, from which day, and what that changes for requests and forms."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import with_predecessors
from app.actor import Actor
from app.audit.recorder import act
from app.calls import challenge_services, opinion_services, proposal_services, standing
from app.calls.call_papers import paper_of
from app.calls.departments import gone_sentence, name_today
from app.calls.notices import make_notices
from app.problems import Conflict, Invalid
from app.work import waiting_for
from models.coordination import DepartmentOpinion
from models.notices import Notice
from models.people import Role
from models.proposals import ProposalState
from models.reference import Department
from tests import factories
from tests.app.calls.support import DAY, SYSTEM, TODAY, YEAR, a_call, a_proposal, actor_as, departments

MERGED_ON = dt.date(YEAR, 3, 31)


@pytest.mark.parametrize(
    ("until", "has_successor", "is_gone", "shown"),
    [
        (None, False, False, "旧課"),
        (None, True, True, "旧課(現 新課)"),
        (TODAY - DAY, True, True, "旧課(現 新課)"),
        (TODAY, True, False, "旧課"),  # a merger that is still to come
        (TODAY - DAY, False, True, "旧課"),
    ],
)
def test_a_department_is_gone_from_the_day_after_its_last(
    until: dt.date | None, has_successor: bool, is_gone: bool, shown: str
) -> None:
    heir = Department(id=2, name="新課")
    one = Department(id=1, name="旧課", valid_until=until, successor=heir if has_successor else None)
    one.successor_id = 2 if has_successor else None
    assert (one.is_gone(TODAY), name_today(one)) == (is_gone, shown)
    sentence = gone_sentence(one, "を選んでください。")
    assert (sentence is not None) == is_gone
    assert ("「新課」を選んでください。" in (sentence or "")) == (is_gone and has_successor)


def test_the_heir_is_the_last_of_the_successors_and_a_circle_ends() -> None:
    one, two, three = (Department(id=number, name=f"{number}課") for number in (1, 2, 3))
    one.successor, two.successor = two, three
    one.successor_id, two.successor_id = 2, 3
    assert one.heir(TODAY) is three
    three.successor, three.successor_id = one, 1
    assert one.heir(TODAY) in (one, two, three)


def _merge(session: Session, gone: Department, heir: Department) -> None:
    with act(session, SYSTEM, "test:merge", "試験"):
        gone.successor, gone.valid_until = heir, MERGED_ON


def _worker(session: Session, department: Department) -> Actor:
    """With the rights of those that the department succeeded, as at every login."""
    actor = actor_as(session, Role.DEPARTMENT, department)
    return dataclasses.replace(actor, departments=with_predecessors(session, [department.id]))


def test_a_request_moves_to_the_successor_with_its_list_its_notice_and_its_name(app: Flask, session: Session) -> None:
    gone, heir = departments(session)[3:5]
    proposal = a_proposal(session, state=ProposalState.COORDINATING)
    opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[gone.id], due_on=TODAY + DAY
    )
    _merge(session, gone, heir)
    writer = _worker(session, heir)
    named = f"{gone.name}(現 {heir.name})"
    lines = [line.label for line in waiting_for(session, writer) if line.kind == "opinion"]
    assert [label for label in lines if proposal.title in label] == [f"所見書({named}): 「{proposal.title}」"]
    assert named in [wait.who for wait in standing.waits_for(session, proposal)]
    make_notices(session, actor=SYSTEM, code="opinion_request", proposal_ids=[proposal.id], values={"連絡事項": ""})
    notice = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert notice is not None
    assert (notice.recipient_name, gone.name in notice.body) == (heir.name, False)
    assert session.scalars(
        select(DepartmentOpinion.department_id).where(DepartmentOpinion.proposal_id == proposal.id)
    ).all() == [gone.id]  # the record keeps who was asked


def test_a_challenge_of_a_merged_department_puts_the_successor_in_charge(app: Flask, session: Session) -> None:
    heir = departments(session)[4]
    call = a_call(session, "ikiiki")
    _merge(session, call.challenges[0].department, heir)
    proposal = proposal_services.create_proposal(
        session,
        actor=SYSTEM,
        call=call,
        values={
            "organization_id": factories.an_organization(session).id,
            "title": "見守り",
            "challenge_id": call.challenges[0].id,
        },
    )
    assert proposal.department_id == heir.id


def test_who_still_sits_in_a_merged_department_is_told_what_to_do(app: Flask, session: Session) -> None:
    heir, gone = departments(session)[4], factories.a_department(session, name="旧課")
    values = {"title": "題", "program_id": a_call(session).program_id, "fiscal_year": YEAR, "department_id": gone.id}
    _merge(session, gone, heir)
    with pytest.raises(Invalid) as refused:
        challenge_services.draft_challenge(session, actor=actor_as(session, Role.DEPARTMENT, gone), values=values)
    said = refused.value.fields["department_id"]
    assert heir.name in said
    assert "システム管理者" in said


def test_the_successor_hands_in_what_the_merged_department_drafted_under_its_own_name(
    app: Flask, session: Session
) -> None:
    heir, gone = departments(session)[4], factories.a_department(session, name="旧課")
    values = {"title": "題", "program_id": a_call(session).program_id, "fiscal_year": YEAR, "department_id": gone.id}
    challenge = challenge_services.draft_challenge(
        session, actor=actor_as(session, Role.DEPARTMENT, gone), values=values
    )
    _merge(session, gone, heir)
    actor = _worker(session, heir)
    with pytest.raises(Conflict, match=f"「{heir.name}」に直してから"):
        challenge_services.submit_challenge(session, actor=actor, challenge=challenge)
    challenge_services.update_challenge(
        session, actor=actor, challenge=challenge, version=challenge.version, values={"department_id": heir.id}
    )
    challenge_services.submit_challenge(session, actor=actor, challenge=challenge)
    assert challenge.department_id == heir.id


def test_the_printed_call_names_who_answers_today(app: Flask, session: Session) -> None:
    call, heir = a_call(session, "ikiiki"), departments(session)[4]
    _merge(session, call.challenges[0].department, heir)
    paper = paper_of(session, call, "guide")
    assert paper is not None
    named = [fact for section in paper.sections for fact in section.facts if fact[0] == "担当課"]
    assert named == [("担当課", heir.name)]
