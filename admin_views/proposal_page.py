"""What a proposal's page tells: where it stands, the steps that I may take, opinions, coordination, versions, papers."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from admin_views.columns import shown
from admin_views.proposal_told import (
    PAPER_MARKS,
    UNWRITTEN,
    VERDICT_MARKS,
    budget_of,
    chain_of,
    contacts_of,
    facts_of,
    label_of,
    note_of,
    opinion_of,
    task_of,
    versions_told,
    wait_line,
)
from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.calls import (
    contact_erasure,
    coordination_services,
    file_services,
    queries,
    services,
    versions,
)
from app.calls.checking import rules_of
from app.calls.guards import obstacles
from app.calls.policy import is_office, reads_contacts
from app.calls.standing import bar_of, waits_for
from app.calls.workflow import FINAL_STATES, FORWARD, steps_from
from app.japanese.dates import format_date
from app.japanese.money import format_yen
from models.calls import Call
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
    chain = chain_of(session, actor, proposal)
    known = {entry[3] for entry in chain}
    visible_call = find_visible(session, Call, proposal.call_id, actor)
    return Story(
        bar=[
            (stop.label, stop.state, format_date(stop.on, weekday=False) if stop.on else "")
            for stop in bar_of(session, proposal)
        ],
        waits=[wait_line(wait) for wait in waits_for(session, proposal)],
        steps=steps,
        other_steps=others,
        texts=[(label_of(name), getattr(proposal, name) or UNWRITTEN) for name in versions.TEXTS[1:]],
        facts=facts_of(proposal),
        contacts=contacts_of(proposal) if reads_contacts(actor) else None,
        may_ask_contacts=may_ask_contacts(actor, proposal),
        budget=budget_of(proposal),
        partners=[(line.name, line.part) for line in proposal.partners],
        subsidies=[
            (line.giver, format_yen(line.amount_yen) if line.amount_yen is not None else "金額未定")
            for line in proposal.other_subsidies
        ],
        opinions=[opinion_of(session, actor, one) for one in queries.opinions_of(session, actor, proposal)],
        council=[
            (format_date(one.given_on), one.verdict.label, VERDICT_MARKS[one.verdict], one.text, one.source_note)
            for one in queries.council_opinions(session, actor, proposal)
        ],
        notes=[note_of(session, actor, one) for one in queries.notes_of(session, actor, proposal)],
        tasks=[task_of(session, actor, one) for one in queries.tasks_of(session, actor, proposal)],
        versions=versions_told(session, actor, proposal),
        papers=[
            (
                one.label,
                one.state.label,
                PAPER_MARKS[one.state.value],
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
            "task": is_office(actor)
            and actor.may(Permission.PROPOSAL_EDIT)
            and proposal.state not in (S.DRAFT, *FINAL_STATES),
            "freeze": may_edit and proposal.state is not S.DRAFT,
            "erase": actor.may(Permission.PROPOSAL_DELETE) and contact_erasure.holds_contacts(session, proposal),
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
