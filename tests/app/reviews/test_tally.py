"""The tally by hand-written cases: the sentences of rules.md 27 one by one, and what it refuses."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.reviews.ballot import TallyError
from app.reviews.ballot_reading import ballot_from, read_ballot
from app.reviews.counting import figure, two_places
from app.reviews.tally import tally

Case = dict[str, Any]


def _case(**rule: Any) -> Case:
    """Three members, two criteria (10 x 1, 5 x 2: full mark 20), two proposals."""
    return {
        "criteria": [
            {"key": "need", "stage": "document", "max": 10, "weight": 1},
            {"key": "plan", "stage": "interview", "max": 5, "weight": "2"},
        ],
        "rule": {
            "minimum_percent": "50",
            "missing": "drop",
            "quorum": "majority",
            "tie": ["smaller_request", "chair"],
            "budget_yen": 150_000,
            "next_best": "partial",
            **rule,
        },
        "members": [
            {"id": "a", "present": True, "chair": True},
            {"id": "b", "present": True},
            {"id": "c", "present": True},
        ],
        "proposals": [
            _proposal("p1", 100_000, a=(8, 4), b=(6, 3), c=(7, 5)),
            _proposal("p2", 80_000, a=(5, 3), b=(5, 2), c=(5, 3)),
        ],
    }


def _proposal(key: str, requested: int, *conflicts: str, **marks: tuple[int, int]) -> Case:
    scores = {member: {"need": need, "plan": plan} for member, (need, plan) in marks.items()}
    return {"id": key, "requested": requested, "scores": scores, "conflicts": list(conflicts)}


def _run(case: Case) -> dict[Any, Case]:
    return {one["id"]: one for one in tally(ballot_from(case)).as_json()["proposals"]}


def _brief(one: Case) -> tuple[Any, ...]:
    return one["percent"], one["rank"], one["outcome"], one["amount"]


def test_points_are_weight_times_score_against_what_was_attainable() -> None:
    found = _run(_case())
    # p1: 16 + 12 + 17 = 45 of 60; p2: 11 + 9 + 11 = 31 of 60
    assert _brief(found["p1"]) == ("75.00", 1, "adopt", 100_000)
    assert _brief(found["p2"]) == ("51.67", 2, "reserve", 50_000)
    assert found["p1"]["points"] == {"a": "16", "b": "12", "c": "17"}
    assert found["p2"]["percent_exact"] == "155/3"


def test_every_line_is_explained() -> None:
    steps = [step["text"] for step in _run(_case())["p2"]["steps"]]
    assert steps == [
        "委員3人のうち、出席して利害関係のない委員は3人で、定足数(過半数)を満たす。",
        "委員ごとの得点(重み×点数の合計、満点20): a 11、b 9、c 11。",
        "得点の合計31点 ÷ 満点60点(3人分) = 得点率51.67%。",
        "最低基準50%を満たす。",
        "順位は2位。",
        "希望額80,000円が予算の残り50,000円を超えるため、予算残額の範囲での採択候補(50,000円)とする。",
        "規則による結果は保留。",
    ]


def test_drop_leaves_who_does_not_score_out_of_both_sides() -> None:
    case = _case()
    case["proposals"][0] = _proposal("p1", 100_000, "c", a=(8, 4), b=(6, 3))
    assert _run(case)["p1"]["percent"] == "70.00"  # 28 of 40


def test_fill_mean_adds_the_mean_of_the_scoring_times_the_missing_with_the_fraction_dropped_once() -> None:
    case = _case(missing="fill_mean")
    case["members"] += [{"id": "d", "present": False}, {"id": "e", "present": False}]
    # 16 + 12 + 17 = 45, mean 15 x 2 = 30 -> 75 of 100
    assert _run(case)["p1"]["percent"] == "75.00"
    # 11 + 9 + 11 = 31, floor(31 x 2 / 3) = floor(20.67) = 20 -> 51 of 100 (not 10 + 10)
    assert _run(case)["p2"]["percent"] == "51.00"
    case["criteria"][1]["weight"] = "0.5"
    # need + plan / 2: 6.5 + 6 + 6.5 = 19, floor(12.67) = 12 -> 31 of 5 x 12.5
    assert _run(case)["p2"]["percent_exact"] == str(Fraction(100 * 31 * 2, 125))


def test_the_minimum_is_compared_unrounded_and_exactly_equal_meets_it() -> None:
    case = _case(minimum_percent="51.67")
    assert _run(case)["p2"]["percent"] == "51.67"
    assert _run(case)["p2"]["meets_minimum"] is False  # 51.666…
    assert _run(_case(minimum_percent="75"))["p1"]["meets_minimum"] is True
    assert _brief(_run(case)["p2"]) == ("51.67", None, "reject", 0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0", "0.00"), ("1/200", "0.01"), ("1/201", "0.00"), ("100", "100.00"), ("2/3", "0.67"), ("151/2000", "0.08")],
)
def test_shown_half_up_to_two_places(value: str, shown: str) -> None:
    assert two_places(Fraction(value)) == shown


def test_figures_in_sentences_are_whole_exact_or_said_to_be_rounded() -> None:
    assert [figure(Fraction(one)) for one in ("1200", "5/2", "20/3", "101/100", "0")] == [
        "1,200", "2.5", "約6.67", "1.01", "0",
    ]  # fmt: skip


@pytest.mark.parametrize(("marks", "vetoed"), [((1, 1, 4), True), ((1, 2, 4), False), ((0, 0, 0), True)])
def test_more_than_half_at_or_below_the_mark_vetoes(marks: tuple[int, int, int], vetoed: bool) -> None:
    case = _case(minimum_percent=0)
    case["criteria"][1]["veto_at"] = 1
    case["proposals"] = [_proposal("p1", 1, **{key: (10, mark) for key, mark in zip("abc", marks, strict=True)})]
    found = _run(case)["p1"]
    assert (found["vetoed"], found["rank"], found["outcome"]) == (
        vetoed,
        *((None, "reject") if vetoed else (1, "adopt")),
    )


def test_exactly_half_does_not_veto_and_zero_may_be_the_mark() -> None:
    case = _case(minimum_percent=0)
    case["criteria"][1]["veto_at"] = 0
    case["proposals"] = [_proposal("p1", 1, "c", a=(10, 0), b=(10, 1)), _proposal("p2", 1, "c", a=(10, 0), b=(10, 0))]
    assert [one["vetoed"] for one in _run(case).values()] == [False, True]


@pytest.mark.parametrize(
    ("kind", "present", "members", "met"),
    [("half_or_more", 2, 4, True), ("majority", 2, 4, False), ("majority", 3, 4, True), ("half_or_more", 2, 5, False),
     ("half_or_more", 0, 1, False), ("majority", 4, 7, True), ("half_or_more", 3, 7, False)],
)  # fmt: skip
def test_quorum_is_counted_against_all_members_of_the_list(kind: str, present: int, members: int, met: bool) -> None:
    case = _case(quorum=kind, minimum_percent=0)
    case["members"] = [{"id": f"m{i}", "present": i < present} for i in range(members)]
    case["proposals"] = [_proposal("p1", 1, **{f"m{i}": (10, 5) for i in range(present)})]
    found = _run(case)["p1"]
    assert (found["quorum"], found["outcome"]) == (met, "adopt" if met else "no_quorum")


def test_nobody_present_or_all_in_conflict_gives_no_quorum_and_no_percent() -> None:
    case = _case(minimum_percent=0)
    case["proposals"] = [_proposal("p1", 1, "a", "b", "c")]
    nobody = copy.deepcopy(case)
    nobody["proposals"][0]["conflicts"] = []
    for member in nobody["members"]:
        member["present"] = False
    for one in (_run(case)["p1"], _run(nobody)["p1"]):
        figures = {
            key: one[key] for key in ("percent", "rank", "vetoed", "meets_minimum", "quorum", "outcome", "amount")
        }
        assert figures == {"percent": None, "rank": None, "vetoed": False, "meets_minimum": False, "quorum": False,
                           "outcome": "no_quorum", "amount": 0}  # fmt: skip


def test_ties_go_to_the_smaller_request_then_to_the_chair() -> None:
    case = _case(budget_yen=10**6)
    case["proposals"] = [
        _proposal("p1", 90, a=(5, 5), b=(5, 5), c=(9, 5)),
        _proposal("p2", 90, a=(9, 5), b=(5, 5), c=(5, 5)),
        _proposal("p3", 50, a=(5, 5), b=(9, 5), c=(5, 5)),
    ]
    assert {key: one["rank"] for key, one in _run(case).items()} == {"p3": 1, "p2": 2, "p1": 3}
    case["rule"]["tie"] = ["chair"]
    assert {key: (one["rank"], one["tie_undecided"]) for key, one in _run(case).items()} == {
        "p2": (1, False), "p1": (2, True), "p3": (2, True),
    }  # fmt: skip


def test_the_chair_parts_only_what_the_chair_scored_altogether() -> None:
    case = _case(quorum="half_or_more", tie=["chair"])
    case["proposals"] = [
        _proposal("p2", 90, a=(9, 5), b=(5, 5), c=(7, 5)),
        _proposal("p1", 90, a=(5, 5), b=(9, 5), c=(7, 5)),
        _proposal("p3", 90, "a", b=(7, 5), c=(7, 5)),
        _proposal("p4", 10, a=(0, 5), b=(9, 5), c=(7, 5)),
    ]
    found = tally(ballot_from(case)).as_json()["proposals"]
    assert [(one["id"], one["rank"], one["tie_undecided"]) for one in found] == [
        ("p1", 1, True), ("p2", 1, True), ("p3", 1, True), ("p4", 4, False),
    ]  # fmt: skip
    case["rule"]["tie"] = ["smaller_request", "chair"]
    case["proposals"][2]["requested"] = 95  # parted before the chair is asked
    found = tally(ballot_from(case)).as_json()["proposals"]
    assert [(one["id"], one["rank"]) for one in found] == [("p2", 1), ("p1", 2), ("p3", 3), ("p4", 4)]


def test_a_recorded_choice_or_lot_parts_what_is_still_tied() -> None:
    case = _case(tie=[], budget_yen=100)
    case["proposals"] = [_proposal(key, 90, a=(9, 5), b=(5, 5), c=(7, 5)) for key in ("p1", "p2", "p3")]
    assert [one["rank"] for one in _run(case).values()] == [1, 1, 1]
    case["tie_decisions"] = [{"order": ["p3", "p1"], "how": "くじ"}]  # does not speak of p2: not about this tie
    assert [one["tie_undecided"] for one in _run(case).values()] == [True, True, True]
    case["tie_decisions"] = [{"order": ["p3", "p1", "p2"], "how": "くじ"}]
    found = _run(case)
    assert {key: (one["rank"], one["outcome"], one["amount"]) for key, one in found.items()} == {
        "p3": (1, "adopt", 90), "p1": (2, "reserve", 10), "p2": (3, "reserve", 0),
    }  # fmt: skip
    assert "くじによる順とした" in found["p1"]["steps"][-4]["text"]


def test_the_budget_walk_stops_at_the_candidate_or_goes_on() -> None:
    case = _case(budget_yen=120)
    case["proposals"] = [
        _proposal(f"p{i}", asked, a=(10 - i, 5), b=(10, 5), c=(10, 5)) for i, asked in enumerate((70, 60, 50, 0, 10))
    ]
    partial = [(one["outcome"], one["amount"]) for one in _run(case).values()]
    assert partial == [("adopt", 70), ("reserve", 50), ("reserve", 0), ("reserve", 0), ("reserve", 0)]
    case["rule"]["next_best"] = "pass"
    going_on = [(one["outcome"], one["amount"]) for one in _run(case).values()]
    assert going_on == [("adopt", 70), ("reserve", 0), ("adopt", 50), ("adopt", 0), ("reserve", 0)]


def test_ids_compare_as_text_and_come_back_as_given() -> None:
    case = _case(tie=[], budget_yen=0)
    case["proposals"] = [_proposal(key, 1, a=(9, 5), b=(9, 5), c=(9, 5)) for key in (10, 9, "2")]  # type: ignore[arg-type]
    case["members"][0]["id"] = 1
    for one in case["proposals"]:
        one["scores"]["1"] = one["scores"].pop("a")
    assert [one["id"] for one in tally(ballot_from(case)).as_json()["proposals"]] == [10, "2", 9]


def test_no_proposal_is_an_empty_tally() -> None:
    case = _case()
    case["proposals"] = []
    assert tally(ballot_from(case)).as_json() == {"proposals": [], "budget_yen": 150_000, "adopted_yen": 0}


def _set(*path: Any, to: Any) -> Any:
    def change(case: Case) -> None:
        place: Any = case
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


REFUSED = {
    "gap": (
        lambda c: c["proposals"][0]["scores"]["b"].pop("plan"),
        "提案「p1」に委員「b」の点数がそろっていません(無いもの: plan)",
    ),
    "gap as null": (
        _set("proposals", 0, "scores", "b", "plan", to=None),
        "提案「p1」に委員「b」の点数がそろっていません(無いもの: plan)",
    ),
    "sheet as null": (_set("proposals", 1, "scores", "c", to=None), "提案「p2」に委員「c」の点数がそろっていません"),
    "no sheet": (lambda c: c["proposals"][1]["scores"].pop("c"), "提案「p2」に委員「c」の点数がそろっていません"),
    "absent": (_set("members", 1, "present", to=False), "提案「p1」に欠席の委員「b」の点数があります"),
    "conflict": (_set("proposals", 0, "conflicts", to=["b"]), "提案「p1」に利害関係のある委員「b」の点数があります"),
    "above": (_set("proposals", 0, "scores", "b", "plan", to=6), "「plan」は6点ですが、0点から5点まで"),
    "below": (_set("proposals", 0, "scores", "b", "plan", to=-1), "「plan」は-1点ですが"),
    "fractional": (
        _set("proposals", 0, "scores", "b", "plan", to=3.5),
        "提案「p1」の委員「b」の点数(「plan」): 整数で書いてください(「3.5」は使えません)。",
    ),
    "whole but fractional": (_set("proposals", 0, "scores", "b", "plan", to=3.0), "整数で書いてください"),
    "boolean": (_set("proposals", 0, "scores", "b", "plan", to=True), "整数で書いてください"),
    "text": (_set("proposals", 0, "scores", "b", "plan", to="3"), "整数で書いてください"),
    "other criterion": (_set("proposals", 0, "scores", "b", "x", to=3), "審査基準にない項目「x」"),
    "other member": (_set("proposals", 0, "scores", "z", to={"need": 1, "plan": 1}), "名簿にない委員「z」"),
    "conflict of nobody": (_set("proposals", 0, "conflicts", to=["z"]), "名簿にない委員「z」"),
    "no criteria": (_set("criteria", to=[]), "審査基準が一つもありません"),
    "weights zero": (lambda c: [one.update(weight="0.0") for one in c["criteria"]], "重み"),
    "weight negative": (_set("criteria", 0, "weight", to=-1), "criteria[0].weight"),
    "weight float": (_set("criteria", 0, "weight", to=1.5), "小数を表す文字列"),
    "weight text": (_set("criteria", 0, "weight", to="1e3"), "criteria[0].weight"),
    "no members": (_set("members", to=[]), "委員が一人もいません"),
    "two chairs": (_set("members", 1, "chair", to=True), "委員長が二人以上"),
    "twice": (_set("proposals", 1, "id", to="p1"), "提案「p1」が二度"),
    "stage": (_set("criteria", 0, "stage", to="paper"), "criteria[0].stage"),
    "veto above": (_set("criteria", 0, "veto_at", to=11), "criteria[0].veto_at"),
    "minimum": (_set("rule", "minimum_percent", to="100.01"), "0から100まで"),
    "missing": (_set("rule", "missing", to="zero"), "rule.missing"),
    "tie": (_set("rule", "tie", to=["lot"]), "rule.tie"),
    "budget": (_set("rule", "budget_yen", to=-1), "rule.budget_yen"),
    "no rule": (lambda c: c.pop("rule"), "「rule」がありません"),
    "present": (_set("members", 0, "present", to="yes"), "members[0].present"),
    "requested": (_set("proposals", 0, "requested", to=None), "「requested」がありません"),
    "kind": (_set("proposals", to={}), "[…]"),
    "huge": (_set("proposals", 0, "requested", to=10**30), "大きすぎます"),
    "surrogate": (_set("proposals", 0, "id", to="\ud800"), "使えない文字"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_tallied_is_said_with_its_place(name: str) -> None:
    change, sentence = REFUSED[name]
    case = _case()
    change(case)
    with pytest.raises(TallyError) as refused:
        tally(read_ballot(json.dumps(case)))
    assert sentence in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        '"a"',
        "NaN",
        '{"criteria": NaN}',
        "[" * 100_000,
        '{"a": 1, "a": 2}',
        "9" * 5000,
        "[1e999]",
    ],
)
def test_text_that_is_no_ballot_gets_a_sentence(text: str) -> None:
    with pytest.raises(TallyError):
        read_ballot(text)


def _invoke(app: Flask, *args: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=["reviews", "tally", *args], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_json_alone(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "ballot.json"
    path.write_text("\ufeff" + json.dumps(_case()), encoding="utf-8")
    code, out, err = _invoke(app, "--file", str(path), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == tally(ballot_from(_case())).as_json()
    assert "約" not in _invoke(app, "--file", str(path))[1].splitlines()[0]
    assert _invoke(app, "--file", "-", "--json", stdin=path.read_bytes())[1] == out


def test_the_command_refuses_with_a_sentence_and_nothing_on_stdout(app: Flask, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    for content in (b"{", b"\xff\xfe\x00", json.dumps(_case() | {"criteria": []}).encode()):
        bad.write_bytes(content)
        code, out, err = _invoke(app, "--file", str(bad), "--json")
        assert (code, out) == (1, "")
        assert err.endswith("。\n")
    assert _invoke(app, "--file", str(tmp_path / "none.json"), "--json")[0] == 1
    assert _invoke(app, "--file", str(tmp_path), "--json")[0] == 1
