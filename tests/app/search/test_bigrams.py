"""Tokens: what FTS5 and PostgreSQL take as one word, whatever characters a text holds."""

from __future__ import annotations

import sqlite3
import string

from hypothesis import given
from hypothesis import strategies as st

from app.search.bigrams import bigrams, code_of, scope, search_text


def test_pairs_overlap_and_the_last_character_stands_alone() -> None:
    assert bigrams("介護") == ["介護", "護"]
    assert bigrams("カフェ部") == ["かふ", "ふぇ", "ぇ部", "部"]
    assert bigrams("A") == ["a"]
    assert bigrams("") == []
    assert bigrams("open data") == ["op", "pe", "en", "n", "da", "at", "ta", "a"]
    assert bigrams("😀!") == ["ø01f600ø000021", "ø000021"]


def test_spaces_and_middle_dots_within_japanese_do_not_part_words() -> None:
    assert search_text("小平　みどり の会・ＩＴ 部") == "小平みどりの会it部"
    assert search_text("open data 2026 3") == "open data 2026 3"


def test_scopes_differ_by_entity_level_and_weight() -> None:
    scopes = [
        scope(entity, level, is_heading=heading)
        for entity in ("organization", "project", "talent")
        for level in (0, 1, 2)
        for heading in (False, True)
    ]
    assert len(set(scopes)) == 18
    assert {len(each) for each in scopes} == {4}


def test_fts5_keeps_every_token_whole() -> None:
    kept = [
        *string.digits,
        *string.ascii_lowercase,
        "ー",
        *map(chr, range(0x3041, 0x3097)),
        *map(chr, range(0x4E00, 0x9FCD)),
    ]
    escaped = [
        "ø",
        "é",
        "\u3099",
        "々",
        "゛",
        "!",
        "'",
        '"',
        "*",
        "。",
        "😀",
        "𠮷",
        "\u0301",
        "鿿",
        "\ue000",
        "ª",
    ]
    tokens = sorted({code_of(char) + code_of(other) for char in kept + escaped for other in "が介ø。a"})
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 0')")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'row')")
    connection.executemany(
        "INSERT INTO t VALUES (?)", [(" ".join(tokens[i : i + 500]),) for i in range(0, len(tokens), 500)]
    )
    assert [row[0] for row in connection.execute("SELECT term FROM v")] == sorted(tokens, key=str.encode)


@given(st.text(max_size=60))
def test_tokens_are_letters_and_digits_and_begin_at_every_character(text: str) -> None:
    tokens = bigrams(text)
    assert all(token.isalnum() for token in tokens)
    characters = [char for char in search_text(text) if char != " "]
    assert len(tokens) == len(characters)
    assert all(token.startswith(code_of(char)) for token, char in zip(tokens, characters, strict=True))
