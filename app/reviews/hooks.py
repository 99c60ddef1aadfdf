"""What this room tells the rooms below: conflicts from affiliations, who is out of an agenda item, what the committee has to take up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.affiliations import register_affiliation_hook
from app.files.policy import register_owner_model
from app.meetings.agenda import AgendaProposal, register_agenda_provider
from app.meetings.withdrawals import register_conflicts
from app.reviews import deciding, late_conflicts, queries, result_waiting  # noqa: F401  (guards of the way, lines of home)
from app.reviews.conflicts import on_affiliation
from app.reviews.late_tellers import register_late_teller
from app.reviews.setting_up import COMMITTEE
from models.bodies import Body, Membership
from models.proposals import Proposal, ProposalState
from models.review_conflicts import ConflictDeclaration
from models.review_results import ReviewConclusion
from models.review_sheets import ScoreSheet
from models.reviews import ReviewMember

PROPOSAL = "proposal"


def memberships_in_conflict(session: Session, proposal_id: int, memberships: Sequence[Membership]) -> set[int]:
    """Ids of the committee's memberships that are out of that proposal's item (除斥)."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or queries.find_setting(session, proposal.call_id) is None:
        return set()
    pairs = queries.conflict_pairs(session, proposal.call_id)
    rows = session.execute(
        select(ReviewMember.id, ReviewMember.membership_id).where(
            ReviewMember.call_id == proposal.call_id,
            ReviewMember.membership_id.in_([one.id for one in memberships]),
        )
    )
    return {
        membership_id
        for member_id, membership_id in rows
        if membership_id is not None and (member_id, proposal_id) in pairs
    }


def agenda_of_committee(session: Session, body: Body) -> Iterable[AgendaProposal]:
    """Proposals in review, call by call."""
    if body.code != COMMITTEE:
        return
    proposals = session.scalars(
        select(Proposal)
        .where(Proposal.state == ProposalState.REVIEWING, Proposal.deleted_at.is_(None))
        .order_by(Proposal.call_id, Proposal.id)
    )
    for proposal in proposals:
        yield AgendaProposal(PROPOSAL, proposal.id, f"「{proposal.title}」の審査", proposal.call.name, PROPOSAL)


register_affiliation_hook(on_affiliation)
register_affiliation_hook(late_conflicts.on_affiliation)
register_late_teller(late_conflicts.on_suspicion)
register_conflicts(PROPOSAL, memberships_in_conflict)
register_agenda_provider(agenda_of_committee)
register_owner_model(ConflictDeclaration)
register_owner_model(ScoreSheet)
register_owner_model(ReviewConclusion)
