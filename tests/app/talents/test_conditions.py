"""Hard and soft conditions, as the issue states them; the table over all talents says the same as the pair."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.talents.condition_table import ConditionTable
from app.talents.conditions import Condition, Wish, broken_conditions, unmet_wishes
from app.talents.facts import AUDIENCES, RequestFacts, TalentFacts
from tests.app.talents.support import talent, wanted


def broken(offered: TalentFacts, request: RequestFacts) -> list[Condition]:
    return [miss.what for miss in broken_conditions(offered, request)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("offered", "request_", "what"),
    [
        ({}, {}, []),
        ({"availability": ()}, {}, [Condition.TIME]),
        ({}, {"times": ()}, [Condition.TIME]),
        ({}, {"times": ("mon-am",)}, [Condition.TIME]),
        ({"taken_times": frozenset({"sat-am"})}, {}, [Condition.TIME]),
        ({"reward": "有償"}, {}, [Condition.REWARD]),
        ({"reward": "有償"}, {"reward_offered": "交通費"}, []),
        ({"reward": "応相談"}, {}, []),
        ({"areas": ("オンライン",)}, {}, [Condition.PLACE]),
        ({"areas": ()}, {}, [Condition.PLACE]),
        ({}, {"area": "オンライン"}, [Condition.PLACE]),
        ({"areas": ("オンライン", "仲町")}, {"area": "オンライン"}, []),
        ({"areas": ("月面町",)}, {"area": "火星町"}, []),
        ({"audiences": ("大人",)}, {"audiences": ("高齢者",)}, []),
        ({"audiences": ("高齢者",)}, {"audiences": ("大人",)}, [Condition.AUDIENCE]),
        ({"audiences": ("大人",)}, {"audiences": ("小学生",)}, [Condition.AUDIENCE]),
        ({"audiences": ("宇宙人",)}, {"audiences": ("宇宙人",)}, []),
        ({"audiences": ("小学生",)}, {"audiences": ("だれでも",)}, []),
        ({"audiences": ()}, {"audiences": ("だれでも",)}, [Condition.AUDIENCE]),
        ({"audiences": ()}, {}, [Condition.AUDIENCE]),
        ({"free_places": 0}, {}, [Condition.CAPACITY]),
        ({}, {"declined_by": frozenset({"T"})}, [Condition.DECLINED]),
        ({"is_active": False}, {}, [Condition.STANDING]),
        ({"is_consented": False}, {}, [Condition.STANDING]),
        ({"is_valid": False}, {}, [Condition.STANDING]),
        ({}, {"required": frozenset({"18歳以上"})}, [Condition.GUARANTEE]),
        ({"guarantees": frozenset({"18歳以上"})}, {"required": frozenset({"18歳以上"})}, []),
    ],
)
def test_hard_conditions(offered: dict[str, Any], request_: dict[str, Any], what: list[Condition]) -> None:
    assert broken(talent(**offered), wanted(**request_)) == what


@pytest.mark.parametrize(
    ("offered", "request_", "what"),
    [
        ({}, {}, []),
        ({"reward": "交通費"}, {}, [Wish.REWARD_STEP]),
        ({"areas": ("仲町",)}, {}, [Wish.TOWN]),
        ({"areas": ("仲町",)}, {"area": "市内全域"}, []),
        ({"areas": ("仲町", "小川町")}, {}, []),
    ],
)
def test_soft_conditions_are_named(offered: dict[str, Any], request_: dict[str, Any], what: list[Wish]) -> None:
    assert [miss.what for miss in unmet_wishes(talent(**offered), wanted(**request_))] == what


_words = st.sampled_from(
    [*AUDIENCES, "宇宙人", "市内全域", "オンライン", "仲町", "小川町", "sat-am", "sun-pm", *map(str, range(70))]
)
_sets = st.lists(_words, max_size=4).map(tuple)
_rewards = st.sampled_from(["", "無償", "交通費", "有償", "応相談", "米一俵"])
_talents = st.builds(
    TalentFacts, id=st.integers(0, 3), audiences=_sets, areas=_sets, availability=_sets, reward=_rewards,
    is_active=st.booleans(), free_places=st.sampled_from([None, 0, 1]), taken_times=_sets.map(frozenset),
    guarantees=_sets.map(frozenset),
)  # fmt: skip
_requests = st.builds(
    RequestFacts, id=st.just(1), audiences=_sets, area=_words | st.just(""), times=_sets, reward_offered=_rewards,
    required=st.lists(_words, max_size=2).map(frozenset),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_talents, min_size=1, max_size=6), _requests)
def test_the_table_says_what_the_pair_says(talents: list[TalentFacts], request: RequestFacts) -> None:
    table = ConditionTable()
    for row, facts in enumerate(talents):
        table.set(row, facts)
    found = table.fulfilled(request, len(talents))
    wishes = table.unmet_wishes(request, len(talents))
    for row, facts in enumerate(talents):
        assert {each for each, mask in found.items() if not mask[row]} == set(broken(facts, request))
        assert wishes[row] == len(unmet_wishes(facts, request))
