"""`flask calls check FILE` against a tiny judge that was written from the issue's words alone, with Fractions."""

from __future__ import annotations

import datetime as dt
import json
import math
from fractions import Fraction
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.calls.check_input import parse_proposal
from app.calls.rules import check
from tests.app.calls.rule_support import seeded_rules
from tests.app.calls.test_check_input import proposal

RULES = {code: seeded_rules(code) for code in ("suggested", "ikiiki")}
CAP = {"suggested": 100_000, "ikiiki": 1_000_000}


def _allowed(program: str, budget: list[dict[str, Any]]) -> int:
    """min(cap, eligible cost, tax included); each rate's excluded sum is taxed and floored once."""
    cost = sum(line["amount"] for line in budget if line["eligible"] and line["tax"] == "included")
    for rate in {Fraction(line["tax_rate"]) for line in budget}:
        net = sum(
            line["amount"]
            for line in budget
            if line["eligible"] and line["tax"] == "excluded" and Fraction(line["tax_rate"]) == rate
        )
        cost += math.floor(net * (1 + rate))
    return min(CAP[program], cost)


def _window(program: str, year: int) -> tuple[dt.date, dt.date]:
    if program == "suggested":
        return dt.date(year, 7, 1), dt.date(year + 1, 3, 31)
    return dt.date(year + 1, 4, 1), dt.date(year + 2, 3, 31)


def _is_ok(program: str, year: int, told: dict[str, Any]) -> bool:
    start, end = dt.date.fromisoformat(told["start"]), dt.date.fromisoformat(told["end"])
    first, last = _window(program, year)
    holds = [
        told["applicant"]["kind"] in ("civic_group", "neighbourhood"),
        told["applicant"]["nonprofit"],
        first <= start <= end <= last,
        1 <= told["requested"] <= _allowed(program, told["budget"]),
        bool(told["challenge"]),
    ]
    if program == "suggested":
        holds += [told["organizer_is_applicant"], told["in_city"], told["other_subsidies"] == []]
    return all(holds)


_LINES = st.lists(
    st.fixed_dictionaries(
        {
            "label": st.sampled_from(["謝礼", "印刷費", ""]),
            "amount": st.integers(0, 1_200_000) | st.integers(0, 2_000) | st.just(909_091),
            "tax": st.sampled_from(["included", "excluded"]),
            "tax_rate": st.sampled_from(["0", "0.08", "0.10", "0.1"]),
            "eligible": st.sampled_from([True, True, True, False]),
        }
    ),
    max_size=6,
)
_MOSTLY = st.sampled_from([True, True, True, True, False])


@st.composite
def _cases(draw: st.DrawFn) -> tuple[str, int, dict[str, Any]]:
    program, year = draw(st.sampled_from(sorted(CAP))), draw(st.integers(2024, 2028))
    first, last = _window(program, year)
    budget = draw(_LINES)
    allowed = _allowed(program, budget)
    requested = draw(st.sampled_from([allowed, allowed + 1, max(1, allowed - 1), 1, 0, -1, 100_001, 10**12]))
    start = draw(st.sampled_from([first, first - dt.timedelta(days=1), first + dt.timedelta(days=40)]))
    end = draw(st.sampled_from([last, last + dt.timedelta(days=1), first, first + dt.timedelta(days=39)]))
    return (
        program,
        year,
        {
            "applicant": {
                "kind": draw(
                    st.sampled_from(["civic_group", "neighbourhood", "civic_group", "university", "business"])
                ),
                "nonprofit": draw(_MOSTLY),
            },
            "organizer_is_applicant": draw(_MOSTLY),
            "in_city": draw(_MOSTLY),
            "start": start.isoformat(),
            "end": end.isoformat(),
            "other_subsidies": draw(st.sampled_from([[], [], [], [{"from": "民間の財団", "amount": 1}]])),
            "budget": budget,
            "requested": requested,
            "challenge": draw(st.sampled_from(["見守り", "x", ""])),
        },
    )


def _excluded(*amounts: tuple[int, str]) -> list[dict[str, Any]]:
    return [
        {"label": "a", "amount": amount, "tax": "excluded", "tax_rate": rate, "eligible": True}
        for amount, rate in amounts
    ]


_IKIIKI = proposal(start="2027-04-01", end="2028-03-31")


@settings(max_examples=300, deadline=None)
@example(("suggested", 2026, proposal()))
@example(("suggested", 2026, proposal(requested=98_766)))
@example(("suggested", 2026, proposal(budget=_excluded((5, "0.1"), (5, "0.10")), requested=11)))
@example(("suggested", 2026, proposal(budget=_excluded((105, "0.08"), (105, "0.10"), (7, "0")), requested=235)))
@example(("ikiiki", 2026, _IKIIKI | {"budget": _excluded((909_091, "0.10")), "requested": 1_000_000}))
@example(("ikiiki", 2026, _IKIIKI | {"budget": _excluded((909_092, "0.10")), "requested": 1_000_001}))
@given(case=_cases())
def test_the_check_says_what_the_issue_says(case: tuple[str, int, dict[str, Any]]) -> None:
    program, year, told = case
    result = check(parse_proposal(json.dumps(told).encode(), year), RULES[program])
    assert result.amount_allowed == _allowed(program, told["budget"])
    assert result.ok == _is_ok(program, year, told)
