"""The clock of single proposals: 所見書, tasks of the coordination, budget, agreement, report and evaluation to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.calls.clock import ClockEntry
from app.calls.departments import name_today
from app.japanese.dates import fiscal_year_bounds, fiscal_year_of
from models.calls import Call
from models.coordination import CoordinationTask, DepartmentOpinion, OpinionState
from models.proposals import Proposal, ProposalState

_WAITING = (OpinionState.REQUESTED, OpinionState.RETURNED)
_OPINIONS, _TASKS, _PROPOSALS = (1, 0), (1, 1), (1, 2)


def opinion_entries(session: Session, actor: Actor) -> Iterable[ClockEntry]:
    """所見書 that are still to come."""
    rows = session.scalars(
        scoped(DepartmentOpinion, actor)
        .where(DepartmentOpinion.state.in_(_WAITING))
        .options(selectinload(DepartmentOpinion.department), selectinload(DepartmentOpinion.proposal))
        .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
    )
    for row in rows:
        yield ClockEntry(
            key=f"opinion-{row.id}",
            subject="所見書",
            label=f"所見書: {row.proposal.title}",
            kind="coordination",
            fiscal_year=fiscal_year_of(row.due_on),
            who=name_today(row.department),
            first=row.due_on,
            last=row.due_on,
            is_deadline=True,
            note="差し戻されています。" if row.state is OpinionState.RETURNED else "",
            link=("opinion", str(row.id)),
            order=_OPINIONS,
        )


def task_entries(session: Session, actor: Actor) -> Iterable[ClockEntry]:
    """What somebody is still to do after a conversation."""
    rows = session.scalars(
        scoped(CoordinationTask, actor)
        .where(CoordinationTask.done_at.is_(None), CoordinationTask.due_on.is_not(None))
        .options(selectinload(CoordinationTask.department), selectinload(CoordinationTask.proposal))
        .order_by(CoordinationTask.due_on, CoordinationTask.id)
    )
    for row in rows:
        assert row.due_on is not None
        yield ClockEntry(
            key=f"task-{row.id}",
            subject="調整の宿題",
            label=f"{row.title}({row.proposal.title})",
            kind="coordination",
            fiscal_year=fiscal_year_of(row.due_on),
            who=name_today(row.department) if row.department else "推進担当",
            first=row.due_on,
            last=row.due_on,
            is_deadline=True,
            link=("proposal", str(row.proposal_id)),
            order=_TASKS,
        )


#: state -> (program, what is due next, who)
_NEXT = {
    (ProposalState.ADOPTED, "ikiiki"): ("翌年度予算の計上", "担当課"),
    (ProposalState.ADOPTED_WITH_CONDITIONS, "ikiiki"): ("翌年度予算の計上", "担当課"),
    (ProposalState.BUDGETED, "ikiiki"): ("協定・委託契約の締結", "担当課"),
    (ProposalState.IN_PROGRESS, "ikiiki"): ("報告書の提出", "団体"),
    (ProposalState.REPORTED, "ikiiki"): ("協働事業の評価", "団体・担当課・推進担当"),
    (ProposalState.IN_PROGRESS, "suggested"): ("報告書の提出", "団体"),
}


def proposal_entries(session: Session, actor: Actor) -> Iterable[ClockEntry]:
    """What each adopted proposal needs next (rules.md 21-23), with the day that follows from its year."""
    rows = session.scalars(
        scoped(Proposal, actor)
        .where(Proposal.state.in_({state for state, _ in _NEXT}))
        .options(
            selectinload(Proposal.call).selectinload(Call.program),
            selectinload(Proposal.department),
        )
        .order_by(Proposal.id)
    )
    for row in rows:
        step = _NEXT.get((row.state, row.call.program.code))
        if step is None:
            continue
        label, who = step
        first, last, note = _days_of(row, label)
        department = row.department.name if row.department else "担当課(未設定)"
        yield ClockEntry(
            key=f"proposal-{row.id}-{row.state.value}",
            subject="採択された事業",
            label=f"{label}: {row.title}",
            kind="money" if row.state not in (ProposalState.IN_PROGRESS, ProposalState.REPORTED) else "report",
            fiscal_year=fiscal_year_of(day) if (day := last or first) else row.call.fiscal_year + 1,
            who=who.replace("担当課", department),
            first=first,
            last=last,
            is_deadline=row.state is ProposalState.IN_PROGRESS and last is not None,
            note=note,
            link=("proposal", str(row.id)),
            order=_PROPOSALS,
        )


def _days_of(proposal: Proposal, label: str) -> tuple[dt.date | None, dt.date | None, str]:
    call, year = proposal.call, proposal.call.fiscal_year
    if label == "翌年度予算の計上":
        day = fiscal_year_bounds(year)[1]
        return day, day, "協定・契約は、予算計上の記録がないと登録できません。"
    if label == "協定・委託契約の締結":
        day = proposal.starts_on or fiscal_year_bounds(year + 1)[0]
        return day, day, "事業の開始までに結びます。"
    if label == "協働事業の評価":
        first, last = fiscal_year_bounds(year + 2)
        return first, last, "団体と担当課がそれぞれ評価したあと、推進担当を交えて相互評価を行います。"
    due = call.report_due_on
    return due, due, "" if due else "報告書の期限は未設定です。"
