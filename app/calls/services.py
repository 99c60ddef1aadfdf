"""The one door through which a proposal's state changes (domain.md 4.1): `advance`, and `take_over` for paper decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible
from app.actor import Actor
from app.audit.recorder import act
from app.calls import versions
from app.calls.door import door
from app.calls.guards import obstacles
from app.calls.policy import is_office
from app.calls.workflow import TAKE_OVER_CODE, Obstacle, Step, find_step, taken_over_states
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from models.base import utc_now
from models.people import Role
from models.proposal_story import ProposalEvent, RuleOverride
from models.proposals import Proposal, ProposalSource, ProposalState, ReceiptNumber

CHANGED_MEANWHILE = "ほかの人が先に手続を進めました。画面を開き直して、今の状況を確かめてください。"


def may_take(actor: Actor, proposal: Proposal, step: Step) -> bool:
    """Whether the table gives the step to one of the actor's roles; a department only where it is in charge."""
    if actor.is_system:
        return True
    if not actor.may(Permission.PROPOSAL_ADVANCE):
        return False
    if Role.OFFICE in step.roles and actor.has(Role.OFFICE):
        return True
    return (
        Role.DEPARTMENT in step.roles
        and actor.has(Role.DEPARTMENT)
        and proposal.department_id is not None
        and proposal.department_id in actor.departments
    )


def advance(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    step: str,
    reason: str | None = None,
    seen_version: int | None = None,
    happened_on: dt.date | None = None,
    decided_yen: int | None = None,
) -> Proposal:
    """Take one step of the table; its line of the history, its version and its receipt number come with it.

    Args:
        step: code of the step. reason: demanded by some steps, and whenever a condition is set aside.
        seen_version: of the proposal as the person saw it; None skips the check (the step must still lead from its state).
        happened_on: the day of receipt, or of the decision. decided_yen: with an adoption.
    Raises:
        Conflict: another worker was first, or no such step leads from the state. NotAllowed: another role's step.
        Invalid: what stands in the way, and whether a reason would do.
    """
    said = (reason or "").strip()
    with act(session, actor, "proposal:advance", "手続", reason=said or None) as current:
        _lock(session, actor, proposal)
        row = find_step(proposal.call.program.code, proposal.state, step)
        if seen_version is not None and proposal.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        if row is None:
            raise Conflict(f"「{proposal.state.label}」の応募・提案では、この手続はできません。")
        if not may_take(actor, proposal, row):
            raise NotAllowed
        current.label = f"{row.label}: {proposal.title}"
        if row.asks_reason and not said:
            raise Invalid(f"「{row.label}」には理由が要ります。", fields={"reason": "理由を書いてください。"})
        _take(session, actor, proposal, row, said, happened_on, decided_yen)
    return proposal


def _take(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    step: Step,
    reason: str,
    happened_on: dt.date | None,
    decided_yen: int | None,
) -> None:
    if step.code == "submit":
        proposal.received_on = happened_on or proposal.received_on or today_in_tokyo()
        proposal.is_late, proposal.late_reason = False, None
    in_the_way = obstacles(session, actor, proposal, step)
    _set_aside(session, actor, proposal, step, in_the_way, reason)
    if step.code == "submit":
        if any(one.rule == "call_open" for one in in_the_way):
            proposal.is_late, proposal.late_reason = True, reason
        _give_number(session, actor, proposal)
    if step.target in (ProposalState.ADOPTED, ProposalState.ADOPTED_WITH_CONDITIONS, ProposalState.REJECTED):
        proposal.decided_on = happened_on or today_in_tokyo()
        proposal.decided_yen = decided_yen
    _move(session, actor, proposal, step.target, code=step.code, label=step.label, reason=reason, on=happened_on)
    if step.freezes:
        versions.freeze(session, actor=actor, proposal=proposal, label=step.freezes)


def _set_aside(
    session: Session, actor: Actor, proposal: Proposal, step: Step, in_the_way: Sequence[Obstacle], reason: str
) -> None:
    """Raise Invalid for what cannot be set aside, or for a missing reason; else record each as an override."""
    if not in_the_way:
        return
    firm = [one for one in in_the_way if not one.is_overridable]
    if firm:
        raise Invalid(f"「{step.label}」の前に、次のことを直してください。" + " ".join(one.message for one in firm))
    if not is_office(actor):
        raise Invalid(" ".join(one.message for one in in_the_way))
    if not reason:
        sentences = " ".join(one.message for one in in_the_way)
        raise Invalid(
            f"{sentences} 認めるときは、理由を書いてください。",
            fields={"reason": "例外として認める理由を書いてください。"},
        )
    for one in in_the_way:
        session.add(
            RuleOverride(
                proposal=proposal,
                step=step.code,
                rule=one.rule,
                clause=one.clause,
                message=one.message,
                reason=reason,
                made_by_id=actor.user_id,
            )
        )


def _move(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    target: ProposalState,
    *,
    code: str,
    label: str,
    reason: str,
    on: dt.date | None,
) -> None:
    session.add(
        ProposalEvent(
            proposal=proposal,
            step=code,
            from_state=proposal.state,
            to_state=target,
            label=label,
            reason=reason or None,
            happened_on=on,
            actor_id=actor.user_id,
            actor_label=actor.label,
        )
    )
    with door():
        if target in (ProposalState.WITHDRAWN, ProposalState.DISCONTINUED, ProposalState.REVOKED):
            proposal.state_reason = reason
        proposal.state = target
        proposal.state_since_at = utc_now()
        session.flush()


def _lock(session: Session, actor: Actor, proposal: Proposal) -> None:
    """The row as it is now, held until the act ends: of two workers at once the second sees what the first did."""
    session.refresh(proposal, with_for_update={"of": Proposal})
    if find_visible(session, Proposal, proposal.id, actor) is None:
        raise NotFound


def _give_number(session: Session, actor: Actor, proposal: Proposal) -> None:
    """The next number of the call; a proposal that was taken back keeps the one it has."""
    if proposal.receipt is not None:
        return
    last = session.scalar(select(func.max(ReceiptNumber.number)).where(ReceiptNumber.call_id == proposal.call_id))
    proposal.receipt = ReceiptNumber(call_id=proposal.call_id, number=(last or 0) + 1, issued_by_id=actor.user_id)
    session.flush()


def take_over(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    target: ProposalState,
    reason: str,
    decided_on: dt.date | None = None,
    decided_yen: int | None = None,
) -> Proposal:
    """A decision made on paper before this system: one logged step of the office, with its reason (domain.md 4.1).

    Raises Invalid without a reason, for a state that no paper decision leads to, or for a day that is still to come.
    """
    actor.require(Permission.PROPOSAL_ADVANCE)
    if not is_office(actor):
        raise NotAllowed
    said = reason.strip()
    with act(session, actor, "proposal:take_over", f"紙の決定の引継ぎ: {proposal.title}", reason=said or None):
        _lock(session, actor, proposal)
        if proposal.state is not ProposalState.DRAFT:
            raise Conflict(f"「{proposal.state.label}」の応募・提案は、紙の決定を引き継げません。")
        if target not in taken_over_states(proposal.call.program.code):
            raise Invalid(
                "この制度の決定後の状況を選んでください。", fields={"target": "決定後の状況を選んでください。"}
            )
        if not said:
            raise Invalid("引き継ぐ理由と根拠を書いてください。", fields={"reason": "理由と根拠を書いてください。"})
        if decided_on is None or decided_on > today_in_tokyo():
            raise Invalid(
                "決定した日を入力してください。", fields={"decided_on": "今日以前の決定日を入力してください。"}
            )
        proposal.source = ProposalSource.TAKEN_OVER
        proposal.decided_on, proposal.decided_yen = decided_on, decided_yen
        _give_number(session, actor, proposal)
        _move(
            session,
            actor,
            proposal,
            target,
            code=TAKE_OVER_CODE,
            label="紙の決定を引き継いだ",
            reason=said,
            on=decided_on,
        )
        versions.freeze(session, actor=actor, proposal=proposal, label="引継ぎ時")
    return proposal
