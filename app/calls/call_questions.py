"""質問と回答, 説明会 of a call: entered, answered, ordered and shown in public by the office."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.calls.call_services import require_editable
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Conflict, Invalid, check_version
from models.calls import Call, CallBriefing, CallQuestion, CallState
from models.engine import lock


def questions_of(session: Session, actor: Actor, call: Call) -> list[CallQuestion]:
    """The questions that the actor may see, in their order on the page."""
    statement = scoped(CallQuestion, actor).where(CallQuestion.call_id == call.id)
    return list(session.scalars(statement.order_by(CallQuestion.position, CallQuestion.id)))


def briefings_of(session: Session, actor: Actor, call: Call) -> list[CallBriefing]:
    """The briefings, by day."""
    statement = scoped(CallBriefing, actor).where(CallBriefing.call_id == call.id)
    return list(session.scalars(statement.order_by(CallBriefing.held_on, CallBriefing.id)))


def add_question(
    session: Session,
    *,
    actor: Actor,
    call: Call,
    asked_on: dt.date,
    question: str,
    answer: str | None = None,
    answered_on: dt.date | None = None,
    is_public: bool = False,
) -> CallQuestion:
    """A question that came in about the call; it stands last. Raises Invalid with a sentence per field, Conflict."""
    _require_running(session, actor, call)
    text, said = question.strip(), (answer or "").strip()
    _check_question(asked_on, text, said, answered_on, is_public)
    with act(session, actor, "call:question", f"質問の登録: {call.name}"):
        lock(session, call)
        last = session.scalars(select(CallQuestion.position).where(CallQuestion.call_id == call.id)).all()
        row = CallQuestion(
            call=call, asked_on=asked_on, question=text, is_public=is_public, position=max(last, default=0) + 1
        )
        _answer(row, actor, said, answered_on)
        session.add(row)
        session.flush()
    return row


def update_question(
    session: Session,
    *,
    actor: Actor,
    row: CallQuestion,
    version: int | None,
    asked_on: dt.date,
    question: str,
    answer: str | None,
    answered_on: dt.date | None,
    is_public: bool,
) -> CallQuestion:
    """Word, answer, show or hide a question. Raises StaleRecord, Invalid, Conflict once the call is over."""
    _require_running(session, actor, row.call)
    check_version(row, version)
    text, said = question.strip(), (answer or "").strip()
    _check_question(asked_on, text, said, answered_on, is_public)
    with act(session, actor, "call:question", f"質問と回答の変更: {row.call.name}"):
        row.asked_on, row.question, row.is_public = asked_on, text, is_public
        _answer(row, actor, said, answered_on)
        session.flush()
    return row


def show_question(session: Session, *, actor: Actor, row: CallQuestion, is_public: bool) -> CallQuestion:
    """Put an answered question on the printed page, or take it off."""
    _require_running(session, actor, row.call)
    if is_public and row.answer is None:
        raise Invalid("回答を入力してから公開してください。")
    said = "公開" if is_public else "公開の取りやめ"
    with act(session, actor, "call:question", f"質問と回答の{said}: {row.call.name}"):
        row.is_public = is_public
        session.flush()
    return row


def move_question(session: Session, *, actor: Actor, row: CallQuestion, up: bool) -> None:
    """One place up or down; at the end nothing happens. Places are numbered anew, so that they never tie."""
    _require_running(session, actor, row.call)
    with act(session, actor, "call:question", f"質問と回答の順序: {row.call.name}"):
        lock(session, row.call)
        rows = questions_of(session, actor, row.call)
        place = rows.index(row)
        other = place - 1 if up else place + 1
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for number, one in enumerate(rows, start=1):
            if one.position != number:
                one.position = number
        session.flush()


def remove_question(session: Session, *, actor: Actor, row: CallQuestion, reason: str) -> None:
    """Take out what was entered by mistake; never what is on the printed page."""
    _require_running(session, actor, row.call)
    if row.is_public:
        raise Conflict("公開している質問と回答は削除できません。先に公開を取りやめてください。")
    said = _required(reason)
    with act(session, actor, "call:question", f"質問の削除: {row.call.name}", reason=said):
        session.delete(row)


def add_briefing(
    session: Session,
    *,
    actor: Actor,
    call: Call,
    held_on: dt.date,
    hours: str = "",
    place: str = "",
    note: str | None = None,
) -> CallBriefing:
    """A briefing (説明会) of the call."""
    _require_running(session, actor, call)
    with act(session, actor, "call:briefing", f"説明会の登録({format_date(held_on)}): {call.name}"):
        row = CallBriefing(call=call, held_on=held_on, hours=hours.strip(), place=place.strip(), note=_none(note))
        session.add(row)
        session.flush()
    return row


def update_briefing(
    session: Session,
    *,
    actor: Actor,
    row: CallBriefing,
    version: int | None,
    held_on: dt.date,
    hours: str = "",
    place: str = "",
    note: str | None = None,
) -> CallBriefing:
    """Correct a briefing. Raises StaleRecord."""
    _require_running(session, actor, row.call)
    check_version(row, version)
    with act(session, actor, "call:briefing", f"説明会の変更({format_date(held_on)}): {row.call.name}"):
        row.held_on, row.hours, row.place, row.note = held_on, hours.strip(), place.strip(), _none(note)
        session.flush()
    return row


def remove_briefing(session: Session, *, actor: Actor, row: CallBriefing, reason: str) -> None:
    """Take out a briefing that is not held, with the reason."""
    _require_running(session, actor, row.call)
    said = _required(reason)
    with act(
        session, actor, "call:briefing", f"説明会の削除({format_date(row.held_on)}): {row.call.name}", reason=said
    ):
        session.delete(row)


# --- parts -----------------------------------------------------------------------------------------------------------


def _require_running(session: Session, actor: Actor, call: Call) -> None:
    require_editable(session, actor, call)
    if call.state is CallState.FINISHED:
        raise Conflict("終了した募集の説明会、質問と回答は変えられません。")


def _check_question(asked_on: dt.date, text: str, said: str, answered_on: dt.date | None, is_public: bool) -> None:
    today = today_in_tokyo()
    problems = {}
    if not text:
        problems["question"] = "質問を入力してください。"
    if asked_on > today:
        problems["asked_on"] = "今日以前の日付を入力してください。"
    if answered_on is not None and not said:
        problems["answer"] = "回答を入力してください。回答日だけを残すことはできません。"
    elif answered_on is not None and not asked_on <= answered_on <= today:
        problems["answered_on"] = "質問を受けた日から今日までの日付を入力してください。"
    if is_public and not said:
        problems["answer"] = "公開するには、回答を入力してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)


def _answer(row: CallQuestion, actor: Actor, said: str, answered_on: dt.date | None) -> None:
    if not said:
        row.answer, row.answered_on, row.answered_by_id = None, None, None
    elif said != row.answer or (answered_on or row.answered_on) != row.answered_on:
        row.answer, row.answered_on, row.answered_by_id = said, answered_on or today_in_tokyo(), actor.user_id


def _required(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Invalid("理由を書いてください。", fields={"reason": "理由を書いてください。"})
    return said


def _none(text: str | None) -> str | None:
    return (text or "").strip() or None
