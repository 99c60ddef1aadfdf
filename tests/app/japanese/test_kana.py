"""Readings: what they are, how they are sorted, under which row they stand."""

from __future__ import annotations

import random

import pytest

from app.japanese.kana import HEAD_ROWS, head_row, is_kana, reading_key, to_hiragana


@pytest.mark.parametrize(
    "text",
    [
        "こだいら",
        "コダイラ",
        "ｺﾀﾞｲﾗ",
        "こだいら　みどりのかい",
        "ボランティア・センター",
        "いすゞ",
    ],
)
def test_kana_of_every_kind_is_a_reading(text: str) -> None:
    assert is_kana(text)


@pytest.mark.parametrize("text", ["", " ", "ー", "小平", "こだいらNPO", "こだいら1"])
def test_everything_else_is_not(text: str) -> None:
    assert not is_kana(text)


def test_readings_sort_in_gojuon_order() -> None:
    ordered = [
        "あおぞら",
        "カード",
        "かい",
        "がい",
        "かいご",
        "ｶｲｺﾞﾉｶｲ",
        "きょう",
        "きよう",
        "はは",
        "ハバ",
        "ぱぱ",
        "みどり",
        "んーま",
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert sorted(shuffled, key=reading_key) == ordered


@pytest.mark.parametrize(
    ("reading", "row"),
    [
        ("こだいら", "か"),
        ("ガクシュウ", "か"),
        ("ﾊﾟｿｺﾝ", "は"),
        ("ゃ", "や"),
        ("を", "わ"),
        ("ん", "わ"),
        ("ヴ", "あ"),
        ("NPO", "他"),
        ("", "他"),
        ("ー", "他"),
    ],
)
def test_a_reading_stands_under_its_row(reading: str, row: str) -> None:
    assert head_row(reading) == row
    assert row in HEAD_ROWS


def test_katakana_becomes_hiragana() -> None:
    assert to_hiragana("ｺﾀﾞｲﾗ コダイラ") == "こだいら こだいら"
