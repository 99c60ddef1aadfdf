"""domain.md 1, column 「proposals, opinions」: who sees which proposal, and all that hangs on it, by role."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import is_editable, may_read_field, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.calls import coordination_services, opinion_services, opinion_writing
from app.calls.coordination_services import TaskRow
from models.base import Base
from models.calls import Call, CallState, Challenge, ChallengeState
from models.coordination import (
    CoordinationNote,
    CoordinationTask,
    DepartmentOpinion,
    OpinionDraft,
    OpinionSubmission,
    Verdict,
)
from models.people import Role
from models.proposal_lines import BudgetLine
from models.proposal_story import ProposalEvent, ProposalPaper, ProposalVersion
from models.proposals import Proposal, ProposalState
from tests.app.calls.support import DAY, SYSTEM, TODAY, a_call, a_proposal, actor_as, departments, put_into

S = ProposalState


def _sees(session: Session, actor: Actor, row: Base) -> bool:
    model = type(row)
    key = model.__mapper__.primary_key[0]
    return bool(session.scalar(select(func.count()).select_from(model).where(key == row.id, visible_to(model, actor))))  # type: ignore[attr-defined]


def test_a_department_sees_what_it_is_asked_about_or_in_charge_of(app: Flask, session: Session) -> None:
    call = a_call(session)
    in_charge, asked, given_a_task, other = (departments(session)[n] for n in (1, 3, 4, 5))
    proposal = a_proposal(session, call, state=S.COORDINATING)
    opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[asked.id], due_on=TODAY + DAY
    )
    coordination_services.add_task(
        session, actor=SYSTEM, proposal=proposal, task=TaskRow("会場を確かめる", given_a_task.id)
    )
    seen = {
        department.name: _sees(session, actor_as(session, Role.DEPARTMENT, department), proposal)
        for department in (in_charge, asked, given_a_task, other)
    }
    assert seen == {in_charge.name: True, asked.name: True, given_a_task.name: True, other.name: False}


@pytest.mark.parametrize("role", [Role.CENTER, Role.AGENCY, Role.ADMINISTRATOR])
def test_the_centre_agencies_and_administrators_see_nothing(app: Flask, session: Session, role: Role) -> None:
    proposal = a_proposal(session, state=S.REVIEWING)
    actor = actor_as(session, role)
    assert not _sees(session, actor, proposal)
    for model in (BudgetLine, ProposalPaper, ProposalEvent, DepartmentOpinion, CoordinationNote):
        assert session.scalar(select(func.count()).select_from(model).where(visible_to(model, actor))) == 0


def test_what_the_office_still_types_is_nobody_elses(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    in_charge = departments(session)[1]
    assert _sees(session, actor_as(session, Role.OFFICE), proposal)
    assert not _sees(session, actor_as(session, Role.DEPARTMENT, in_charge), proposal)


@pytest.mark.parametrize("state", [S.DRAFT, S.SUBMITTED, S.COORDINATING, S.WITHDRAWN])
def test_the_committee_sees_no_proposal_before_its_review(app: Flask, session: Session, state: ProposalState) -> None:
    proposal = a_proposal(session, state=state)
    assert not _sees(session, actor_as(session, Role.COMMITTEE), proposal)


def test_a_draft_of_an_opinion_is_read_by_its_department_alone(app: Flask, session: Session) -> None:
    writer, in_charge = departments(session)[3], departments(session)[1]
    proposal = a_proposal(session, state=S.COORDINATING)
    (opinion,) = opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[writer.id], due_on=TODAY + DAY
    )
    draft = opinion_writing.save_draft(
        session, actor=actor_as(session, Role.DEPARTMENT, writer), opinion=opinion, answers={"need": "書きかけ"}
    )
    readers = {
        "writer": actor_as(session, Role.DEPARTMENT, writer),
        "in charge": actor_as(session, Role.DEPARTMENT, in_charge),
        "office": actor_as(session, Role.OFFICE),
        "committee": actor_as(session, Role.COMMITTEE),
    }
    assert {name: _sees(session, actor, draft) for name, actor in readers.items()} == {
        "writer": True,
        "in charge": False,
        "office": False,
        "committee": False,
    }
    assert {name: _sees(session, actor, opinion) for name, actor in readers.items()} == {
        "writer": True,
        "in charge": False,
        "office": True,
        "committee": False,
    }


def test_a_submitted_opinion_is_read_by_the_department_in_charge_but_not_by_others_asked(
    app: Flask, session: Session
) -> None:
    first, second, in_charge = departments(session)[3], departments(session)[4], departments(session)[1]
    proposal = a_proposal(session, state=S.COORDINATING)
    made = opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[first.id, second.id], due_on=TODAY + DAY
    )
    opinion = next(one for one in made if one.department_id == first.id)
    opinion_writing.submit_opinion(
        session, actor=SYSTEM, opinion=opinion, answers={"need": "要る"}, verdict=Verdict.FAVOURABLE
    )
    submission = session.scalars(select(OpinionSubmission).where(OpinionSubmission.opinion_id == opinion.id)).one()
    for row in (opinion, submission):
        assert _sees(session, actor_as(session, Role.DEPARTMENT, first), row)
        assert _sees(session, actor_as(session, Role.DEPARTMENT, in_charge), row)
        assert not _sees(session, actor_as(session, Role.DEPARTMENT, second), row)


def test_contacts_are_the_offices_and_participants_those_who_coordinate(app: Flask, session: Session) -> None:
    readers = {role: actor_as(session, role) for role in Role}
    assert {role for role, actor in readers.items() if may_read_field(Proposal, "contact_phone", actor)} == {
        Role.OFFICE
    }
    assert {role for role, actor in readers.items() if may_read_field(CoordinationNote, "participants", actor)} == {
        Role.OFFICE,
        Role.DEPARTMENT,
    }


@pytest.mark.parametrize("state", list(ProposalState), ids=lambda state: state.value)
def test_only_the_office_changes_a_proposal_and_only_before_its_review(
    app: Flask, session: Session, state: ProposalState
) -> None:
    proposal = a_proposal(session, state=state)
    line = proposal.budget_lines[0]
    office = actor_as(session, Role.OFFICE)
    department = actor_as(session, Role.DEPARTMENT, departments(session)[1])
    is_open = state in (S.DRAFT, S.SUBMITTED, S.COORDINATING)
    assert is_editable(session, proposal, office) is is_open
    assert is_editable(session, line, office) is is_open
    assert not is_editable(session, proposal, department)


def test_nobody_changes_what_was_frozen(app: Flask, session: Session) -> None:
    from app.calls import services

    proposal = a_proposal(session)
    services.advance(session, actor=SYSTEM, proposal=proposal, step="submit")
    for model in (ProposalVersion, ProposalEvent):
        row = session.scalars(select(model).where(model.proposal_id == proposal.id)).first()
        assert row is not None
        assert not is_editable(session, row, SYSTEM)


def test_a_call_in_preparation_is_the_offices(app: Flask, session: Session) -> None:
    call = a_call(session, state=CallState.PREPARING)
    assert {role for role in Role if _sees(session, actor_as(session, role), call)} == {Role.OFFICE}
    opened = a_call(session)
    assert {role for role in Role if _sees(session, actor_as(session, role), opened)} == {
        Role.OFFICE,
        Role.DEPARTMENT,
        Role.COMMITTEE,
        Role.AGENCY,
    }
    assert session.get(Call, call.id) is not None


def test_a_challenge_is_its_departments_until_it_is_chosen(app: Flask, session: Session) -> None:
    own, other = departments(session)[1], departments(session)[2]
    call = a_call(session)
    challenge = call.challenges[0]
    with act(session, SYSTEM, "test:draft", "試験"):
        challenge.call, challenge.state, challenge.decided_on = None, ChallengeState.DRAFT, None
    readers = {"own": actor_as(session, Role.DEPARTMENT, own), "other": actor_as(session, Role.DEPARTMENT, other)}
    assert {name: _sees(session, actor, challenge) for name, actor in readers.items()} == {"own": True, "other": False}
    assert is_editable(session, challenge, readers["own"])
    with act(session, SYSTEM, "test:chosen", "試験"):
        challenge.state, challenge.decided_on = ChallengeState.CHOSEN, TODAY
    assert {name: _sees(session, actor, challenge) for name, actor in readers.items()} == {"own": True, "other": True}
    assert not is_editable(session, challenge, readers["own"])
    assert session.get(Challenge, challenge.id) is not None


def test_a_task_is_changed_by_whom_it_is_for(app: Flask, session: Session) -> None:
    mine, other = departments(session)[3], departments(session)[4]
    proposal = a_proposal(session, state=S.COORDINATING)
    task = coordination_services.add_task(session, actor=SYSTEM, proposal=proposal, task=TaskRow("する", mine.id))
    assert is_editable(session, task, actor_as(session, Role.DEPARTMENT, mine))
    assert not is_editable(session, task, actor_as(session, Role.DEPARTMENT, other))
    assert session.scalars(select(CoordinationTask).where(CoordinationTask.proposal_id == proposal.id)).all() == [task]


def test_drafts_end_with_the_submission(app: Flask, session: Session) -> None:
    writer = departments(session)[3]
    proposal = a_proposal(session, state=S.COORDINATING)
    (opinion,) = opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[writer.id], due_on=TODAY + DAY
    )
    actor = actor_as(session, Role.DEPARTMENT, writer)
    opinion_writing.save_draft(session, actor=actor, opinion=opinion, answers={"need": "書きかけ"})
    opinion_writing.submit_opinion(
        session, actor=actor, opinion=opinion, answers={"need": "要る"}, verdict=Verdict.NEUTRAL
    )
    assert session.scalars(select(OpinionDraft)).all() == []
    put_into(session, proposal, S.REVIEWING)
