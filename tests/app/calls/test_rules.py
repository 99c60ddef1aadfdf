"""The rules of both programs, case by case as the handbook words them (実践編2)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from app.calls.rules import OtherSubsidy, RulesError, check, parse_rules
from tests.app.calls.rule_support import IKIIKI, SUGGESTED, broken, checked, fitting, line


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("program", ["suggested", "ikiiki"])
def test_a_fitting_proposal_breaks_nothing(program: str) -> None:
    result = checked(program)
    assert (result.ok, result.amount_allowed, result.broken) == (True, 98765, ())


# 応募できる団体: 市民活動団体、ボランティア団体、NPO、自治会等で公益的活動を行う非営利団体
@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"applicant_kind": "civic_group"}, set()),
        ({"applicant_kind": "neighbourhood"}, set()),
        ({"applicant_kind": "business"}, {"applicant_kind"}),
        ({"applicant_kind": "university"}, {"applicant_kind"}),
        ({"applicant_kind": "government"}, {"applicant_kind"}),
        ({"applicant_kind": "person"}, {"applicant_kind"}),
        ({"applicant_kind": None}, {"applicant_kind"}),
        ({"is_nonprofit": False}, {"applicant_nonprofit"}),
        ({"is_nonprofit": None}, {"applicant_nonprofit"}),
        ({"applicant_kind": "business", "is_nonprofit": False}, {"applicant_kind", "applicant_nonprofit"}),
        ({"has_challenge": False}, {"challenge"}),
    ],
)
@pytest.mark.parametrize("program", ["suggested", "ikiiki"])
def test_who_may_apply_and_for_what(program: str, changes: dict[str, Any], rules: set[str]) -> None:
    assert broken(program, **changes) == rules


# 事業の主な要件 ①②③, 市内で実施する単年度事業: asked by 提示型 alone.
@pytest.mark.parametrize(
    ("changes", "suggested"),
    [
        ({"is_planned_and_run_by_applicant": False}, {"own_project"}),
        ({"is_planned_and_run_by_applicant": None}, {"own_project"}),
        ({"is_in_city": False}, {"within_city"}),
        ({"is_in_city": None}, {"within_city"}),
        ({"other_subsidies": (OtherSubsidy("東京都", Fraction(50000)),)}, {"no_other_subsidy"}),
        ({"other_subsidies": (OtherSubsidy("民間財団", Fraction(0)),)}, {"no_other_subsidy"}),
        ({"other_subsidies": None}, {"no_other_subsidy"}),
    ],
)
def test_the_main_requirements_are_those_of_the_suggested_program(changes: dict[str, Any], suggested: set[str]) -> None:
    assert broken("suggested", **changes) == suggested
    assert broken("ikiiki", **changes) == set()


@pytest.mark.parametrize(
    ("program", "start", "end", "rules"),
    [
        # 1年間の単年度(7月〜3月)
        ("suggested", "2026-07-01", "2026-07-01", set()),
        ("suggested", "2026-06-30", "2027-03-31", {"period"}),
        ("suggested", "2026-07-01", "2027-04-01", {"period", "single_fiscal_year"}),
        ("suggested", "2027-03-31", "2026-07-01", {"dates_in_order"}),
        ("suggested", "2025-07-01", "2026-03-31", {"period"}),
        ("suggested", "2027-07-01", "2028-03-31", {"period"}),
        ("suggested", "2025-08-01", "2027-04-01", {"period", "single_fiscal_year"}),
        # 1年間の単年度(4月〜3月), of the year after the call
        ("ikiiki", "2027-04-01", "2028-03-31", set()),
        ("ikiiki", "2027-03-31", "2028-03-31", {"period", "single_fiscal_year"}),
        ("ikiiki", "2027-04-01", "2028-04-01", {"period", "single_fiscal_year"}),
        ("ikiiki", "2026-07-01", "2027-03-31", {"period"}),
        ("ikiiki", "2028-02-29", "2028-02-28", {"dates_in_order"}),
    ],
)
def test_the_period_is_that_of_the_program(program: str, start: str, end: str, rules: set[str]) -> None:
    assert broken(program, start_on=day(start), end_on=day(end)) == rules


@pytest.mark.parametrize("missing", [{"start_on": None}, {"end_on": None}, {"start_on": None, "end_on": None}])
def test_missing_days_are_said(missing: dict[str, None]) -> None:
    assert broken("suggested", **missing) == {"dates_in_order", "period"}


@pytest.mark.parametrize(
    ("program", "budget", "requested", "allowed", "rules"),
    [
        # 10万円を限度に補助対象経費の10分の10: eligible 98,765 → at most 98,765
        ("suggested", [line(98765)], 98765, 98765, set()),
        ("suggested", [line(98765)], 98766, 98765, {"eligible_cost"}),
        ("suggested", [line(150000)], 100000, 100000, set()),
        ("suggested", [line(150000)], 100001, 100000, {"cap"}),
        ("suggested", [line(90000), line(30000, eligible=False)], 100000, 90000, {"eligible_cost"}),
        ("suggested", [], 1, 0, {"eligible_cost"}),
        ("suggested", [line(50000)], 0, 50000, {"requested_amount"}),
        ("suggested", [line(50000)], -1, 50000, {"requested_amount"}),
        ("suggested", [line(50000)], Fraction(3, 2), 50000, {"requested_amount"}),
        ("suggested", [line(50000)], 10**12, 50000, {"cap", "eligible_cost"}),
        ("suggested", [line(-5)], 1, 0, {"budget_amounts", "eligible_cost"}),
        ("suggested", [line(Fraction(201, 2))], 100, 100, {"budget_amounts"}),
        # 上限100万円(消費税込): 909,091 excluding 10 % = 1,000,000.1 → 1,000,000 fits
        ("ikiiki", [line(909091, rate="0.10")], 1000000, 1000000, set()),
        ("ikiiki", [line(909090, rate="0.10")], 1000000, 999999, {"eligible_cost"}),
        ("ikiiki", [line(909092, rate="0.10")], 1000001, 1000000, {"cap"}),
        ("ikiiki", [line(1000001)], 1000000, 1000000, set()),
        # Floored once a rate, not once a line: 3 x 101 x 1.08 = 327.24, though each line alone has 109.08
        ("ikiiki", [line(101, rate="0.08")] * 3, 327, 327, set()),
        ("ikiiki", [line(5, rate="0.10")] * 2, 11, 11, set()),
        # Two rates are floored apart: 5.5 + 5.4 = 5 + 5
        ("ikiiki", [line(5, rate="0.10"), line(5, rate="0.08")], 11, 10, {"eligible_cost"}),
        ("ikiiki", [line(5, rate="0.10"), line(5, rate="0.08"), line(7, rate="0"), line(3)], 20, 20, set()),
    ],
)
def test_the_money_asked_for(program: str, budget: list[Any], requested: Any, allowed: int, rules: set[str]) -> None:
    result = checked(program, budget=tuple(budget), requested=Fraction(requested))
    assert (result.amount_allowed, {finding.rule for finding in result.broken}) == (allowed, rules)


def test_equal_lines_are_shown_and_break_nothing() -> None:
    result = checked("suggested", budget=(line(49000), line(49000)), requested=Fraction(98000))
    assert (result.ok, result.amount_allowed) == (True, 98000)
    [equal] = [finding for finding in result.findings if finding.needs_look]
    assert set(equal.as_json()) == {"rule", "clause", "ok", "overridable", "message"}
    assert [finding.message for finding in result.findings if finding.rule == "equal_budget_lines"] == [
        "予算書に同じ行が2つ以上あります(「謝礼」¥49,000)。別々の経費として合計しています。重複でないか確かめてください。"
    ]


def test_findings_name_their_clause_and_say_what_to_do() -> None:
    [finding] = checked("suggested", applicant_kind="business").broken
    assert finding.as_json() == {
        "rule": "applicant_kind",
        "clause": "提示型公募事業 応募できる団体",
        "ok": False,
        "overridable": False,
        "message": "民間事業者・団体は応募できません。応募できるのは市民活動団体、ボランティア団体、NPO、自治会等です。"
        "協力する相手として加わることはできます。",
    }
    [over] = checked("suggested", requested=Fraction(100001), budget=(line(200000),)).broken
    assert (over.clause, over.message) == (
        "提示型公募事業 公募事業の予算",
        "希望額¥100,001が限度額¥100,000を超えています。限度額以内にしてください。",
    )


def test_what_the_handbook_leaves_open_is_said_and_not_judged() -> None:
    [place] = [finding for finding in checked("ikiiki", is_in_city=False).findings if finding.rule == "within_city"]
    assert place.ok
    assert place.is_unset
    assert "未設定" in place.message
    open_rules = dataclasses.replace(SUGGESTED, cap_yen=None, rate=None, first_month=None, applicant_kinds=())
    result = check(fitting("suggested", applicant_kind="business", budget=(line(200000),)), open_rules)
    assert (result.ok, result.amount_allowed) == (True, 200000)
    assert sum("未設定" in finding.message for finding in result.findings) == 3


def test_a_call_may_round_to_a_unit() -> None:
    rules = dataclasses.replace(SUGGESTED, rounding_unit_yen=1000)
    assert check(fitting("suggested", requested=Fraction(98000)), rules).ok
    result = check(fitting("suggested"), rules)
    assert result.amount_allowed == 98000
    assert {finding.rule for finding in result.broken} == {"rounding_unit", "eligible_cost"}


def test_programs_know_their_windows() -> None:
    assert IKIIKI.period(2026) == (day("2027-04-01"), day("2028-03-31"))
    coordination, evaluation = IKIIKI.find_step("coordination"), IKIIKI.find_step("evaluation")
    assert coordination is not None and coordination.window(2026) == (day("2026-08-01"), day("2026-09-20"))
    assert evaluation is not None and evaluation.window(2026) == (day("2028-04-01"), None)
    assert SUGGESTED.period(2023) == (day("2023-07-01"), day("2024-03-31"))


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"code": "x"},
        {"code": "x", "name": "x", "money": {"cap_yen": -1}},
        {"code": "x", "name": "x", "money": {"cap_yen": "多め"}},
        {"code": "x", "name": "x", "money": {"rate": "1/0"}},
        {"code": "x", "name": "x", "money": {"rounding_unit_yen": 0}},
        {"code": "x", "name": "x", "period": {"first_month": 13}},
        {"code": "x", "name": "x", "period": []},
        {"code": "x", "name": "x", "money": 3},
        {"code": "x", "name": "x", "calendar": [{"step": "a", "label": "a", "starts_on": "02-30"}]},
    ],
)
def test_a_table_of_rules_that_makes_no_sense_is_refused(table: dict[str, Any]) -> None:
    if table.get("period") == []:
        assert parse_rules(table).period(2026) is None
        return
    with pytest.raises(RulesError, match="規則"):
        parse_rules(table)
