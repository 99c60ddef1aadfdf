"""Clean text: nothing is dropped silently, what cannot be kept or written is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.japanese.text import (
    TextError,
    char_count,
    check_length,
    clean_line,
    clean_text,
    cp932_problems,
    to_cp932_twins,
    utf16_length,
)


def test_line_ends_become_one_kind_and_blank_ends_go() -> None:
    assert clean_text("\ufeff　一行目\r\n二行目\r三\u2028四\x0b五 \n") == "一行目\n二行目\n三\n四\n五"
    assert clean_line("小平\n 太郎\t様") == "小平 太郎 様"
    assert clean_line("小平　太郎") == "小平　太郎"


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x7f", "\u202e", "\ud800", "\uffff"])
def test_signs_that_cannot_be_kept_are_refused_with_their_place_or_left_out(
    bad: str,
) -> None:
    with pytest.raises(
        TextError,
        match=f"^3文字目に使えない文字\\(制御文字 U\\+{ord(bad):04X}\\)があります。",
    ):
        clean_text(f"小平{bad}市")
    assert clean_text(f"小平{bad}市", strip_controls=True) == "小平市"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text, strip_controls=True)
    assert clean_text(once) == once


def test_emoji_and_variation_selectors_are_kept() -> None:
    assert clean_text("葛\U000e0100城👩‍👧") == "葛\U000e0100城👩‍👧"


def test_lengths() -> None:
    assert char_count("か\u3099葛\U000e0100") == 2
    assert utf16_length("a😀") == 3
    check_length("あ" * 300, 300, "団体名")
    with pytest.raises(
        TextError,
        match="^「団体名」は300文字までです。いま302文字あります。2文字減らしてください。$",
    ):
        check_length("あ" * 302, 300, "団体名")


def test_characters_that_cp932_lacks_are_named_once_in_order() -> None:
    assert cp932_problems("渡邉髙﨑①㈱〜−‖¥ー") == []
    assert cp932_problems("𠮷野家😀とé𠮷") == ["𠮷", "😀", "é"]


@given(st.text())
def test_without_problems_a_text_can_be_written(text: str) -> None:
    good = "".join(char for char in text if not cp932_problems(char))
    to_cp932_twins(good).encode("cp932")
