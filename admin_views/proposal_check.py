"""The rule check beside a proposal's form and on its page: sentences with their clause, sums, earlier subsidies."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from admin_views.proposal_form import ProposalForm
from app.actor import Actor
from app.calls import checking, findings
from app.calls.earlier_subsidies import Found, seen_by
from app.calls.money import eligible_cost, sum_including_tax
from app.calls.proposal_values import put_budget, put_subsidies
from app.calls.rule_facts import Finding, ProposalFacts
from app.calls.unfilled import is_unfilled
from app.japanese.money import format_yen
from app.webforms import ParsedField
from models.calls import Call, Challenge
from models.directory import Organization
from models.proposals import Proposal

#: What a form does not say and the check of a stored proposal looks at.
_OF_RECORD = ("id", "is_late", "late_reason", "decided_on")


@dataclasses.dataclass(frozen=True)
class FindingLine:
    """One finding as the page shows it. state: broken | unfilled | overridden | look | ok | unset."""

    state: str
    message: str
    clause: str
    note: str


@dataclasses.dataclass(frozen=True)
class CheckBox:
    """What stands beside the form."""

    lines: list[FindingLine]
    broken_count: int
    unfilled_count: int
    look_count: int
    sums: list[tuple[str, str]]
    #: Other public money that may be for the same project: (words, url, is a suspicion), and how many more are hidden.
    earlier: list[tuple[str, str, bool]]
    hidden: int


def box_of(session: Session, actor: Actor, proposal: Proposal, *, only_broken: bool = False) -> CheckBox:
    """The check of a proposal, stored or as typed (not added to the session)."""
    judged = findings.check_proposal(session, proposal)
    result = judged.result
    facts = checking.facts_of(proposal)
    lines = []
    for finding in sorted(
        result.findings, key=lambda one: (one.ok, is_unfilled(one, facts), not one.needs_look, one.is_unset)
    ):
        reason = judged.reasons.get(finding.rule) if not finding.ok else None
        state = _state_of(finding, facts, reason)
        if only_broken and state not in ("broken", "unfilled", "look"):
            continue
        note = ""
        if reason:
            note = f"例外として認めました: {reason}"
        elif state == "broken":
            note = "理由を書いて認めることができます。" if finding.overridable else "認めることはできません。"
        lines.append(FindingLine(state, finding.message, finding.clause, note))
    sums = [
        ("経費の合計(税込)", format_yen(sum_including_tax(facts.budget))),
        ("うち補助の対象(税込)", format_yen(eligible_cost(facts.budget))),
        ("認められる額の上限", format_yen(result.amount_allowed)),
        ("希望額(税込)", format_yen(proposal.requested_yen) if proposal.requested_yen is not None else "未入力"),
    ]
    shown, hidden = seen_by(session, actor, judged.found)
    return CheckBox(
        lines,
        sum(line.state == "broken" for line in lines),
        sum(line.state == "unfilled" for line in lines),
        sum(line.state == "look" for line in lines),
        sums,
        [_earlier(one) for one in shown],
        hidden,
    )


def unread_of(form: ProposalForm) -> list[tuple[str, str]]:
    """(label, sentence) of amounts and days that were typed and cannot be read: for the rules they are not there."""
    fields = [("", field) for field in form]
    for rows in (form.budget, form.other_subsidies):
        for number, entry in enumerate(rows.entries, start=1):
            fields += [(f"{entry.label.text}{number} ", field) for field in entry.form]
    return [
        (f"{where}{field.label.text}", sentence)
        for where, field in fields
        if isinstance(field, ParsedField) and field.raw_data and str(field.raw_data[0]).strip()
        for sentence in field.errors
    ]


def _state_of(finding: Finding, facts: ProposalFacts, reason: str | None) -> str:
    if finding.ok:
        return "look" if finding.needs_look else "unset" if finding.is_unset else "ok"
    if reason:
        return "overridden"
    return "unfilled" if is_unfilled(finding, facts) else "broken"


def _earlier(one: Found) -> tuple[str, str, bool]:
    endpoint = "project.details_view" if one.kind == "project" else "proposal.details_view"
    return str(one), url_for(endpoint, key=one.key), one.is_suspicion


def typed_proposal(session: Session, form: ProposalForm, call: Call, stored: Proposal | None = None) -> Proposal:
    """The proposal that the form describes, in memory only. stored: the row that is being changed; what is on record
    about it counts, and it is not taken for another proposal of the group."""
    values = form.values()
    proposal = Proposal(call=call)
    for name in _OF_RECORD if stored is not None else ():
        setattr(proposal, name, getattr(stored, name))
    organization = session.get(Organization, values.pop("organization_id") or 0)
    proposal.organization = organization or Organization(name="")
    proposal.organization_id = organization.id if organization else 0
    challenge = session.get(Challenge, values.get("challenge_id") or 0)
    proposal.challenge = challenge if challenge is not None and challenge.call_id == call.id else None
    proposal.challenge_id = proposal.challenge.id if proposal.challenge else None
    for name in ("challenge_id", "department_id", "title"):
        values.pop(name)
    for name, value in values.items():
        setattr(proposal, name, value)
    proposal.title = form.title.data or ""
    put_budget(proposal, form.budget_rows())
    put_subsidies(proposal, form.subsidy_rows())
    return proposal


def group_facts(session: Session, actor: Actor, organization: Organization, besides: int = 0) -> dict[str, Any]:
    """What stands beside the applicant: its page, its papers, its earlier proposals."""
    from app.calls import queries

    return {
        "name": str(organization),
        "kind": organization.kind.label,
        "url": url_for("organization.details_view", key=organization.id),
        "earlier": [
            (one.call.name, one.title, one.state.label, url_for("proposal.details_view", key=one.id), one.id)
            for one in queries.earlier_proposals(session, actor, organization.id, besides=besides)[:10]
        ],
    }
