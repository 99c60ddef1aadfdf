"""Calendar feeds: a secret address, its hash alone kept, revocable, for the roles that its user holds today."""

from __future__ import annotations

import datetime as dt

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.audit.recorder import act
from app.calls.clock import ClockEntry
from app.calls.feed import MOST_FEEDS, calendar_text, create_feed, feed_text, feeds_of, revoke_feed
from app.problems import Invalid, NotFound
from models.clock import CalendarFeed
from models.people import Role, User
from models.records import AuditEntry
from tests import factories
from tests.app.calls import support

TODAY = support.TODAY


def _summaries(text: bytes | None) -> list[str]:
    assert text is not None
    return [str(event["summary"]) for event in Calendar.from_ical(text).walk("VEVENT")]


def _own(session: Session, role: Role = Role.OFFICE) -> tuple[User, str]:
    user = factories.a_user(session, role)
    _, token = create_feed(session, actor=actor_of(session, user), name=" 職場の  Outlook ")
    return user, token


def test_the_table_and_the_log_do_not_hold_the_token(session: Session) -> None:
    user, token = _own(session)
    row = session.scalars(select(CalendarFeed).where(CalendarFeed.user_id == user.id)).one()
    assert (row.name, token in row.token_hash, len(token)) == ("職場の Outlook", False, 43)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    logged = repr([dict(change.__dict__) for change in entry.changes])
    assert "職場の Outlook" in logged
    assert token not in logged and row.token_hash not in logged


def test_an_address_tells_what_its_user_may_see_today(session: Session) -> None:
    call = support.a_call(session, "suggested")
    _, office = _own(session)
    center, told_center = _own(session, Role.CENTER)
    assert any(call.name in line for line in _summaries(feed_text(session, office, today=TODAY)))
    assert not any(call.name in line for line in _summaries(feed_text(session, told_center, today=TODAY)))
    with act(session, support.SYSTEM, "test:role", "試験"):
        center.assignments[0].until_on = center.assignments[0].from_on
        center.assignments[0].from_on = center.assignments[0].from_on
    assert _summaries(feed_text(session, told_center, today=TODAY + dt.timedelta(days=4000))) == []


def test_a_revoked_address_an_inactive_user_and_a_guess_give_nothing(session: Session) -> None:
    user, token = _own(session)
    other, kept = _own(session)
    actor = actor_of(session, user)
    [row] = feeds_of(session, actor)
    with pytest.raises(NotFound):
        revoke_feed(session, actor=actor_of(session, other), feed_id=row.id)
    assert feed_text(session, token, today=TODAY) is not None
    revoke_feed(session, actor=actor, feed_id=row.id)
    revoke_feed(session, actor=actor, feed_id=row.id)
    assert (feed_text(session, token, today=TODAY), feeds_of(session, actor)) == (None, [])
    with act(session, support.SYSTEM, "test:user", "試験"):
        other.is_active = False
    assert feed_text(session, kept, today=TODAY) is None
    for guess in ("", "x", "x" * 43, row.token_hash, token + "=", "../" + token[3:], "あ" * 43):
        assert feed_text(session, guess, today=TODAY) is None


def test_a_feed_has_a_name_and_nobody_has_too_many(session: Session) -> None:
    user = factories.a_user(session)
    actor = actor_of(session, user)
    with pytest.raises(Invalid, match="使いみち"):
        create_feed(session, actor=actor, name=" 　")
    for number in range(MOST_FEEDS):
        create_feed(session, actor=actor, name=f"{number}" * 300)
    with pytest.raises(Invalid, match="までです"):
        create_feed(session, actor=actor, name="もう一つ")


def test_events_are_whole_days_on_the_moved_due_date() -> None:
    saturday = dt.date(2026, 8, 1)
    rows = [
        ClockEntry(
            "a", "所見書", "所見書: 見守り", "", 2026, who="福祉課", first=saturday, last=saturday, is_deadline=True
        ),
        ClockEntry("b", "募集", "募集; 1,2\\3\n改行", "", 2026, first=dt.date(2026, 6, 1), last=dt.date(2026, 7, 31)),
        ClockEntry("c", "募集", "評価", "", 2026, first=dt.date(2026, 4, 1)),
    ]
    text = calendar_text(rows)
    events = {str(event["uid"]): event for event in Calendar.from_ical(text).walk("VEVENT")}
    due = events["a@kyodo-back-office"]
    assert (due.decoded("dtstart"), due.decoded("dtend")) == (dt.date(2026, 8, 3), dt.date(2026, 8, 4))
    assert "次の開庁日" in str(due["description"]) and "担当: 福祉課" in str(due["description"])
    window = events["b@kyodo-back-office"]
    assert (window.decoded("dtstart"), window.decoded("dtend")) == (dt.date(2026, 6, 1), dt.date(2026, 8, 1))
    assert events["c@kyodo-back-office"].decoded("dtend") == dt.date(2026, 4, 2)
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
