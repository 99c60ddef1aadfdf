"""Talents and requests of the development set, and a small lexicon's index, for the tests of matching."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.talents.facts import RequestFacts, TalentFacts
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon

DATA = Path(__file__).parents[3] / "benchmarks" / "matching_data"


def talent(key: int | str = "T", **values: Any) -> TalentFacts:
    """Somebody who can do everything at any time."""
    known: dict[str, Any] = {
        "skills": ("修理",), "audiences": ("だれでも",), "areas": ("市内全域",), "availability": ("sat-am", "sat-pm"),
        "reward": "無償",
    }  # fmt: skip
    return TalentFacts(id=key, **(known | values))


def wanted(key: int | str = "R", **values: Any) -> RequestFacts:
    """A request that `talent()` can do."""
    known: dict[str, Any] = {
        "title": "戸の修理", "audiences": ("大人",), "area": "小川町", "times": ("sat-am",), "reward_offered": "無償",
    }  # fmt: skip
    return RequestFacts(id=key, **(known | values))


def index_of(*talents: TalentFacts) -> TalentIndex:
    """An index of these, without sentence vectors."""
    index = TalentIndex(load_lexicon("kodaira"))
    for facts in talents:
        index.put(facts)
    return index
