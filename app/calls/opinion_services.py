"""Verbs of the office on 所見書: ask departments, return, waive, ask again, remind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls.departments import gone_sentence
from app.calls.opinion_writing import OPEN, drop_draft
from app.calls.proposal_services import NOT_OPEN
from app.calls.story import tell
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Conflict, Invalid, NotFound
from models.base import utc_now
from models.coordination import DepartmentOpinion, OpinionReminder, OpinionState
from models.proposals import Proposal, ProposalState
from models.reference import Department

#: What is asked unless the office asks otherwise.
QUESTIONS: tuple[tuple[str, str], ...] = (
    ("need", "必要性"),
    ("feasibility", "実現性"),
    ("overlap", "既存事業との重複"),
    ("involvement", "市の関与"),
    ("budget", "予算"),
    ("other", "その他"),
)


def request_opinions(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    department_ids: Sequence[int],
    due_on: dt.date,
    question_keys: Sequence[str] = (),
    note: str = "",
) -> list[DepartmentOpinion]:
    """Ask one department or many in one step. Who was asked before is not asked twice.

    Raises Invalid: nobody, a day that is past, a department that no longer exists. Conflict outside of coordination.
    """
    actor.require(Permission.OPINION_MANAGE)
    if proposal.state not in (ProposalState.SUBMITTED, ProposalState.COORDINATING):
        raise Conflict("所見書は、受け付けてから審査に入るまでの間に依頼します。")
    if not department_ids:
        raise Invalid("依頼する課を選んでください。", fields={"departments": "依頼する課を1つ以上選んでください。"})
    if due_on < today_in_tokyo():
        raise Invalid("期限を確かめてください。", fields={"due_on": "今日以後の期限を入力してください。"})
    asked = [(key, label) for key, label in QUESTIONS if not question_keys or key in question_keys]
    if not asked:
        raise Invalid("質問を選んでください。", fields={"questions": "質問を1つ以上選んでください。"})
    rows = session.scalars(
        select(Department).where(Department.id.in_(list(department_ids))).order_by(Department.id)
    ).all()
    for row in rows:
        if sentence := gone_sentence(row, "に依頼してください。"):
            raise Invalid(sentence, fields={"departments": sentence})
    known = set(
        session.scalars(select(DepartmentOpinion.department_id).where(DepartmentOpinion.proposal_id == proposal.id))
    )
    new = [row for row in rows if row.id not in known]
    if not new:
        raise Invalid(
            "選んだ課には、もう依頼しています。", fields={"departments": "まだ依頼していない課を選んでください。"}
        )
    names = "、".join(row.name for row in new)
    with act(session, actor, "opinion:request", f"所見書の依頼({names}): {proposal.title}"):
        made = [
            DepartmentOpinion(
                proposal=proposal,
                department=row,
                due_on=due_on,
                questions=[{"key": key, "label": label} for key, label in asked],
                request_note=note.strip(),
                requested_by_id=actor.user_id,
            )
            for row in new
        ]
        session.add_all(made)
        tell(session, actor, proposal, "request_opinions", f"所見書を依頼した({names}、期限{format_date(due_on)})")
        session.flush()
    return made


def return_opinion(session: Session, *, actor: Actor, opinion: DepartmentOpinion, reason: str) -> DepartmentOpinion:
    """Hand a submission back for clarification, with the reason. What was submitted stays readable."""
    said = _managed(session, actor, opinion, reason)
    if opinion.state is not OpinionState.SUBMITTED:
        raise Conflict("提出された所見書だけを差し戻せます。")
    with act(session, actor, "opinion:return", f"所見書の差戻し({opinion.department.name})", reason=said):
        opinion.state = OpinionState.RETURNED
        opinion.return_reason, opinion.returned_at = said, utc_now()
        opinion.submissions[-1].return_reason = said
        tell(session, actor, opinion.proposal, "return_opinion", f"所見書を差し戻した({opinion.department.name})", said)
        session.flush()
    return opinion


def waive_opinion(session: Session, *, actor: Actor, opinion: DepartmentOpinion, reason: str) -> DepartmentOpinion:
    """Go on without it, with a reason; what a department was writing is dropped."""
    said = _managed(session, actor, opinion, reason)
    if opinion.state not in OPEN:
        raise Conflict(f"この所見書は「{opinion.state.label}」のため、省略できません。")
    with act(session, actor, "opinion:waive", f"所見書の省略({opinion.department.name})", reason=said):
        opinion.state = OpinionState.WAIVED
        opinion.waived_reason = said
        drop_draft(session, opinion)
        tell(session, actor, opinion.proposal, "waive_opinion", f"所見書を省略した({opinion.department.name})", said)
        session.flush()
    return opinion


def ask_again(session: Session, *, actor: Actor, opinion: DepartmentOpinion, due_on: dt.date) -> DepartmentOpinion:
    """Ask a department after all whose opinion was waived, or give it more time."""
    actor.require(Permission.OPINION_MANAGE)
    _require_open(session, actor, opinion)
    if opinion.state is OpinionState.SUBMITTED:
        raise Conflict("提出済みの所見書です。直してもらうときは、理由を書いて差し戻してください。")
    if due_on < today_in_tokyo():
        raise Invalid("期限を確かめてください。", fields={"due_on": "今日以後の期限を入力してください。"})
    with act(session, actor, "opinion:ask_again", f"所見書の期限の変更({opinion.department.name})"):
        if opinion.state is OpinionState.WAIVED:
            opinion.state = OpinionState.REQUESTED
            opinion.waived_reason = None
        opinion.due_on = due_on
        session.flush()
    return opinion


def remind(session: Session, *, actor: Actor, opinions: Sequence[DepartmentOpinion], note: str = "") -> int:
    """Note that departments were reminded; it stands on their 対応待ち一覧. Returns how many."""
    actor.require(Permission.OPINION_MANAGE)
    waiting = [opinion for opinion in opinions if opinion.state in OPEN]
    if not waiting:
        raise Invalid("督促する所見書がありません。すべて提出されているか、省略されています。")
    with act(session, actor, "opinion:remind", f"所見書の督促({len(waiting)}件)"):
        for opinion in waiting:
            session.add(OpinionReminder(opinion=opinion, reminded_by_id=actor.user_id, note=note.strip()))
        session.flush()
    return len(waiting)


# --- parts -----------------------------------------------------------------------------------------------------------


def _require_open(session: Session, actor: Actor, opinion: DepartmentOpinion) -> None:
    if find_visible(session, DepartmentOpinion, opinion.id, actor) is None:
        raise NotFound
    if not is_editable(session, opinion, actor):
        raise Conflict(NOT_OPEN)


def _managed(session: Session, actor: Actor, opinion: DepartmentOpinion, reason: str) -> str:
    actor.require(Permission.OPINION_MANAGE)
    _require_open(session, actor, opinion)
    said = reason.strip()
    if not said:
        raise Invalid("理由を書いてください。", fields={"reason": "理由を書いてください。"})
    return said
