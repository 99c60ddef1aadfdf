"""Who fits a request: the ranking of many, one request with its parts and reasons, why not, what to relax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.talents.candidates import Candidate, candidate_of
from app.talents.conditions import Condition
from app.talents.facts import Key, RequestFacts
from app.talents.index import Asked, Room, TalentIndex
from app.talents.scoring import Part, current, scaled, total, total_over
from app.talents.token_rows import Dense

#: Requests compared at a time: keeps the tables of products small.
_CHUNK = 200
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Relaxation:
    """What giving up one hard condition would bring: how many more talents."""

    condition: Condition
    more: int


@dataclass(frozen=True)
class Advice:
    """A request's page: who can, who would but for one condition (条件が合えば), what to relax, of how many."""

    candidates: tuple[Candidate, ...]
    nearly: tuple[Candidate, ...]
    relaxations: tuple[Relaxation, ...]
    feasible: int
    talents: int
    has_vectors: bool


def rank(index: TalentIndex, asked: Asked, *, top: int | None = 20) -> list[list[tuple[Key, float]]]:
    """For each request the feasible talents, best first, with their scores. top None: all of them.

    Equal scores keep the order in which the talents came.
    """
    found = []
    for _, rows, scores in _scored(index, asked):
        best = _best(scores, top)
        found.append([(index.id_of(row), score) for row, score in zip(rows[best], scores[best].tolist(), strict=True)])
    return found


def advise(index: TalentIndex, request: RequestFacts, asked: Asked | None = None, *, top: int = 10) -> Advice:
    """Everything a request's page shows. `asked` holds this request alone; prepared here where it is not given."""
    asked = asked or index.ask([request])
    alive, broken, near = _states(index, request)
    parts = index.parts(asked, 0, 1)
    rows = np.flatnonzero(alive & (broken == 0))
    scores, values = _score(index, request, parts, 0, rows)
    candidates = tuple(
        candidate_of(index, asked, rows[at], float(scores[at]), _column(values, at), position)
        for position, at in enumerate(_best(scores, top), 1)
    )
    more = {condition: int((near & ~fulfilled).sum()) for condition, fulfilled in _relaxable(index, request).items()}
    near_rows = np.flatnonzero(near)
    near_scores, near_values = _score(index, request, parts, 0, near_rows)
    nearly = tuple(
        candidate_of(index, asked, near_rows[at], float(near_scores[at]), _column(near_values, at), None)
        for at in _best(near_scores, top)
    )
    relaxations = tuple(
        Relaxation(condition, number) for condition, number in sorted(more.items(), key=lambda pair: -pair[1]) if number
    )
    return Advice(candidates, nearly, relaxations, len(rows), len(index), index.has_vectors)


def explained(index: TalentIndex, asked: Asked, talent_ids: Iterable[Key]) -> dict[Key, Candidate]:
    """The parts and reasons of these talents for one request, those who can do it only; no positions."""
    request = asked.requests[0]
    rows = np.flatnonzero(_feasible(index, request))
    scores, values = _score(index, request, index.parts(asked, 0, 1), 0, rows)
    places = {int(row): at for at, row in enumerate(rows)}
    found = {}
    for key in talent_ids:
        row = index.rows.get(key)
        if row is not None and row in places:
            at = places[row]
            found[key] = candidate_of(index, asked, row, float(scores[at]), _column(values, at), None)
    return found


def by_topic(
    index: TalentIndex, request: RequestFacts, asked: Asked | None = None, *, top: int = 10
) -> list[Candidate]:
    """Who knows about the matter, whatever time, place, audience and fee: for those who only want to see whom there is.

    Only whose registration stands; the reasons leave out times and places.
    """
    asked = asked or index.ask([request])
    standing = index.table.fulfilled(request, index.size)[Condition.STANDING]
    rows = np.flatnonzero(_states(index, request)[0] & standing)
    parts = {part: found[0][rows] for part, found in index.parts(asked, 0, 1).items()}
    values = {part: scaled(part, column) for part, column in parts.items()}
    nothing = np.zeros(len(rows), np.float32)
    scores = total(values, nothing, nothing, nothing, has_vectors=index.has_vectors)
    return [
        candidate_of(index, asked, rows[at], float(scores[at]), _column(values, at), position)
        for position, at in enumerate(_best(scores, top), 1)
    ]


def why(index: TalentIndex, request: RequestFacts, talent_id: Key, asked: Asked | None = None) -> Candidate | None:
    """Why a talent stands where it stands, or why it does not: its parts beside all who can. None: not in the index."""
    row = index.rows.get(talent_id)
    if row is None:
        return None
    asked = asked or index.ask([request])
    alive, broken, _ = _states(index, request)
    feasible = np.flatnonzero(alive & (broken == 0))
    rows = feasible if row in feasible else np.append(feasible, row)
    scores, values = _score(index, request, index.parts(asked, 0, 1), 0, rows)
    at = int(np.flatnonzero(rows == row)[0])
    is_feasible = len(rows) == len(feasible)
    position = 1 + int((scores > scores[at]).sum()) if is_feasible else None
    return candidate_of(index, asked, rows[at], float(scores[at]), _column(values, at), position)


def requests_for(index: TalentIndex, asked: Asked, talent_id: Key, *, top: int = 10) -> list[tuple[Key, int, float]]:
    """For a talent: the requests that it can do, (request, its position there, score), best position first."""
    row = index.rows.get(talent_id)
    if row is None:
        return []
    found = []
    for request, rows, scores in _scored(index, asked):
        at = np.flatnonzero(rows == row)
        if len(at):
            score = float(scores[at[0]])
            found.append((request.id, 1 + int((scores > score).sum()), score))
    return sorted(found, key=lambda each: (each[1], -each[2]))[:top]


def pair_scores(index: TalentIndex, asked: Asked) -> Iterator[tuple[RequestFacts, list[Key], Dense]]:
    """Each request with the talents that can do it and their scores, for the assignment."""
    ids = [facts.id if facts is not None else -1 for facts in index.facts]
    for request, rows, scores in _scored(index, asked):
        yield request, [ids[row] for row in rows.tolist()], scores


def _scored(index: TalentIndex, asked: Asked) -> Iterator[tuple[RequestFacts, Rows, Dense]]:
    room, present = Room(), current(index.present, has_vectors=index.has_vectors)
    for start in range(0, len(asked.requests), _CHUNK):
        stop = min(start + _CHUNK, len(asked.requests))
        parts = index.parts(asked, start, stop, room)
        for number, request in enumerate(asked.requests[start:stop]):
            able = _feasible(index, request)
            columns = {part: found[number] for part, found in parts.items()}
            wishes = index.table.unmet_wishes(request, index.size)
            scores = total_over(columns, able, wishes, present, has_vectors=index.has_vectors)
            rows = np.flatnonzero(able)
            yield request, rows, scores[rows]


def _score(
    index: TalentIndex, request: RequestFacts, parts: dict[Part, Dense], number: int, rows: Rows
) -> tuple[Dense, dict[Part, Dense]]:
    values = {part: scaled(part, found[number][rows]) for part, found in parts.items()}
    wishes = index.table.unmet_wishes(request, index.size)[rows]
    present = index.present[rows]
    return total(values, wishes, present[:, 0], present[:, 1], has_vectors=index.has_vectors), values


def _feasible(index: TalentIndex, request: RequestFacts) -> npt.NDArray[np.bool_]:
    feasible = index.table.able(request, index.size)
    for declined in request.declined_by:
        if (row := index.rows.get(declined)) is not None:
            feasible[row] = False
    return feasible


def _states(
    index: TalentIndex, request: RequestFacts
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """(rows in use, how many conditions each breaks, which would fit but for one that can be relaxed)."""
    alive = index.alive
    broken = np.zeros(index.size, np.int8)
    firm = np.zeros(index.size, np.int8)
    for condition, fulfilled in index.table.fulfilled(request, index.size).items():
        broken += ~fulfilled
        firm += 0 if condition.is_relaxable else ~fulfilled
    for declined in request.declined_by:
        if (row := index.rows.get(declined)) is not None:
            broken[row] += 1
            firm[row] += 1
    return alive, broken, alive & (broken == 1) & (firm == 0)


def _relaxable(index: TalentIndex, request: RequestFacts) -> dict[Condition, npt.NDArray[np.bool_]]:
    found = index.table.fulfilled(request, index.size)
    return {condition: fulfilled for condition, fulfilled in found.items() if condition.is_relaxable}


def _best(scores: Dense, top: int | None) -> Rows:
    """Where the best stand, best first; equals in their order."""
    if top is None or len(scores) <= top:
        return np.argsort(-scores, kind="stable")
    able = np.flatnonzero(scores >= _bound(scores, top))
    return able[np.argsort(-scores[able], kind="stable")][:top]


def _bound(scores: Dense, top: int) -> np.float32:
    """A score that at least `top` reach and few besides: the top-th best of the best of as many groups."""
    groups = 8 * top
    if len(scores) < 4 * groups:
        return np.float32(np.partition(scores, len(scores) - top)[len(scores) - top])
    best = scores[: len(scores) // groups * groups].reshape(-1, groups).max(axis=0)
    return np.float32(np.partition(best, groups - top)[groups - top])


def _column(values: dict[Part, Dense], at: int) -> dict[Part, float]:
    return {part: float(column[at]) for part, column in values.items()}
