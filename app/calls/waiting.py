"""What of the calls waits for whom: 所見書 due, proposals to check and to move on, tasks, challenges, calls to prepare."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.access.permissions import Permission
from app.access.scopes import scoped, visible_to
from app.actor import Actor
from app.calls.departments import addressee
from app.calls.policy import is_office
from app.calls.workflow import FINAL_STATES
from app.japanese.dates import business_day_from, format_fiscal_year, today_in_tokyo
from app.work import Waiting, register_waiting
from models.calls import Call, CallQuestion, CallState, Challenge, ChallengeState
from models.coordination import CoordinationTask, DepartmentOpinion, OpinionState
from models.people import Role
from models.proposals import Proposal, ProposalState

OPEN = (OpinionState.REQUESTED, OpinionState.RETURNED)
#: At most so many lines of one kind; the list of proposals shows the rest.
MOST = 30


@register_waiting
def calls_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Everything of the calls that waits for the actor; a day on which the city hall is closed moves as on the clock."""
    for line in _lines(session, actor):
        yield line if line.due_on is None else dataclasses.replace(line, due_on=business_day_from(line.due_on))


def _lines(session: Session, actor: Actor) -> Iterator[Waiting]:
    if actor.is_system or not actor.may(Permission.PROPOSAL_READ):
        return
    if actor.has(Role.DEPARTMENT):
        yield from _opinions_to_write(session, actor)
        yield from _challenges_to_submit(session, actor)
    yield from _tasks(session, actor)
    if is_office(actor):
        yield from _proposals_to_move(session, actor)
        yield from _challenges_to_decide(session, actor)
        yield from _calls_to_open(session, actor)
        yield from _questions_to_answer(session, actor)


def _opinions_to_write(session: Session, actor: Actor) -> Iterator[Waiting]:
    opinions = session.scalars(
        scoped(DepartmentOpinion, actor)
        .where(DepartmentOpinion.department_id.in_(sorted(actor.departments)), DepartmentOpinion.state.in_(OPEN))
        .join(Proposal, Proposal.id == DepartmentOpinion.proposal_id)
        .where(Proposal.state.in_((ProposalState.SUBMITTED, ProposalState.COORDINATING)))
        .options(joinedload(DepartmentOpinion.proposal), joinedload(DepartmentOpinion.department))
        .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
        .limit(MOST)
    )
    for opinion in opinions:
        detail = (
            "推進担当から差し戻されています。"
            if opinion.state is OpinionState.RETURNED
            else "所見書を書いて提出してください。"
        )
        label = f"所見書({addressee(opinion)}): 「{opinion.proposal.title}」"
        yield Waiting("opinion", str(opinion.id), label, opinion.due_on, detail)


def _tasks(session: Session, actor: Actor) -> Iterator[Waiting]:
    mine = CoordinationTask.department_id.in_(sorted(actor.departments))
    of_office = CoordinationTask.department_id.is_(None) if is_office(actor) else false()
    tasks = session.scalars(
        scoped(CoordinationTask, actor)
        .join(Proposal, Proposal.id == CoordinationTask.proposal_id)
        .where(or_(mine, of_office), CoordinationTask.done_at.is_(None), Proposal.state.not_in(FINAL_STATES))
        .options(joinedload(CoordinationTask.proposal))
        .order_by(CoordinationTask.due_on, CoordinationTask.id)
        .limit(MOST)
    )
    for task in tasks:
        yield Waiting(
            "coordination_task",
            str(task.proposal_id),
            f"調整の宿題: {task.title}",
            task.due_on,
            f"「{task.proposal.title}」",
        )


def _proposals_to_move(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Before the committee's door: each with what it waits for."""
    states = (ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.COORDINATING)
    proposals = session.scalars(
        scoped(Proposal, actor)
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.state.in_(states), Call.state == CallState.OPEN)
        .options(joinedload(Proposal.call), joinedload(Proposal.organization))
        .order_by(Call.closes_on, Proposal.id)
        .limit(MOST)
    ).all()
    waiting = _counts(session, [one.id for one in proposals])
    for one in proposals:
        label, due, detail = _what_next(one, *waiting.get(one.id, (0, 0, None)))
        yield Waiting("proposal", str(one.id), f"{label}: 「{one.title}」", due, f"{one.organization} {detail}".strip())


def _what_next(
    proposal: Proposal, open_opinions: int, opinions: int, next_due: dt.date | None
) -> tuple[str, dt.date | None, str]:
    call = proposal.call
    if proposal.state is ProposalState.DRAFT:
        return "受付の確認", call.closes_on, "下書きです。規則と書類を確かめて受け付けます。"
    if proposal.state is ProposalState.SUBMITTED:
        return "事前調整の開始", call.coordination_from_on, "受付済です。"
    if open_opinions:
        return "所見書の待ち", next_due, f"所見書{opinions}件のうち{open_opinions}件が出ていません。"
    return "審査にかける", call.coordination_until_on or call.review_on, "調整を終えて審査にかけます。"


def _counts(session: Session, ids: list[int]) -> dict[int, tuple[int, int, dt.date | None]]:
    """{proposal: (open opinions, all opinions, the next day due)}."""
    rows = session.execute(
        select(
            DepartmentOpinion.proposal_id,
            func.count().filter(DepartmentOpinion.state.in_(OPEN)),
            func.count(),
            func.min(DepartmentOpinion.due_on).filter(DepartmentOpinion.state.in_(OPEN)),
        )
        .where(DepartmentOpinion.proposal_id.in_(ids))
        .group_by(DepartmentOpinion.proposal_id)
    )
    return {key: (some, total, due) for key, some, total, due in rows}


def _challenges_to_submit(session: Session, actor: Actor) -> Iterator[Waiting]:
    drafts = session.scalars(
        scoped(Challenge, actor)
        .where(Challenge.state == ChallengeState.DRAFT, Challenge.department_id.in_(sorted(actor.departments)))
        .order_by(Challenge.id)
        .limit(MOST)
    )
    for one in drafts:
        yield Waiting("challenge", str(one.id), f"課題の提出: 「{one.title}」", None, "下書きのままです。")


def _challenges_to_decide(session: Session, actor: Actor) -> Iterator[Waiting]:
    number = session.scalar(
        select(func.count())
        .select_from(Challenge)
        .where(Challenge.state == ChallengeState.SUBMITTED, visible_to(Challenge, actor))
    )
    if number:
        yield Waiting("challenge_list", "submitted", "課題・テーマの決定", None, f"検討待ちが{number}件あります。")


def _calls_to_open(session: Session, actor: Actor) -> Iterator[Waiting]:
    calls = session.scalars(
        scoped(Call, actor).where(Call.state == CallState.PREPARING).order_by(Call.opens_on, Call.id).limit(MOST)
    )
    for one in calls:
        late = "募集開始日を過ぎています。" if one.opens_on and one.opens_on < today_in_tokyo() else ""
        yield Waiting(
            "call",
            str(one.id),
            f"募集の公開: {one.name}",
            one.opens_on,
            f"{format_fiscal_year(one.fiscal_year)}の募集を準備中です。{late}",
        )


def _questions_to_answer(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Questions about running calls that nobody has answered: one line a call."""
    rows = session.execute(
        select(Call.id, Call.name, Call.closes_on, func.count(CallQuestion.id))
        .join(CallQuestion, CallQuestion.call_id == Call.id)
        .where(
            CallQuestion.answer.is_(None),
            Call.state != CallState.FINISHED,
            visible_to(Call, actor),
            visible_to(CallQuestion, actor),
        )
        .group_by(Call.id, Call.name, Call.closes_on)
        .order_by(Call.closes_on, Call.id)
        .limit(MOST)
    )
    for key, name, closes_on, number in rows:
        yield Waiting("call_question", str(key), f"質問への回答: {name}", closes_on, f"回答待ちが{number}件あります。")
