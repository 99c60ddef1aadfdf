"""Many requests at once: headcounts, capacity, times, fair turns."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.talents.assignment import Proposal, propose
from app.talents.conditions import broken_conditions
from app.talents.facts import RequestFacts, TalentFacts
from app.talents.ranking import pair_scores
from tests.app.talents.support import index_of, talent, wanted


def proposal(talents: list[TalentFacts], requests: list[RequestFacts]) -> Proposal:
    index = index_of(*talents)
    return propose(pair_scores(index, index.ask(requests)), {facts.id: facts for facts in talents})


def lines(found: Proposal) -> set[tuple[object, object]]:
    return {(pair.request_id, pair.talent_id) for pair in found.pairs}


def test_the_whole_is_best_and_seats_are_counted() -> None:
    talents = [talent("both", skills=("修理", "料理")), talent("cook", skills=("料理",))]
    requests = [
        wanted("door", skills_wanted=("修理",)),
        wanted("soup", title="食事", skills_wanted=("料理",), headcount=2),
    ]
    found = proposal(talents, requests)
    assert lines(found) == {("door", "both"), ("soup", "cook")}
    assert found.unfilled == {"soup": 1}


def test_nobody_gets_more_than_the_free_places_nor_two_things_at_one_time() -> None:
    talents = [talent("one", free_places=2, availability=("sat-am", "sun-am"))]
    same = [wanted("a"), wanted("b")]
    assert len(proposal(talents, same).pairs) == 1
    apart = [wanted("a"), wanted("b", times=("sun-am",))]
    assert lines(proposal(talents, apart)) == {("a", "one"), ("b", "one")}
    three = [*apart, wanted("c", times=("sat-am", "sun-am"))]
    assert len(proposal(talents, three).pairs) == 2


def test_lines_name_only_times_that_nothing_else_takes() -> None:
    one = talent("one", free_places=2, availability=("sat-am", "sat-pm", "sun-am"), taken_times=frozenset({"sat-pm"}))
    found = proposal([one], [wanted("a", times=("sat-am", "sat-pm", "sun-am")), wanted("b", times=("sun-am",))])
    assert {pair.request_id: pair.times for pair in found.pairs} == {"a": {"sat-am"}, "b": {"sun-am"}}


def test_equals_each_get_their_turn() -> None:
    talents = [talent(key, free_places=2, availability=("sat-am", "sun-am")) for key in ("one", "two")]
    found = proposal(talents, [wanted("a"), wanted("b", times=("sun-am",))])
    assert len({pair.talent_id for pair in found.pairs}) == 2


def test_nothing_to_do() -> None:
    assert proposal([], [wanted()]).unfilled == {"R": 1}
    assert proposal([talent()], []) == Proposal((), {})
    assert proposal([talent()], [wanted(headcount=0)]) == Proposal((), {})
    assert proposal([talent()], [wanted(headcount=10_000)]).unfilled == {"R": 9_999}


_times = st.lists(st.sampled_from(["sat-am", "sat-pm", "sun-am"]), min_size=1, max_size=3, unique=True).map(tuple)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(_times, st.sampled_from([None, 0, 1, 2, 3])), min_size=1, max_size=5),
    st.lists(st.tuples(_times, st.integers(0, 3)), min_size=1, max_size=4),
)
def test_every_line_holds(people: list[tuple], asked: list[tuple]) -> None:
    talents = [talent(at, availability=times, free_places=places) for at, (times, places) in enumerate(people)]
    requests = [wanted(f"r{at}", times=times, headcount=count) for at, (times, count) in enumerate(asked)]
    found = proposal(talents, requests)
    assert len(lines(found)) == len(found.pairs)
    by_id = {request.id: request for request in requests}
    for request in requests:
        filled = [pair for pair in found.pairs if pair.request_id == request.id]
        assert len(filled) + found.unfilled.get(request.id, 0) == request.headcount
    for facts in talents:
        own = [by_id[pair.request_id] for pair in found.pairs if pair.talent_id == facts.id]
        assert len(own) <= (1 if facts.free_places is None else facts.free_places)
        assert all(not broken_conditions(facts, request) for request in own)
        assert len(own) <= len(facts.availability)


def test_two_thousand_talents_and_five_hundred_requests_take_a_second() -> None:
    generator = np.random.default_rng(3)
    talents = {at: talent(at, free_places=int(at % 3)) for at in range(2_000)}
    asked = [
        (wanted(at, headcount=1), list(range(2_000)), generator.random(2_000).astype(np.float32)) for at in range(500)
    ]
    started = time.perf_counter()
    found = propose(asked, talents)
    assert time.perf_counter() - started < 5  # a second on an idle machine; the benchmark measures
    assert len(found.pairs) == 500
