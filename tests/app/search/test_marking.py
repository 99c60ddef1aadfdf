"""Marks stand on the text as it is written, wherever folding found the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.bigrams import search_text
from app.search.marking import mark, snippet
from app.search.query import parse_query


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("ＮＰＯのカイゴ", "かいご", ["カイゴ"]),
        ("ｶｲｺﾞｶﾌｪ", "ゴカ", ["ｺﾞｶ"]),
        ("特定非営利活動法人みどり", "NPO法人", ["特定非営利活動法人"]),
        ("㈱みどり", "株式会社", ["㈱"]),
        ("渡邉 花子と渡辺花子", "渡辺花子", ["渡邉 花子", "渡辺花子"]),
        ("葛\U000e0100城市", "葛", ["葛\U000e0100"]),
        ("小川町三丁目", "3丁目", ["三丁目"]),
        ("介護介護", "介護", ["介護介護"]),
        ("介護と看護", "看護 介護", ["介護", "看護"]),
        ("<b>介護</b>", "介護", ["介護"]),
        ("みどり", "介護", []),
        ("みどり", "", []),
    ],
)
def test_the_written_words_are_marked(text: str, query: str, hits: list[str]) -> None:
    segments = mark(text, query)
    assert [piece for piece, is_hit in segments if is_hit] == hits
    assert "".join(piece for piece, _ in segments) == text


@given(st.text(max_size=40), st.text(max_size=6))
def test_pieces_make_the_text_again(text: str, query: str) -> None:
    assert "".join(piece for piece, _ in mark(text, query)) == text
    is_marked = any(is_hit for _, is_hit in mark(text, query))
    words = parse_query(query).words
    assert is_marked == any(spelling in search_text(text) for word in words for spelling in word)


def test_a_snippet_stands_around_the_first_hit() -> None:
    text = "あ" * 200 + "介護" + "い" * 200
    assert snippet(text, "介護", 40) == [
        ("…", False),
        ("あ" * 10, False),
        ("介護", True),
        ("い" * 28, False),
        ("…", False),
    ]
    assert snippet("みどりの会", "介護") == [("みどりの会", False)]
    assert snippet("介護の会" + "あ" * 100, "介護", 10) == [
        ("介護", True),
        ("の会ああああああ", False),
        ("…", False),
    ]
