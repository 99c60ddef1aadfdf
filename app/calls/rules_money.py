"""Rules on the money asked for (rules.md 13 and 18): tax included, eligible cost x rate, the program's cap."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from app.calls import money
from app.calls.clauses import Clause
from app.calls.program_rules import ProgramRules
from app.calls.rule_facts import Finding, ProposalFacts
from app.calls.rules_project import finding_of
from app.japanese.money import format_yen


def allowed(facts: ProposalFacts, rules: ProgramRules) -> int:
    """The most that the program pays for this budget, in yen including tax."""
    cost = money.eligible_cost(facts.budget)
    return money.amount_allowed(cost, cap=rules.cap_yen, rate=rules.rate, rounding_unit=rules.rounding_unit_yen)


def requested_whole(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """The amount asked for is a whole number of yen above 0."""
    requested = facts.requested
    if requested is None:
        ok, message = False, "希望額が入力されていません。"
    elif requested.denominator != 1:
        ok, message = False, f"希望額{_shown(requested)}に小数があります。1円単位の整数にしてください。"
    elif requested < 1:
        ok, message = False, f"希望額が{_shown(requested)}です。1円以上の金額にしてください。"
    else:
        ok, message = True, f"希望額は{_shown(requested)}です。"
    return finding_of(rules, "requested_amount", Clause.MONEY, ok=ok, message=message)


def requested_unit(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Where the program rounds to a unit, the amount asked for is a multiple of it."""
    unit = rules.rounding_unit_yen
    if not unit or unit == 1 or facts.requested is None:
        return None
    ok = facts.requested % unit == 0
    message = f"希望額は{format_yen(unit)}単位です。" if ok else f"希望額を{format_yen(unit)}単位にしてください。"
    return finding_of(rules, "rounding_unit", Clause.MONEY, ok=ok, message=message)


def within_cap(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """Rules 13 and 18: not more than the cap, compared including tax."""
    cap, requested = rules.cap_yen, facts.requested
    if cap is None:
        message = "限度額は未設定です。判定していません。"
        return finding_of(rules, "cap", Clause.MONEY, ok=True, message=message, is_unset=True)
    if requested is None:
        message = f"限度額は{format_yen(cap)}です。希望額を入力してください。"
        return finding_of(rules, "cap", Clause.MONEY, ok=False, message=message)
    ok = requested <= cap
    if ok:
        message = f"希望額は限度額{format_yen(cap)}以内です。"
    else:
        message = f"希望額{_shown(requested)}が限度額{format_yen(cap)}を超えています。限度額以内にしてください。"
    return finding_of(rules, "cap", Clause.MONEY, ok=ok, message=message)


def within_eligible_cost(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """Rules 13 and 18: not more than the eligible cost, tax included, times the rate."""
    cost = money.eligible_cost(facts.budget)
    limit = money.amount_allowed(cost, cap=None, rate=rules.rate, rounding_unit=rules.rounding_unit_yen)
    how = f"対象経費{format_yen(cost)}(税込)" + (f"の{_rate(rules.rate)}" if rules.rate is not None else "")
    if rules.is_rate_assumed:
        how += "(率は確認待ちの仮の値)"
    requested = facts.requested
    ok = requested is not None and requested <= limit
    if requested is None:
        message = f"{how}は{format_yen(limit)}です。希望額を入力してください。"
    elif ok:
        message = f"希望額は{how}={format_yen(limit)}以内です。"
    elif not any(line.is_eligible for line in facts.budget):
        message = "対象経費の行が1つもありません。予算書に対象経費を入力してください。"
    else:
        message = f"希望額{_shown(requested)}が{how}={format_yen(limit)}を超えています。"
    return finding_of(rules, "eligible_cost", Clause.MONEY, ok=ok, message=message)


def budget_amounts(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """Every line of the budget is a whole number of yen, not below 0."""
    wrong = [line for line in facts.budget if line.amount < 0 or line.amount.denominator != 1]
    if wrong:
        named = "、".join(f"「{_short(line.label)}」{_shown(line.amount)}" for line in wrong[:3])
        more = f"ほか{len(wrong) - 3}行" if len(wrong) > 3 else ""
        message = f"予算書の{named}{more}は、0円以上の整数にしてください。"
    else:
        message = f"予算書の金額はすべて整数です({len(facts.budget)}行)。"
    return finding_of(rules, "budget_amounts", Clause.MONEY, ok=not wrong, message=message)


def equal_lines(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Two equal lines are no breach, but shown: the same cost may have been written twice."""
    counted = Counter(facts.budget)
    repeated = [line for line, count in counted.items() if count > 1]
    if not repeated:
        return None
    named = "、".join(f"「{_short(line.label)}」{_shown(line.amount)}" for line in repeated[:3])
    message = (
        f"予算書に同じ行が2つ以上あります({named})。別々の経費として合計しています。重複でないか確かめてください。"
    )
    return finding_of(
        rules, "equal_budget_lines", Clause.MONEY, ok=True, message=message, overridable=True, needs_look=True
    )


def _shown(amount: Fraction) -> str:
    if amount.denominator == 1:
        return format_yen(int(amount))
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 1)
    decimals = f"{int(rest * 1000):03}".rstrip("0")
    return f"{sign}¥{int(whole):,}.{decimals or '0…'}"


def _short(text: str) -> str:
    text = " ".join(text.split()) or "名称なし"
    return text if len(text) <= 30 else text[:30] + "…"


def _rate(rate: Fraction) -> str:
    return "10分の10" if rate == 1 else f"{rate.denominator}分の{rate.numerator}"
