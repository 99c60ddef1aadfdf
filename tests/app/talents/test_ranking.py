"""Ranking: feasible talents only, meaning before letters, reasons, near misses, changes; with and without vectors."""

from __future__ import annotations

import numpy as np
import pytest

from app.talents import ranking
from app.talents.conditions import Condition, Wish, broken_conditions
from app.talents.facts import RequestFacts, TalentFacts
from app.talents.facts_json import read_requests, read_talents
from app.talents.index import TalentIndex
from app.talents.lexicon import Lexicon, load_lexicon
from app.talents.ranking import advise, rank, requests_for, why
from benchmarks.matching import filled_index, ndcg_by_part
from tests.app.talents.support import DATA, index_of, talent, wanted


def order(index: TalentIndex, request: RequestFacts) -> list[object]:
    return [key for key, _ in rank(index, index.ask([request]))[0]]


@pytest.fixture(scope="module")
def people() -> TalentIndex:
    return filled_index(read_talents(DATA / "talents.json"), load_lexicon("kodaira"), None)


@pytest.mark.parametrize("file", ["requests.json", "requests_lay.json"])
def test_no_hard_condition_is_broken_in_any_list(people: TalentIndex, file: str) -> None:
    requests = read_requests(DATA / file)
    for request, best in zip(requests, rank(people, people.ask(requests), top=None), strict=True):
        able = {facts.id for facts in people.facts if facts and not broken_conditions(facts, request)}
        assert {key for key, _ in best} == able


def test_without_vectors_the_level_without_vectors_is_held(people: TalentIndex) -> None:
    tags = ndcg_by_part(people, read_requests(DATA / "requests.json"))
    assert min(tags.values()) > 0.9


def test_everyday_words_find_who_repairs() -> None:
    index = index_of(
        talent("music", skills=("ピアノ",)), talent("repair", skills=("日曜大工",)), talent("cook", skills=("料理",))
    )
    request = wanted(title="困っています", description="戸がきしんで閉まらない。道具を持って半日来てくれる人がほしい")
    assert order(index, request)[0] == "repair"


def test_an_unmet_wish_lowers_but_does_not_exclude() -> None:
    index = index_of(talent("far", areas=("仲町",)), talent("near", areas=("小川町",)))
    assert order(index, wanted()) == ["near", "far"]
    assert advise(index, wanted()).candidates[1].wishes[0].sentence == "活動できる町は仲町で、小川町は入っていない"


def test_who_was_asked_often_stands_behind_an_equal() -> None:
    index = index_of(talent("asked", recent_approaches=2), talent("rested"))
    assert order(index, wanted()) == ["rested", "asked"]
    lowered = advise(index, wanted()).candidates[1]
    assert [miss.what for miss in lowered.wishes] == [Wish.ROTATION]
    assert not any("打診" in sentence for sentence in lowered.reasons)  # it speaks against, not for


def test_a_bad_past_lowers_and_a_good_one_lifts() -> None:
    index = index_of(talent("bad", past_outcome=0.0), talent("none"), talent("good", past_outcome=1.0))
    assert order(index, wanted()) == ["good", "none", "bad"]


def test_who_would_fit_but_for_one_condition_stands_apart_and_is_counted() -> None:
    index = index_of(
        talent("fits"),
        talent("evening", availability=("mon-evening",)),
        talent("dear", reward="有償"),
        talent("both", reward="有償", availability=("mon-evening",)),
        talent("gone", is_active=False),
        talent("declined", availability=("sat-am",)),
    )
    advice = advise(index, wanted(declined_by=frozenset({"declined"})))
    assert [each.talent_id for each in advice.candidates] == ["fits"]
    assert {each.talent_id: [miss.what for miss in each.broken] for each in advice.nearly} == {
        "evening": [Condition.TIME],
        "dear": [Condition.REWARD],
    }
    assert {each.condition: each.more for each in advice.relaxations} == {Condition.TIME: 1, Condition.REWARD: 1}
    assert (advice.feasible, advice.talents, advice.has_vectors) == (1, 6, False)


def test_reasons_name_skill_time_and_place() -> None:
    index = index_of(talent(skills=("浴衣の着付け",), fields=(6,)))
    request = wanted(title="夏まつり", skills_wanted=("着付け",), fields=(6,))
    assert advise(index, request).candidates[0].reasons == (
        "「浴衣の着付け」が希望の「着付け」と近い",
        "どちらも「着付け」に触れている(着付け・着物)",
        "分野が同じ(6)",
        "土曜午前が空き",
        "市内全域に通える",
    )


def test_why_not_says_what_breaks_and_where_it_would_stand() -> None:
    index = index_of(talent("fits"), talent("dear", reward="有償"))
    told = why(index, wanted(), "dear")
    assert told is not None and told.position is None
    assert [miss.sentence for miss in told.broken] == ["謝礼は「有償」を希望(依頼は「無償」)"]
    found = why(index, wanted(), "fits")
    assert found is not None and found.position == 1
    assert why(index, wanted(), "nobody") is None


def test_a_talent_sees_the_requests_that_fit() -> None:
    index = index_of(talent("cook", skills=("料理",)), talent("repair", skills=("修理",)))
    asked = index.ask([wanted("door"), wanted("soup", title="炊き出しの調理"), wanted("never", times=())])
    assert [key for key, _, _ in requests_for(index, asked, "cook")] == ["soup", "door"]
    assert requests_for(index, asked, "nobody") == []


@pytest.mark.parametrize("text", ["", "あ", "長い話" * 7_000, "😀🎉", "\x00", "!?"])
@pytest.mark.parametrize("headcount", [0, 10_000])
def test_any_text_and_headcount_is_ranked(text: str, headcount: int) -> None:
    index = index_of(talent("one"), talent("two", skills=(), description=text))
    request = wanted(title=text, description=text, headcount=headcount)
    assert set(order(index, request)) == {"one", "two"}
    assert len(advise(index, request).candidates) == 2


def test_an_index_of_nobody_ranks_nobody() -> None:
    index = index_of()
    assert order(index, wanted()) == []
    assert advise(index, wanted()).candidates == ()


def test_changing_talents_one_by_one_ends_where_a_new_index_begins() -> None:
    everybody = read_talents(DATA / "talents.json")
    requests = read_requests(DATA / "requests.json")[:10]
    index = index_of(*everybody[:50], talent("gone", description="いなくなる人"))
    for facts in everybody[:20]:
        index.put(TalentFacts(id=facts.id, skills=("別の技能",)))
    index.remove("gone")
    index.remove("gone")
    for facts in everybody:
        index.put(facts)
    fresh = index_of(*everybody)
    assert len(index) == len(fresh)
    for ours, theirs in zip(rank(index, index.ask(requests)), rank(fresh, fresh.ask(requests)), strict=True):
        assert {key: round(score, 3) for key, score in ours}.items() >= {
            key: round(s, 3) for key, s in theirs[:10]
        }.items()


def test_the_ranking_of_many_counts_like_the_page_of_one(people: TalentIndex) -> None:
    for request in read_requests(DATA / "requests_lay.json")[:12]:
        shown = {each.talent_id: each.score for each in advise(people, request, top=20).candidates}
        ranked = dict(rank(people, people.ask([request]), top=20)[0])
        assert list(shown) == list(ranked)
        assert max((abs(shown[key] - ranked[key]) for key in shown), default=0) < 1e-5


@pytest.mark.parametrize("size", [0, 1, 19, 21, 640, 5_000])
def test_the_best_are_found_in_their_order(size: int) -> None:
    scores = np.round(np.random.default_rng(size).normal(size=size), 1).astype(np.float32)
    assert ranking._best(scores, 20).tolist() == np.argsort(-scores, kind="stable")[:20].tolist()


def test_a_ranking_does_not_depend_on_the_other_requests_of_the_batch(people: TalentIndex) -> None:
    requests = read_requests(DATA / "requests_lay.json")
    together = rank(people, people.ask(requests))
    assert together[3] == rank(people, people.ask([requests[3]]))[0]


class Letters:
    """An encoder for tests: which of eight letters a text holds."""

    name, size = "letters", 8

    def encode(self, texts: list[str], kind: str) -> np.ndarray:
        found = np.array([[1.0 + text.count(letter) for letter in "abcdefgh"] for text in texts], np.float32)
        return found.reshape(len(texts), 8) / np.linalg.norm(found.reshape(len(texts), 8), axis=1, keepdims=True)


def test_vectors_bring_what_words_do_not_share() -> None:
    index = TalentIndex(Lexicon(()), Letters())
    for key, text in (("first", "bbbb"), ("second", "aaaa")):
        vector = Letters().encode([text], "passage")[0]
        index.put(talent(key, skills=(), description=""), vector)
    request = wanted(title="", description="")
    asked = index.ask([request], Letters().encode(["aaaa"], "query"))
    assert [key for key, _ in rank(index, asked)[0]] == ["second", "first"]
    assert index.has_vectors and not index.is_missing_vectors
    index.put(talent("third"))
    assert index.is_missing_vectors
