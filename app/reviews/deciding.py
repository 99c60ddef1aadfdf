"""The city's decision 決定 beside the committee's conclusion (rules.md 29): drafted, decided, and the proposal goes on by it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.calls import services as calls
from app.calls.workflow import register_guard
from app.problems import Conflict as Refusal
from app.problems import Invalid, check_version
from app.reviews.concluding import find_conclusion
from app.reviews.conclusion_checks import ADOPTIONS, amount_problem, budget_problem
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.review_results import CityDecision, Conclusion, Outcome, ReviewConclusion

#: Outcome of a decision → the step that the proposal takes by it.
STEPS = {
    Outcome.ADOPTED: "adopt",
    Outcome.ADOPTED_WITH_CONDITIONS: "adopt_with_conditions",
    Outcome.REJECTED: "reject",
}


@dataclasses.dataclass(frozen=True)
class DecisionValues:
    """What the city decides of one proposal; texts as typed."""

    outcome: Outcome
    amount_yen: int
    conditions: str = ""
    reason: str = ""
    departure_reason: str = ""
    drafted_on: dt.date | None = None
    decided_on: dt.date | None = None
    decision_class: str = ""
    consulted: str = ""
    document_number: str = ""


def find_decision(session: Session, proposal_id: int) -> CityDecision | None:
    """The city's decision on a proposal. Not scoped."""
    return session.scalars(select(CityDecision).where(CityDecision.proposal_id == proposal_id)).one_or_none()


def find_line(session: Session, proposal_id: int) -> Conclusion | None:
    """The confirmed conclusion on a proposal. Not scoped."""
    return session.scalars(
        select(Conclusion)
        .join(ReviewConclusion, ReviewConclusion.id == Conclusion.conclusion_id)
        .where(Conclusion.proposal_id == proposal_id, ReviewConclusion.confirmed_at.is_not(None))
    ).one_or_none()


def save_decision(
    session: Session, *, actor: Actor, proposal_id: int, values: DecisionValues, seen_version: int | None = None
) -> CityDecision:
    """Write or change the draft of a decision. Raises Conflict without a confirmed conclusion, or once it is decided."""
    actor.require(Permission.REVIEW_DECISION_EDIT)
    proposal = get_visible(session, Proposal, proposal_id, actor)
    clean = _cleaned(values)
    with act(session, actor, "review-decision:edit", f"市の決定の起案: {proposal.title}"):
        _lock(session, proposal.call_id)
        line = find_line(session, proposal_id)
        if line is None:
            raise Refusal("審査会の審査結果がまだ確認されていません。確認された後に、市の決定を書いてください。")
        decision = find_decision(session, proposal_id)
        if decision is None:
            decision = CityDecision(proposal_id=proposal_id)
        else:
            session.refresh(decision)
            if decision.decided_at is not None:
                raise Refusal("この提案の決定は済んでいます。訂正は、訂正の記録として加えてください。")
            check_version(decision, seen_version)
        _check(session, proposal, line, clean)
        for field in dataclasses.fields(clean):
            setattr(decision, field.name, getattr(clean, field.name))
        session.add(decision)
        session.flush()
    return decision


def decide(session: Session, *, actor: Actor, proposal_id: int, seen_version: int | None = None) -> CityDecision:
    """The decision takes effect: the proposal takes its step, the sum is fixed. Nothing of it changes afterwards.

    Raises Invalid without the day of decision, Conflict when another was first.
    """
    actor.require(Permission.REVIEW_DECISION_EDIT)
    proposal = get_visible(session, Proposal, proposal_id, actor)
    with act(session, actor, "review-decision:decide", f"市の決定: {proposal.title}") as current:
        _lock(session, proposal.call_id)
        decision, line = find_decision(session, proposal_id), find_line(session, proposal_id)
        if decision is None or line is None:
            raise Refusal("市の決定がまだ書かれていません。")
        session.refresh(decision)
        if decision.decided_at is not None:
            raise Refusal("この提案の決定は、ほかの人がすでに確定しています。")
        check_version(decision, seen_version)
        if decision.decided_on is None:
            sentence = "決裁日を入力してください。"
            raise Invalid(sentence, fields={"decided_on": sentence})
        _check(session, proposal, line, _values(decision))
        decision.decided_at, decision.decided_by_id = utc_now(), actor.user_id
        session.flush()
        calls.advance(
            session,
            actor=actor,
            proposal=proposal,
            step=STEPS[decision.outcome],
            reason=decision.reason,
            happened_on=decision.decided_on,
            decided_yen=decision.amount_yen,
        )
        current.label = f"市の決定({decision.outcome.label}): {proposal.title}"
    return decision


def hold_in_reserve(session: Session, *, actor: Actor, proposal_id: int) -> Proposal:
    """A proposal that the conclusion reserves waits for the group's answer: take the remainder, or pass."""
    actor.require(Permission.REVIEW_DECISION_EDIT)
    proposal = get_visible(session, Proposal, proposal_id, actor)
    line = find_line(session, proposal_id)
    if line is None or line.outcome is not Outcome.RESERVE:
        raise Refusal("審査結果が「保留(残額候補)」の提案だけを、保留にできます。")
    # The committee's reason stays in its conclusion: departments read the story of a proposal, but no conclusions.
    return calls.advance(session, actor=actor, proposal=proposal, step="reserve")


def adopted_yen(session: Session, call: Call, *, without: int | None = None) -> int:
    """Yen of the city's adoptions of a call, drafts included; without one proposal."""
    statement = (
        select(CityDecision)
        .join(Proposal, Proposal.id == CityDecision.proposal_id)
        .where(Proposal.call_id == call.id, CityDecision.outcome.in_(ADOPTIONS))
    )
    return sum(one.amount_yen for one in session.scalars(statement) if one.proposal_id != without)


def _lock(session: Session, call_id: int) -> None:
    """Decisions of one call take turns: together they are held against its budget."""
    session.execute(select(Call.id).where(Call.id == call_id).with_for_update())


def _values(decision: CityDecision) -> DecisionValues:
    return DecisionValues(**{field.name: getattr(decision, field.name) for field in dataclasses.fields(DecisionValues)})


def _cleaned(values: DecisionValues) -> DecisionValues:
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    limits = {"conditions": 4_000, "reason": 4_000, "departure_reason": 4_000}
    lines = {"decision_class": 60, "consulted": 300, "document_number": 100}
    for name, limit in (limits | lines).items():
        label = CityDecision.__table__.c[name].info["label"]
        try:
            clean[name] = checked_text(getattr(values, name), label, length=limit, is_line=name in lines)
        except Invalid as problem:
            wrong[name] = problem.message
    if wrong:
        raise Invalid("決定の内容を確かめてください。", fields=wrong)
    return dataclasses.replace(values, **clean)


def _check(session: Session, proposal: Proposal, line: Conclusion, values: DecisionValues) -> None:
    wrong: dict[str, str] = {}
    call = proposal.call
    if values.outcome not in STEPS:
        wrong["outcome"] = "市の決定は、採択・条件付採択・不採択のどれかにしてください。"
    if sentence := amount_problem(call, proposal.requested_yen or 0, values.outcome, values.amount_yen):
        wrong["amount_yen"] = sentence
    if not values.reason:
        wrong["reason"] = "決定の理由を書いてください。通知に載ります。"
    if values.outcome is Outcome.ADOPTED_WITH_CONDITIONS and not values.conditions:
        wrong["conditions"] = "条件付採択には条件を書いてください。"
    if _departs(line, values) and not values.departure_reason:
        wrong["departure_reason"] = "審査会の審査結果と異なります。異なる理由を書いてください。"
    if values.outcome in ADOPTIONS:
        together = adopted_yen(session, call, without=proposal.id) + values.amount_yen
        if sentence := budget_problem(call, together):
            wrong["amount_yen"] = sentence
    if wrong:
        raise Invalid("決定の内容を確かめてください。", fields=wrong)


def _departs(line: Conclusion, values: DecisionValues) -> bool:
    """A reserve that the city adopts with the remainder, or rejects because the group passed, does not depart."""
    if line.outcome is Outcome.RESERVE:
        return values.outcome in ADOPTIONS and values.amount_yen != line.amount_yen
    return values.outcome is not line.outcome or values.amount_yen != line.amount_yen


# --- what the way of a proposal asks ---------------------------------------------------------------------------------


def _decided(outcome: Outcome) -> object:
    def guard(session: Session, actor: Actor, proposal: Proposal) -> Iterator[str]:
        if find_line(session, proposal.id) is None:
            yield "審査会の審査結果が確認されていません。"
        decision = find_decision(session, proposal.id)
        if decision is None or decision.decided_at is None or decision.outcome is not outcome:
            yield f"「{outcome.label}」とする市の決定が確定していません。「市の決定」の画面から進めてください。"

    return guard


def _reserved(session: Session, actor: Actor, proposal: Proposal) -> Iterator[str]:
    line = find_line(session, proposal.id)
    if line is None:
        yield "審査会の審査結果が確認されていません。"
    elif line.outcome is not Outcome.RESERVE:
        yield "審査結果が「保留(残額候補)」ではありません。"


def _not_concluded(session: Session, actor: Actor, proposal: Proposal) -> Iterator[str]:
    conclusion = find_conclusion(session, proposal.call_id)
    if conclusion is not None and conclusion.confirmed_at is not None:
        yield "審査結果が確認されているため、戻せません。"


_GUARDS = {outcome: _decided(outcome) for outcome in STEPS}
for _outcome, _step in STEPS.items():
    register_guard(_step, _GUARDS[_outcome])  # type: ignore[arg-type]
register_guard("reserve", _reserved)
register_guard("return_to_coordination", _not_concluded)

#: States in which a decision may be written.
DECIDABLE = (ProposalState.REVIEWING, ProposalState.RESERVE)
