"""Many requests at once: who goes where, so that the whole is best. Pure; solved exactly by scipy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from app.talents.facts import Key, RequestFacts, TalentFacts

#: How many seats one request can get in one proposal, and how many engagements one talent.
MOST_SEATS = 30
MOST_PLACES = 10
#: What taking the same talent once more costs: others get their turn first.
_TURN = 0.15


@dataclass(frozen=True)
class Pair:
    """One line of the proposal: the worker accepts or leaves it."""

    request_id: Key
    talent_id: Key
    score: float
    #: The common times that neither an engagement nor another line of the proposal takes.
    times: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proposal:
    """The lines, and the seats that stay empty by request."""

    pairs: tuple[Pair, ...]
    unfilled: Mapping[Key, int]


def propose(
    requests: Iterable[tuple[RequestFacts, list[Key], np.ndarray]], talents: Mapping[Key, TalentFacts]
) -> Proposal:
    """The assignment of the highest total score.

    requests: each with the talents that can do it and their scores. Nobody stands twice at one request, is given more
    than its free places, or two requests whose only common times coincide. A talent without a limit takes one at most
    here. Scores below zero count as a hair above nothing: a filled seat is better than an empty one.
    """
    asked = list(requests)
    seats = [(number, seat) for number, (request, _, _) in enumerate(asked) for seat in range(_seats(request))]
    places = [(key, turn) for key, facts in talents.items() for turn in range(_places(facts))]
    unfilled = {request.id: max(0, request.headcount) for request, _, _ in asked}
    if not seats or not places:
        return Proposal((), {key: number for key, number in unfilled.items() if number})
    own = _own_scores(asked, talents)
    gains = _gains(own, list(talents), seats, places)
    from scipy.optimize import linear_sum_assignment  # a tenth of the start of every command, and few need it

    rows, columns = linear_sum_assignment(gains, maximize=True)
    found = [
        (float(gains[row, column]), seats[row][0], places[column][0])
        for row, column in zip(rows, columns, strict=True)
        if gains[row, column] > 0
    ]
    pairs = []
    for number, key, score, times in _without_clashes(asked, talents, found, own):
        pairs.append(Pair(asked[number][0].id, key, score, times))
        unfilled[asked[number][0].id] -= 1
    return Proposal(tuple(pairs), {key: number for key, number in unfilled.items() if number > 0})


def _seats(request: RequestFacts) -> int:
    return max(0, min(request.headcount, MOST_SEATS))


def _places(facts: TalentFacts) -> int:
    return 1 if facts.free_places is None else max(0, min(facts.free_places, MOST_PLACES))


def _own_scores(
    asked: list[tuple[RequestFacts, list[Key], np.ndarray]], talents: Mapping[Key, TalentFacts]
) -> np.ndarray:
    """(requests, talents): the scores as they were given; minus infinity where the talent cannot."""
    at = {key: number for number, key in enumerate(talents)}
    found = np.full((len(asked), len(talents)), -np.inf)
    for number, (_, keys, scores) in enumerate(asked):
        found[number, [at[key] for key in keys]] = scores
    return found


def _gains(own: np.ndarray, keys: list[Key], seats: list[tuple[int, int]], places: list[tuple[Key, int]]) -> np.ndarray:
    """(seats, places): above 0 where the talent can. The request's own seats are alike but for a hair."""
    at = {key: number for number, key in enumerate(keys)}
    turns = np.array([turn for _, turn in places], np.float64)
    by_request = own[:, [at[key] for key, _ in places]]
    is_able = np.isfinite(by_request)
    by_request = np.where(is_able, np.maximum(np.maximum(by_request, 0.01) - _TURN * turns, 0.005), 0.0)
    return by_request[[number for number, _ in seats]]


def _without_clashes(
    asked: list[tuple[RequestFacts, list[Key], np.ndarray]],
    talents: Mapping[Key, TalentFacts],
    found: list[tuple[float, int, Key]],
    own: np.ndarray,
) -> list[tuple[int, Key, float, frozenset[str]]]:
    """The lines by request, best first, with their times, less those that repeat a pair or leave no time; freed seats go to who is left.

    The solver gives one talent two seats of one request when it has two places, and knows no times: both are put right
    here, best lines first, and empty seats are then offered to those with a place and a time left, best first.
    """
    left = {key: _places(facts) for key, facts in talents.items()}
    free = {key: set(facts.free_times) for key, facts in talents.items()}
    seats = {number: _seats(request) for number, (request, _, _) in enumerate(asked)}
    taken: dict[Key, dict[int, str]] = {key: {} for key in talents}
    lines: list[tuple[int, Key, float]] = []

    def take(number: int, key: Key, score: float) -> None:
        request = asked[number][0]
        common = free[key] & set(request.times)
        if not seats[number] or not left[key] or not common or number in taken[key]:
            return
        taken[key][number] = min(common)
        free[key].discard(min(common))
        seats[number] -= 1
        left[key] -= 1
        lines.append((number, key, score))

    at_talent = {key: at for at, key in enumerate(talents)}
    for _, number, key in sorted(found, key=lambda line: -line[0]):
        take(number, key, float(own[number, at_talent[key]]))
    for number, (_, keys, scores) in enumerate(asked):
        if seats[number]:
            for at in np.argsort(-scores, kind="stable"):
                if not seats[number]:
                    break
                take(number, keys[at], float(scores[at]))

    def times_of(number: int, key: Key) -> frozenset[str]:
        others = {code for other, code in taken[key].items() if other != number}
        return talents[key].free_times & frozenset(asked[number][0].times) - others

    return [
        (number, key, score, times_of(number, key))
        for number, key, score in sorted(lines, key=lambda line: (line[0], -line[2]))
    ]
