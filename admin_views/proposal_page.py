"""What a proposal's page tells: where it stands, the steps that I may take, opinions, coordination, versions, papers."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from admin_views.columns import shown
from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.calls import coordination_services, file_services, opinion_writing, queries, services, versions
from app.calls.checking import line_facts, rules_of
from app.calls.guards import obstacles
from app.calls.money import eligible_cost, sum_including_tax
from app.calls.policy import is_office, reads_contacts, reads_participants
from app.calls.standing import bar_of, waits_for
from app.calls.workflow import FORWARD, steps_from
from app.japanese.dates import format_date, today_in_tokyo
from app.japanese.money import format_yen
from models.calls import Call
from models.coordination import DepartmentOpinion, OpinionState, Verdict
from models.proposal_lines import TaxKind
from models.proposals import Proposal, ProposalState

S = ProposalState
STATE_MARKS: dict[ProposalState, str] = {
    S.DRAFT: "neutral",
    S.SUBMITTED: "info",
    S.COORDINATING: "info",
    S.REVIEWING: "info",
    S.RESERVE: "warning",
    S.ADOPTED: "success",
    S.ADOPTED_WITH_CONDITIONS: "success",
    S.REJECTED: "muted",
    S.AWARDED: "success",
    S.BUDGETED: "success",
    S.AGREED: "success",
    S.IN_PROGRESS: "success",
    S.REPORTED: "success",
    S.SETTLED: "success",
    S.EVALUATED: "success",
    S.CLOSED: "success",
    S.PUBLISHED: "success",
    S.WITHDRAWN: "muted",
    S.DISCONTINUED: "muted",
    S.REVOKED: "danger",
}
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


@dataclasses.dataclass
class Story:
    """Everything on the page besides the plain sections; lists of what the template draws."""

    bar: list[Any]
    waits: list[dict[str, Any]]
    steps: list[tuple[str, str, str, str | None]]
    other_steps: list[tuple[str, str, str, str | None]]
    texts: list[tuple[str, Any]]
    facts: list[tuple[str, Any]]
    contacts: list[tuple[str, Any]] | None
    may_ask_contacts: bool
    budget: dict[str, Any]
    partners: list[tuple[str, str]]
    subsidies: list[tuple[str, str]]
    opinions: list[dict[str, Any]]
    council: list[Any]
    notes: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    papers: list[Any]
    files: list[Any]
    overrides: list[dict[str, Any]]
    events: list[tuple[str, str, list[str]]]
    chain: list[tuple[str, str, str, str, bool]]
    others: list[tuple[str, str, str, str]]
    call_url: str | None
    may: dict[str, bool]


def story_of(session: Session, actor: Actor, proposal: Proposal) -> Story:
    """The story as the actor may read it."""
    may_edit = is_editable(session, proposal, actor)
    steps, others = steps_for(session, actor, proposal)
    chain = _chain(session, actor, proposal)
    known = {entry[3] for entry in chain}
    visible_call = find_visible(session, Call, proposal.call_id, actor)
    return Story(
        bar=[
            (stop.label, stop.state, format_date(stop.on, weekday=False) if stop.on else "")
            for stop in bar_of(session, proposal)
        ],
        waits=[_wait(wait) for wait in waits_for(session, proposal)],
        steps=steps,
        other_steps=others,
        texts=[(_label(name), getattr(proposal, name) or None) for name in versions.TEXTS[1:]],
        facts=_facts(proposal),
        contacts=_contacts(proposal) if reads_contacts(actor) else None,
        may_ask_contacts=may_ask_contacts(actor, proposal),
        budget=_budget(proposal),
        partners=[(line.name, line.part) for line in proposal.partners],
        subsidies=[
            (line.giver, format_yen(line.amount_yen) if line.amount_yen is not None else "金額未定")
            for line in proposal.other_subsidies
        ],
        opinions=[_opinion(session, actor, one) for one in queries.opinions_of(session, actor, proposal)],
        council=[
            (format_date(one.given_on), one.verdict.label, VERDICT_MARKS[one.verdict], one.text, one.source_note)
            for one in queries.council_opinions(session, actor, proposal)
        ],
        notes=[_note(session, actor, one) for one in queries.notes_of(session, actor, proposal)],
        tasks=[_task(session, actor, one) for one in queries.tasks_of(session, actor, proposal)],
        versions=_versions(session, actor, proposal),
        papers=[
            (
                one.label,
                one.state.label,
                _PAPER_MARKS[one.state.value],
                one.is_required,
                shown(one.received_on),
                one.note,
            )
            for one in queries.papers_of_proposal(session, actor, proposal)
        ],
        files=[
            (
                file.name,
                f"{max(1, file.size // 1024):,}KB",
                url_for("proposal-paper.file_view", key=proposal.id, file=file.id),
                file.id,
            )
            for file in file_services.readable_files(session, actor, proposal)
        ],
        overrides=[
            {
                "message": one.message,
                "clause": one.clause,
                "reason": one.reason,
                "when": shown(one.made_at),
                "who": str(one.made_by) if one.made_by else "システム",
            }
            for one in queries.overrides_of(session, actor, proposal)
        ],
        events=[
            (
                format_date(one.happened_on) if one.happened_on else str(shown(one.at)),
                one.actor_label,
                [one.label, *([f"理由: {one.reason}"] if one.reason else [])],
            )
            for one in queries.events_of(session, actor, proposal)
        ],
        chain=chain,
        others=[
            (one.call.name, one.title, url_for("proposal.details_view", key=one.id), one.state.label)
            for one in queries.earlier_proposals(session, actor, proposal.organization_id, besides=proposal.id)
            if url_for("proposal.details_view", key=one.id) not in known
        ],
        call_url=url_for("call.details_view", key=proposal.call_id) if visible_call is not None else None,
        may={
            "edit": may_edit,
            "request": actor.may(Permission.OPINION_MANAGE) and proposal.state in (S.SUBMITTED, S.COORDINATING),
            "council": actor.may(Permission.OPINION_MANAGE)
            and proposal.state in (S.SUBMITTED, S.COORDINATING)
            and rules_of(proposal.call).needs_council_opinion,
            "note": coordination_services.may_note(session, actor, proposal),
            "task": is_office(actor) and actor.may(Permission.PROPOSAL_EDIT) and proposal.state not in (S.DRAFT,),
            "freeze": may_edit and proposal.state is not S.DRAFT,
        },
    )


def may_ask_contacts(actor: Actor, proposal: Proposal) -> bool:
    """The department in charge may ask for the group's contact, saying what for (domain.md 3)."""
    return (
        not reads_contacts(actor)
        and actor.may(Permission.OPINION_ANSWER)
        and proposal.department_id is not None
        and proposal.department_id in actor.departments
    )


def steps_for(
    session: Session, actor: Actor, proposal: Proposal
) -> tuple[list[tuple[str, str, str, str | None]], list[tuple[str, str, str, str | None]]]:
    """((label, url, method, why not yet)) of the steps that the actor may take: forward ones, and the others."""
    forward, others = [], []
    for step in steps_from(proposal.call.program.code, proposal.state):
        if not services.may_take(actor, proposal, step):
            continue
        url = url_for("proposal-step.step_view", key=proposal.id, code=step.code)
        firm = [one.message for one in obstacles(session, actor, proposal, step) if not one.is_overridable]
        entry = (step.label, url, "get", " ".join(firm) or None)
        (forward if step.kind == FORWARD else others).append(entry)
    if proposal.state is S.DRAFT and is_office(actor) and actor.may(Permission.PROPOSAL_ADVANCE):
        url = url_for("proposal-step.take_over_view", key=proposal.id)
        others.append(("紙の決定を引き継ぐ", url, "get", None))
    return forward, others


_PAPER_MARKS = {"missing": "warning", "received": "success", "not_needed": "muted"}


def _label(name: str) -> str:
    return str(Proposal.__table__.c[name].info["label"])


def _wait(wait: Any) -> dict[str, Any]:
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


def _facts(proposal: Proposal) -> list[tuple[str, Any]]:
    answers = {True: "はい", False: "いいえ", None: None}
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
        *((_label(name), answers[getattr(proposal, name)]) for name in versions.STATEMENTS[:3]),
        (
            _label("states_no_other_subsidy"),
            {True: "ある", False: "ない", None: None}[proposal.states_no_other_subsidy],
        ),
    ]
    if proposal.decided_on:
        amount = f" {format_yen(proposal.decided_yen)}" if proposal.decided_yen is not None else ""
        facts.append(("決定", f"{format_date(proposal.decided_on)}{amount}"))
    if proposal.state_reason:
        facts.append((_label("state_reason"), proposal.state_reason))
    return facts


def _contacts(proposal: Proposal) -> list[tuple[str, Any]]:
    names = ("representative_name", "contact_name", "contact_phone", "contact_email", "contact_address")
    return [(_label(name), getattr(proposal, name)) for name in names]


def contacts_of(proposal: Proposal) -> list[tuple[str, Any]]:
    """(label, value) of the contact, for those who asked with a purpose."""
    return _contacts(proposal)


def _budget(proposal: Proposal) -> dict[str, Any]:
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


def _opinion(session: Session, actor: Actor, one: DepartmentOpinion) -> dict[str, Any]:
    late = one.due_on < today_in_tokyo() and one.state in (OpinionState.REQUESTED, OpinionState.RETURNED)
    return {
        "department": one.department.name,
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


def _note(session: Session, actor: Actor, one: Any) -> dict[str, Any]:
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


def _task(session: Session, actor: Actor, one: Any) -> dict[str, Any]:
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


def _versions(session: Session, actor: Actor, proposal: Proposal) -> list[dict[str, Any]]:
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


def _chain(session: Session, actor: Actor, proposal: Proposal) -> list[tuple[str, str, str, str, bool]]:
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
