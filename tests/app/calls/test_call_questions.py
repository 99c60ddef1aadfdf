"""Questions and briefings of a call: answered before they are public, in the office's order; dates off the calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls import call_opening, call_questions, call_services
from app.calls.call_calendar import deviations_of
from app.calls.waiting import calls_waiting
from app.problems import Conflict, Invalid, NotAllowed, StaleRecord
from models.calls import CallQuestion, CallState
from models.people import Role
from models.records import AuditEntry
from tests.app.calls.support import DAY, SYSTEM, TODAY, YEAR, a_call, actor_as, departments


def test_a_question_is_public_only_with_its_answer_and_waits_on_home_until_then(session: Session) -> None:
    office, call = actor_as(session, Role.OFFICE), a_call(session)
    with pytest.raises(Invalid) as refused:
        call_questions.add_question(
            session, actor=office, call=call, asked_on=TODAY + DAY, question=" ", is_public=True
        )
    assert set(refused.value.fields) == {"asked_on", "question", "answer"}
    row = call_questions.add_question(session, actor=office, call=call, asked_on=TODAY - DAY, question="会費は")
    assert any(line.kind == "call_question" and line.key == str(call.id) for line in calls_waiting(session, office))
    with pytest.raises(Invalid, match="回答"):
        call_questions.show_question(session, actor=office, row=row, is_public=True)
    seen = row.version
    call_questions.update_question(
        session,
        actor=office,
        row=row,
        version=seen,
        asked_on=TODAY - DAY,
        question="会費は",
        answer="差し引きません",
        answered_on=None,
        is_public=True,
    )
    assert (row.answered_on, row.answered_by_id, row.is_public) == (TODAY, office.user_id, True)
    assert not any(line.key == str(call.id) for line in calls_waiting(session, office) if line.kind == "call_question")
    with pytest.raises(StaleRecord):
        call_questions.update_question(
            session,
            actor=office,
            row=row,
            version=seen,
            asked_on=TODAY,
            question="別の文",
            answer=None,
            answered_on=None,
            is_public=False,
        )
    department = actor_as(session, Role.DEPARTMENT, departments(session)[1])
    assert call_questions.questions_of(session, department, call) == [row]
    call_questions.show_question(session, actor=office, row=row, is_public=False)
    assert call_questions.questions_of(session, department, call) == []
    with pytest.raises(NotAllowed):
        call_questions.show_question(session, actor=department, row=row, is_public=True)


def test_questions_keep_the_order_that_the_office_gives_them(session: Session) -> None:
    call = a_call(session)
    rows = [
        call_questions.add_question(session, actor=SYSTEM, call=call, asked_on=TODAY, question=word)
        for word in ("一", "二", "三")
    ]
    call_questions.move_question(session, actor=SYSTEM, row=rows[2], up=True)
    call_questions.move_question(session, actor=SYSTEM, row=rows[0], up=True)  # the first already
    call_questions.move_question(session, actor=SYSTEM, row=rows[1], up=False)  # the last already
    assert [one.question for one in call_questions.questions_of(session, SYSTEM, call)] == ["一", "三", "二"]
    assert [one.position for one in call_questions.questions_of(session, SYSTEM, call)] == [1, 2, 3]


def test_a_question_goes_with_a_reason_and_never_from_the_printed_page(session: Session) -> None:
    call = a_call(session)
    row = call_questions.add_question(
        session, actor=SYSTEM, call=call, asked_on=TODAY, question="問", answer="答", is_public=True
    )
    with pytest.raises(Conflict, match="公開"):
        call_questions.remove_question(session, actor=SYSTEM, row=row, reason="誤り")
    call_questions.show_question(session, actor=SYSTEM, row=row, is_public=False)
    with pytest.raises(Invalid):
        call_questions.remove_question(session, actor=SYSTEM, row=row, reason=" ")
    call_questions.remove_question(session, actor=SYSTEM, row=row, reason="二重に登録した")
    assert session.scalars(select(CallQuestion).where(CallQuestion.call_id == call.id)).all() == []
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert last.reason == "二重に登録した"


def test_what_is_over_stays_as_it_was(session: Session) -> None:
    call = a_call(session)
    row = call_questions.add_question(session, actor=SYSTEM, call=call, asked_on=TODAY, question="問")
    briefing = call_questions.add_briefing(session, actor=SYSTEM, call=call, held_on=TODAY, place="会議室")
    with pytest.raises(StaleRecord):
        call_questions.update_briefing(session, actor=SYSTEM, row=briefing, version=99, held_on=TODAY)
    call_questions.update_briefing(
        session, actor=SYSTEM, row=briefing, version=briefing.version, held_on=TODAY + DAY, place="別の会議室"
    )
    assert (briefing.held_on, briefing.place) == (TODAY + DAY, "別の会議室")
    call_opening.finish_call(session, actor=SYSTEM, call=call)
    for act in (
        lambda: call_questions.add_question(session, actor=SYSTEM, call=call, asked_on=TODAY, question="問"),
        lambda: call_questions.move_question(session, actor=SYSTEM, row=row, up=True),
        lambda: call_questions.remove_briefing(session, actor=SYSTEM, row=briefing, reason="中止"),
    ):
        with pytest.raises(Conflict, match="終了"):
            act()


def test_dates_outside_of_the_programs_months_are_named_and_need_a_reason_that_stays(session: Session) -> None:
    call = a_call(
        session,
        "ikiiki",
        state=CallState.PREPARING,
        opened_at=None,
        opens_on=dt.date(YEAR, 6, 1),
        closes_on=dt.date(YEAR, 7, 31),
        coordination_from_on=dt.date(YEAR, 8, 1),
        coordination_until_on=dt.date(YEAR, 9, 20),
    )
    assert deviations_of(call) == []
    call_services.update_call(
        session,
        actor=SYSTEM,
        call=call,
        version=None,
        values={"closes_on": dt.date(YEAR, 8, 1), "period_from_on": dt.date(YEAR + 1, 3, 31)},
    )
    found = deviations_of(call)
    assert [sentence.split("(")[0] for sentence in found] == ["募集の期間", "実施期間"]
    with pytest.raises(Invalid) as refused:
        call_opening.open_call(session, actor=SYSTEM, call=call, reason="  ")
    assert set(refused.value.fields) == {"reason"}
    assert call.state is CallState.PREPARING
    call_opening.open_call(session, actor=SYSTEM, call=call, reason="会議の日程に合わせた")
    assert (call.state, call.calendar_reason) == (CallState.OPEN, "会議の日程に合わせた")
    call_services.update_call(
        session,
        actor=SYSTEM,
        call=call,
        version=None,
        values={"closes_on": dt.date(YEAR, 8, 10)},
        reason="応募が少ないため延ばした",
    )
    assert call.calendar_reason == "応募が少ないため延ばした"


def test_a_call_within_the_months_opens_without_a_word(session: Session) -> None:
    call = a_call(session, state=CallState.PREPARING, opened_at=None)
    call_opening.open_call(session, actor=SYSTEM, call=call, reason="要らない理由")
    assert (call.state, call.calendar_reason) == (CallState.OPEN, None)
