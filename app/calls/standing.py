"""Where a proposal stands: the bar of its way with days, and what it waits for, from whom, since when, until when."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.calls.checking import rules_of
from app.calls.departments import name_today
from app.calls.workflow import DECIDED, FINAL_STATES, main_way, next_step
from app.japanese.dates import to_tokyo
from models.coordination import CoordinationNote, CoordinationTask, CouncilOpinion, DepartmentOpinion, OpinionState
from models.proposal_story import PaperState, ProposalEvent, ProposalPaper
from models.proposals import Proposal, ProposalState

S = ProposalState


@dataclasses.dataclass(frozen=True)
class Wait:
    """One thing that a proposal waits for. since: the day from which it waits."""

    who: str
    what: str
    due_on: dt.date | None = None
    since: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class Stop:
    """One place on the bar. state: done | current | waiting | ended; on: the day it was reached."""

    label: str
    state: str
    on: dt.date | None = None


def bar_of(session: Session, proposal: Proposal) -> list[Stop]:
    """The way of the program, up to where the proposal is (or ended)."""
    reached = _days(session, proposal)
    way = list(main_way(proposal.call.program.code))
    now = proposal.state
    if now in (S.ADOPTED_WITH_CONDITIONS, S.REJECTED, S.RESERVE):
        way[way.index(S.ADOPTED)] = now
    elif S.ADOPTED not in reached and S.ADOPTED_WITH_CONDITIONS in reached:
        way[way.index(S.ADOPTED)] = S.ADOPTED_WITH_CONDITIONS
    if now not in way:  # withdrawn, discontinued, revoked: what was reached, and the end
        passed = [state for state in way if state in reached or state is S.DRAFT]
        return [
            *(Stop(state.label, "done", reached.get(state)) for state in passed),
            Stop(now.label, "ended", reached.get(now)),
        ]
    place = way.index(now)
    stops = []
    for index, state in enumerate(way):
        what = "done" if index < place else "current" if index == place else "waiting"
        if index == place and now in FINAL_STATES:
            what = "ended" if now is S.REJECTED else "done"
        stops.append(Stop(state.label, what, reached.get(state)))
    return stops[: place + 1] if now is S.REJECTED else stops


def _days(session: Session, proposal: Proposal) -> dict[ProposalState, dt.date]:
    days: dict[ProposalState, dt.date] = {}
    events = session.execute(
        select(ProposalEvent.to_state, ProposalEvent.happened_on, ProposalEvent.at)
        .where(ProposalEvent.proposal_id == proposal.id, ProposalEvent.to_state.is_not(None))
        .order_by(ProposalEvent.id)
    )
    for state, happened_on, at in events:
        if state is not None:
            days[state] = happened_on or to_tokyo(at).date()
    return days


def waits_for(session: Session, proposal: Proposal) -> list[Wait]:
    """What has to happen next, by whom."""
    since = to_tokyo(proposal.state_since_at).date()
    call = proposal.call
    if proposal.state in FINAL_STATES:
        return []
    if proposal.state is S.DRAFT:
        return [Wait("推進担当", "規則と書類を確かめて受け付ける", call.closes_on, since)]
    if proposal.state is S.SUBMITTED:
        missing = _missing_papers(session, proposal)
        waits = (
            [Wait("応募団体", f"書類の提出({'、'.join(missing)})", call.coordination_from_on, since)] if missing else []
        )
        return [*waits, Wait("推進担当", "事前調整を始める", call.coordination_from_on, since)]
    if proposal.state is S.COORDINATING:
        return _of_coordination(session, proposal, since)
    if proposal.state is S.REVIEWING:
        return [Wait("選考審査会", "審査", call.review_on, since)]
    if proposal.state is S.RESERVE:
        return [Wait("応募団体", "残額の範囲で行うかどうかの返事", call.decision_on, since)]
    step = next_step(call.program.code, proposal.state)
    who = "担当課" if proposal.state in DECIDED and call.program.code == "ikiiki" else "推進担当"
    return [Wait(who, step.label, None, since)] if step else []


def _of_coordination(session: Session, proposal: Proposal, since: dt.date) -> list[Wait]:
    waits = []
    opinions = session.scalars(
        select(DepartmentOpinion)
        .where(
            DepartmentOpinion.proposal_id == proposal.id,
            DepartmentOpinion.state.in_((OpinionState.REQUESTED, OpinionState.RETURNED)),
        )
        .options(joinedload(DepartmentOpinion.department))
        .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
    )
    for opinion in opinions:
        what = "所見書の書き直し" if opinion.state is OpinionState.RETURNED else "所見書"
        waits.append(Wait(name_today(opinion.department), what, opinion.due_on, to_tokyo(opinion.requested_at).date()))
    tasks = session.scalars(
        select(CoordinationTask)
        .where(CoordinationTask.proposal_id == proposal.id, CoordinationTask.done_at.is_(None))
        .options(joinedload(CoordinationTask.department))
        .order_by(CoordinationTask.due_on, CoordinationTask.id)
    )
    for task in tasks:
        who = name_today(task.department) if task.department else "推進担当"
        waits.append(Wait(who, f"宿題: {task.title}", task.due_on, to_tokyo(task.created_at).date()))
    rules = rules_of(proposal.call)
    if rules.needs_department_opinions and not _has(session, DepartmentOpinion, proposal):
        waits.append(Wait("推進担当", "関連課への所見書の依頼", proposal.call.opinions_due_on, since))
    if not _has(session, CoordinationNote, proposal):
        waits.append(Wait("推進担当", "事前調整とその記録", proposal.call.coordination_until_on, since))
    if rules.needs_council_opinion and not _has(session, CouncilOpinion, proposal):
        waits.append(Wait("庁内検討会議", "意見", proposal.call.coordination_until_on, since))
    return waits or [
        Wait("推進担当", "審査にかける", proposal.call.coordination_until_on or proposal.call.review_on, since)
    ]


def _has(
    session: Session, model: type[DepartmentOpinion | CoordinationNote | CouncilOpinion], proposal: Proposal
) -> bool:
    return bool(session.scalar(exists().where(model.proposal_id == proposal.id).select()))


def _missing_papers(session: Session, proposal: Proposal) -> list[str]:
    statement = select(ProposalPaper.label).where(
        ProposalPaper.proposal_id == proposal.id,
        ProposalPaper.is_required.is_(True),
        ProposalPaper.state == PaperState.MISSING,
    )
    return list(session.scalars(statement.order_by(ProposalPaper.position, ProposalPaper.id)))
