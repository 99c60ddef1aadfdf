"""What the calls tell the meetings: their subjects, what the council has to take up, what follows from its resolutions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.subjects import register_subject
from app.actor import Actor
from app.calls.challenge_services import decide_challenge, reopen_challenge
from app.calls.checking import rules_of
from app.calls.council_opinions import record_council_opinion, withdraw_council_opinion
from app.japanese.dates import format_date, format_fiscal_year
from app.meetings.agenda import AgendaProposal, register_agenda_provider
from app.meetings.papers import title_of
from app.meetings.resolutions import register_resolution_hook, register_take_back_hook
from app.problems import Conflict
from models.bodies import Body
from models.calls import Call, Challenge, ChallengeState
from models.coordination import CoordinationNote, CouncilOpinion, Verdict
from models.meetings import Resolution, ResolutionDecision
from models.proposals import Proposal, ProposalState

COUNCIL, CHALLENGE, PROPOSAL = "council", "challenge", "proposal"
_CHOICES = {
    ResolutionDecision.APPROVED: True,
    ResolutionDecision.CONDITIONAL: True,
    ResolutionDecision.REJECTED: False,
}
_VERDICTS = {
    ResolutionDecision.APPROVED: Verdict.FAVOURABLE,
    ResolutionDecision.CONDITIONAL: Verdict.CONDITIONAL,
    ResolutionDecision.REJECTED: Verdict.UNFAVOURABLE,
    ResolutionDecision.OPINION: Verdict.NEUTRAL,
}


@register_agenda_provider
def agenda_of_council(session: Session, body: Body) -> Iterator[AgendaProposal]:
    """Challenges handed in, and proposals in coordination on which the council has not spoken (実践編2(2))."""
    if body.code != COUNCIL:
        return
    challenges = session.scalars(
        select(Challenge)
        .where(Challenge.state == ChallengeState.SUBMITTED, Challenge.deleted_at.is_(None))
        .order_by(Challenge.fiscal_year, Challenge.position, Challenge.id)
    )
    for challenge in challenges:
        detail = f"{format_fiscal_year(challenge.fiscal_year)} {challenge.department.name}"
        yield AgendaProposal(CHALLENGE, challenge.id, f"市が提示する課題「{challenge.title}」", detail, CHALLENGE)
    spoken = select(CouncilOpinion.proposal_id)
    proposals = session.scalars(
        select(Proposal)
        .where(Proposal.state == ProposalState.COORDINATING, Proposal.deleted_at.is_(None), Proposal.id.not_in(spoken))
        .order_by(Proposal.call_id, Proposal.id)
    )
    for proposal in proposals:
        if rules_of(proposal.call).needs_council_opinion:
            yield AgendaProposal(
                PROPOSAL, proposal.id, f"提案「{proposal.title}」への意見", _coordinated(session, proposal), PROPOSAL
            )


def _coordinated(session: Session, proposal: Proposal) -> str:
    """The call, and what the last conversation agreed."""
    last = session.scalars(
        select(CoordinationNote)
        .where(CoordinationNote.proposal_id == proposal.id)
        .order_by(CoordinationNote.held_on.desc(), CoordinationNote.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return f"{proposal.call.name}(調整の記録はまだありません)"
    agreed = (last.agreed or last.content).replace("\n", " ")[:200]
    return f"{proposal.call.name} {format_date(last.held_on)}の調整: {agreed}"


@register_resolution_hook
def follow_council(session: Session, actor: Actor, resolution: Resolution) -> None:
    """A resolution of the council decides a challenge that waits, or is its opinion on a proposal in coordination."""
    meeting = resolution.agenda_item.meeting
    if meeting.body.code != COUNCIL or resolution.subject_id is None:
        return
    source = title_of(meeting)
    if resolution.subject_kind == CHALLENGE and resolution.decision in _CHOICES:
        challenge = session.get_one(Challenge, resolution.subject_id)
        if challenge.state is ChallengeState.SUBMITTED:
            decide_challenge(
                session,
                actor=actor,
                challenge=challenge,
                is_chosen=_CHOICES[resolution.decision],
                decided_on=resolution.decided_on,
                note=_note_of(resolution),
            )
    if resolution.subject_kind == PROPOSAL and resolution.decision in _VERDICTS:
        proposal = session.get_one(Proposal, resolution.subject_id)
        if proposal.state in (ProposalState.SUBMITTED, ProposalState.COORDINATING):
            record_council_opinion(
                session,
                actor=actor,
                proposal=proposal,
                given_on=resolution.decided_on,
                verdict=_VERDICTS[resolution.decision],
                text=resolution.text,
                source_note=source,
            )


@register_take_back_hook
def undo_council(session: Session, actor: Actor, resolution: Resolution, reason: str) -> None:
    """The challenge waits for its decision again; the opinion is taken off. Raises Conflict when a call shows the
    challenge, or when the proposal went on to the review with the opinion."""
    meeting = resolution.agenda_item.meeting
    if meeting.body.code != COUNCIL or resolution.subject_id is None:
        return
    said = f"{title_of(meeting)}の決議の取消し: {reason}"
    if resolution.subject_kind == CHALLENGE:
        challenge = session.get_one(Challenge, resolution.subject_id)
        if challenge.decided_on == resolution.decided_on and challenge.decision_note == _note_of(resolution):
            if challenge.call is not None:
                raise Conflict(
                    f"課題・テーマ「{challenge.title}」は「{challenge.call.name}」に示しているため、決議を取り消せません。"
                    "公開前の募集なら、先に募集から外してください。"
                )
            reopen_challenge(session, actor=actor, challenge=challenge, reason=said)
    if resolution.subject_kind == PROPOSAL:
        withdraw_council_opinion(
            session,
            actor=actor,
            proposal=session.get_one(Proposal, resolution.subject_id),
            given_on=resolution.decided_on,
            source_note=title_of(meeting),
            reason=said,
        )


def _note_of(resolution: Resolution) -> str:
    """How a challenge says what decided it."""
    return f"{title_of(resolution.agenda_item.meeting)}: {resolution.text}"


register_subject("call", "募集", model=Call, endpoint="call.details_view")
register_subject(CHALLENGE, "市の課題・テーマ", model=Challenge, endpoint="challenge.details_view")
register_subject(PROPOSAL, "応募・提案", model=Proposal, endpoint="proposal.details_view")
