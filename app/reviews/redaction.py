"""Masking parts of a sealed record for a disclosure copy (開示用). Pure: JSON in, JSON out; what is masked is gone, not hidden.

Only single values are replaced, never lists or objects, so that the copy reads like the record. Words that name a person
or a group are replaced wherever they stand, also inside sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.reviews.redaction_marks import BY_KEY, SIGN, Mark, Path

_APPLICANT_PATHS: tuple[Path, ...] = (("proposals", "*", "organization_id"), ("files", "*", "name"))


def redact(content: Mapping[str, Any], marks: Sequence[Mark]) -> dict[str, Any]:
    """A copy of a sealed record's content with these parts masked."""
    rules = [(path, mark.sign) for mark in marks for path in BY_KEY[mark.part].paths]
    words: list[tuple[str, str]] = []
    for mark in marks:
        if mark.part == "member_names":
            words += [(row["name"], f"{SIGN}委員{place}") for place, row in enumerate(content["members"], start=1)]
            words += [(row["label"], SIGN) for row in content["ballot"]["members"]]
            rules += [((*path, name), mark.sign) for path, name in _signers(content)]
        elif mark.part in ("applicants", "refused_applicants"):
            only = None if mark.part == "applicants" else _refused(content)
            words += _applicant_words(content, only)
            rules += [(path, mark.sign) for path in _APPLICANT_PATHS if only is None]
        words += [(word, SIGN) for word in mark.words]
    masked = _masked(content, (), rules)
    for mark in marks:
        if mark.part == "member_scores":
            _mask_told_scores(masked, mark.sign)
    done: dict[str, Any] = _without(masked, _pattern_of(words))
    return done


def _masked(value: Any, path: Path, rules: Sequence[tuple[Path, str]]) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one, (*path, key), rules) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, (*path, "*"), rules) for one in value]
    if value is None or value == "":
        return value  # that there is nothing is no secret, and a mark would say that there is something
    return next((sign for rule, sign in rules if _matches(rule, path)), value)


def _matches(rule: Path, path: Path) -> bool:
    if rule[-1] == "**":
        return len(path) >= len(rule) and _matches(rule[:-1], path[: len(rule) - 1])
    return len(rule) == len(path) and all(want in ("*", one) for want, one in zip(rule, path, strict=True))


def _signers(content: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Numbers of users: who signed, sealed, set."""
    found: set[tuple[Path, str]] = set()

    def look(value: Any, path: Path) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                if key.endswith("_by_id") or key == "user_id":
                    found.add((path, key))
                look(one, (*path, key))
        elif isinstance(value, list):
            for one in value:
                look(one, (*path, "*"))

    look(content, ())
    return sorted(found)


def _refused(content: Mapping[str, Any]) -> set[int]:
    return {
        line["proposal_id"]
        for line in content["conclusion"]["lines"]
        if line["outcome"] not in ("adopted", "adopted_with_conditions")
    }


def _applicant_words(content: Mapping[str, Any], only: set[int] | None) -> list[tuple[str, str]]:
    words = []
    for place, row in enumerate(content["proposals"], start=1):
        if only is None or row["id"] in only:
            words += [(row["title"], f"{SIGN}提案{place}"), (row["organization"], f"{SIGN}団体{place}")]
    return words


def _mask_told_scores(content: dict[str, Any], sign: str) -> None:
    """Sentences and figures that tell single scores; with one scoring member also the sum and the percent."""
    alone = {row["id"] for row in content["tally"]["proposals"] if len(row["points"]) < 2}
    for row in content["tally"]["proposals"]:
        telling = {"points", "fill_mean", "percent"} if row["id"] in alone else {"points"}
        for step in row["steps"]:
            if step["about"] in telling:
                step["text"], step["figures"] = sign, {}
        if row["id"] in alone and row["percent"] is not None:
            row["percent"] = row["percent_exact"] = sign
    for line in content["conclusion"]["lines"]:
        if line["proposal_id"] in alone and line["percent"] is not None:
            line["percent"] = sign


def _pattern_of(words: Sequence[tuple[str, str]]) -> tuple[re.Pattern[str], dict[str, str]] | None:
    """The longest first; blanks inside a name may be there or not."""
    signs: dict[str, str] = {}
    for word, sign in words:
        plain = "".join(word.split())
        if plain and (plain not in signs or len(sign) > len(signs[plain])):
            signs[plain] = sign
    if not signs:
        return None
    loose = [r"\s*".join(re.escape(char) for char in word) for word in sorted(signs, key=len, reverse=True)]
    return re.compile("|".join(loose)), signs


def _without(value: Any, pattern: tuple[re.Pattern[str], dict[str, str]] | None) -> Any:
    if pattern is None:
        return value
    if isinstance(value, dict):
        return {key: _without(one, pattern) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, str):
        found, signs = pattern
        return found.sub(lambda match: signs["".join(match[0].split())], value)
    return value


def is_masked(value: object) -> bool:
    """Whether a mark stands in the place of a value."""
    return isinstance(value, str) and value.startswith(SIGN)
