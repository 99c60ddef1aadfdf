"""A proposal, stored or just typed, before the rules: facts out of its rows, its call's rules, what is set aside."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.program_rules import ProgramRules, parse_rules
from app.calls.rules import BudgetLineFacts, CheckResult, Finding, OtherSubsidy, ProposalFacts, check
from models.calls import Call
from models.proposal_lines import BudgetLine, TaxKind
from models.proposal_story import RuleOverride
from models.proposals import Proposal


def rules_of(call: Call) -> ProgramRules:
    """The call's own rules: its copy, with the amounts, days and settings that the office has entered."""
    rules = parse_rules(effective_rules(call))
    return dataclasses.replace(rules, period_from=call.period_from_on, period_until=call.period_until_on)


def effective_rules(call: Call) -> dict[str, Any]:
    """The copied table with the call's own cap, rate and settings in their places."""
    table = dict(call.rules or call.program.rules or {})
    money = dict(table.get("money") or {})
    if call.cap_yen is not None:
        money["cap_yen"] = call.cap_yen
    if call.rate:
        money["rate"] = call.rate
    settings = call.settings or {}
    if settings.get("rounding_unit_yen"):
        money["rounding_unit_yen"] = settings["rounding_unit_yen"]
    project = dict(table.get("project") or {})
    if settings.get("within_city") is not None:
        project["within_city"] = settings["within_city"]
    status = dict(table.get("status") or {})
    status["unset"] = [name for name in status.get("unset") or () if settings.get(name) in (None, "")]
    return table | {"money": money, "project": project, "status": status}


def facts_of(proposal: Proposal) -> ProposalFacts:
    """A stored proposal as the rules see it."""
    return ProposalFacts(
        fiscal_year=proposal.call.fiscal_year,
        applicant_kind=proposal.organization.kind.value if proposal.organization.kind else None,
        is_nonprofit=proposal.is_nonprofit,
        is_planned_and_run_by_applicant=proposal.is_organized_by_applicant,
        is_in_city=proposal.is_in_city,
        start_on=proposal.starts_on,
        end_on=proposal.ends_on,
        other_subsidies=_subsidies(proposal),
        budget=tuple(line_facts(line) for line in proposal.budget_lines),
        requested=None if proposal.requested_yen is None else Fraction(proposal.requested_yen),
        has_challenge=proposal.challenge_id is not None,
    )


def line_facts(line: BudgetLine) -> BudgetLineFacts:
    """A budget line: unit price x number, as written."""
    return BudgetLineFacts(
        label=f"{line.category} {line.label}".strip(),
        amount=Fraction(line.amount_yen),
        is_tax_included=line.tax is TaxKind.INCLUDED,
        tax_rate=Fraction(line.tax_percent, 100),
        is_eligible=line.is_eligible,
    )


def _subsidies(proposal: Proposal) -> tuple[OtherSubsidy, ...] | None:
    """None while neither a subsidy is named nor the statement is made."""
    named = tuple(
        OtherSubsidy(line.giver, None if line.amount_yen is None else Fraction(line.amount_yen))
        for line in proposal.other_subsidies
    )
    return named if named or proposal.states_no_other_subsidy else None


def check_proposal(session: Session, proposal: Proposal, *, more: Iterable[Finding] = ()) -> CheckResult:
    """Every rule on a stored proposal."""
    return check(facts_of(proposal), rules_of(proposal.call), more=more)


def overridden(session: Session, proposal: Proposal) -> dict[tuple[str, str], RuleOverride]:
    """{(rule, sentence): override}: an override holds for the very breach that it was given for."""
    rows = session.scalars(
        select(RuleOverride).where(RuleOverride.proposal_id == proposal.id).order_by(RuleOverride.id)
    )
    return {(row.rule, row.message): row for row in rows}
