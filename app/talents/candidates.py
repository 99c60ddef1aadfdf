"""A talent as a candidate for a request: its score opened into parts, why it is liked, what lowers or bars it."""

from __future__ import annotations

from dataclasses import dataclass

from app.talents.conditions import Miss, broken_conditions, recently_approached, unmet_wishes
from app.talents.facts import Key
from app.talents.index import Asked, TalentIndex
from app.talents.reasons import reasons_for
from app.talents.scoring import Part, weight_of


@dataclass(frozen=True)
class PartScore:
    """One part of a score. value: 0 to 1; share: what it adds to the sum."""

    part: Part
    value: float
    share: float


@dataclass(frozen=True)
class Candidate:
    """A talent for a request. `broken` is empty for all who can do it; `position` counts from 1 among those."""

    talent_id: Key
    score: float
    position: int | None
    parts: tuple[PartScore, ...]
    reasons: tuple[str, ...]
    wishes: tuple[Miss, ...]
    broken: tuple[Miss, ...] = ()


def candidate_of(
    index: TalentIndex, asked: Asked, row: int, score: float, values: dict[Part, float], position: int | None
) -> Candidate:
    """The talent of a row for the one request that was asked, with its reasons. values: its parts, scaled."""
    facts, features = index.facts[row], index.features_of(row)
    assert facts is not None
    request = asked.requests[0]
    counts = {part: weight_of(part, has_vectors=index.has_vectors) * value for part, value in values.items()}
    return Candidate(
        talent_id=facts.id,
        score=score,
        position=position,
        parts=tuple(PartScore(part, values[part], counts[part]) for part in Part if part in values),
        reasons=tuple(reasons_for(request, facts, asked.features[0], features, index, asked, values)),
        wishes=(*unmet_wishes(facts, request), *recently_approached(facts)),
        broken=tuple(broken_conditions(facts, request)),
    )
