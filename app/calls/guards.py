"""What must hold before a step (domain.md 4.1): each condition of the table as a function that says what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls.checking import check_proposal, overridden, rules_of
from app.calls.departments import gone_sentence
from app.calls.program_rules import ProgramRules
from app.calls.workflow import Obstacle, Step, guards_of
from app.japanese.dates import format_date, today_in_tokyo
from models.calls import Call, CallState
from models.coordination import CoordinationNote, CouncilOpinion, DepartmentOpinion, OpinionState
from models.proposal_story import PaperState, ProposalPaper
from models.proposals import Proposal

#: Steps before which the proposal's own content is judged by the rules.
_JUDGED = ("submit", "start_coordination", "start_review")
_DONE = (OpinionState.SUBMITTED, OpinionState.WAIVED)


def obstacles(session: Session, actor: Actor, proposal: Proposal, step: Step) -> list[Obstacle]:
    """All that stands in the way of a step, without what was set aside before for the same breach."""
    found: list[Obstacle] = []
    if step.code in _JUDGED:
        found += _broken_rules(session, proposal)
    for condition in _OWN.get(step.code, ()):
        found += condition(session, proposal)
    registered = guards_of(step.code)
    if step.room == "reviews" and not registered:
        found.append(Obstacle("room", "この手続は、審査の画面で審査結果と市の決定を記録して行います。"))
    for guard in registered:
        found += (_as_obstacle(step, one) for one in guard(session, actor, proposal))
    known = overridden(session, proposal)
    return [one for one in found if not (one.is_overridable and (one.rule, one.message) in known)]


def _as_obstacle(step: Step, one: Obstacle | str) -> Obstacle:
    return one if isinstance(one, Obstacle) else Obstacle(step.code, one)


def _broken_rules(session: Session, proposal: Proposal) -> Iterable[Obstacle]:
    return (
        Obstacle(finding.rule, finding.message, finding.clause, finding.overridable)
        for finding in check_proposal(session, proposal).broken
    )


# --- submit ----------------------------------------------------------------------------------------------------------


def call_is_open(session: Session, proposal: Proposal) -> list[Obstacle]:
    """The call takes proposals on the day of receipt; a paper out of time is taken by the office with a reason."""
    call = proposal.call
    on = proposal.received_on or today_in_tokyo()
    if call.state is CallState.PREPARING:
        return [Obstacle("call_open", "募集をまだ公開していません。先に募集を公開してください。")]
    if call.state is CallState.FINISHED:
        return [Obstacle("call_open", "この募集は終了しています。新しい年度の募集に入れてください。")]
    if call.is_accepting(on):
        return []
    return [Obstacle("call_open", _out_of_time(call, proposal), "募集期間", is_overridable=True)]


def _out_of_time(call: Call, proposal: Proposal) -> str:
    on = proposal.received_on or today_in_tokyo()
    assert call.opens_on is not None and call.closes_on is not None
    if on < call.opens_on:
        return f"受付日{format_date(on)}は、募集開始日{format_date(call.opens_on)}より前です。"
    return f"受付日{format_date(on)}は、募集締切日{format_date(call.closes_on)}を過ぎています。"


def received_by_today(session: Session, proposal: Proposal) -> list[Obstacle]:
    """Nothing is received tomorrow."""
    if proposal.received_on is not None and proposal.received_on > today_in_tokyo():
        return [Obstacle("received_on", "受付日が先の日付です。受け付けた日を入力してください。")]
    return []


def content_is_written(session: Session, proposal: Proposal) -> list[Obstacle]:
    """What the committee will read is there."""
    wanted = {"purpose": "目的", "content": "内容"}
    missing = [label for name, label in wanted.items() if not getattr(proposal, name).strip()]
    if proposal.organization.deleted_at is not None:
        return [Obstacle("organization", "応募団体のデータが削除されています。団体を選び直してください。")]
    if not missing:
        return []
    return [Obstacle("content", f"{'と'.join(missing)}が書かれていません。", is_overridable=True)]


# --- start_coordination ----------------------------------------------------------------------------------------------


def papers_are_there(session: Session, proposal: Proposal) -> list[Obstacle]:
    """The checklist of the call is complete; a missing paper may follow, with a reason."""
    labels = session.scalars(
        select(ProposalPaper.label)
        .where(
            ProposalPaper.proposal_id == proposal.id,
            ProposalPaper.is_required.is_(True),
            ProposalPaper.state == PaperState.MISSING,
        )
        .order_by(ProposalPaper.position, ProposalPaper.id)
    ).all()
    if not labels:
        return []
    return [Obstacle("papers", f"提出書類がそろっていません({'、'.join(labels)})。", "提出書類", is_overridable=True)]


def department_is_named(session: Session, proposal: Proposal) -> list[Obstacle]:
    """実践編2(2): the group coordinates with the department in charge."""
    if proposal.call.program.code != "ikiiki":
        return []
    if proposal.department is None:
        return [Obstacle("department", "担当課が決まっていません。担当課を選んでください。")]
    sentence = gone_sentence(proposal.department, "に直してください。")
    return [Obstacle("department", sentence)] if sentence else []


def coordination_in_time(session: Session, proposal: Proposal) -> list[Obstacle]:
    """rules.md 19: coordination that begins outside of its window is a warning to be set aside with a reason. The days of
    the conversations themselves are judged before the review (rules_record.coordination_window)."""
    call, today = proposal.call, today_in_tokyo()
    first, last = call.coordination_from_on, call.coordination_until_on
    if (first is None or today >= first) and (last is None or today <= last):
        return []
    span = f"{format_date(first) if first else ''}〜{format_date(last) if last else ''}"
    return [Obstacle("coordination_begins", f"調整の期間({span})の外です。", "調整の期間", is_overridable=True)]


# --- start_review ----------------------------------------------------------------------------------------------------


def opinions_are_in(session: Session, proposal: Proposal) -> list[Obstacle]:
    """実践編2(1): every requested 所見書 is in, or waived with a reason; without any the office says why."""
    opinions = session.scalars(
        select(DepartmentOpinion)
        .where(DepartmentOpinion.proposal_id == proposal.id)
        .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
    ).all()
    waiting = [opinion for opinion in opinions if opinion.state not in _DONE]
    if waiting:
        names = "、".join(opinion.department.name for opinion in waiting)
        return [Obstacle("opinions", f"所見書が出ていません({names})。", "所見書", is_overridable=True)]
    if not opinions and _rules(proposal).needs_department_opinions:
        return [Obstacle("opinions", "所見書をどの課にも依頼していません。", "所見書", is_overridable=True)]
    return []


def council_has_spoken(session: Session, proposal: Proposal) -> list[Obstacle]:
    """実践編2(2): the opinion of 協働推進庁内検討会議 is recorded where the program asks for it."""
    if not _rules(proposal).needs_council_opinion:
        return []
    if session.scalar(select(exists().where(CouncilOpinion.proposal_id == proposal.id))):
        return []
    return [
        Obstacle(
            "council_opinion", "庁内検討会議の意見が記録されていません。", "庁内検討会議の意見", is_overridable=True
        )
    ]


def coordination_is_noted(session: Session, proposal: Proposal) -> list[Obstacle]:
    """Both programs coordinate before the review, and it is noted."""
    if session.scalar(select(exists().where(CoordinationNote.proposal_id == proposal.id))):
        return []
    return [Obstacle("coordination", "事前調整の記録が1件もありません。", "事前調整", is_overridable=True)]


def _rules(proposal: Proposal) -> ProgramRules:
    return rules_of(proposal.call)


_OWN = {
    "submit": (call_is_open, received_by_today, content_is_written),
    "start_coordination": (papers_are_there, department_is_named, coordination_in_time),
    "start_review": (coordination_is_noted, opinions_are_in, council_has_spoken, papers_are_there, department_is_named),
}
