"""Exact sums of a budget in whole yen, tax included (rules.md 13 and 18). Fractions all the way, floored where it says."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction


@dataclasses.dataclass(frozen=True)
class BudgetLineFacts:
    """One line of a budget. amount: yen as written (whole, unless somebody typed decimals); tax_rate: 1/10 for 10 %."""

    label: str
    amount: Fraction
    is_tax_included: bool = True
    tax_rate: Fraction = Fraction(0)
    is_eligible: bool = True


def sum_including_tax(lines: Iterable[BudgetLineFacts]) -> int:
    """Yen including tax: per tax rate the excluded amounts are summed, taxed and floored once; included ones as they are."""
    included = Fraction(0)
    excluded: dict[Fraction, Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.is_tax_included:
            included += line.amount
        else:
            excluded[line.tax_rate] += line.amount
    return math.floor(included) + sum(math.floor(amount * (1 + rate)) for rate, amount in excluded.items())


def eligible_cost(lines: Iterable[BudgetLineFacts]) -> int:
    """Yen including tax of the eligible lines; never below 0."""
    return max(0, sum_including_tax(line for line in lines if line.is_eligible))


def amount_allowed(cost: int, *, cap: int | None, rate: Fraction | None, rounding_unit: int | None) -> int:
    """min(cap, cost x rate) in yen, rounded down to the unit; what is None limits nothing (rules.md: 未設定)."""
    allowed = cost if rate is None else math.floor(cost * rate)
    if cap is not None:
        allowed = min(cap, allowed)
    return allowed // rounding_unit * rounding_unit if rounding_unit else allowed
