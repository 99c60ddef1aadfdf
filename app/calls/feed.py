"""Calendar feeds: secret addresses per user, and the iCalendar text (RFC 5545) of what that user may see now."""

from __future__ import annotations

import datetime as dt
import re
import secrets

from icalendar import Calendar, Event
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.access.permissions import Permission
from app.access.sessions import hash_token
from app.actor import Actor
from app.audit.recorder import act
from app.calls.clock import ClockEntry, all_entries
from app.japanese.dates import TOKYO
from app.problems import Invalid, NotFound
from models.base import utc_now
from models.clock import CalendarFeed
from models.people import User

MOST_FEEDS = 10
#: What a token looks like; anything else is not even looked up.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: Calendar programs keep what they once read: long past and far future stay out.
_PAST, _FUTURE = dt.timedelta(days=400), dt.timedelta(days=1200)


def feeds_of(session: Session, actor: Actor) -> list[CalendarFeed]:
    """The actor's own addresses that are in force, the newest first."""
    return list(
        session.scalars(
            select(CalendarFeed)
            .where(CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None))
            .order_by(CalendarFeed.id.desc())
        )
    )


def create_feed(session: Session, *, actor: Actor, name: str) -> tuple[CalendarFeed, str]:
    """A new address of the actor's own: (row, token). The token is shown once and kept nowhere. Raises Invalid."""
    actor.require(Permission.CLOCK_READ)
    name = " ".join(name.split())[:80]
    if not name:
        raise Invalid(
            "使いみちを入力してください(例: 職場のOutlook)。", fields={"name": "使いみちを入力してください。"}
        )
    held = session.scalar(
        select(func.count())
        .select_from(CalendarFeed)
        .where(CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None))
    )
    if (held or 0) >= MOST_FEEDS:
        raise Invalid(f"アドレスは{MOST_FEEDS}個までです。使っていないものを止めてください。")
    token = secrets.token_urlsafe(32)
    with act(session, actor, "calendar-feed:create", f"予定表の配信アドレスの作成: {name}"):
        feed = CalendarFeed(user_id=actor.user_id, name=name, token_hash=hash_token(token))
        session.add(feed)
    return feed, token


def revoke_feed(session: Session, *, actor: Actor, feed_id: int) -> CalendarFeed:
    """End one of the actor's own addresses at once. Raises NotFound for anybody else's."""
    feed = session.scalars(
        select(CalendarFeed).where(CalendarFeed.id == feed_id, CalendarFeed.user_id == actor.user_id)
    ).one_or_none()
    if feed is None or actor.user_id is None:
        raise NotFound
    if feed.revoked_at is None:
        with act(session, actor, "calendar-feed:revoke", f"予定表の配信アドレスの停止: {feed.name}"):
            feed.revoked_at = utc_now()
    return feed


def feed_text(session: Session, token: str, *, today: dt.date) -> bytes | None:
    """The calendar of that address, made for the roles that its user holds today; None: no such address in force."""
    if not _TOKEN.fullmatch(token):
        return None
    user = session.scalars(
        select(User)
        .join(CalendarFeed, CalendarFeed.user_id == User.id)
        .where(CalendarFeed.token_hash == hash_token(token), CalendarFeed.revoked_at.is_(None), User.is_active)
    ).one_or_none()
    if user is None:
        return None
    actor = actor_of(session, user, channel="feed", on=today)
    entries = all_entries(session, actor) if actor.may(Permission.CLOCK_READ) else []
    return calendar_text([entry for entry in entries if _is_near(entry, today)])


def _is_near(entry: ClockEntry, today: dt.date) -> bool:
    if entry.first is None and entry.last is None:
        return False
    return entry.overlaps(today - _PAST, today + _FUTURE)


def calendar_text(entries: list[ClockEntry]) -> bytes:
    """All-day events as RFC 5545 text. A window that is open at one end stands on the day that is known."""
    calendar = Calendar()
    calendar.add("prodid", "-//kyodo back office//clock//JA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "協働バックオフィスの予定")
    calendar.add("x-wr-timezone", str(TOKYO))
    stamp = utc_now().replace(microsecond=0)
    for entry in entries:
        calendar.add_component(_event(entry, stamp))
    return bytes(calendar.to_ical())


def _event(entry: ClockEntry, stamp: dt.datetime) -> Event:
    due = entry.due_on
    first = due if entry.is_deadline else (entry.first or due)
    last = due or entry.first
    assert first is not None and last is not None
    first = min(first, last)
    event = Event()
    event.add("uid", f"{entry.key}@kyodo-back-office")
    event.add("dtstamp", stamp)
    event.add("dtstart", first)
    event.add("dtend", last + dt.timedelta(days=1))
    event.add("summary", entry.label if entry.subject in entry.label else f"{entry.label}({entry.subject})")
    told = [f"担当: {entry.who}" if entry.who else "", entry.note, entry.holiday_note]
    event.add("description", "\n".join(line for line in told if line))
    event.add("transp", "TRANSPARENT")
    return event
