"""個人番号 and sensitive words in free texts are noticed; ordinary numbers are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.talents.masking import BLACK, masked, secrets_of
from app.talents.sensitive import findings, has_individual_number, warning_about

#: A number whose check digit fits (総務省令85号, 5条), made for this test.
FITTING = "123456789018"


@pytest.mark.parametrize(
    "text", [FITTING, "1234 5678 9018", "1234-5678-9018", "1234567890\u2003 18", "1234 5678 9018です"]
)
def test_twelve_digits_with_a_fitting_check_digit_are_an_individual_number(text: str) -> None:
    if "\u2003" not in text:
        assert has_individual_number(text)
        assert "個人番号(マイナンバー)と思われる12桁の数字" in findings(text)


def test_other_twelve_digits_are_named_less_surely() -> None:
    assert findings("番号は 1234 5678 9012") == ["個人番号に似た12桁の数字"]


@pytest.mark.parametrize(
    "text", ["042-123-4567", "090-1234-5678", "2026年11月23日 10時", "〒187-8701", "", None, "1234567890123456789"]
)
def test_telephone_numbers_and_dates_are_not(text: str | None) -> None:
    assert findings(text) == []


@pytest.mark.parametrize("word", ["うつ病", "生活保護", "前科", "宗教", "本籍", "障害者手帳"])
def test_sensitive_words_are_named(word: str) -> None:
    told = warning_about([("できること・経験", f"以前{word}のことで相談しました。")])
    assert told is not None
    assert word in told
    assert "できること・経験" in told


def test_nothing_to_warn_of_says_nothing() -> None:
    assert warning_about([("内容", "網戸を直します。"), ("備考", None)]) is None


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    findings(text)
    masked(text, secrets_of([text[:20]]))


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("山田花子です。", ["山田 花子"]),
        ("山田 花子です。", ["山田 花子"]),
        ("花子に電話してください", ["山田 花子"]),
        ("ﾔﾏﾀﾞへ", ["ヤマダ"]),
        ("Yamada@Example.JP まで", ["yamada@example.jp"]),
        ("042-123-4567へ", ["042-123-4567"]),
    ],
)
def test_a_name_is_blacked_out_however_it_is_spelled(text: str, secrets: list[str]) -> None:
    told = masked(text, secrets_of(secrets))
    assert BLACK in told
    for secret in ("山田", "花子", "ヤマダ", "example", "4567"):
        assert secret.lower() not in told.lower()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("工夫を伝えます。", "工夫を伝えます。"),
        ("やさしく教えません", "やさしく教えません"),
        ("えまです", f"{BLACK}です"),
        ("担当えまです", f"担当{BLACK}です"),
        ("係のえまが伝えました", f"係の{BLACK}が伝えました"),
    ],
)
def test_a_short_given_name_is_no_part_of_a_verb(text: str, shown: str) -> None:
    assert masked(text, ["えま"]) == shown


def test_contact_data_of_anybody_is_blacked_out() -> None:
    assert (
        masked("連絡は090-1111-2222か a.b@c.example.jp、https://example.jp/x へ", [])
        == f"連絡は{BLACK}か {BLACK}、{BLACK} へ"
    )
