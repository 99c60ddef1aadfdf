"""How alike two projects are by their names and words. Pure; what is alike is shown to people, who decide."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from app.japanese.normalize import fold, fold_name

#: Titles from here on are taken for one project when the group is the same (0-100).
SAME_TITLE = 75.0
#: Without any other sign: two titles that differ in next to nothing.
EQUAL_TITLE = 92.0
#: Share of common pairs of characters in the texts (Dice), for projects that were renamed.
SAME_TEXT = 0.6
#: Names of groups that may be one (folded names, 0-100).
NEAR_NAME = 86.0

#: What changes from year to year in one project's name: years, numbers of times, brackets.
_YEARLY = re.compile(
    r"(?:令和|平成|r|h)?\s*(?:\d{1,4}|元)\s*年度?|第?\s*\d+\s*(?:回|期|弾|次)|\d+|[^\w]|_", re.IGNORECASE
)
#: Words that many projects share and that tell nothing.
_COMMON = re.compile(r"(?:事業|プロジェクト|企画|活動|実施|開催|小平市?)")


def bare_title(title: str) -> str:
    """The title without years, numbers of times, signs and the words that every project has; never empty for text."""
    folded = fold(title)
    bare = _YEARLY.sub("", folded)
    return _COMMON.sub("", bare) or bare or folded


def title_similarity(one: str, other: str) -> float:
    """0-100. A title within another counts 90 when it is long enough to say something."""
    a, b = bare_title(one), bare_title(other)
    if not a or not b:
        return 0.0
    score = fuzz.ratio(a, b)
    shorter, longer = sorted((a, b), key=len)
    return max(score, 90.0) if len(shorter) >= 5 and shorter in longer else score


def text_similarity(one: str, other: str) -> float:
    """0-1: Dice of the pairs of characters; 0 when a text is too short (20 characters) to be compared."""
    a, b = _YEARLY.sub("", fold(one)), _YEARLY.sub("", fold(other))
    if min(len(a), len(b)) < 20:
        return 0.0
    pairs, others = _pairs(a), _pairs(b)
    return 2 * len(pairs & others) / (len(pairs) + len(others))


def are_near_names(one: str, other: str) -> bool:
    """Whether two groups' names differ so little that they may be one group (both names folded, or as written)."""
    a, b = fold_name(one), fold_name(other)
    return min(len(a), len(b)) >= 3 and fuzz.ratio(a, b) >= NEAR_NAME


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}
