"""利害関係の申告: signed for each proposal before its papers open, with an interest or affirmatively without (rules.md 25)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, NotFound
from app.reviews import conflicts, queries
from app.reviews.openings import refresh_openings
from app.reviews.scans import Scan, keep_scan
from app.reviews.texts import checked_text
from models.base import utc_now
from models.proposals import Proposal, ProposalState
from models.review_conflicts import ConflictDeclaration, ConflictSource, InterestKind
from models.reviews import ReviewMember, ReviewSetting

MAX_TEXT = 2_000


@dataclasses.dataclass(frozen=True)
class Pending:
    """What a member must know to declare, and nothing else of the proposal: who applies, and with whom."""

    proposal_id: int
    call_name: str
    applicant: str
    partners: tuple[str, ...]
    due_on: dt.date | None


def pending_of(session: Session, actor: Actor) -> list[Pending]:
    """Proposals on which the actor has still to declare. One in conflict is not among them: there is nothing to ask."""
    if actor.user_id is None or not actor.may(Permission.DECLARATION_SIGN):
        return []
    rows = session.execute(
        select(ReviewMember, ReviewSetting)
        .join(ReviewSetting, ReviewSetting.call_id == ReviewMember.call_id)
        .where(ReviewMember.user_id == actor.user_id, ReviewMember.left_on.is_(None))
        .order_by(ReviewMember.call_id)
    ).all()
    return [one for member, setting in rows for one in pending_for(session, member, setting)]


def pending_for(session: Session, member: ReviewMember, setting: ReviewSetting) -> list[Pending]:
    """The same for one member of one review (for the office, which enters papers)."""
    declared, conflicted = (
        queries.declared_pairs(session, member.call_id),
        queries.conflict_pairs(session, member.call_id),
    )
    return [
        Pending(
            proposal_id=proposal.id,
            call_name=setting.call.name,
            applicant=proposal.organization.name,
            partners=tuple(partner.name for partner in proposal.partners),
            due_on=setting.declarations_due_on,
        )
        for proposal in queries.proposals_of(session, member.call_id)
        if proposal.state is ProposalState.REVIEWING
        and (member.id, proposal.id) not in declared
        and (member.id, proposal.id) not in conflicted
    ]


def own_declarations(session: Session, actor: Actor) -> Sequence[ConflictDeclaration]:
    """What the actor has signed, newest first."""
    if actor.user_id is None:
        return []
    return session.scalars(
        select(ConflictDeclaration)
        .join(ReviewMember, ReviewMember.id == ConflictDeclaration.member_id)
        .where(ReviewMember.user_id == actor.user_id)
        .order_by(ConflictDeclaration.id.desc())
    ).all()


def declare(
    session: Session,
    *,
    actor: Actor,
    proposal_id: int,
    has_interest: bool,
    kind: InterestKind | None = None,
    text: str = "",
) -> ConflictDeclaration:
    """Sign for oneself. Raises NotFound for a proposal that is not before the actor's committee, Conflict when signed."""
    actor.require(Permission.DECLARATION_SIGN)
    proposal = _before_committee(session, proposal_id)
    member = queries.find_own_member(session, actor, proposal.call_id)
    if member is None:
        raise NotFound
    with act(session, actor, "declaration:sign", "利害関係の申告に署名しました"):
        queries.lock_review(session, proposal.call_id)
        return _sign(session, actor, member, proposal, has_interest, kind, text, None)


def declare_on_behalf(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    member_id: int,
    proposal_id: int,
    has_interest: bool,
    kind: InterestKind | None = None,
    text: str = "",
    scan: Scan | None,
) -> ConflictDeclaration:
    """代理入力 by the office from a signed paper, whose scan is attached."""
    actor.require(Permission.CONFLICT_MANAGE)
    proposal = _before_committee(session, proposal_id)
    member = session.get(ReviewMember, member_id)
    if member is None or member.call_id != proposal.call_id:
        raise NotFound
    if queries.find_own_member(session, actor, proposal.call_id) is not None:
        raise NotAllowed("審査の委員は、ほかの委員の申告を代理で入力できません。")
    if scan is None:
        raise Invalid("署名のある申告書の写しを添付してください。", fields={"scan": "ファイルを選んでください。"})
    with act(session, actor, "declaration:sign", "利害関係の申告を代理で入力しました", on_behalf_of=member.name):
        queries.lock_review(session, proposal.call_id)
        file = keep_scan(
            session, actor=actor, settings=settings, scan=scan, owner_table="conflict_declaration", owner_key=""
        )
        declaration = _sign(session, actor, member, proposal, has_interest, kind, text, file.id)
        file.owner_key = str(declaration.id)
    return declaration


def _before_committee(session: Session, proposal_id: int) -> Proposal:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or proposal.deleted_at is not None or proposal.state is not ProposalState.REVIEWING:
        raise NotFound
    return proposal


def _sign(
    session: Session,
    actor: Actor,
    member: ReviewMember,
    proposal: Proposal,
    has_interest: bool,
    kind: InterestKind | None,
    text: str,
    scan_id: int | None,
) -> ConflictDeclaration:
    found = conflicts.derive(session, actor, proposal.call_id)
    pair = (member.id, proposal.id)
    if pair in queries.conflict_pairs(session, proposal.call_id):
        raise NotFound  # nothing is told of a proposal in conflict, not even that it is one
    if has_interest and kind is None:
        raise Invalid("利害関係の区分を選んでください。", fields={"kind": "区分を選んでください。"})
    text = checked_text(text, "内容", field="text", length=MAX_TEXT) if has_interest else ""
    if kind is InterestKind.OTHER and has_interest and not text:
        raise Invalid("利害関係の内容を書いてください。", fields={"text": "「その他」の内容を書いてください。"})
    earlier = queries.declared_pairs(session, proposal.call_id).get(pair)
    if earlier is not None:
        if not has_interest:
            raise Refusal("この提案の申告は、すでに署名されています。")
        earlier.replaced_at = utc_now()
        session.flush()
    declaration = ConflictDeclaration(
        member_id=member.id,
        proposal_id=proposal.id,
        has_interest=has_interest,
        kind=kind if has_interest else None,
        text=text,
        signed_by_id=actor.user_id,
        is_on_behalf=scan_id is not None,
        scan_file_id=scan_id,
    )
    session.add(declaration)
    session.flush()
    if has_interest and kind is not None:
        conflicts.record(session, actor, member, proposal.id, ConflictSource.DECLARED, kind, reason=text)
    if found or has_interest:  # "none" changes nothing of who is awaited
        refresh_openings(session, proposal.call_id)
    return declaration
