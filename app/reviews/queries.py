"""Reads of a review: its call's settings, list of members, criteria, proposals, and who stands in conflict with what."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory.identity import cluster_of
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict as Refusal
from app.reviews.clearance import is_on_list
from models.calls import Call
from models.directory_records import Affiliation
from models.proposal_lines import ProposalPartner
from models.proposals import Proposal, ProposalState
from models.review_conflicts import Conflict, ConflictDeclaration, ConflictSource
from models.review_results import Conclusion, ReviewConclusion
from models.review_sheets import StageOpening
from models.reviews import Criterion, DecisionRule, ReviewMember, ReviewSetting, ReviewStage, StageAbsence

#: (member id, proposal id)
Pair = tuple[int, int]
CONCLUDED = "審査の結論が確定しているため、変更できません。訂正は、訂正の記録として加えてください。"
#: Proposals that the committee takes up, or has taken up.
IN_REVIEW = (
    ProposalState.REVIEWING,
    ProposalState.RESERVE,
    ProposalState.ADOPTED,
    ProposalState.ADOPTED_WITH_CONDITIONS,
    ProposalState.REJECTED,
)


def find_setting(session: Session, call_id: int) -> ReviewSetting | None:
    """The review of a call, if it was prepared."""
    return session.scalars(select(ReviewSetting).where(ReviewSetting.call_id == call_id)).one_or_none()


def get_rule(session: Session, call_id: int) -> DecisionRule:
    """The decision rule of a prepared review."""
    return session.scalars(select(DecisionRule).where(DecisionRule.call_id == call_id)).one()


def members_of(session: Session, call_id: int, *, with_left: bool = False) -> Sequence[ReviewMember]:
    """The list, in its order; those who left only when asked for."""
    statement = select(ReviewMember).where(ReviewMember.call_id == call_id)
    if not with_left:
        statement = statement.where(ReviewMember.left_on.is_(None))
    return session.scalars(statement.order_by(ReviewMember.position, ReviewMember.id)).all()


def member_ids(session: Session, call_id: int) -> Sequence[int]:
    """Ids of the list as it stands."""
    return session.scalars(
        select(ReviewMember.id)
        .where(ReviewMember.call_id == call_id, ReviewMember.left_on.is_(None))
        .order_by(ReviewMember.position, ReviewMember.id)
    ).all()


def find_own_member(session: Session, actor: Actor, call_id: int) -> ReviewMember | None:
    """The actor's own place on the list."""
    if actor.user_id is None:
        return None
    return session.scalars(
        select(ReviewMember).where(
            ReviewMember.call_id == call_id, ReviewMember.user_id == actor.user_id, ReviewMember.left_on.is_(None)
        )
    ).one_or_none()


def is_listed(session: Session, actor: Actor, call_id: int) -> bool:
    """Whether the actor stands on the call's list, also as one who left: then the person writes nothing over it."""
    return session.scalar(select(Call.id).where(Call.id == call_id, is_on_list(actor, Call.id))) is not None


def criteria_of(session: Session, call_id: int, stage: ReviewStage | None = None) -> Sequence[Criterion]:
    """Criteria in order: documents first."""
    statement = select(Criterion).where(Criterion.call_id == call_id)
    if stage is not None:
        statement = statement.where(Criterion.stage == stage)
    return session.scalars(statement.order_by(Criterion.stage, Criterion.position, Criterion.id)).all()


def stages_of(criteria: Sequence[Criterion]) -> list[ReviewStage]:
    """The stages that have criteria, in their order."""
    return [stage for stage in ReviewStage if any(one.stage is stage for one in criteria)]


def proposals_of(session: Session, call_id: int) -> Sequence[Proposal]:
    """All proposals of the call that are or were before the committee. Not scoped: for rules and counts, never shown.

    Once the conclusion is confirmed they are those that it speaks of, wherever they have gone since.
    """
    return session.scalars(select(Proposal).where(_taken_up(session, call_id)).order_by(Proposal.id)).all()


def proposal_ids(session: Session, call_id: int) -> Sequence[int]:
    """Their ids alone."""
    return session.scalars(select(Proposal.id).where(_taken_up(session, call_id)).order_by(Proposal.id)).all()


def _taken_up(session: Session, call_id: int) -> ColumnElement[bool]:
    if is_concluded(session, call_id):
        return and_(Proposal.call_id == call_id, Proposal.id.in_(select(Conclusion.proposal_id)))
    return and_(Proposal.call_id == call_id, Proposal.state.in_(IN_REVIEW), Proposal.deleted_at.is_(None))


def conflict_pairs(session: Session, call_id: int) -> set[Pair]:
    """Who is out for what: what stands in the list, and what affiliations of today say.

    What comes to be known after the conclusion changes nothing that was sealed (domain.md 4.2): then the list alone.
    """
    rows = session.execute(
        select(Conflict.member_id, Conflict.proposal_id, Conflict.source, Conflict.lifted_at)
        .join(ReviewMember, ReviewMember.id == Conflict.member_id)
        .where(ReviewMember.call_id == call_id)
    ).all()
    standing = {(row.member_id, row.proposal_id) for row in rows if row.lifted_at is None}
    set_aside = {
        (row.member_id, row.proposal_id)
        for row in rows
        if row.source is ConflictSource.DERIVED and row.lifted_at is not None
    }
    if is_concluded(session, call_id):
        return standing
    return standing | (derived_pairs(session, call_id) - set_aside)


def derived_pairs(session: Session, call_id: int) -> set[Pair]:
    """What affiliations of today say, by merged identity, also of members who left. One query for the whole list."""
    rows = session.execute(_derived(), {"call": call_id, "day": today_in_tokyo()})
    return {(member_id, proposal_id) for member_id, proposal_id in rows}


@functools.cache
def _derived() -> Select[int, int]:
    """(member id, proposal id) over :call and :day. Built once: putting it together costs more than asking it."""
    day = bindparam("day", type_=Date)
    own = cluster_of(Affiliation.organization_id)
    partners = select(ProposalPartner.proposal_id).where(ProposalPartner.organization_id.in_(own))
    return (
        select(ReviewMember.id, Proposal.id)
        .join(Affiliation, Affiliation.user_id == ReviewMember.user_id)
        .join(Proposal, Proposal.call_id == ReviewMember.call_id)
        .where(
            ReviewMember.call_id == bindparam("call", type_=Integer),
            or_(Affiliation.from_on.is_(None), Affiliation.from_on <= day),
            or_(Affiliation.until_on.is_(None), Affiliation.until_on >= day),
            or_(Proposal.organization_id.in_(own), Proposal.id.in_(partners)),
        )
        .distinct()
    )


def declared_pairs(session: Session, call_id: int) -> dict[Pair, ConflictDeclaration]:
    """Declarations in force."""
    rows = session.scalars(
        select(ConflictDeclaration)
        .join(ReviewMember, ReviewMember.id == ConflictDeclaration.member_id)
        .where(ReviewMember.call_id == call_id, ConflictDeclaration.replaced_at.is_(None))
    )
    return {(row.member_id, row.proposal_id): row for row in rows}


def absences_of(session: Session, call_id: int) -> set[tuple[int, ReviewStage]]:
    """(member id, stage) of those who do not score."""
    rows = session.execute(
        select(StageAbsence.member_id, StageAbsence.stage)
        .join(ReviewMember, ReviewMember.id == StageAbsence.member_id)
        .where(ReviewMember.call_id == call_id)
    )
    return {(member_id, stage) for member_id, stage in rows}


def open_stages(session: Session, call_id: int) -> set[ReviewStage]:
    """Stages in which all have sealed."""
    return set(
        session.scalars(
            select(StageOpening.stage).where(StageOpening.call_id == call_id, StageOpening.ended_at.is_(None))
        )
    )


def is_concluded(session: Session, call_id: int) -> bool:
    """Whether the committee's conclusion is confirmed: then nothing below it changes."""
    return (
        session.scalar(
            select(ReviewConclusion.id).where(
                ReviewConclusion.call_id == call_id, ReviewConclusion.confirmed_at.is_not(None)
            )
        )
        is not None
    )


def lock_review(session: Session, call_id: int) -> ReviewSetting:
    """The review's row, locked until the end of the act: verbs of one review take turns.

    Raises Conflict when there is no review, or when its conclusion is confirmed.
    """
    setting = session.scalars(
        select(ReviewSetting)
        .where(ReviewSetting.call_id == call_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if setting is None:
        raise Refusal("この募集の審査は、まだ準備されていません。推進担当にご確認ください。")
    if is_concluded(session, call_id):
        raise Refusal(CONCLUDED)
    return setting
