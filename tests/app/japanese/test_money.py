"""Money: whole yen, typed with or without commas and full-width digits."""

from __future__ import annotations

import jaconv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.japanese.money import MAX_YEN, MoneyError, format_yen, parse_yen


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0", 0),
        ("1000000", 1_000_000),
        ("1,000,000", 1_000_000),
        ("¥1,000,000", 1_000_000),
        ("¥1,000,000円", 1_000_000),
        ("\\1,000", 1000),
        ("１，０００，０００円", 1_000_000),
        ("10万円", 100_000),
        ("10万", 100_000),
        ("1億2,000万円", 120_000_000),
        ("1万5千円", 15_000),
        ("1万5000円", 15_000),
        ("1,234千円", 1_234_000),
        (" 1 000 ", 1000),
        ("1,000,000,000,000", MAX_YEN),
        ("1,000円也", 1000),
    ],
)
def test_an_amount_is_read_however_it_is_typed(typed: str, amount: int) -> None:
    assert parse_yen(typed) == amount


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "金額が入力されていません。"),
        ("1.5", "小数があります。"),
        ("1.5万円", "小数があります。"),
        ("-1", "0円より小さい金額です。"),
        ("△1,000", "0円より小さい金額です。"),
        ("1,000,000,000,001", "大きすぎます。"),
        ("9" * 100, "大きすぎます。"),
        ("1,00", "コンマの位置が合いません。"),
        ("10,0000", "コンマの位置が合いません。"),
        (",", "コンマの位置が合いません。"),
        ("千円", "金額として読めません。"),
        ("1千2万", "金額として読めません。"),
        ("10ドル", "金額として読めません。"),
        ("1e5", "金額として読めません。"),
        ("=1+1", "金額として読めません。"),
        (".", "金額として読めません。"),
        ("¥", "金額として読めません。"),
        ("十万円", "金額として読めません。"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(MoneyError) as refusal:
        parse_yen(typed)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    "typed",
    ["-1,000", "△1,000", "▲１，０００", "(1,000)", "-¥1,000", "¥-1,000", "−1000"],
)
def test_negative_amounts_are_read_where_they_are_allowed(typed: str) -> None:
    assert parse_yen(typed, allow_negative=True) == -1000


@given(st.integers(-MAX_YEN, MAX_YEN))
def test_what_is_shown_is_read_back(amount: int) -> None:
    shown = format_yen(amount)
    assert parse_yen(shown, allow_negative=True) == amount
    assert parse_yen(jaconv.h2z(shown, ascii=True, digit=True), allow_negative=True) == amount


@given(st.text(max_size=30) | st.text(alphabet="0123456789,.億万千円¥-△()", max_size=20))
def test_whatever_is_typed_gives_an_amount_or_a_sentence(typed: str) -> None:
    try:
        assert 0 <= parse_yen(typed) <= MAX_YEN
    except MoneyError as refusal:
        assert str(refusal).endswith(("。", "。)", ")。"))


def test_money_is_shown_with_commas() -> None:
    assert [format_yen(n) for n in (0, 999, 1_000_000, -500)] == [
        "¥0",
        "¥999",
        "¥1,000,000",
        "-¥500",
    ]
