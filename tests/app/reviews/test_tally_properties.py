"""The tally against another one written another way, and what never changes it."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reviews.ballot import TallyError
from app.reviews.ballot_reading import ballot_from, read_ballot
from app.reviews.tally import tally
from tests.app.reviews.tally_oracle import FIGURES, oracle

WEIGHTS = st.sampled_from([0, 1, 2, 3, "1", "0.5", "1.25", "0.01", "2.30", "10"])
MINIMA = st.sampled_from([0, 50, "50", 70, "66.67", "33.33", "60.5", 100])


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A small ballot in the contract's form: few distinct values, so that ties, vetoes and exact limits are common."""
    criteria = [
        {
            "key": f"c{i}",
            "stage": draw(st.sampled_from(["document", "interview"])),
            "max": draw(st.sampled_from([1, 3, 5, 10])),
            "weight": draw(WEIGHTS),
            **draw(st.sampled_from([{}, {"veto_at": 0}, {"veto_at": 1}, {"veto_at": None}])),
        }
        for i in range(draw(st.integers(1, 3)))
    ]
    criteria[0]["weight"] = draw(st.sampled_from([1, 2, "0.5", "1.5"]))
    chair = draw(st.integers(-1, 4))
    members = [
        {"id": f"m{i}", "present": draw(st.sampled_from([True, True, True, False])), "chair": i == chair}
        for i in range(draw(st.integers(1, 5)))
    ]
    proposals = []
    for i in range(draw(st.integers(0, 5))):
        conflicts = [m["id"] for m in members if draw(st.sampled_from([True, False, False, False]))]
        scores = {
            m["id"]: {c["key"]: draw(st.integers(max(0, c["max"] - 2), c["max"])) for c in criteria}
            for m in members
            if m["present"] and m["id"] not in conflicts
        }
        requested = draw(st.sampled_from([0, 40_000, 50_000, 50_000, 100_000]))
        proposals.append({"id": f"p{i}", "requested": requested, "scores": scores, "conflicts": conflicts})
    rule = {
        "minimum_percent": draw(MINIMA),
        "missing": draw(st.sampled_from(["drop", "fill_mean"])),
        "quorum": draw(st.sampled_from(["half_or_more", "majority"])),
        "tie": draw(
            st.sampled_from(
                [[], ["smaller_request"], ["chair"], ["smaller_request", "chair"], ["chair", "smaller_request"]]
            )
        ),
        "budget_yen": draw(st.sampled_from([0, 50_000, 90_000, 100_000, 149_999, 1_000_000])),
        "next_best": draw(st.sampled_from(["partial", "pass"])),
    }
    return {"criteria": criteria, "rule": rule, "members": members, "proposals": proposals}


def _run(case: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tally(ballot_from(case)).as_json()["proposals"]
    return found


@settings(max_examples=400, deadline=None)
@given(cases())
def test_it_gives_what_another_way_of_counting_gives(case: dict[str, Any]) -> None:
    found = {one["id"]: {key: one[key] for key in FIGURES} for one in _run(case)}
    assert found == oracle(case)


#: "10" stands before "2" as text, not as a number.
NUMBERS = {
    name: number
    for kind in "mp"
    for name, number in zip((f"{kind}{i}" for i in range(5)), (10, 9, 2, 33, 100), strict=True)
}


def _with_ids(case: dict[str, Any], given: Callable[[int], Any]) -> dict[str, Any]:
    """The case with its members and proposals named by numbers; keys of JSON objects stay text."""
    renamed = copy.deepcopy(case)
    for one in (*renamed["members"], *renamed["proposals"]):
        one["id"] = given(NUMBERS[one["id"]])
    for one in renamed["proposals"]:
        one["conflicts"] = [given(NUMBERS[key]) for key in one["conflicts"]]
        one["scores"] = {str(NUMBERS[key]): marks for key, marks in one["scores"].items()}
    return renamed


@settings(max_examples=150, deadline=None)
@given(cases())
def test_ids_may_be_numbers_and_are_listed_as_text(case: dict[str, Any]) -> None:
    found, wanted = _run(_with_ids(case, int)), oracle(_with_ids(case, str))
    assert {str(one["id"]): {key: one[key] for key in FIGURES} for one in found} == wanted
    assert all(isinstance(one["id"], int) for one in found)
    order = sorted(wanted, key=lambda key: (wanted[key]["rank"] is None, wanted[key]["rank"] or 0, key))
    assert [str(one["id"]) for one in found] == order


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 10**6))
def test_the_order_in_which_things_are_written_changes_nothing(case: dict[str, Any], seed: int) -> None:
    mixed, chance = copy.deepcopy(case), random.Random(seed)
    for key in ("criteria", "members", "proposals"):
        chance.shuffle(mixed[key])
    for proposal in mixed["proposals"]:
        keys = list(proposal["scores"])
        chance.shuffle(keys)
        proposal["scores"] = {key: proposal["scores"][key] for key in keys}
        chance.shuffle(proposal["conflicts"])
    assert _run(mixed) == _run(case)


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from([2, 7]))
def test_weights_count_only_against_each_other_where_nobody_is_filled_in(case: dict[str, Any], factor: int) -> None:
    case["rule"]["missing"] = "drop"
    for criterion in case["criteria"]:
        criterion["weight"] = str(criterion["weight"])
    heavier = copy.deepcopy(case)
    for criterion in heavier["criteria"]:
        whole, _, places = criterion["weight"].partition(".")
        criterion["weight"] = f"{int(whole + places) * factor:0{len(places) + 1}d}"
        if places:
            text = criterion["weight"]
            criterion["weight"] = f"{text[: -len(places)]}.{text[-len(places) :]}"
    shown = [{key: one[key] for key in FIGURES} for one in _run(case)]
    assert [{key: one[key] for key in FIGURES} for one in _run(heavier)] == shown


@settings(max_examples=150, deadline=None)
@given(cases())
def test_what_always_holds(case: dict[str, Any]) -> None:
    found, budget = _run(case), case["rule"]["budget_yen"]
    asked = {one["id"]: one["requested"] for one in case["proposals"]}
    assert sum(one["amount"] for one in found) <= budget
    ranks = [one["rank"] for one in found if one["rank"] is not None]
    assert ranks == sorted(ranks)
    assert all(rank <= place for place, rank in enumerate(ranks, start=1))
    for one in found:
        assert one["steps"]
        assert (one["rank"] is None) == (one["outcome"] in ("reject", "no_quorum"))
        assert one["amount"] == (asked[one["id"]] if one["outcome"] == "adopt" else one["amount"])
        assert one["outcome"] in ("adopt", "reserve") or one["amount"] == 0
        assert not one["tie_undecided"] or ranks.count(one["rank"]) > 1
        assert one["percent"] is not None or not (one["vetoed"] or one["meets_minimum"])
        if one["percent"] is not None:
            assert 0 <= float(one["percent"]) <= 100


@settings(max_examples=100, deadline=None)
@given(cases())
def test_a_higher_score_never_lowers_the_percent(case: dict[str, Any]) -> None:
    before = {one["id"]: one["percent_exact"] for one in _run(case)}
    for proposal in case["proposals"]:
        for given_scores in proposal["scores"].values():
            for criterion in case["criteria"]:
                given_scores[criterion["key"]] = criterion["max"]
    after = {one["id"]: one["percent_exact"] for one in _run(case)}
    for key, exact in after.items():
        assert (exact is None) == (before[key] is None)
        if case["rule"]["missing"] == "drop" and exact is not None:
            assert exact == "100"


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value stands in JSON."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, one in inner for place in _places(one, (*path, key)))]


#: What a file may hold in the place of what belongs there.
JUNK = st.sampled_from(
    [None, "", "x", "\ud800", "１", -1, 0, 10**30, 1.5, True, [], [[]], {}, {"x": 1}, "NaN", "1e3", "-0", " 1"]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), st.randoms(use_true_random=False), JUNK, st.booleans())
def test_a_broken_ballot_gets_one_sentence_or_a_tally_never_an_accident(
    case: dict[str, Any], chance: random.Random, junk: Any, is_removed: bool
) -> None:
    *path, last = chance.choice(_places(case)[1:])
    node: Any = case
    for key in path:
        node = node[key]
    if is_removed:
        del node[last]
    else:
        node[last] = junk
    try:
        found = tally(read_ballot(json.dumps(case)))
    except TallyError as refused:
        sentence = refused.message
        assert sentence.endswith("。") and "\n" not in sentence and "Traceback" not in sentence
    else:
        assert len(found.proposals) == len(case["proposals"] or [])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_percents_are_what_the_contract_says_in_fractions(case: dict[str, Any]) -> None:
    full = sum(Fraction(str(one["weight"])) * one["max"] for one in case["criteria"])
    found = {one["id"]: one for one in _run(case)}
    for one in case["proposals"]:
        scoring = [m["id"] for m in case["members"] if m["present"] and m["id"] not in one["conflicts"]]
        points = sum(
            (Fraction(str(c["weight"])) * one["scores"][m][c["key"]] for m in scoring for c in case["criteria"]),
            Fraction(0),
        )
        if not scoring:
            assert found[one["id"]]["percent"] is None
            continue
        counted = len(scoring)
        if case["rule"]["missing"] == "fill_mean":
            points += math.floor(points / counted * (len(case["members"]) - counted))
            counted = len(case["members"])
        percent = 100 * points / (counted * full)
        assert found[one["id"]]["percent_exact"] == str(percent)
        assert found[one["id"]]["percent"] == f"{math.floor(percent * 100 + Fraction(1, 2)) / 100:.2f}"
        assert found[one["id"]]["meets_minimum"] == (percent >= Fraction(str(case["rule"]["minimum_percent"])))
