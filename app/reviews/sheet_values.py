"""What is written on a score sheet: read from a form, checked against the criteria. Pure, exact sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from app.japanese.normalize import fold
from app.problems import Invalid
from models.reviews import Criterion

MAX_COMMENT = 2000
#: A draft keeps a comment that is too long, so that it can be shortened; but not anything.
MAX_DRAFT = 20_000


@dataclasses.dataclass(frozen=True)
class SheetValues:
    """Scores and comments by criterion id; a draft may lack anything and hold what is not yet a score."""

    scores: dict[int, int] = dataclasses.field(default_factory=dict)
    comments: dict[int, str] = dataclasses.field(default_factory=dict)
    comment: str = ""
    #: What was typed and is no whole number, by criterion id.
    unreadable: dict[int, str] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the draft."""
        return {
            "scores": {str(key): value for key, value in self.scores.items()},
            "comments": {str(key): text for key, text in self.comments.items()},
            "comment": self.comment,
            "unreadable": {str(key): text for key, text in self.unreadable.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SheetValues:
        """From a draft."""
        return cls(
            {int(key): value for key, value in data.get("scores", {}).items()},
            {int(key): text for key, text in data.get("comments", {}).items()},
            data.get("comment", ""),
            {int(key): text for key, text in data.get("unreadable", {}).items()},
        )

    @classmethod
    def from_form(cls, form: Mapping[str, str], criteria: Sequence[Criterion]) -> SheetValues:
        """From `score-12`, `comment-12` and `comment`. Fields of other criteria are refused: they are of another stage.

        Raises Invalid for those.
        """
        known = {one.id for one in criteria}
        sent = {name.partition("-")[2] for name in form if name.startswith(("score-", "comment-"))}
        if sent - {str(key) for key in known}:
            raise Invalid("この審査の採点票にない項目が送られました。画面を開き直してください。")
        scores: dict[int, int] = {}
        unreadable: dict[int, str] = {}
        for key in sorted(known):
            sent_text = form.get(f"score-{key}", "")[:100]
            typed = fold(sent_text.replace("\x00", "")).strip()
            if not typed and "\x00" not in sent_text:
                continue
            if "\x00" not in sent_text and typed.isascii() and typed.isdecimal() and len(typed) <= 4:
                scores[key] = int(typed)
            else:
                unreadable[key] = sent_text.replace("\x00", "").strip()[:40]  # as it was typed
        comments = {key: _text(form.get(f"comment-{key}", "")) for key in sorted(known)}
        return cls(
            scores, {key: text for key, text in comments.items() if text}, _text(form.get("comment", "")), unreadable
        )


def _text(value: str) -> str:
    return value.replace("\x00", "").replace("\r\n", "\n").strip()


def problems_of(values: SheetValues, criteria: Sequence[Criterion]) -> dict[str, str]:
    """What keeps a sheet from being sealed: {field name: sentence}."""
    found: dict[str, str] = {}
    for one in criteria:
        name, value = f"score-{one.id}", values.scores.get(one.id)
        span = f"{one.lowest}から{one.highest}までの整数"
        if one.id in values.unreadable:
            found[name] = f"「{values.unreadable[one.id]}」は点数として読めません。{span}で入力してください。"
        elif value is None:
            found[name] = f"点数が入っていません。{span}で入力してください。"
        elif isinstance(value, bool) or not one.lowest <= value <= one.highest:
            found[name] = f"{value}点は範囲の外です。{span}で入力してください。"
        elif one.needs_comment(value) and not values.comments.get(one.id):
            found[f"comment-{one.id}"] = f"{value}点とした理由を書いてください。"
        if len(values.comments.get(one.id, "")) > MAX_COMMENT:
            found[f"comment-{one.id}"] = too_long("所見", values.comments[one.id])
    if len(values.comment) > MAX_COMMENT:
        found["comment"] = too_long("全体の所見", values.comment)
    return found


def too_long(label: str, text: str) -> str:
    """The sentence on a comment over the limit: by how much. Nothing of it is cut."""
    count = len(text)
    return f"{label}は{MAX_COMMENT:,}文字までです。いま{count:,}文字あります。{count - MAX_COMMENT:,}文字減らしてください。"


def check_draft(values: SheetValues) -> None:
    """Raise Invalid for texts that not even a draft keeps."""
    if any(len(text) > MAX_DRAFT for text in (values.comment, *values.comments.values())):
        raise Invalid(f"所見が長すぎるため、下書きを保存できません。所見は{MAX_COMMENT:,}文字までです。")


def check_complete(values: SheetValues, criteria: Sequence[Criterion]) -> None:
    """Raise Invalid, naming each field, unless the sheet can be sealed."""
    problems = problems_of(values, criteria)
    labels = {f"{kind}-{one.id}": one.label for one in criteria for kind in ("score", "comment")}
    if problems:
        told = {name: f"{labels.get(name, '全体の所見')}: {text}" for name, text in problems.items()}
        raise Invalid("採点票に、直すところがあります。", fields=told)


def points_of(values: SheetValues, criteria: Sequence[Criterion]) -> Fraction:
    """Σ weight x score of what is there."""
    return sum((Fraction(one.weight) * values.scores.get(one.id, 0) for one in criteria), Fraction(0))


def full_marks_of(criteria: Sequence[Criterion]) -> Fraction:
    """Σ weight x maximum."""
    return sum((Fraction(one.weight) * one.highest for one in criteria), Fraction(0))
