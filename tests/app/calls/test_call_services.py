"""Calls: copied from last year, adjusted, opened with frozen rules; challenges: drafted, decided, shown."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.calls import call_opening, call_services, challenge_services
from app.calls.call_settings import differences_from, unset_values
from app.problems import Conflict, Invalid, NotAllowed
from models.calls import Call, CallState, Challenge, ChallengeState
from models.people import Role
from models.reference import Program
from tests import factories
from tests.app.calls.support import DAY, SYSTEM, TODAY, YEAR, a_call, actor_as, departments


def _program(session: Session, code: str) -> Program:
    return session.scalars(select(Program).where(Program.code == code)).one()


def _chosen(session: Session, program: Program, year: int, note: str = "第1回の会議") -> Challenge:
    challenge = challenge_services.draft_challenge(
        session,
        actor=SYSTEM,
        values={
            "title": "課題",
            "program_id": program.id,
            "fiscal_year": year,
            "department_id": departments(session)[1].id,
        },
    )
    challenge_services.submit_challenge(session, actor=SYSTEM, challenge=challenge)
    return challenge_services.decide_challenge(
        session, actor=SYSTEM, challenge=challenge, is_chosen=True, decided_on=TODAY, note=note
    )


def test_a_copy_of_last_year_moves_its_days_and_tells_the_differences(app: Flask, session: Session) -> None:
    office = actor_as(session, Role.OFFICE)
    earlier = a_call(session, fiscal_year=YEAR, opens_on=dt.date(YEAR, 4, 10), closes_on=dt.date(YEAR, 5, 20))
    call = call_services.prepare_call(
        session, actor=office, program=earlier.program, fiscal_year=YEAR + 1, copied_from=earlier
    )
    assert (call.state, call.opens_on, call.closes_on) == (
        CallState.PREPARING,
        dt.date(YEAR + 1, 4, 10),
        dt.date(YEAR + 1, 5, 20),
    )
    assert call.period_from_on == dt.date(YEAR + 1, 7, 1)
    call_services.update_call(
        session,
        actor=office,
        call=call,
        version=call.version,
        values={"budget_yen": 500_000, "closes_on": dt.date(YEAR + 1, 5, 25)},
    )
    told = {label: (old, new) for label, old, new in differences_from(earlier, call)}
    assert told["募集全体の予算"] == ("未設定", "¥500,000")
    assert "募集締切日" in told
    assert "募集開始日" not in told


def test_what_the_handbook_does_not_give_is_named_until_it_is_entered(app: Flask, session: Session) -> None:
    call = a_call(session, state=CallState.PREPARING)
    labels = {label for label, _ in unset_values(session, call)}
    assert {"補助額の端数処理の単位(円)", "募集全体の予算", "審査会の定足数"} <= labels
    call_services.update_call(
        session,
        actor=SYSTEM,
        call=call,
        version=None,
        values={"budget_yen": 300_000},
        settings={"rounding_unit_yen": 100},
    )
    left = {label for label, _ in unset_values(session, call)}
    assert labels - left == {"補助額の端数処理の単位(円)", "募集全体の予算"}


def test_a_call_opens_with_dates_and_chosen_challenges_and_keeps_its_rules(app: Flask, session: Session) -> None:
    program = _program(session, "suggested")
    call = call_services.prepare_call(session, actor=SYSTEM, program=program, fiscal_year=YEAR + 1)
    with pytest.raises(Invalid, match="募集開始日"):
        call_opening.open_call(session, actor=SYSTEM, call=call)
    call_services.update_call(
        session, actor=SYSTEM, call=call, version=None, values={"opens_on": TODAY, "closes_on": TODAY + DAY}
    )
    with pytest.raises(Invalid, match="課題・テーマ"):
        call_opening.open_call(session, actor=SYSTEM, call=call)
    challenge = _chosen(session, program, YEAR + 1)
    call_services.show_challenges(session, actor=SYSTEM, call=call, challenges=[challenge])
    call_opening.open_call(session, actor=SYSTEM, call=call)
    with act(session, SYSTEM, "test:rules", "規則の変更"):
        program.rules = program.rules | {"purpose": "別の目的"}
    assert call.rules["purpose"] != "別の目的"
    with pytest.raises(Invalid, match="変えられません"):
        call_services.update_call(session, actor=SYSTEM, call=call, version=None, values={"cap_yen": 1})
    with pytest.raises(Invalid, match="理由"):
        call_services.update_call(session, actor=SYSTEM, call=call, version=None, values={"closes_on": TODAY + 2 * DAY})
    with pytest.raises(Conflict):
        call_opening.open_call(session, actor=SYSTEM, call=call)


def test_dates_and_amounts_that_cannot_be_are_refused_at_their_field(app: Flask, session: Session) -> None:
    call = a_call(session, state=CallState.PREPARING)
    with pytest.raises(Invalid) as dates:
        call_services.update_call(
            session, actor=SYSTEM, call=call, version=None, values={"opens_on": TODAY, "closes_on": TODAY - DAY}
        )
    assert set(dates.value.fields) == {"closes_on"}
    with pytest.raises(Invalid) as amounts:
        call_services.update_call(
            session, actor=SYSTEM, call=call, version=None, values={"cap_yen": 0, "rate": "11/10", "budget_yen": -1}
        )
    assert set(amounts.value.fields) == {"cap_yen", "rate", "budget_yen"}


def test_only_the_office_prepares_and_a_closed_program_is_not_called(app: Flask, session: Session) -> None:
    department = actor_as(session, Role.DEPARTMENT, departments(session)[1])
    with pytest.raises(NotAllowed):
        call_services.prepare_call(session, actor=department, program=_program(session, "ikiiki"), fiscal_year=YEAR)
    with pytest.raises(Conflict):
        call_services.prepare_call(session, actor=SYSTEM, program=_program(session, "shien_kobo"), fiscal_year=YEAR)
    assert session.scalars(select(Call)).all() is not None


def test_an_ikiiki_challenge_needs_the_councils_decision_on_record(app: Flask, session: Session) -> None:
    program = _program(session, "ikiiki")
    with pytest.raises(Invalid) as refused:
        _chosen(session, program, YEAR + 1, note=" ")
    assert set(refused.value.fields) == {"note"}


def test_a_department_drafts_for_itself_and_hands_in_once(app: Flask, session: Session) -> None:
    own, other = departments(session)[1], departments(session)[2]
    actor = actor_as(session, Role.DEPARTMENT, own)
    values = {"title": "川", "program_id": _program(session, "ikiiki").id, "fiscal_year": YEAR + 1}
    with pytest.raises(Invalid) as refused:
        challenge_services.draft_challenge(session, actor=actor, values=values | {"department_id": other.id})
    assert set(refused.value.fields) == {"department_id"}
    challenge = challenge_services.draft_challenge(session, actor=actor, values=values | {"department_id": own.id})
    challenge_services.submit_challenge(session, actor=actor, challenge=challenge)
    with pytest.raises(Conflict):
        challenge_services.submit_challenge(session, actor=actor, challenge=challenge)
    with pytest.raises(NotAllowed):
        challenge_services.decide_challenge(
            session, actor=actor, challenge=challenge, is_chosen=True, decided_on=TODAY, note="会議"
        )
    merged = factories.a_department(session, name="旧課", successor=own)
    with pytest.raises(Invalid, match="入力"):
        challenge_services.draft_challenge(session, actor=SYSTEM, values=values | {"department_id": merged.id})
    challenge_services.decide_challenge(
        session, actor=SYSTEM, challenge=challenge, is_chosen=False, decided_on=TODAY, note="来年度に検討"
    )
    assert challenge.state is ChallengeState.DECLINED
