"""Every state x step x role against a table written by hand from domain.md 4.1 and the handbook's 実践編2."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.calls import services, workflow
from app.calls.guards import obstacles
from app.calls.workflow import STEPS, find_step
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from models.people import Role
from models.proposals import Proposal, ProposalState
from tests.app.calls.support import a_call, a_proposal, actor_as, departments, put_into

#: By hand: program → {(state, step): (target, who)}. O: 推進担当, D: 担当課 too.
BEFORE = {
    ("draft", "submit"): ("submitted", "O"),
    ("submitted", "start_coordination"): ("coordinating", "O"),
    ("submitted", "return_to_draft"): ("draft", "O"),
    ("submitted", "withdraw"): ("withdrawn", "O"),
    ("coordinating", "start_review"): ("reviewing", "O"),
    ("coordinating", "return_to_submitted"): ("submitted", "O"),
    ("coordinating", "withdraw"): ("withdrawn", "O"),
    ("reviewing", "adopt"): ("adopted", "O"),
    ("reviewing", "adopt_with_conditions"): ("adopted_with_conditions", "O"),
    ("reviewing", "reserve"): ("reserve", "O"),
    ("reviewing", "reject"): ("rejected", "O"),
    ("reviewing", "return_to_coordination"): ("coordinating", "O"),
    ("reviewing", "withdraw"): ("withdrawn", "O"),
    ("reserve", "adopt"): ("adopted", "O"),
    ("reserve", "adopt_with_conditions"): ("adopted_with_conditions", "O"),
    ("reserve", "reject"): ("rejected", "O"),
    ("reserve", "withdraw"): ("withdrawn", "O"),
    ("adopted", "discontinue"): ("discontinued", "O"),
    ("adopted", "revoke"): ("revoked", "O"),
    ("adopted_with_conditions", "discontinue"): ("discontinued", "O"),
    ("adopted_with_conditions", "revoke"): ("revoked", "O"),
    ("in_progress", "report"): ("reported", "O"),
    ("in_progress", "discontinue"): ("discontinued", "O"),
    ("in_progress", "revoke"): ("revoked", "O"),
    ("reported", "return_report"): ("in_progress", "O"),
    ("reported", "revoke"): ("revoked", "O"),
}
BY_HAND = {
    "suggested": BEFORE
    | {
        ("adopted", "award"): ("awarded", "O"),
        ("adopted_with_conditions", "award"): ("awarded", "O"),
        ("awarded", "start"): ("in_progress", "O"),
        ("awarded", "discontinue"): ("discontinued", "O"),
        ("awarded", "revoke"): ("revoked", "O"),
        ("reported", "settle"): ("settled", "O"),
        ("settled", "close"): ("closed", "O"),
        ("settled", "reopen_settlement"): ("reported", "O"),
        ("settled", "revoke"): ("revoked", "O"),
    },
    "ikiiki": BEFORE
    | {
        ("adopted", "record_budget"): ("budgeted", "OD"),
        ("adopted_with_conditions", "record_budget"): ("budgeted", "OD"),
        ("budgeted", "agree"): ("agreed", "OD"),
        ("budgeted", "discontinue"): ("discontinued", "O"),
        ("budgeted", "revoke"): ("revoked", "O"),
        ("agreed", "start"): ("in_progress", "O"),
        ("agreed", "discontinue"): ("discontinued", "O"),
        ("agreed", "revoke"): ("revoked", "O"),
        ("reported", "evaluate"): ("evaluated", "O"),
        ("evaluated", "publish"): ("published", "O"),
        ("evaluated", "reopen_evaluation"): ("reported", "O"),
        ("evaluated", "revoke"): ("revoked", "O"),
    },
}
#: States that a program does not know.
FOREIGN = {
    "suggested": {"budgeted", "agreed", "evaluated", "published"},
    "ikiiki": {"awarded", "settled", "closed"},
}
CODES = sorted({step.code for step in STEPS})


@pytest.mark.parametrize("program", workflow.BOTH)
def test_the_table_is_the_one_written_by_hand(program: str) -> None:
    found = {
        (state.value, code): (step.target.value, "OD" if Role.DEPARTMENT in step.roles else "O")
        for state, code in itertools.product(ProposalState, CODES)
        if (step := find_step(program, state, code)) is not None
    }
    assert found == BY_HAND[program]


@pytest.fixture
def without_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the table decides: conditions have tests of their own."""
    monkeypatch.setattr("app.calls.services.obstacles", lambda *a: [])


@pytest.mark.parametrize("program", workflow.BOTH)
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_every_state_and_step_of_every_role(
    app: Flask, session: Session, program: str, role: Role, without_guards: None
) -> None:
    call = a_call(session, program)
    in_charge = call.challenges[0].department
    actor = actor_as(session, role, *([in_charge] if role is Role.DEPARTMENT else []))
    wrong = []
    for state in ProposalState:
        if state.value in FOREIGN[program]:
            continue
        proposal = a_proposal(session, call, state=state)
        for code in CODES:
            target, who = BY_HAND[program].get((state.value, code), (None, ""))
            allowed = target is not None and (role is Role.OFFICE or (role is Role.DEPARTMENT and "D" in who))
            got = _attempt(session, proposal, code, actor)
            if got != (target if allowed else None):
                wrong.append(f"{state} {code}: {got}")
            if got is not None:
                proposal = a_proposal(session, call, state=state)
    assert wrong == []


def _attempt(session: Session, proposal: Proposal, code: str, actor: object) -> str | None:
    try:
        services.advance(session, actor=actor, proposal=proposal, step=code, reason="試験の理由")  # type: ignore[arg-type]
    except (Conflict, NotAllowed, NotFound):
        return None
    return proposal.state.value


def test_a_department_that_is_not_in_charge_takes_no_step(app: Flask, session: Session) -> None:
    call = a_call(session, "ikiiki")
    other = departments(session)[4]
    proposal = a_proposal(session, call, state=ProposalState.ADOPTED)
    with pytest.raises(NotFound):
        services.advance(
            session, actor=actor_as(session, Role.DEPARTMENT, other), proposal=proposal, step="record_budget"
        )


@pytest.mark.parametrize("code", sorted({step.code for step in STEPS if step.asks_reason}))
def test_steps_that_ask_for_a_reason_are_refused_without_one(app: Flask, session: Session, code: str) -> None:
    step = next(step for step in STEPS if step.code == code)
    proposal = a_proposal(session, a_call(session, step.programs[0]), state=step.sources[0])
    office = actor_as(session, Role.OFFICE)
    with pytest.raises(Invalid, match="理由"):
        services.advance(session, actor=office, proposal=proposal, step=code, reason="  ")
    assert proposal.state is step.sources[0]


@pytest.mark.parametrize("code", ["adopt", "adopt_with_conditions", "reserve", "reject"])
def test_a_decision_needs_the_room_of_the_committee(
    app: Flask, session: Session, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "_guards", {})
    proposal = a_proposal(session, state=ProposalState.REVIEWING)
    office = actor_as(session, Role.OFFICE)
    with pytest.raises(Invalid, match="審査の画面"):
        services.advance(session, actor=office, proposal=proposal, step=code, reason="理由")


def test_a_registered_guard_stands_in_the_way_in_its_own_words(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "_guards", {})
    workflow.register_guard("award", lambda session, actor, proposal: ["交付申請書がありません。"])
    proposal = a_proposal(session, state=ProposalState.ADOPTED)
    with pytest.raises(Invalid, match="交付申請書がありません。"):
        services.advance(session, actor=actor_as(session, Role.OFFICE), proposal=proposal, step="award")
    with pytest.raises(ValueError, match="no step"):
        workflow.register_guard("no_such_step", lambda *a: [])


def test_conditions_are_judged_for_the_step_they_belong_to(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    step = find_step("suggested", ProposalState.DRAFT, "submit")
    assert step is not None
    assert obstacles(session, actor_as(session, Role.OFFICE), proposal, step) == []
    put_into(session, proposal, ProposalState.COORDINATING)
    step = find_step("suggested", ProposalState.COORDINATING, "start_review")
    assert step is not None
    found = [one.rule for one in obstacles(session, actor_as(session, Role.OFFICE), proposal, step)]
    assert found == ["coordination", "opinions"]
