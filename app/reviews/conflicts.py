"""Conflicts of interest: derived from affiliations, declared, set and lifted by the office; equal names (rules.md 24).

A conflict takes effect at once: the papers close (`clearance`), a sheet becomes void, the stage is counted anew.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.directory.affiliations import in_force
from app.directory.identity import cluster_ids
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews import queries
from app.reviews.late_tellers import tell_late
from app.reviews.openings import refresh_openings
from models.base import utc_now
from models.directory_records import Affiliation, AffiliationRole
from models.proposal_lines import ProposalPartner
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictSource, ConflictSuspicion, InterestKind, SuspicionState
from models.review_sheets import ScoreDraft, ScoreSheet, SheetState
from models.reviews import ReviewMember

_KIND_OF = {AffiliationRole.OFFICER: InterestKind.OFFICER}
#: How a void sheet is shown: no details of the interest.
VOID_REASON = "利害関係が判明したため"


def groups_of(session: Session, proposal: Proposal) -> set[int]:
    """Ids of the applicant and of the partners, by merged identity."""
    partners = session.scalars(
        select(ProposalPartner.organization_id).where(
            ProposalPartner.proposal_id == proposal.id, ProposalPartner.organization_id.is_not(None)
        )
    )
    found: set[int] = set()
    for organization_id in {proposal.organization_id, *partners}:
        if organization_id is not None:
            found |= cluster_ids(session, organization_id)
    return found


def derive(session: Session, actor: Actor, call_id: int) -> int:
    """Write down what affiliations of today say, inside the caller's act; a conflict once lifted stays lifted.

    Returns how many were found. What ends later stays in the list: only the office lifts it.
    """
    found = 0
    by_user = {one.user_id: one for one in queries.members_of(session, call_id) if one.user_id is not None}
    if not by_user:
        return 0
    pairs = queries.derived_pairs(session, call_id)
    if not pairs:
        return 0
    affiliations = session.scalars(
        select(Affiliation).where(Affiliation.user_id.in_(by_user), in_force(today_in_tokyo())).order_by(Affiliation.id)
    ).all()
    for proposal_id in sorted({proposal for _, proposal in pairs}):
        groups = groups_of(session, session.get_one(Proposal, proposal_id))
        for affiliation in affiliations:
            member = by_user[affiliation.user_id]
            if affiliation.organization_id in groups and not _is_known(session, member, proposal_id, affiliation.id):
                kind = _KIND_OF.get(affiliation.role, InterestKind.MEMBER)
                record(session, actor, member, proposal_id, ConflictSource.DERIVED, kind, affiliation_id=affiliation.id)
                found += 1
    return found


def _is_known(session: Session, member: ReviewMember, proposal_id: int, affiliation_id: int) -> bool:
    return (
        session.scalar(
            select(Conflict.id).where(
                Conflict.member_id == member.id,
                Conflict.proposal_id == proposal_id,
                Conflict.source == ConflictSource.DERIVED,
                Conflict.affiliation_id == affiliation_id,
            )
        )
        is not None
    )


def record(
    session: Session,
    actor: Actor,
    member: ReviewMember,
    proposal_id: int,
    source: ConflictSource,
    kind: InterestKind,
    *,
    reason: str = "",
    affiliation_id: int | None = None,
) -> Conflict:
    """Add a conflict and let it take effect, inside the caller's act."""
    conflict = Conflict(
        member_id=member.id,
        proposal_id=proposal_id,
        source=source,
        kind=kind,
        reason=reason,
        affiliation_id=affiliation_id,
        set_by_id=actor.user_id,
    )
    session.add(conflict)
    _void_sheets(session, member.id, proposal_id)
    session.flush()
    return conflict


def _void_sheets(session: Session, member_id: int, proposal_id: int) -> None:
    sheets = session.scalars(
        select(ScoreSheet).where(
            ScoreSheet.member_id == member_id,
            ScoreSheet.proposal_id == proposal_id,
            ScoreSheet.state != SheetState.VOIDED,
        )
    )
    for sheet in sheets:
        sheet.state, sheet.voided_at, sheet.void_reason = SheetState.VOIDED, utc_now(), VOID_REASON
        sheet.entered_by_id = None
        for draft in session.scalars(select(ScoreDraft).where(ScoreDraft.sheet_id == sheet.id)):
            session.delete(draft)


def set_conflict(
    session: Session, *, actor: Actor, member_id: int, proposal_id: int, kind: InterestKind, reason: str
) -> Conflict:
    """Set by the office, with a reason. Raises Conflict where one of the office's stands already."""
    actor.require(Permission.CONFLICT_MANAGE)
    if not reason.strip():
        raise Invalid("利害関係を設定する理由を書いてください。", fields={"reason": "理由を書いてください。"})
    proposal = get_visible(session, Proposal, proposal_id, actor)
    member = get_visible(session, ReviewMember, member_id, actor)
    with act(session, actor, "conflict:set", "利害関係を設定しました"):
        queries.lock_review(session, proposal.call_id)
        if member.call_id != proposal.call_id:
            raise Invalid("この募集の審査の委員ではありません。")
        if _standing(session, member.id, proposal.id, ConflictSource.OFFICE):
            raise Refusal("この委員の利害関係は、すでに設定されています。")
        found = record(session, actor, member, proposal.id, ConflictSource.OFFICE, kind, reason=reason.strip())
        refresh_openings(session, proposal.call_id)
    return found


def _standing(session: Session, member_id: int, proposal_id: int, source: ConflictSource) -> bool:
    return (
        session.scalar(
            select(Conflict.id).where(
                Conflict.member_id == member_id,
                Conflict.proposal_id == proposal_id,
                Conflict.source == source,
                Conflict.lifted_at.is_(None),
            )
        )
        is not None
    )


def lift_conflict(session: Session, *, actor: Actor, conflict_id: int, reason: str) -> Conflict:
    """Lifted by the office with a reason. A sheet that was void is open for writing again, its versions kept."""
    actor.require(Permission.CONFLICT_MANAGE)
    if not reason.strip():
        raise Invalid("解除する理由を書いてください。", fields={"reason": "理由を書いてください。"})
    conflict = get_visible(session, Conflict, conflict_id, actor)
    with act(session, actor, "conflict:lift", "利害関係を解除しました", reason=reason.strip()):
        queries.lock_review(session, conflict.member.call_id)
        session.refresh(conflict)
        if conflict.lifted_at is not None:
            raise Refusal("この利害関係は、すでに解除されています。")
        if conflict.member.user_id is not None and conflict.member.user_id == actor.user_id:
            raise Refusal("自分の利害関係は解除できません。ほかの担当者が行ってください。")
        conflict.lifted_at, conflict.lifted_by_id, conflict.lift_reason = utc_now(), actor.user_id, reason.strip()
        session.flush()
        if (conflict.member_id, conflict.proposal_id) not in queries.conflict_pairs(session, conflict.member.call_id):
            _reopen_sheets(session, conflict.member_id, conflict.proposal_id)
        refresh_openings(session, conflict.member.call_id)
    return conflict


def _reopen_sheets(session: Session, member_id: int, proposal_id: int) -> None:
    sheets = session.scalars(
        select(ScoreSheet).where(
            ScoreSheet.member_id == member_id,
            ScoreSheet.proposal_id == proposal_id,
            ScoreSheet.state == SheetState.VOIDED,
        )
    )
    for sheet in sheets:
        is_sealed = any(version.unsealed_at is None for version in sheet.versions)
        sheet.state = SheetState.SEALED if is_sealed else SheetState.DRAFT
        sheet.voided_at, sheet.void_reason = None, None


def settle_suspicion(
    session: Session, *, actor: Actor, suspicion_id: int, is_same_person: bool, reason: str
) -> ConflictSuspicion:
    """The office says whether an equal name is the member (a conflict) or somebody else, and how it was found out."""
    actor.require(Permission.CONFLICT_MANAGE)
    if not reason.strip():
        raise Invalid("どのように確かめたかを書いてください。", fields={"reason": "確認の方法を書いてください。"})
    suspicion = get_visible(session, ConflictSuspicion, suspicion_id, actor)
    with act(session, actor, "conflict:settle", "同姓同名の確認を記録しました", reason=reason.strip()):
        is_late = queries.is_concluded(session, suspicion.member.call_id)
        if not is_late:
            queries.lock_review(session, suspicion.member.call_id)
        session.refresh(suspicion)
        if suspicion.state is not SuspicionState.OPEN:
            raise Refusal("この同姓同名は、すでに確認されています。")
        suspicion.state = SuspicionState.CONFIRMED if is_same_person else SuspicionState.DISMISSED
        suspicion.settled_at, suspicion.settled_by_id = utc_now(), actor.user_id
        suspicion.settle_reason = reason.strip()
        source = ConflictSource.CONFIRMED_NAME
        if is_late and is_same_person:
            tell_late(session, actor, suspicion)
        elif is_same_person and not _standing(session, suspicion.member_id, suspicion.proposal_id, source):
            record(session, actor, suspicion.member, suspicion.proposal_id, source, InterestKind.OFFICER)
            refresh_openings(session, suspicion.member.call_id)
    return suspicion


def on_affiliation(session: Session, actor: Actor, affiliation: Affiliation) -> None:
    """Hook of the directory: whoever now belongs to a group is out for its proposals, in reviews not yet concluded."""
    calls = session.scalars(
        select(ReviewMember.call_id)
        .where(ReviewMember.user_id == affiliation.user_id, ReviewMember.left_on.is_(None))
        .order_by(ReviewMember.call_id)
    ).all()
    for call_id in calls:
        if not queries.is_concluded(session, call_id) and derive(session, actor, call_id):
            refresh_openings(session, call_id)
