"""The sums of a budget against an oracle that counts in ten-thousandths of a yen, one by one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.calls.money import BudgetLineFacts, amount_allowed, eligible_cost, sum_including_tax

_RATES = {"0": 10000, "0.05": 10500, "0.08": 10800, "0.10": 11000}

LINES = st.lists(
    st.builds(
        BudgetLineFacts,
        label=st.just("x"),
        amount=st.integers(0, 2_000_000).map(Fraction),
        is_tax_included=st.booleans(),
        tax_rate=st.sampled_from(sorted(_RATES)).map(Fraction),
        is_eligible=st.booleans(),
    ),
    max_size=12,
)


def _oracle(lines: list[BudgetLineFacts]) -> int:
    """Eligible cost in yen by integer arithmetic alone: buckets of ten-thousandths, cut off at the end."""
    total = 0
    buckets = dict.fromkeys(_RATES.values(), 0)
    for line in lines:
        if not line.is_eligible:
            continue
        if line.is_tax_included:
            total += int(line.amount)
            continue
        for text, factor in _RATES.items():
            if Fraction(text) == line.tax_rate:
                buckets[factor] += int(line.amount) * factor
    for ten_thousandths in buckets.values():
        total += ten_thousandths // 10000
    return total


@given(lines=LINES)
def test_the_eligible_cost_is_the_oracles(lines: list[BudgetLineFacts]) -> None:
    assert eligible_cost(lines) == _oracle(lines)


@given(lines=LINES, cap=st.integers(0, 2_000_000), tenths=st.integers(0, 10), unit=st.sampled_from([None, 1, 1000]))
def test_what_is_allowed_is_never_above_cap_or_share(
    lines: list[BudgetLineFacts], cap: int, tenths: int, unit: int | None
) -> None:
    cost = _oracle(lines)
    allowed = amount_allowed(cost, cap=cap, rate=Fraction(tenths, 10), rounding_unit=unit)
    expected = min(cap, cost * tenths // 10)
    assert allowed == expected - expected % (unit or 1)


@given(lines=LINES, order=st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter_and_ineligible_lines_count_nothing(
    lines: list[BudgetLineFacts], order: object
) -> None:
    shuffled = list(lines)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert eligible_cost(shuffled) == eligible_cost(lines)
    assert eligible_cost(lines) == sum_including_tax([line for line in lines if line.is_eligible])


def test_negative_lines_never_make_a_negative_cost() -> None:
    assert eligible_cost([BudgetLineFacts("値引", Fraction(-500))]) == 0
