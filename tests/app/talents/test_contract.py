"""The hard conditions against a second, plain reading of the contract that shares no code with the product."""

from __future__ import annotations

from random import Random
from typing import Any

from app.talents.facts_json import request_of, talent_of
from app.talents.ranking import rank
from tests.app.talents.support import index_of

STEPS = {"無償": 0, "交通費": 1, "有償": 2}
AUDIENCES = [
    "乳幼児", "小学生", "中高生", "若者", "子育て世代", "大人", "高齢者", "障がいのある人", "外国人", "団体", "だれでも", "だれでも",
    "宇宙人", "おとな",
]  # fmt: skip
AREAS = ["小川町", "仲町", "架空町", "市内全域", "オンライン", "オンライン"]
TIMES = ["mon-am", "sat-am", "sun-evening", "noon"]


def can_do(talent: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether the talent fulfils what the contract calls hard, from the JSON records as they are."""
    if not set(talent.get("availability") or ()) & set(request.get("times") or ()):
        return False
    wanted, offered = talent.get("reward"), request.get("reward_offered")
    if wanted in STEPS and offered in STEPS and STEPS[wanted] - STEPS[offered] >= 2:
        return False
    areas = set(talent.get("areas") or ())
    if request.get("area") == "オンライン":
        if "オンライン" not in areas:
            return False
    elif not areas - {"オンライン"}:
        return False
    serves, asked = set(talent.get("audiences") or ()), set(request.get("audiences") or ())
    if not serves or not asked:
        return False
    if "大人" in serves:
        serves |= {"高齢者", "若者", "子育て世代"}
    return "だれでも" in serves | asked or bool(serves & asked)


def _maybe(made: Random, values: dict[str, Any]) -> dict[str, Any]:
    """Some keys are missing, some null, some empty."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        chance = made.random()
        if chance > 0.05:
            found[key] = None if chance < 0.08 else type(value)() if chance < 0.12 else value
    return found


def _some(made: Random, words: list[str]) -> list[str]:
    return [made.choice(words) for _ in range(made.randint(1, 3))]


def test_two_thousand_pairs_are_feasible_as_the_contract_says() -> None:
    made, able, wrong = Random(36), 0, []
    for _ in range(5):
        talents = [
            {"id": f"T{n}"} | _maybe(made, {
                "audiences": _some(made, AUDIENCES), "areas": _some(made, AREAS), "availability": _some(made, TIMES),
                "reward": made.choice([*STEPS, "お米"]), "skills": ["修理"], "description": made.choice(["🎉", "戸を直す"]),
            })
            for n in range(20)
        ]  # fmt: skip
        requests = [
            {"id": f"R{n}"} | _maybe(made, {
                "audiences": _some(made, AUDIENCES), "area": made.choice(AREAS), "times": _some(made, TIMES),
                "reward_offered": made.choice([*STEPS, "お米"]), "title": made.choice(["", "あ", "戸がきしむ"]),
            })
            for n in range(20)
        ]  # fmt: skip
        index = index_of(*map(talent_of, talents))
        lists = rank(index, index.ask([request_of(one) for one in requests]), top=None)
        for request, best in zip(requests, lists, strict=True):
            expected = {talent["id"] for talent in talents if can_do(talent, request)}
            able += len(expected)
            if {key for key, _ in best} != expected:
                wrong.append((request, expected))
    assert wrong == []
    assert 200 < able < 1_800
