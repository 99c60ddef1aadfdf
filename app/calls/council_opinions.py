"""The council's opinion on a proposal (実践編2(2)): recorded from its meeting or from paper, taken off with its resolution."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.calls.story import tell
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Conflict, Invalid
from models.coordination import CouncilOpinion, Verdict
from models.proposals import Proposal, ProposalState

_OPEN = (ProposalState.SUBMITTED, ProposalState.COORDINATING)


def record_council_opinion(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    given_on: dt.date,
    verdict: Verdict,
    text: str,
    source_note: str = "",
) -> CouncilOpinion:
    """The council's opinion on a proposal (実践編2(2)); by the hook of meetings, or as it stands on paper."""
    actor.require(Permission.OPINION_MANAGE)
    if proposal.state not in _OPEN:
        raise Conflict("庁内検討会議の意見は、受け付けてから審査に入るまでの間に記録します。")
    problems = {}
    if given_on > today_in_tokyo():
        problems["given_on"] = "今日以前の日付を入力してください。"
    if not text.strip():
        problems["text"] = "意見を入力してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    same_day = select(CouncilOpinion.id).where(
        CouncilOpinion.proposal_id == proposal.id, CouncilOpinion.given_on == given_on
    )
    if session.scalar(same_day) is not None:
        raise Conflict("この日の意見は、もう記録しています。")
    with act(session, actor, "opinion:council", f"庁内検討会議の意見: {proposal.title}"):
        opinion = CouncilOpinion(
            proposal=proposal,
            given_on=given_on,
            verdict=verdict,
            text=text.strip(),
            source_note=source_note.strip(),
            recorded_by_id=actor.user_id,
        )
        session.add(opinion)
        tell(session, actor, proposal, "council_opinion", "庁内検討会議の意見を記録した", on=given_on)
        session.flush()
    return opinion


def withdraw_council_opinion(
    session: Session, *, actor: Actor, proposal: Proposal, given_on: dt.date, source_note: str, reason: str
) -> bool:
    """Take off the opinion of that day and source. Returns whether there was one; Conflict once the review rests on it."""
    actor.require(Permission.OPINION_MANAGE)
    opinion = session.scalars(
        select(CouncilOpinion).where(
            CouncilOpinion.proposal_id == proposal.id,
            CouncilOpinion.given_on == given_on,
            CouncilOpinion.source_note == source_note,
        )
    ).one_or_none()
    if opinion is None:
        return False
    if proposal.state not in _OPEN:
        raise Conflict(
            f"提案「{proposal.title}」は、この意見を受けて「{proposal.state.label}」に進んでいるため、取り消せません。"
            "審査中なら、先に事前調整に戻してください。"
        )
    with act(session, actor, "opinion:council", f"庁内検討会議の意見の取消し: {proposal.title}", reason=reason):
        session.delete(opinion)
        label = f"庁内検討会議の意見({format_date(given_on)})を取り消した"
        tell(session, actor, proposal, "council_opinion", label, reason, on=given_on)
        session.flush()
    return True
