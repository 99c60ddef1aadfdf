"""Rows as the engine sees them: TalentFacts and RequestFacts, without names; what changes by the day read each time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.talents.facts import RequestFacts, TalentFacts
from app.talents.masking import masked, secrets_of
from app.talents.queries import has_valid_consent
from app.talents.stages import ROTATION_DAYS
from models.base import utc_now
from models.matches import FollowUp, Match, MatchStep, MatchTime, Outcome, Side, Stage
from models.talent_requests import TalentRequest
from models.talents import Talent, TalentStatus

#: What the record may vouch for, as facts.guarantees and facts.required name it.
ADULT, INSURED, GUARDED = "18歳以上", "ボランティア保険", "保護者の同意"
#: How an outcome counts, from 0 (bad) to 1 (good).
OUTCOME_VALUES = {
    Outcome.VERY_GOOD: 1.0, Outcome.GOOD: 0.75, Outcome.FAIR: 0.5, Outcome.POOR: 0.25, Outcome.BAD: 0.0,
}  # fmt: skip
_EAGER = (selectinload(Talent.skills), selectinload(Talent.fields))


def secrets_in(talent: Talent) -> list[str]:
    """What in the talent's own words would tell who it is."""
    values = (talent.name, talent.reading, talent.contact_person, talent.phone, talent.email, talent.address)
    return secrets_of(values)


def anonymous_texts(talent: Talent) -> tuple[list[str], str]:
    """(free skills, description) with name and contacts blacked out."""
    secrets = secrets_in(talent)
    return [masked(word, secrets) for word in talent.free_skills], masked(talent.description, secrets)


def facts_of_talent(talent: Talent, today: dt.date) -> TalentFacts:
    """The lasting facts of a talent; never its name. What changes by the day: `with_present`."""
    words, description = anonymous_texts(talent)
    guarantees = {
        label
        for label, is_given in (
            (ADULT, talent.is_adult),
            (INSURED, talent.is_insured),
            (GUARDED, talent.is_adult or talent.has_guardian_consent),
        )
        if is_given
    }
    return TalentFacts(
        id=talent.id,
        kind=talent.kind.value,
        fields=tuple(row.number for row in talent.fields),
        skills=(*(row.name for row in talent.skills), *words),
        description=description,
        audiences=tuple(talent.audiences),
        areas=tuple(talent.areas),
        availability=tuple(talent.availability),
        reward=talent.reward.label,
        is_active=talent.status is TalentStatus.ACTIVE,
        is_consented=talent.consent_on is not None and talent.consent_withdrawn_on is None,
        is_valid=has_valid_consent(talent, today),
        free_places=talent.capacity,
        guarantees=frozenset(guarantees),
    )


def declined_by(session: Session, request_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """request id → talents that said no to it. One query."""
    found: dict[int, set[int]] = {key: set() for key in request_ids}
    rows = select(Match.request_id, Match.talent_id).where(
        Match.request_id.in_(list(found)), Match.stage == Stage.DECLINED
    )
    for request_id, talent_id in session.execute(rows):
        found[request_id].add(talent_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def facts_of_request(request: TalentRequest, declined: frozenset[int]) -> RequestFacts:
    """The facts of a request; `declined`: who has said no to it."""
    required = {
        label
        for label, is_set in (
            (ADULT, request.requires_adult),
            (INSURED, request.requires_insurance),
            (GUARDED, request.requires_guardian_consent),
        )
        if is_set
    }
    return RequestFacts(
        id=request.id,
        title=request.title,
        description=request.description or "",
        fields=tuple(row.number for row in request.fields),
        skills_wanted=(*(row.name for row in request.skills), *request.free_skills),
        audiences=tuple(request.audiences),
        area=request.area,
        times=tuple(request.times),
        reward_offered=request.reward_offered.label,
        headcount=request.headcount,
        required=frozenset(required),
        declined_by=declined,
    )


def load_talents(session: Session, ids: Iterable[int] | None = None) -> Sequence[Talent]:
    """Talents that are not erased, by id, with what their facts need. Three queries a chunk of 500."""
    if ids is None:
        return session.scalars(
            select(Talent).where(Talent.status != TalentStatus.ERASED).options(*_EAGER).order_by(Talent.id)
        ).all()
    wanted = sorted(ids)
    found: list[Talent] = []
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        found += session.scalars(
            select(Talent)
            .where(Talent.id.in_(chunk), Talent.status != TalentStatus.ERASED)
            .options(*_EAGER)
            .order_by(Talent.id)
        ).all()
    return found


@dataclass(frozen=True)
class Present:
    """What matches say of talents today: places taken, times taken, approaches lately, past outcomes (0–1)."""

    places: dict[int, int] = field(default_factory=dict)
    times: dict[int, frozenset[str]] = field(default_factory=dict)
    approaches: dict[int, int] = field(default_factory=dict)
    outcomes: dict[int, float] = field(default_factory=dict)


def read_present(session: Session, *, now: dt.datetime | None = None) -> Present:
    """The present of all talents: only those that matches touch are named. Four queries."""
    since = (now or utc_now()) - dt.timedelta(days=ROTATION_DAYS)
    places = session.execute(
        select(Match.talent_id, func.count()).where(Match.place.is_not(None)).group_by(Match.talent_id)
    )
    times: dict[int, set[str]] = {}
    for talent_id, code in session.execute(select(MatchTime.talent_id, MatchTime.code)):
        times.setdefault(talent_id, set()).add(code)
    approaches = session.execute(
        select(Match.talent_id, func.count())
        .join(MatchStep, MatchStep.match_id == Match.id)
        .where(MatchStep.stage == Stage.APPROACHED, MatchStep.at >= since)
        .group_by(Match.talent_id)
    )
    said: dict[int, list[float]] = {}
    outcomes = select(Match.talent_id, FollowUp.outcome).join(FollowUp, FollowUp.match_id == Match.id)
    for talent_id, outcome in session.execute(outcomes.where(FollowUp.side == Side.GROUP)):
        said.setdefault(talent_id, []).append(OUTCOME_VALUES[outcome])
    return Present(
        places={talent_id: number for talent_id, number in places},  # noqa: C416 - rows are no pairs to mypy
        times={talent_id: frozenset(codes) for talent_id, codes in times.items()},
        approaches={talent_id: number for talent_id, number in approaches},  # noqa: C416
        outcomes={talent_id: sum(values) / len(values) for talent_id, values in said.items()},
    )


def with_present(facts: TalentFacts, present: Present, today: dt.date, valid_until: dt.date | None) -> TalentFacts:
    """The facts as of today. A talent that no match touches stays the same object while its consent holds."""
    key = facts.id
    assert isinstance(key, int)
    is_valid = facts.is_consented and (valid_until is None or valid_until >= today)
    is_touched = key in present.places or key in present.times or key in present.approaches or key in present.outcomes
    if not is_touched and is_valid == facts.is_valid:
        return facts
    return replace(
        facts,
        is_valid=is_valid,
        free_places=max(0, (facts.free_places or 0) - present.places.get(key, 0)),
        taken_times=present.times.get(key, frozenset()),
        recent_approaches=present.approaches.get(key, 0),
        past_outcome=present.outcomes.get(key),
    )
