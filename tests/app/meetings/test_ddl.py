"""Confirmed minutes stand still in the database itself, with all that they rest on; a draft does not."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.meetings import attendance, minutes, resolutions, services
from models.meetings import Meeting, ResolutionDecision
from tests.app.meetings.test_services import ABSENT, PRESENT, SYSTEM, _attend, _called, _committee

#: {m}: a meeting with confirmed minutes, {i}: its item, {s}: a seat.
REFUSED = (
    "UPDATE minutes SET text = 'x' WHERE meeting_id = {m}",
    "UPDATE minutes SET state = 'draft', confirmed_at = NULL, digest = NULL WHERE meeting_id = {m}",
    "DELETE FROM minutes WHERE meeting_id = {m}",
    "UPDATE resolution SET decision = 'rejected' WHERE agenda_item_id = {i}",
    "DELETE FROM resolution WHERE agenda_item_id = {i}",
    "UPDATE agenda_item SET discussion = 'x' WHERE id = {i}",
    "DELETE FROM agenda_item WHERE id = {i}",
    "UPDATE attendance SET state = 'absent' WHERE meeting_id = {m}",
    "DELETE FROM attendance WHERE meeting_id = {m}",
    "INSERT INTO item_absence (item_id, membership_id, kind, note) VALUES ({i}, {s}, 'left', '')",
    "DELETE FROM item_absence WHERE item_id = {i}",
    "UPDATE meeting SET held_on = '2031-01-01' WHERE id = {m}",
    "DELETE FROM meeting WHERE id = {m}",
    "UPDATE minutes_correction SET text = 'x'",
    "DELETE FROM minutes_correction",
)


def _held_with_a_resolution(session: Session) -> tuple[Meeting, dict[str, int]]:
    body, seats = _committee(session)
    meeting, (item,) = _called(session, body)
    _attend(session, meeting, *[PRESENT] * 5, ABSENT)
    attendance.note_absence(session, actor=SYSTEM, item=item, membership_ids=[seats[4].id])
    resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=item, decision=ResolutionDecision.APPROVED, text="承認する"
    )
    services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=meeting.held_on)
    return meeting, {"m": meeting.id, "i": item.id, "s": seats[3].id}


def test_confirmed_minutes_and_what_they_rest_on_stand_still(any_session: Session) -> None:
    session = any_session
    meeting, keys = _held_with_a_resolution(session)
    assert meeting.minutes is not None
    session.execute(text("UPDATE resolution SET text = '承認した' WHERE agenda_item_id = {i}".format(**keys)))
    session.commit()  # a draft is still written
    minutes.confirm_minutes(session, actor=SYSTEM, minutes=meeting.minutes, note="会長の署名")
    minutes.correct_minutes(session, actor=SYSTEM, minutes=meeting.minutes, text="正しくは", reason="誤記")
    for statement in REFUSED:
        with pytest.raises(DatabaseError, match="stands still"):
            session.execute(text(statement.format(**keys)))
        session.rollback()
    assert minutes.is_intact(session.get_one(Meeting, keys["m"]).minutes)  # type: ignore[arg-type]
