"""Reads of talents, requests and matches: eager, ordered, within the reader's scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import find_visible, scoped
from app.actor import Actor
from app.problems import NotFound
from app.talents.stages import HOLDS_PLACE, HOLDS_SEAT, MatchFacts
from models.matches import ContactLog, ContactResult, Match, MatchTime, Side, Stage
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Talent, TalentStatus


def get_match(session: Session, actor: Actor, key: object) -> Match:
    """The match with its talent and request. Raises NotFound."""
    found = find_visible(session, Match, key, actor)
    if found is None:
        raise NotFound
    return found


def find_match(session: Session, talent_id: int, request_id: int) -> Match | None:
    """The match of that pair."""
    return session.scalars(
        select(Match).where(Match.talent_id == talent_id, Match.request_id == request_id)
    ).one_or_none()


def matches_of_request(session: Session, actor: Actor, request: TalentRequest) -> Sequence[Match]:
    """The request's matches, running ones first in the order of the stages. Two queries."""
    found = session.scalars(
        scoped(Match, actor)
        .where(Match.request_id == request.id)
        .options(selectinload(Match.talent), selectinload(Match.contacts))
        .order_by(Match.id)
    ).all()
    order = list(Stage)
    return sorted(found, key=lambda match: (order.index(match.stage), match.id))


def matches_of_talent(session: Session, actor: Actor, talent: Talent) -> Sequence[Match]:
    """The talent's matches, newest first, with request and group."""
    return session.scalars(
        scoped(Match, actor)
        .where(Match.talent_id == talent.id)
        .options(
            selectinload(Match.request).selectinload(TalentRequest.organization),
            selectinload(Match.times),
            selectinload(Match.follow_ups),
        )
        .order_by(Match.stage_at.desc(), Match.id.desc())
    ).all()


def board(session: Session, actor: Actor, *, finished_since: dt.datetime) -> Sequence[Match]:
    """The matches of the board: all that run, and those finished since. Four queries."""
    return session.scalars(
        scoped(Match, actor)
        .where(
            Match.stage.in_((*HOLDS_PLACE, Stage.CANDIDATE))
            | ((Match.stage == Stage.FINISHED) & (Match.stage_at >= finished_since))
        )
        .options(
            selectinload(Match.talent),
            selectinload(Match.request).selectinload(TalentRequest.organization),
            selectinload(Match.contacts),
        )
        .order_by(Match.stage_at, Match.id)
    ).all()


def open_requests(session: Session, actor: Actor) -> Sequence[TalentRequest]:
    """Requests that still look for somebody, the most urgent first."""
    return session.scalars(
        scoped(TalentRequest, actor)
        .where(TalentRequest.status == RequestStatus.OPEN)
        .options(
            selectinload(TalentRequest.organization),
            selectinload(TalentRequest.skills),
            selectinload(TalentRequest.fields),
        )
        .order_by(TalentRequest.due_on.is_(None), TalentRequest.due_on, TalentRequest.id)
    ).all()


def times_taken(session: Session, match: Match) -> set[str]:
    """The times of the week that other engagements of the talent take."""
    taken = select(MatchTime.code).where(MatchTime.talent_id == match.talent_id, MatchTime.match_id != match.id)
    return set(session.scalars(taken))


def seats_taken(session: Session, request_ids: Iterable[int]) -> dict[int, int]:
    """request id → how many have said yes. One query."""
    rows = session.execute(
        select(Match.request_id, func.count())
        .where(Match.request_id.in_(list(request_ids)), Match.stage.in_(HOLDS_SEAT))
        .group_by(Match.request_id)
    )
    return {key: number for key, number in rows}  # noqa: C416 - rows are no pairs to mypy


def places_taken(session: Session, talent_ids: Iterable[int]) -> dict[int, int]:
    """talent id → how many of its places running matches hold. One query."""
    rows = session.execute(
        select(Match.talent_id, func.count())
        .where(Match.talent_id.in_(list(talent_ids)), Match.stage.in_(HOLDS_PLACE))
        .group_by(Match.talent_id)
    )
    return {key: number for key, number in rows}  # noqa: C416 - rows are no pairs to mypy


def free_number(taken: Iterable[int | None], limit: int) -> int | None:
    """The lowest number from 1 to limit that is not taken; None when all are, or as many are as there may be."""
    used = {number for number in taken if number is not None}
    if len(used) >= limit:
        return None
    return next((number for number in range(1, limit + 1) if number not in used), None)


def places_of(session: Session, talent_id: int) -> Sequence[int]:
    """The places that the talent's running matches hold."""
    return [
        place
        for place in session.scalars(
            select(Match.place).where(Match.talent_id == talent_id, Match.place.is_not(None)).order_by(Match.place)
        )
        if place is not None
    ]


def seats_of(session: Session, request_id: int) -> Sequence[int]:
    """The seats of the request that are filled."""
    return [
        seat
        for seat in session.scalars(
            select(Match.seat).where(Match.request_id == request_id, Match.seat.is_not(None)).order_by(Match.seat)
        )
        if seat is not None
    ]


def is_full(session: Session, request: TalentRequest) -> bool:
    """Whether as many have said yes as the request wants."""
    return free_number(seats_of(session, request.id), request.headcount) is None


def facts_for_steps(session: Session, talent: Talent, request: TalentRequest, today: dt.date) -> MatchFacts:
    """What the guards of the stages look at. Two queries."""
    has_place = free_number(places_of(session, talent.id), talent.capacity) is not None
    return _step_facts(talent, request, today, has_place=has_place, has_seat=not is_full(session, request))


def facts_by_match(session: Session, matches: Sequence[Match], today: dt.date) -> dict[int, MatchFacts]:
    """match id → the same for many matches at once. Two queries."""
    places = places_taken(session, {match.talent_id for match in matches})
    seats = seats_taken(session, {match.request_id for match in matches})
    return {
        match.id: _step_facts(
            match.talent,
            match.request,
            today,
            has_place=places.get(match.talent_id, 0) < match.talent.capacity,
            has_seat=seats.get(match.request_id, 0) < match.request.headcount,
        )
        for match in matches
    }


def _step_facts(
    talent: Talent, request: TalentRequest, today: dt.date, *, has_place: bool, has_seat: bool
) -> MatchFacts:
    missing = [
        label
        for is_required, is_given, label in (
            (request.requires_adult, talent.is_adult, "18歳以上"),
            (request.requires_insurance, talent.is_insured, "ボランティア保険への加入"),
            (request.requires_guardian_consent, talent.is_adult or talent.has_guardian_consent, "保護者の同意"),
        )
        if is_required and not is_given
    ]
    return MatchFacts(
        is_active=talent.status is TalentStatus.ACTIVE,
        has_valid_consent=has_valid_consent(talent, today),
        is_request_open=request.status is RequestStatus.OPEN and request.deleted_at is None,
        has_free_place=has_place,
        has_free_seat=has_seat,
        talent_has_contact=bool(talent.phone or talent.email),
        group_has_contact=bool(request.contact_name and (request.contact_phone or request.contact_email)),
        missing=tuple(missing),
    )


def has_valid_consent(talent: Talent, today: dt.date) -> bool:
    """Whether the consent is there, not taken back, and has not run out."""
    is_there = talent.consent_on is not None and talent.consent_withdrawn_on is None
    return is_there and (talent.valid_until is None or talent.valid_until >= today)


def waits_since(match: Match) -> tuple[dt.datetime, ContactResult | None]:
    """(since when an approached match waits, result of the last contact with the talent)."""
    contacts = [line for line in match.contacts if line.side is Side.TALENT]
    if not contacts:
        return match.stage_at, None
    return max(match.stage_at, contacts[-1].contacted_at), contacts[-1].result


def contacts_of(session: Session, match: Match) -> Sequence[ContactLog]:
    """The contact log, newest first."""
    return sorted(match.contacts, key=lambda line: (line.contacted_at, line.id), reverse=True)
