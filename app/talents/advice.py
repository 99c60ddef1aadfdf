"""What the engine says on the screens: of a request, of a talent, of all open requests. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.talents import queries
from app.talents.assignment import Proposal, propose
from app.talents.barriers import barriers_of
from app.talents.candidates import Candidate
from app.talents.conditions import unmet_wishes
from app.talents.facts import RequestFacts
from app.talents.features import request_features
from app.talents.index import Asked, TalentIndex
from app.talents.live import LiveIndex, live_index
from app.talents.matching import declined_by, facts_of_request, load_talents
from app.talents.ranking import Advice, advise, pair_scores, requests_for, why
from app.talents.reasons import common_matter
from app.talents.stages import HOLDS_PLACE, HOLDS_SEAT
from app.talents.vector_store import stored_request_vectors
from models.matches import Match
from models.talent_requests import TalentRequest
from models.talents import Talent

TOP = 10
#: Requests that one proposal looks at.
MOST_REQUESTS = 200


@dataclass(frozen=True)
class RequestAdvice:
    """A request's page. `talents`: rows of all that are named; `pending`: texts whose meaning is still to be computed."""

    advice: Advice
    talents: dict[int, Talent]
    pending: int


@dataclass(frozen=True)
class TalentAdvice:
    """A talent's page. `fitting`: (request, the talent's position there, score); `barriers`: why there is none of them."""

    fitting: list[tuple[TalentRequest, int, float]]
    #: Open requests that were looked at: without full ones, and those that the talent is or was at work on.
    considered: int
    #: (condition, what is in the way); [] where something fits or nothing was looked at.
    barriers: list[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """One line of a proposed assignment."""

    request: TalentRequest
    talent: Talent
    #: The talent's place among those who can do this request, from 1.
    position: int
    #: What the two have in common by their words; "" where only the conditions fit.
    matter: str
    #: The soft conditions that do not hold, as sentences.
    unmet: tuple[str, ...]
    #: Codes of the common times that nothing takes.
    times: frozenset[str]


@dataclass(frozen=True)
class Assignment:
    """The proposal over the open requests; `unfilled`: (request, seats that stay empty)."""

    lines: list[Line]
    unfilled: list[tuple[TalentRequest, int]]
    considered: int
    has_vectors: bool
    pending: int


def of_request(session: Session, settings: Settings, request: TalentRequest) -> RequestAdvice:
    """The ten best that can do it, those who would but for one condition, what to relax. Those at work on it are left out."""
    at_work = set(session.scalars(select(Match.talent_id).where(Match.request_id == request.id)))
    facts = facts_of_request(request, declined_by(session, [request.id])[request.id])
    with live_index(session, settings) as live:
        asked = _asked(session, live, [facts])
        found = advise(live.index, facts, asked, top=TOP + len(at_work))
        pending = live.pending
    found = replace(found, candidates=_others(found.candidates, at_work), nearly=_others(found.nearly, at_work))
    return RequestAdvice(found, _rows(session, [*found.candidates, *found.nearly]), pending)


def of_pair(session: Session, settings: Settings, request: TalentRequest, talent_ids: Sequence[int]) -> list[Candidate]:
    """Why each of these talents stands where it stands, or does not; unknown ones are left out."""
    facts = facts_of_request(request, declined_by(session, [request.id])[request.id])
    with live_index(session, settings) as live:
        asked = _asked(session, live, [facts])
        found = [why(live.index, facts, talent_id, asked) for talent_id in talent_ids]
    return [one for one in found if one is not None]


def of_talent(session: Session, settings: Settings, actor: Actor, talent: Talent) -> TalentAdvice:
    """The open requests that the talent can do, best position first; where there are none, why."""
    known = set(session.scalars(select(Match.request_id).where(Match.talent_id == talent.id)))
    wanted = [one for one in queries.open_requests(session, actor)[:MOST_REQUESTS] if one.id not in known]
    seats = queries.seats_taken(session, [one.id for one in wanted])
    wanted = [one for one in wanted if seats.get(one.id, 0) < one.headcount]
    declined = declined_by(session, [one.id for one in wanted])
    facts = [facts_of_request(one, declined[one.id]) for one in wanted]
    if not facts:
        return TalentAdvice([], 0, [])
    with live_index(session, settings) as live:
        found = requests_for(live.index, _asked(session, live, facts), talent.id)
        row = live.index.rows.get(talent.id)
        own = None if row is None else live.index.facts[row]
    barriers = [] if found or own is None else barriers_of(own, facts)
    rows = {one.id: one for one in wanted}
    return TalentAdvice([(rows[int(key)], position, score) for key, position, score in found], len(facts), barriers)


def of_open_requests(session: Session, settings: Settings, actor: Actor) -> Assignment:
    """Who could go where, over all open requests: seats that nobody is being approached for, places that are free."""
    wanted = list(queries.open_requests(session, actor)[:MOST_REQUESTS])
    pairs = session.execute(
        select(Match.request_id, Match.talent_id, Match.stage).where(Match.request_id.in_([one.id for one in wanted]))
    ).all()
    known: dict[int, set[int]] = {}
    busy: dict[int, int] = {}
    for request_id, talent_id, stage in pairs:
        known.setdefault(request_id, set()).add(talent_id)
        busy[request_id] = busy.get(request_id, 0) + (stage in HOLDS_PLACE | HOLDS_SEAT)
    declined = declined_by(session, [one.id for one in wanted])
    facts = [
        replace(found, headcount=max(0, found.headcount - busy.get(one.id, 0)))
        for one in wanted
        if (found := facts_of_request(one, declined[one.id])) and found.headcount > busy.get(one.id, 0)
    ]
    with live_index(session, settings) as live:
        index, pending = live.index, live.pending
        scores = []
        if facts:
            for request, keys, values in pair_scores(index, _asked(session, live, facts)):
                new = [at for at, key in enumerate(keys) if key not in known.get(int(request.id), ())]
                scores.append((request, [keys[at] for at in new], values[np.array(new, np.intp)]))
        named = {key for _, keys, _ in scores for key in keys}
        talents = {key: one for key in named if (one := index.facts[index.rows[key]]) is not None}
        proposal = propose(scores, talents)
        asked_by_id = {int(one.id): one for one in facts}
        matters = _matters(index, asked_by_id, proposal)
        unmet = {
            (int(pair.request_id), int(pair.talent_id)): tuple(
                miss.sentence for miss in unmet_wishes(talents[pair.talent_id], asked_by_id[int(pair.request_id)])
            )
            for pair in proposal.pairs
        }
        has_vectors = index.has_vectors
    rows = {one.id: one for one in wanted}
    people = {talent.id: talent for talent in load_talents(session, [int(pair.talent_id) for pair in proposal.pairs])}
    values_of = {int(request.id): values for request, _, values in scores}
    lines = [
        Line(
            rows[int(pair.request_id)],
            people[int(pair.talent_id)],
            1 + int((values_of[int(pair.request_id)] > pair.score + 1e-6).sum()),
            matters[int(pair.request_id), int(pair.talent_id)],
            unmet[int(pair.request_id), int(pair.talent_id)],
            pair.times,
        )
        for pair in proposal.pairs
        if int(pair.talent_id) in people
    ]
    unfilled = [(rows[int(key)], number) for key, number in proposal.unfilled.items()]
    return Assignment(lines, unfilled, len(facts), has_vectors, pending)


def _matters(
    index: TalentIndex, requests: Mapping[int, RequestFacts], proposal: Proposal
) -> dict[tuple[int, int], str]:
    """(request, talent) of each line → what they have in common by their words."""
    wanted = {key: request_features(facts, index.lexicon) for key, facts in requests.items()}
    found = {}
    for pair in proposal.pairs:
        request, row = int(pair.request_id), index.rows[pair.talent_id]
        talent = index.facts[row]
        assert talent is not None
        sentence = common_matter(requests[request], talent, wanted[request], index.features_of(row), index)
        found[request, int(pair.talent_id)] = sentence
    return found


def _asked(session: Session, live: LiveIndex, facts: Sequence[RequestFacts]) -> Asked:
    """Requests with their stored vectors; only what is not stored yet is encoded here."""
    encoder = live.index.encoder
    if encoder is None:
        return live.index.ask(facts)
    stored = stored_request_vectors(session, encoder.name, facts)
    missing = [one for one in facts if int(one.id) not in stored]
    if missing:
        made = live.index.ask(missing).vectors
        assert made is not None
        stored |= {int(one.id): made[at] for at, one in enumerate(missing)}
    return live.index.ask(facts, np.stack([stored[int(one.id)] for one in facts]))


def _others(candidates: Iterable[Candidate], at_work: set[int]) -> tuple[Candidate, ...]:
    return tuple(one for one in candidates if one.talent_id not in at_work)[:TOP]


def _rows(session: Session, candidates: Iterable[Candidate]) -> dict[int, Talent]:
    return {talent.id: talent for talent in load_talents(session, [int(one.talent_id) for one in candidates])}
