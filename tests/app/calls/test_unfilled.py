"""An empty form breaks no rule: what nobody has typed is 未入力; a wrong entry is a breach at once."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from app.calls.rules import BudgetLineFacts, ProposalFacts, check
from app.calls.unfilled import is_unfilled
from tests.app.calls.rule_support import seeded_rules


def _states(facts: ProposalFacts) -> dict[str, bool]:
    """{broken rule: whether it only waits for an entry}."""
    return {one.rule: is_unfilled(one, facts) for one in check(facts, seeded_rules("suggested")).broken}


def test_an_empty_form_waits_and_breaks_nothing() -> None:
    states = _states(ProposalFacts(fiscal_year=2026, other_subsidies=None))
    assert len(states) >= 9
    assert set(states.values()) == {True}


def test_what_is_typed_wrong_is_a_breach_at_once() -> None:
    facts = ProposalFacts(
        fiscal_year=2026,
        applicant_kind="business",
        is_nonprofit=False,
        start_on=dt.date(2026, 6, 30),
        budget=(BudgetLineFacts("印刷", Fraction(1_000), True, Fraction(1, 10), False),),
        requested=Fraction(100_001),
        other_subsidies=None,
    )
    states = _states(facts)
    broken = {rule for rule, waits in states.items() if not waits}
    assert broken == {"applicant_kind", "applicant_nonprofit", "period", "cap", "eligible_cost"}
    assert states["dates_in_order"] is True  # the end is not typed yet
