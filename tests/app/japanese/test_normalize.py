"""Folding: what is the same to a person who searches is the same text."""

from __future__ import annotations

import unicodedata

import jaconv
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.japanese.normalize import fold, fold_name, fold_with_offsets, legal_form_of
from app.japanese.variants import variant_map

PIECES = st.sampled_from(
    [
        "NPO法人",
        "特定非営利活動法人",
        "(特非)",
        "㈱",
        "株式会社",
        "(株)",
        "一社",
        "(一社)",
        "渡邉",
        "髙",
        "﨑",
        "三丁目",
        "第二",
        "十一番",
        "々",
        "ゝ",
        "ゞ",
        "ヶ",
        "ケ丘",
        "ｶﾞ",
        "ｶ",
        "ﾞ",
        "ー",
        "－",
        "゛",
        "Σ",
        "ς",
        "İ",
        "ß",
        "がぎ",
        "一",
        "十",
        "丁",
        "号",
        "(",
        ")",
        "（",
        "）",
        "npo",
        "特定非営利",
        "活動",
        "①",
        " ",
        "\u3000",
        "\t",
        "\x00",
        "\ufe0f",
        "\u200d",
        "\ud800",
        "か\u3099",
        "🏳\ufe0f\u200d🌈",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("介護", "介護"),
        ("ｶｲｺﾞ", "かいご"),
        ("カイゴ", "かいご"),
        ("ＮＰＯ", "npo"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("國學院", "国学院"),
        ("澤田", "沢田"),
        ("葛\U000e0100城", "葛城"),
        ("佐々木", "佐佐木"),
        ("いすゞ", "いすず"),
        ("三丁目", "3丁目"),
        ("三丁目", "３丁目"),
        ("第二小学校", "第2小学校"),
        ("小川町一丁目十五番", "小川町1丁目15番"),
        ("第二〇回", "第20回"),
        ("つつじヶ丘", "つつじケ丘".replace("ケ", "ヶ")),
        ("茜ヶ丘", "茜ケ丘"),
        ("茜ヶ丘", "茜が丘"),
        ("3ヶ月", "3か月"),
        ("3ヵ月", "3ケ月"),
        ("NPO法人", "特定非営利活動法人"),
        ("（特非）", "NPO法人"),
        ("㈱", "株式会社"),
        ("㈲", "(有)"),
        ("㈳", "社団法人"),
        ("(福)", "社会福祉法人"),
        ("学校法人", "學校法人"),
        ("042-341-1211", "042－341‐1211"),
        ("センター", "ｾﾝﾀｰ"),
        ("小平　 太郎\n", "小平 太郎"),
        ("か゛", "ガ"),
    ],
)
def test_what_means_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("介護", "看護"),
        ("はは", "ぱぱ"),
        ("市民", "市民会"),
        ("三田", "3田"),
        ("荻窪", "萩窪"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(TEXTS)
@example("(特定非営利活動)")
@example("第二々丁")
@example("(特非)々")
@example("か\ufe0f\u3099")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(TEXTS, st.data())
def test_a_piece_of_a_folded_text_is_folded(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    piece = folded[start : data.draw(st.integers(start, len(folded)))]
    if piece and not unicodedata.combining(piece[0]):
        assert fold(piece) == piece.strip(" ")


@given(
    st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("アイガパッーン。「」"))
)
def test_width_does_not_matter(text: str) -> None:
    assert (
        fold(jaconv.h2z(text, ascii=True, digit=True)) == fold(text) == fold(jaconv.z2h(text, ascii=True, digit=True))
    )


@given(TEXTS)
def test_offsets_lead_back_to_the_source(text: str) -> None:
    folded = fold_with_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


def test_offsets_of_half_width_kana_span_the_mark() -> None:
    folded = fold_with_offsets("A ｶﾞ渡邉")
    assert [("A ｶﾞ渡邉"[s:e], c) for c, s, e in zip(folded.text, folded.starts, folded.ends, strict=True)] == [
        ("A", "a"),
        (" ", " "),
        ("ｶﾞ", "が"),
        ("渡", "渡"),
        ("邉", "辺"),
    ]


def test_the_table_of_variants_has_no_chains_and_no_contradiction() -> None:
    table = variant_map()
    assert len(table) > 400
    assert not set(table) & set(table.values())
    assert all(len(old) == len(new) == 1 for old, new in table.items())
    assert all(unicodedata.normalize("NFKC", char) == char for char in [*table, *table.values()])


@pytest.mark.parametrize(
    "name",
    [
        "NPO法人小平みどりの会",
        "特定非営利活動法人 小平みどりの会",
        "(特非)小平みどりの会",
        "特非 小平ミドリの会",
        "小平みどりの会",
        "「小平・みどりの会」",
        "小平みどりの会　㈱",
    ],
)
def test_a_name_is_the_same_with_and_without_its_legal_form(name: str) -> None:
    assert fold_name(name) == "小平みどりの会"


@given(TEXTS)
@example("㈱")
@example("株式会社一社")
@example("第　二丁目")
def test_folding_a_name_twice_changes_nothing(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once


def test_a_name_that_is_only_a_legal_form_or_signs_keeps_something() -> None:
    assert fold_name("㈱") == "株式会社"
    assert fold_name("★★") == "★★"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("NPO法人A", "NPO法人"),
        ("特定非営利活動法人A", "NPO法人"),
        ("認定特定非営利活動法人A", "認定NPO法人"),
        ("A（株）", "株式会社"),
        ("一社A", "一般社団法人"),
        ("公益財団法人A", "公益財団法人"),
        ("国立大学法人一橋大学", "国立大学法人"),
        ("(福)小平市社会福祉協議会", "社会福祉法人"),
        ("小平市 (有)山田", "有限会社"),
        ("小平みどりの会", None),
        ("", None),
    ],
)
def test_the_legal_form_is_read_from_the_name(name: str, form: str | None) -> None:
    assert legal_form_of(name) == form
