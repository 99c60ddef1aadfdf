"""Folded text as overlapping pairs of characters, each a token that FTS5 and tsvector keep whole."""

from __future__ import annotations

import functools
import re
from zlib import crc32

from app.japanese.normalize import Folded, fold, fold_with_offsets

# Signs between words that people put or leave out: 「・」 everywhere, a space unless it parts two Latin words or numbers.
LEFT_OUT = re.compile(r"・|(?<![0-9a-z]) | (?![0-9a-z])")
_MIDDLE_DOT = re.compile("・")

# What FTS5's unicode61 keeps in a token and PostgreSQL as it is; ø escapes all others with six hex digits.
_KEPT = re.compile("[0-9a-zぁ-ゖー\u4e00-\u9fcc]")
_ESCAPE = "ø"

_SHORT = 200
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def search_text(text: str) -> str:
    """`fold` without 「・」 and without spaces, save those between Latin words: the text in which substrings are found."""
    folded = fold(text)
    if "・" not in folded and " " not in folded:
        return folded
    return LEFT_OUT.sub("", _MIDDLE_DOT.sub("", folded))


def search_text_with_offsets(source: str) -> Folded:
    """Like `search_text`, and where each of its characters came from."""
    return _with_offsets(source) if len(source) <= _SHORT else _with_offsets.__wrapped__(source)


@functools.lru_cache(maxsize=2_000)
def _with_offsets(source: str) -> Folded:
    """Short texts are kept: names of groups stand on one page of hits after the other."""
    return fold_with_offsets(source).without(_MIDDLE_DOT).without(LEFT_OUT)


@functools.lru_cache(maxsize=20_000)
def code_of(char: str) -> str:
    """A character as it stands in tokens; no code is the beginning of another."""
    return char if _KEPT.fullmatch(char) else f"{_ESCAPE}{ord(char):06x}"


def bigrams(text: str) -> list[str]:
    """The tokens of a text, in order: every pair of neighbours and, so that a prefix finds any character, the last alone.

    Pairs do not cross the spaces that `search_text` leaves. `bigrams("介護")` is `["介護", "護"]`.
    """
    return [token for run in search_text(text).split() for token in bigrams_of_run(run)]


def bigrams_of_run(run: str) -> list[str]:
    """`bigrams` of a text that is folded and has no space."""
    codes = [code_of(char) for char in run]
    return [one + other for one, other in zip(codes, [*codes[1:], ""], strict=True)]


def scope(entity: str, level: int, *, is_heading: bool = False) -> str:
    """Four letters that begin every token of an entity and level, so that each has an index of its own.

    is_heading: the second set of tokens, that of weight A alone.
    """
    number = crc32(entity.encode()) % 36**3
    letters = "".join(_BASE36[number // 36**place % 36] for place in (2, 1, 0))
    return f"{letters}{level + 5 if is_heading else level}"
