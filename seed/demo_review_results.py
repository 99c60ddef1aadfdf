"""Demonstration data of a review that is over but for its confirmation: all have sealed, the conclusion is written."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor
from app.reviews import concluding, criteria, declarations, queries, setting_up, sheets
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.reviews import NextBestRule, ReviewQuorum
from seed.demo_reviews import marks_of

DAY = dt.timedelta(days=1)


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Within the act of the whole set: the last demonstration call before the committee that no review was made for."""
    call = _unprepared_call(session)
    if call is None or call.budget_yen is None:
        return
    setting_up.prepare_review(session, actor=actor, call=call, on=today)
    members = queries.members_of(session, call.id)
    if any(one.user is None for one in members):
        return
    setting_up.update_setting(
        session,
        actor=actor,
        call_id=call.id,
        values={"declarations_due_on": today - 20 * DAY, "document_due_on": today - 10 * DAY},
    )
    criteria.apply_preset(session, actor=actor, call_id=call.id, code="fifty-of-hundred")
    interview = [one for one in queries.criteria_of(session, call.id) if one.stage.value == "interview"]
    for one in interview:
        criteria.remove_criterion(session, actor=actor, criterion_id=one.id)
    rule = {"quorum": ReviewQuorum.HALF_OR_MORE, "tie": ["smaller_request"], "next_best": NextBestRule.PARTIAL}
    setting_up.update_rule(session, actor=actor, call_id=call.id, values=rule)
    rows = queries.criteria_of(session, call.id)
    for number, member in enumerate(members):
        assert member.user is not None
        acting = actor_of(session, member.user, on=today)
        for place, pending in enumerate(declarations.pending_of(session, acting)):
            proposal = session.get(Proposal, pending.proposal_id)
            if proposal is None or proposal.call_id != call.id:
                continue
            declarations.declare(session, actor=acting, proposal_id=proposal.id, has_interest=False)
            sheets.seal(
                session,
                actor=acting,
                proposal_id=proposal.id,
                stage=rows[0].stage,
                values=marks_of(rows, number, place),
                seen=0,
            )
    concluding.draft_conclusion(session, actor=actor, call_id=call.id)


def _unprepared_call(session: Session) -> Call | None:
    """The call with the highest number that has proposals before the committee and no review yet."""
    for call in session.scalars(
        select(Call)
        .join(Proposal, Proposal.call_id == Call.id)
        .where(Proposal.state == ProposalState.REVIEWING, Call.is_demo.is_(True))
        .order_by(Call.id.desc())
    ):
        if queries.find_setting(session, call.id) is None:
            return call
    return None
