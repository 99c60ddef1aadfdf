"""The rule check of a proposal (rules.md 11-22): which rules there are, asked one by one. Pure, no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.calls import rules_money, rules_project
from app.calls.money import BudgetLineFacts
from app.calls.program_rules import ProgramRules, RulesError, parse_rules
from app.calls.rule_facts import CheckResult, Finding, OtherSubsidy, ProposalFacts

Rule = Callable[[ProposalFacts, ProgramRules], Finding | None]

#: Every rule that a proposal's own words can answer, in the order in which findings are shown.
RULES: tuple[Rule, ...] = (
    rules_project.applicant_kind,
    rules_project.applicant_nonprofit,
    rules_project.own_project,
    rules_project.within_city,
    rules_project.challenge_named,
    rules_project.no_other_subsidy,
    rules_project.dates_in_order,
    rules_project.period,
    rules_project.single_fiscal_year,
    rules_money.requested_whole,
    rules_money.requested_unit,
    rules_money.within_cap,
    rules_money.within_eligible_cost,
    rules_money.budget_amounts,
    rules_money.equal_lines,
)


def check(facts: ProposalFacts, rules: ProgramRules, *, more: Iterable[Finding] = ()) -> CheckResult:
    """What holds and what does not. more: findings of rules that need the database (app.calls.findings)."""
    found = [finding for rule in RULES if (finding := rule(facts, rules)) is not None]
    return CheckResult(rules_money.allowed(facts, rules), (*found, *more))


__all__ = [
    "RULES",
    "BudgetLineFacts",
    "CheckResult",
    "Finding",
    "OtherSubsidy",
    "ProgramRules",
    "ProposalFacts",
    "RulesError",
    "check",
    "parse_rules",
]
