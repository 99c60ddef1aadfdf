"""Facts and rules for the tests of the rule check: a proposal that fits each program, changed in single places."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

from app.calls.money import BudgetLineFacts
from app.calls.rules import CheckResult, ProgramRules, ProposalFacts, check, parse_rules
from seed.files import city_folder, read_toml


def seeded_rules(code: str) -> ProgramRules:
    """The rules of a program as the seed has them."""
    tables = read_toml(city_folder("kodaira") / "programs.toml")["program"]
    return parse_rules(next(table for table in tables if table["code"] == code))


SUGGESTED, IKIIKI = seeded_rules("suggested"), seeded_rules("ikiiki")
RULES_OF = {"suggested": SUGGESTED, "ikiiki": IKIIKI}


def line(amount: Any, *, rate: str | None = None, eligible: bool = True, label: str = "謝礼") -> BudgetLineFacts:
    """A line of a budget; with a rate its amount excludes tax."""
    return BudgetLineFacts(label, Fraction(amount), rate is None, Fraction(rate or 0), eligible)


def fitting(program: str, **changes: Any) -> ProposalFacts:
    """A proposal of the call of 2026 that breaks no rule, apart from the changes."""
    start, end = {
        "suggested": (dt.date(2026, 7, 1), dt.date(2027, 3, 31)),
        "ikiiki": (dt.date(2027, 4, 1), dt.date(2028, 3, 31)),
    }[program]
    facts = ProposalFacts(
        fiscal_year=2026,
        applicant_kind="civic_group",
        is_nonprofit=True,
        is_planned_and_run_by_applicant=True,
        is_in_city=True,
        start_on=start,
        end_on=end,
        budget=(line(98765),),
        requested=Fraction(98765),
        has_challenge=True,
    )
    return dataclasses.replace(facts, **changes)


def checked(program: str, **changes: Any) -> CheckResult:
    """The check of `fitting` by the seeded rules."""
    return check(fitting(program, **changes), RULES_OF[program])


def broken(program: str, **changes: Any) -> set[str]:
    """Codes of the rules that the changed proposal breaks."""
    return {finding.rule for finding in checked(program, **changes).broken}
