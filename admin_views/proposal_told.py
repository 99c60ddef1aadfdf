"""The rows of a proposal's page: its facts, budget, opinions, notes, tasks, versions and years, each as what is drawn."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from admin_views.columns import shown
from app.access.scopes import is_editable
from app.actor import Actor
from app.calls import opinion_writing, queries, versions
from app.calls.checking import line_facts
from app.calls.departments import addressee
from app.calls.money import eligible_cost, sum_including_tax
from app.calls.policy import reads_participants
from app.calls.proposal_values import CONTACTS
from app.japanese.dates import format_date, today_in_tokyo
from app.japanese.money import format_yen
from models.coordination import DepartmentOpinion, OpinionState, Verdict
from models.proposal_lines import TaxKind
from models.proposals import Proposal

OPINION_MARKS = {
    OpinionState.REQUESTED: "warning",
    OpinionState.SUBMITTED: "success",
    OpinionState.RETURNED: "danger",
    OpinionState.WAIVED: "muted",
}
VERDICT_MARKS = {
    Verdict.FAVOURABLE: "success",
    Verdict.CONDITIONAL: "info",
    Verdict.UNFAVOURABLE: "danger",
    Verdict.NEUTRAL: "neutral",
}
#: What the group did not write.
UNWRITTEN = "未記入"
PAPER_MARKS = {"missing": "warning", "received": "success", "not_needed": "muted"}


def label_of(name: str) -> str:
    return str(Proposal.__table__.c[name].info["label"])


def wait_line(wait: Any) -> dict[str, Any]:
    late = wait.due_on is not None and wait.due_on < today_in_tokyo()
    days = (today_in_tokyo() - wait.since).days if wait.since else None
    return {
        "who": wait.who,
        "what": wait.what,
        "due": format_date(wait.due_on) if wait.due_on else "",
        "is_late": late,
        "since": format_date(wait.since) if wait.since else "",
        "days": days,
    }


def facts_of(proposal: Proposal) -> list[tuple[str, Any]]:
    answers = {True: "はい", False: "いいえ", None: UNWRITTEN}
    first, last = proposal.starts_on, proposal.ends_on
    facts: list[tuple[str, Any]] = [
        ("課題・テーマ", proposal.challenge.title if proposal.challenge else None),
        ("担当課", proposal.department.name if proposal.department else None),
        ("希望額(税込)", format_yen(proposal.requested_yen) if proposal.requested_yen is not None else None),
        ("実施期間", f"{format_date(first) if first else '未設定'}から{format_date(last) if last else '未設定'}まで"),
        (
            "受付日",
            f"{shown(proposal.received_on)}{'(期間外)' if proposal.is_late else ''}" if proposal.received_on else None,
        ),
        ("提出の方法", proposal.source.label),
        *((label_of(name), answers[getattr(proposal, name)]) for name in versions.STATEMENTS[:3]),
        (
            label_of("states_no_other_subsidy"),
            {True: "ある", False: "ない", None: UNWRITTEN}[proposal.states_no_other_subsidy],
        ),
    ]
    if proposal.decided_on:
        amount = f" {format_yen(proposal.decided_yen)}" if proposal.decided_yen is not None else ""
        facts.append(("決定", f"{format_date(proposal.decided_on)}{amount}"))
    if proposal.state_reason:
        facts.append((label_of("state_reason"), proposal.state_reason))
    return facts


def contacts_of(proposal: Proposal) -> list[tuple[str, Any]]:
    """(label, value) of the contact, for those who may read it or asked with a purpose."""
    return [(label_of(name), getattr(proposal, name)) for name in CONTACTS]


def budget_of(proposal: Proposal) -> dict[str, Any]:
    lines = proposal.budget_lines
    facts = [line_facts(line) for line in lines]
    return {
        "rows": [
            (
                f"{line.category}: {line.label}" if line.category else line.label,
                format_yen(line.unit_price_yen),
                f"{line.quantity:,}",
                f"{format_yen(line.amount_yen)}",
                f"{'税込' if line.tax is TaxKind.INCLUDED else f'税抜{line.tax_percent}%'}、{'対象' if line.is_eligible else '対象外'}",
            )
            for line in lines
        ],
        "total": format_yen(sum_including_tax(facts)),
        "eligible": format_yen(eligible_cost(facts)),
    }


def opinion_of(session: Session, actor: Actor, one: DepartmentOpinion) -> dict[str, Any]:
    late = one.due_on < today_in_tokyo() and one.state in (OpinionState.REQUESTED, OpinionState.RETURNED)
    return {
        "department": addressee(one),
        "state": (one.state.label, OPINION_MARKS[one.state]),
        "verdict": (one.verdict.label, VERDICT_MARKS[one.verdict])
        if one.state is OpinionState.SUBMITTED and one.verdict
        else None,
        "due": format_date(one.due_on),
        "is_late": late,
        "submitted": shown(one.submitted_at) if one.submitted_at else "",
        "note": one.waived_reason or (one.return_reason if one.state is OpinionState.RETURNED else "") or "",
        "answers": [(question["label"], one.answers.get(question["key"]) or "(記入なし)") for question in one.questions]
        if one.state is OpinionState.SUBMITTED
        else [],
        "url": url_for("opinion.opinion_view", key=one.id),
        "may_write": opinion_writing.may_write(session, actor, one),
    }


def note_of(session: Session, actor: Actor, one: Any) -> dict[str, Any]:
    return {
        "when": format_date(one.held_on),
        "means": one.means.label,
        "participants": one.participants if reads_participants(actor) else None,
        "content": one.content,
        "agreed": one.agreed,
        "changes": one.changes,
        "by": one.department.name if one.department else "推進担当",
        "edit_url": url_for("coordination.note_edit_view", key=one.id) if is_editable(session, one, actor) else None,
    }


def task_of(session: Session, actor: Actor, one: Any) -> dict[str, Any]:
    may_edit = is_editable(session, one, actor)
    return {
        "title": one.title,
        "who": one.department.name if one.department else "推進担当",
        "due": format_date(one.due_on) if one.due_on else "",
        "is_late": one.done_at is None and one.due_on is not None and one.due_on < today_in_tokyo(),
        "done": f"{shown(one.done_at)} {one.done_by or ''}" if one.done_at else "",
        "result": one.result if one.done_at else "",
        "done_url": url_for("coordination.task_done_view", key=one.id) if may_edit and one.done_at is None else None,
        "reopen_url": url_for("coordination.task_reopen_view", key=one.id) if may_edit and one.done_at else None,
    }


def versions_told(session: Session, actor: Actor, proposal: Proposal) -> list[dict[str, Any]]:
    rows = []
    for one in queries.versions_of(session, actor, proposal):
        rows.append(
            {
                "number": one.number,
                "label": one.label,
                "when": shown(one.made_at),
                "who": str(one.made_by) if one.made_by else "",
                "sha": one.sha256[:12],
                "url": url_for("proposal-paper.version_view", key=proposal.id, number=one.number),
            }
        )
    return rows


def chain_of(session: Session, actor: Actor, proposal: Proposal) -> list[tuple[str, str, str, str, bool]]:
    """(call, title, state, url, is this one) of the proposals that continue one another, oldest first."""
    before: list[Proposal] = []
    one = proposal
    while one.predecessor_id is not None and len(before) < 20:
        earlier = queries.find_proposal(session, one.predecessor_id, actor)
        if earlier is None:
            break
        before.append(earlier)
        one = earlier
    rows = [*reversed(before), proposal, *queries.followers_of(session, actor, proposal)]
    return [
        (row.call.name, row.title, row.state.label, url_for("proposal.details_view", key=row.id), row.id == proposal.id)
        for row in rows
    ]
