"""Rules that speak only because nothing has been typed yet: shown as 未入力, not as a breach, while a form is filled in."""

from __future__ import annotations

from collections.abc import Callable

from app.calls.rule_facts import Finding, ProposalFacts

#: Rule -> whether what it needs is still missing altogether.
_IS_MISSING: dict[str, Callable[[ProposalFacts], bool]] = {
    "applicant_kind": lambda facts: facts.applicant_kind is None,
    "applicant_nonprofit": lambda facts: facts.is_nonprofit is None,
    "own_project": lambda facts: facts.is_planned_and_run_by_applicant is None,
    "within_city": lambda facts: facts.is_in_city is None,
    "challenge": lambda facts: not facts.has_challenge,
    "no_other_subsidy": lambda facts: facts.other_subsidies is None,
    "dates_in_order": lambda facts: facts.start_on is None or facts.end_on is None,
    "period": lambda facts: facts.start_on is None and facts.end_on is None,
    "requested_amount": lambda facts: facts.requested is None,
    "cap": lambda facts: facts.requested is None,
    "eligible_cost": lambda facts: facts.requested is None or not facts.budget,
}


def is_unfilled(finding: Finding, facts: ProposalFacts) -> bool:
    """Whether a broken rule waits for an entry and nothing wrong was entered."""
    missing = _IS_MISSING.get(finding.rule)
    return not finding.ok and missing is not None and missing(facts)
