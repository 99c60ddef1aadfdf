"""What waits in a review: declarations and sheets for the members; for the office who is not done, and equal names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.reviews import declarations, queries
from app.reviews.openings import progress_of
from app.work import Waiting, register_waiting
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.review_conflicts import ConflictSuspicion, SuspicionState
from models.review_sheets import ScoreSheet, SheetState
from models.reviews import ReviewMember, ReviewSetting


def _reviews(session: Session) -> Iterable[ReviewSetting]:
    """Reviews with a proposal before the committee, not yet concluded."""
    rows = session.scalars(
        select(ReviewSetting)
        .where(ReviewSetting.call_id.in_(select(Proposal.call_id).where(Proposal.state == ProposalState.REVIEWING)))
        .order_by(ReviewSetting.call_id)
    ).all()
    return [one for one in rows if not queries.is_concluded(session, one.call_id)]


@register_waiting
def tell_members(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Declarations to sign, sheets to seal: of what the member may see."""
    if actor.user_id is None or not actor.may(Permission.SCORE_ENTER):
        return
    pending = declarations.pending_of(session, actor)
    for call_name in dict.fromkeys(one.call_name for one in pending):
        of_call = [one for one in pending if one.call_name == call_name]
        label = f"利害関係の申告に署名してください({len(of_call)}件)"
        yield Waiting("declaration", "", label, of_call[0].due_on, call_name)
    for setting in _reviews(session):
        member = queries.find_own_member(session, actor, setting.call_id)
        if member is not None:
            yield from _sheets_of(session, actor, setting, member)


def _sheets_of(session: Session, actor: Actor, setting: ReviewSetting, member: ReviewMember) -> Iterator[Waiting]:
    ids = session.scalars(
        select(Proposal.id).where(
            Proposal.call_id == setting.call_id,
            Proposal.state == ProposalState.REVIEWING,
            visible_to(Proposal, actor),
        )
    ).all()
    sealed = {
        (row.proposal_id, row.stage)
        for row in session.execute(
            select(ScoreSheet.proposal_id, ScoreSheet.stage).where(
                ScoreSheet.member_id == member.id, ScoreSheet.state == SheetState.SEALED
            )
        )
    }
    absences = queries.absences_of(session, setting.call_id)
    for stage in queries.stages_of(queries.criteria_of(session, setting.call_id)):
        left = [key for key in ids if (key, stage) not in sealed]
        if left and (member.id, stage) not in absences:
            label = f"{stage.label}の採点票を確定してください(残り{len(left)}件)"
            yield Waiting("sheet", str(setting.call_id), label, setting.due_on(stage), setting.call.name)


@register_waiting
def tell_office(session: Session, actor: Actor) -> Iterator[Waiting]:
    """What keeps the committee from meeting."""
    if not actor.may(Permission.SHEET_MANAGE):
        return
    for setting in _reviews(session):
        call_id, name = setting.call_id, setting.call.name
        if queries.find_own_member(session, actor, call_id) is not None:
            continue
        unset = queries.get_rule(session, call_id).unset
        if unset or not queries.criteria_of(session, call_id):
            what = "審査基準がありません" if not unset else f"審査の規則に未設定があります({'、'.join(unset)})"
            yield Waiting("review", str(call_id), what, setting.declarations_due_on, name)
        yield from _undone(session, setting)
    rows = session.execute(
        select(Call.id, Call.name, func.count())
        .select_from(ConflictSuspicion)
        .join(ReviewMember, ReviewMember.id == ConflictSuspicion.member_id)
        .join(Call, Call.id == ReviewMember.call_id)
        .where(ConflictSuspicion.state == SuspicionState.OPEN, visible_to(ConflictSuspicion, actor))
        .group_by(Call.id, Call.name)
        .order_by(Call.id)
    )
    for call_id, name, count in rows:
        label = f"委員と同じ名前の役員などがいます。本人かどうか確かめてください({count}件)"
        yield Waiting("suspicion", str(call_id), label, None, name)


def _undone(session: Session, setting: ReviewSetting) -> Iterator[Waiting]:
    call_id = setting.call_id
    declared, conflicts = queries.declared_pairs(session, call_id), queries.conflict_pairs(session, call_id)
    names = {one.id: one.name for one in queries.members_of(session, call_id)}
    proposals = [one.id for one in queries.proposals_of(session, call_id) if one.state is ProposalState.REVIEWING]
    silent = {m for m in names for p in proposals if (m, p) not in declared and (m, p) not in conflicts}
    if silent:
        yield _line(setting, "利害関係の申告が済んでいない委員", silent, names, setting.declarations_due_on)
    for progress in progress_of(session, call_id):
        late = {member for member, _ in progress.missing} - silent
        if late:
            due = setting.due_on(progress.stage)
            yield _line(setting, f"{progress.stage.label}の採点が済んでいない委員", late, names, due)


def _line(setting: ReviewSetting, what: str, who: set[int], names: dict[int, str], due: dt.date | None) -> Waiting:
    told = "、".join(names[key] for key in sorted(who) if key in names)
    return Waiting("review", str(setting.call_id), f"{what}が{len(who)}人います", due, f"{setting.call.name}: {told}")
