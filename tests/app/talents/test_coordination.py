"""Matches on both databases: stages, places, seats, times; disclosures; and two workers in the same second."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.extensions import db
from app.problems import Conflict, Invalid, NotFound, StaleRecord
from app.talents import contacts, coordination, services
from app.talents.coordination import Given
from models.matches import CloseReason, ContactResult, ContactWay, Match, MatchTime, Outcome, Side, Stage
from models.records import AuditChange, AuditEntry
from models.talent_requests import RequestStatus
from tests.app.registry.test_survey_races import at_once
from tests.app.talents.rows import a_match, a_request, a_talent, step
from tests.factories import SYSTEM


def test_the_whole_way(any_session: Session) -> None:
    talent, request = a_talent(any_session), a_request(any_session)
    match = a_match(any_session, talent, request, "approach")
    assert (match.place, match.seat) == (1, None)
    step(any_session, match, "accept", Given(times=("sat-am",)))
    assert (match.place, match.seat) == (1, 1)
    step(any_session, match, "introduce")
    assert {line.to_side: line.items for line in match.disclosures} == {
        Side.GROUP: ["氏名・団体名", "電話番号"],
        Side.TALENT: ["連絡担当者", "電話番号"],
    }
    step(any_session, match, "engage")
    assert request.status is RequestStatus.FILLED
    contacts.record_follow_up(any_session, actor=SYSTEM, match_id=match.id, side=Side.GROUP, outcome=Outcome.GOOD)
    step(any_session, match, "finish")
    assert (match.stage, match.place, match.seat) == (Stage.FINISHED, None, 1)
    assert any_session.scalar(select(func.count()).select_from(MatchTime)) == 0
    assert [line.stage for line in match.steps] == [
        Stage.CANDIDATE, Stage.APPROACHED, Stage.ACCEPTED, Stage.INTRODUCED, Stage.ENGAGED, Stage.FINISHED,
    ]  # fmt: skip


def test_contacts_are_disclosed_only_with_the_groups_agreement(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session), "approach", "accept")
    with pytest.raises(Invalid) as told:
        step(session, match, "introduce", Given(group_agreed=False))
    assert list(told.value.fields) == ["group_agreed"]
    assert match.disclosures == []


def test_what_the_request_requires_is_confirmed_before_the_introduction(session: Session) -> None:
    request = a_request(session, requires_adult=True, requires_insurance=True, requires_guardian_consent=True)
    talent = a_talent(session, is_insured=True)
    match = a_match(session, talent, request, "approach", "accept")
    with pytest.raises(Conflict, match="依頼の条件が確認できていません: 18歳以上、保護者の同意。"):
        step(session, match, "introduce")
    services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"is_adult": True})
    assert step(session, match, "introduce").stage is Stage.INTRODUCED


def test_no_step_skips_the_yes(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session), "approach")
    with pytest.raises(Conflict):
        step(session, match, "introduce")
    with pytest.raises(NotFound):
        step(session, match, "fly")


def test_a_talent_without_a_free_place_is_not_approached(session: Session) -> None:
    talent = a_talent(session, capacity=1)
    a_match(session, talent, a_request(session), "approach")
    other = a_match(session, talent, a_request(session))
    with pytest.raises(Conflict, match="件数に達しています"):
        step(session, other, "approach")
    assert session.get_one(Match, other.id).stage is Stage.CANDIDATE


def test_a_filled_request_takes_no_further_yes(session: Session) -> None:
    request = a_request(session, headcount=1)
    a_match(session, a_talent(session), request, "approach", "accept")
    with pytest.raises(Conflict, match="必要な人数に達しています"):
        a_match(session, a_talent(session), request, "approach")


def test_a_taken_time_is_not_given_twice(session: Session) -> None:
    talent = a_talent(session, capacity=3)
    first = a_match(session, talent, a_request(session), "approach")
    step(session, first, "accept", Given(times=("sat-am",)))
    second = a_match(session, talent, a_request(session), "approach")
    with pytest.raises(Conflict, match="すでに埋まっています"):
        step(session, second, "accept", Given(times=("sat-am",)))


def test_ending_early_asks_for_the_reason_and_frees_the_place(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session), "approach")
    with pytest.raises(Invalid):
        step(session, match, "decline", Given())
    step(session, match, "decline", Given(reason=CloseReason.NO_TIME))
    assert (match.stage, match.place, match.close_reason) == (Stage.DECLINED, None, CloseReason.NO_TIME)
    step(session, match, "reopen")
    assert (match.stage, match.close_reason) == (Stage.CANDIDATE, None)


def test_a_step_on_an_older_version_is_refused(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session))
    version = match.version
    step(session, match, "approach")
    with pytest.raises(StaleRecord):
        coordination.take_step(session, actor=SYSTEM, match_id=match.id, code="accept", version=version)


@pytest.mark.parametrize(
    "values",
    [
        {"stage": Stage.ENGAGED},
        {"stage": Stage.APPROACHED},
        {"stage": Stage.DECLINED},
        {"place": 1},
        {"seat": 1},
    ],
)
def test_the_database_refuses_what_no_step_makes(any_session: Session, values: dict[str, object]) -> None:
    match = a_match(any_session, a_talent(any_session), a_request(any_session))
    with pytest.raises(IntegrityError), act(any_session, SYSTEM, "test:break", "試験"):
        _set(any_session, match, values)


def _set(session: Session, match: Match, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(match, name, value)
    session.flush()


# --- two workers in the same second --------------------------------------------------------------------------------


def _approaches(app: Flask, pairs: list[tuple[int, int]]) -> list[str]:
    def make(talent_id: int, request_id: int) -> object:
        return lambda: coordination.approach(db.session(), actor=SYSTEM, talent_id=talent_id, request_id=request_id)

    return at_once(app, *(make(talent, request) for talent, request in pairs))  # type: ignore[arg-type]


def test_the_same_talent_for_the_same_request_is_approached_once(any_app: Flask) -> None:
    with any_app.app_context():
        talent, request = a_talent(db.session(), capacity=5).id, a_request(db.session()).id
        db.session.remove()
    results = _approaches(any_app, [(talent, request)] * 3)
    assert results.count("done") == 1
    assert all(result == "done" or "この人財は" in result for result in results), results
    with any_app.app_context():
        assert db.session.scalars(select(Match.stage).where(Match.talent_id == talent)).all() == [Stage.APPROACHED]
        assert db.session.scalar(select(func.count()).where(AuditEntry.verb == "match:approach")) == 1


def test_the_last_free_place_goes_to_one(any_app: Flask) -> None:
    with any_app.app_context():
        talent = a_talent(db.session(), capacity=1).id
        requests = [a_request(db.session()).id for _ in range(3)]
        db.session.remove()
    results = _approaches(any_app, [(talent, request) for request in requests])
    assert results.count("done") == 1
    assert all(result == "done" or "件数に達しています" in result or "先にほかの" in result for result in results), (
        results
    )
    with any_app.app_context():
        held = db.session.scalars(select(Match.place).where(Match.talent_id == talent, Match.place.is_not(None))).all()
        assert held == [1]


def test_the_last_seat_goes_to_one(any_app: Flask) -> None:
    with any_app.app_context():
        request = a_request(db.session(), headcount=1)
        ids = [a_match(db.session(), a_talent(db.session()), request, "approach").id for _ in range(2)]
        db.session.remove()

    def accept(match_id: int) -> object:
        return lambda: coordination.take_step(
            db.session(), actor=SYSTEM, match_id=match_id, code="accept", version=None
        )

    results = at_once(any_app, *(accept(match_id) for match_id in ids))  # type: ignore[arg-type]
    assert sorted(result == "done" for result in results) == [False, True], results


def test_what_should_not_stand_in_a_text_is_taken_out(session: Session) -> None:
    match = a_match(session, a_talent(session), a_request(session), "approach")
    line = contacts.log_contact(
        session, actor=SYSTEM, match_id=match.id, side=Side.TALENT, way=ContactWay.PHONE, result=ContactResult.ANSWERED,
        summary="番号は123456789018",
    )  # fmt: skip
    contacts.correct_contact(session, actor=SYSTEM, match_id=match.id, line_id=line.id, summary="電話で話した")
    assert [one.summary for one in match.contacts] == ["電話で話した"]
    with pytest.raises(NotFound):
        contacts.correct_contact(session, actor=SYSTEM, match_id=match.id, line_id=line.id + 1, summary="")
    version = match.version
    contacts.correct_note(session, actor=SYSTEM, match_id=match.id, version=version, note="1\n2")
    assert match.note == "1\n2"
    with pytest.raises(StaleRecord):
        contacts.correct_note(session, actor=SYSTEM, match_id=match.id, version=version, note="")
    with pytest.raises(Invalid) as told:
        contacts.correct_note(session, actor=SYSTEM, match_id=match.id, version=match.version, note="あ" * 30_000)
    assert list(told.value.fields) == ["note"]
    logged = [str(change.values) for change in session.scalars(select(AuditChange))]
    assert any("summary" in values for values in logged)
    assert not any("123456789018" in values for values in logged)
