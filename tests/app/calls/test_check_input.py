"""A proposal as JSON: what it becomes, and a sentence for everything that is malformed."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calls.check_input import InputError, parse_proposal
from app.calls.rules import check
from tests.app.calls.rule_support import SUGGESTED


def proposal(**changes: Any) -> dict[str, Any]:
    """The JSON of a proposal that fits 提示型 of 2026, with changes."""
    return {
        "applicant": {"kind": "civic_group", "nonprofit": True},
        "organizer_is_applicant": True,
        "in_city": True,
        "start": "2026-07-01",
        "end": "2027-03-31",
        "other_subsidies": [],
        "budget": [{"label": "謝礼", "amount": 98765, "tax": "included", "tax_rate": "0.10", "eligible": True}],
        "requested": 98765,
        "challenge": "見守り",
        **changes,
    }


def parsed(**changes: Any) -> Any:
    return parse_proposal(json.dumps(proposal(**changes)).encode(), 2026)


def budget_line(**changes: Any) -> list[dict[str, Any]]:
    return [{**proposal()["budget"][0], **changes}]


def test_json_becomes_facts() -> None:
    facts = parsed(other_subsidies=[{"from": "東京都", "amount": 5}])
    assert (facts.start_on, facts.end_on, facts.requested) == (dt.date(2026, 7, 1), dt.date(2027, 3, 31), 98765)
    assert (facts.other_subsidies[0].source, facts.other_subsidies[0].amount) == ("東京都", Fraction(5))
    assert check(parsed(), SUGGESTED).ok


def test_a_byte_order_mark_and_unknown_names_are_no_hindrance() -> None:
    text = json.dumps(proposal(備考="x"))
    assert check(parse_proposal(b"\xef\xbb\xbf" + text.encode(), 2026), SUGGESTED).ok


@pytest.mark.parametrize(
    ("written", "meant"),
    [(98765.0, Fraction(98765)), (0.5, Fraction(1, 2)), (1e12, Fraction(10**12)), (-1, Fraction(-1)), (0, Fraction(0))],
)
def test_numbers_are_read_exactly(written: float, meant: Fraction) -> None:
    assert parsed(requested=written).requested == meant
    assert not check(parsed(requested=-abs(written)), SUGGESTED).ok


@pytest.mark.parametrize("rate", ["0.10", "0.1", 0.1, "0.100"])
def test_equal_tax_rates_are_one_rate(rate: Any) -> None:
    lines = budget_line(tax="excluded", amount=5, tax_rate=rate) + budget_line(tax="excluded", amount=5)
    assert check(parsed(budget=lines, requested=11), SUGGESTED).amount_allowed == 11


def test_a_rate_may_be_missing_where_tax_is_included() -> None:
    assert parsed(budget=[{"label": "", "amount": 1, "tax": "included", "eligible": True}]).budget[0].amount == 1


@pytest.mark.parametrize("challenge", ["見守り", 3, {"id": 1}, ["a"]])
def test_any_challenge_that_is_not_empty_is_accepted(challenge: Any) -> None:
    assert parsed(challenge=challenge).has_challenge


@pytest.mark.parametrize("challenge", ["", "  ", "　", None, [], {}, False])
def test_an_empty_challenge_is_a_broken_rule_and_no_malformed_file(challenge: Any) -> None:
    assert {finding.rule for finding in check(parsed(challenge=challenge), SUGGESTED).broken} == {"challenge"}


@pytest.mark.parametrize(
    "changes",
    [
        {"applicant": None},
        {"applicant": "civic_group"},
        {"applicant": {}},
        {"applicant": {"kind": "alien", "nonprofit": True}},
        {"applicant": {"kind": ["business"], "nonprofit": True}},
        {"applicant": {"kind": "business", "nonprofit": "true"}},
        {"applicant": {"kind": "business", "nonprofit": None}},
        {"organizer_is_applicant": 1},
        {"in_city": None},
        {"start": "2026/7/1"},
        {"start": "20260701"},
        {"start": "２０２６-０７-０１"},
        {"start": "2026-02-30"},
        {"start": "0000-01-01"},
        {"start": "2026-07-01T00:00:00"},
        {"end": None},
        {"end": 20270331},
        {"other_subsidies": None},
        {"other_subsidies": {}},
        {"other_subsidies": ["東京都"]},
        {"other_subsidies": [{"from": "東京都"}]},
        {"other_subsidies": [{"from": 3, "amount": 1}]},
        {"budget": "なし"},
        {"budget": [[]]},
        {"budget": budget_line(amount="98765")},
        {"budget": budget_line(amount=True)},
        {"budget": budget_line(amount=None)},
        {"budget": budget_line(amount=10**16)},
        {"budget": budget_line(tax="税込")},
        {"budget": budget_line(tax_rate="10%")},
        {"budget": budget_line(tax_rate="1.10")},
        {"budget": budget_line(tax_rate=10)},
        {"budget": budget_line(tax_rate="-0.1")},
        {"budget": budget_line(tax="excluded", tax_rate=None)},
        {"budget": budget_line(eligible="はい")},
        {"budget": budget_line(label=None)},
        {"requested": "98,765"},
        {"requested": None},
        {"requested": True},
        {"requested": 10**40},
        {"requested": [1]},
    ],
)
def test_malformed_values_are_refused_with_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"。$"):
        parsed(**changes)


@pytest.mark.parametrize("name", [name for name in proposal() if name != "challenge"])
def test_a_missing_name_is_said(name: str) -> None:
    table = proposal()
    del table[name]
    with pytest.raises(InputError, match=name):
        parse_proposal(json.dumps(table).encode(), 2026)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"null",
        b"[]",
        b"3",
        b'"x"',
        b"{",
        b"{'a': 1}",
        b"\xff\xfe{\x00}\x00",
        "{}".encode("utf-16"),
        '{"a":"見守り"}'.encode("cp932"),
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"requested": NaN}',
        b'{"requested": Infinity}',
        b'{"requested": 1e999999999999999999999}',
        b'{"requested": 1e400}',
        b'{"requested": 1' + b"0" * 10_000 + b"}",
        b'{"requested": 1, "requested": 2}',
        b"PK\x03\x04" + bytes(100),
        b" " * (5 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_json_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match=r"。$"):
        parse_proposal(data, 2026)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(proposal())), value=_JSON)
def test_whatever_stands_in_one_place_is_judged_or_refused(name: str, value: Any) -> None:
    try:
        facts = parse_proposal(json.dumps(proposal(**{name: value})).encode(), 2026)
    except InputError as refused:
        assert str(refused).endswith("。")
    else:
        result = check(facts, SUGGESTED)
        json.dumps(result.as_json(), ensure_ascii=False).encode()


@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_proposal(data, 2026)
