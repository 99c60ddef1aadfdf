"""What would have to be different for another result: sentences about each link of the rule."""

from __future__ import annotations

from typing import Any

from app.reviews.ballot_reading import ballot_from
from app.reviews.margins import margins_of
from app.reviews.meeting_sheet import sheet_of
from app.reviews.tally import tally

ALL = frozenset({"p1", "p2", "p3", "p4"})


def _case(**rule: Any) -> dict[str, Any]:
    """Four members, one criterion of ten points with a mark of refusal at 2; the third proposal has no quorum."""
    marks = {"p1": (9, 9, 8, 8), "p2": (6, 6, 6, 6), "p3": (5,), "p4": (9, 2, 1, 9)}
    return {
        "criteria": [{"key": "need", "stage": "document", "max": 10, "weight": 1, "veto_at": 2}],
        "rule": {
            "minimum_percent": 60, "missing": "drop", "quorum": "half_or_more", "tie": [], "budget_yen": 150,
            "next_best": "partial", **rule,
        },
        "members": [{"id": key, "present": True} for key in "abcd"],
        "proposals": [
            {
                "id": key,
                "requested": 100,
                "scores": {member: {"need": mark} for member, mark in zip("abcd", given, strict=False)},
                "conflicts": list("abcd"[len(given) :]),
            }
            for key, given in marks.items()
        ],
    }  # fmt: skip


def _told(case: dict[str, Any]) -> dict[str, list[str]]:
    ballot = ballot_from(case)
    return {key: [text for _, text in rows] for key, rows in margins_of(ballot, tally(ballot)).items()}


def test_each_link_of_the_rule_says_how_far_away_another_result_is() -> None:
    assert _told(_case()) == {
        "p1": [
            "得点率は最低基準を25ポイント上回る。",
            "下の順位の「p2」との差は25ポイント。",
            "希望額を差し引いた予算の残りは¥50。",
        ],
        "p2": [
            "得点率は最低基準とちょうど同じ。",
            "上の順位の「p1」との差は25ポイント。",
            "予算の残りがあと¥50多ければ、希望額の全額が収まる。",
        ],
        "p3": ["あと1人の委員が加われば、定足数を満たす。", "得点率は最低基準を10ポイント下回る。"],
        "p4": [
            "得点率は最低基準を7.5ポイント下回る。",
            "「need」を2点以下とする委員が、あと1人増えると不採択となる。",
        ],
    }


def test_a_refusal_by_a_mark_and_a_bare_quorum_are_told_too() -> None:
    case = _case(minimum_percent=0, quorum="majority")
    for proposal in case["proposals"]:
        proposal["scores"].pop("d", None)
        proposal["conflicts"] = sorted({*proposal["conflicts"], "d"})
    told = _told(case)["p4"]
    assert told == [
        "委員があと1人減ると、定足数を満たさない。",
        "得点率は最低基準を40ポイント上回る。",
        "「need」を2点以下とした委員が、あと1人少なければ、過半数に達しない。",
    ]


def test_severity_taken_off_brings_the_lenient_and_the_severe_together() -> None:
    case = _case()
    case["proposals"] = [
        {"id": "p1", "requested": 1, "scores": {"a": {"need": 9}, "b": {"need": 5}}, "conflicts": ["c", "d"]},
        {"id": "p2", "requested": 1, "scores": {"a": {"need": 8}, "b": {"need": 4}}, "conflicts": ["c", "d"]},
    ]
    ballot = ballot_from(case)
    sheet = sheet_of(ballot, tally(ballot), ALL)
    assert [one.severity for one in sheet.advice] == [40.0, -40.0, None, None]
    assert [sheet.adjusted(line) for line in sheet.lines] == [70.0, 60.0]
