"""The year's figures and the centre's morning, against rows counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.problems import NotAllowed
from app.talents import contacts, coordination
from app.talents.coordination import Given
from app.talents.numbers import numbers_of, table_of
from app.talents.requests import close_request
from app.talents.waiting import talents_waiting
from app.work import Waiting
from models.base import utc_now
from models.matches import CloseReason, Outcome, Side
from models.talent_requests import UnfilledReason
from tests.app.talents.rows import a_match, a_request, a_talent, step
from tests.factories import SYSTEM


def _year() -> int:
    return fiscal_year_of(today_in_tokyo())


def test_the_figures_of_a_year(session: Session) -> None:
    before = numbers_of(session, SYSTEM, _year())
    a_match(session, a_talent(session), a_request(session), "approach", "accept", "introduce", "engage")
    lost = a_request(session)
    match = a_match(session, a_talent(session), lost, "approach")
    step(session, match, "decline", Given(reason=CloseReason.NO_TIME))
    close_request(session, actor=SYSTEM, request=lost, version=None, reason=UnfilledReason.ALL_DECLINED)
    found = numbers_of(session, SYSTEM, _year())
    assert (found.requests, found.approaches, found.engagements, found.declined) == (
        before.requests + 2,
        before.approaches + 2,
        before.engagements + 1,
        before.declined + 1,
    )
    assert found.unfilled == [("打診したが引き受け手がいない", 1)]
    assert (found.to_match.count, found.to_match.median, found.to_match.longest) == (1, 0, 0)
    assert dict(found.rotation)["1回"] == dict(before.rotation)["1回"] + 2
    assert sum(number for _, number in found.requests_by_month) == found.requests
    assert ("見つからなかった理由", "打診したが引き受け手がいない", 1) in table_of(found)


def test_another_year_has_nothing_of_this_one(session: Session) -> None:
    a_match(session, a_talent(session), a_request(session), "approach")
    earlier = numbers_of(session, SYSTEM, _year() - 3)
    assert (earlier.requests, earlier.approaches, earlier.to_match.median) == (0, 0, None)


def test_only_who_may_reads_them(session: Session) -> None:
    from app.actor import NOBODY

    with pytest.raises(NotAllowed):
        numbers_of(session, NOBODY, _year())


def _lines(session: Session, kind: str) -> list[Waiting]:
    return [line for line in talents_waiting(session, SYSTEM) if line.kind == kind]


def test_the_morning_tells_what_waits(session: Session) -> None:
    request = a_request(session)
    assert str(request.id) in {line.key for line in _lines(session, "talent_request")}
    match = coordination.take_candidate(session, actor=SYSTEM, talent_id=a_talent(session).id, request_id=request.id)
    assert str(request.id) not in {line.key for line in _lines(session, "talent_request")}
    step(session, match, "approach", Given(at=utc_now() - dt.timedelta(days=8)))
    (waiting,) = [line for line in _lines(session, "match") if line.key == str(match.id)]
    assert "8日、返事がありません" in waiting.detail
    a_talent(session, valid_until=today_in_tokyo() + dt.timedelta(days=10))
    (renewal,) = _lines(session, "talent_consent")
    assert renewal.due_on == today_in_tokyo() + dt.timedelta(days=10)


def test_two_months_after_it_began_both_sides_are_to_be_asked(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session), "approach", "accept", "introduce")
    step(session, match, "engage", Given(starts_on=today_in_tokyo() - dt.timedelta(days=70)))
    (line,) = [line for line in _lines(session, "match") if line.key == str(match.id)]
    assert "人財と依頼団体に、活動のようすを聞いてください。" in line.detail
    contacts.record_follow_up(session, actor=SYSTEM, match_id=match.id, side=Side.GROUP, outcome=Outcome.GOOD)
    (line,) = [line for line in _lines(session, "match") if line.key == str(match.id)]
    assert line.detail.startswith("人財に、")
    contacts.record_follow_up(session, actor=SYSTEM, match_id=match.id, side=Side.TALENT, outcome=Outcome.GOOD)
    assert str(match.id) not in {line.key for line in _lines(session, "match")}
