"""A meeting from plan to holding: set it down, lay out its agenda, call the members, hold it, or call it off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible
from app.access.subjects import find_record
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.meetings.attendance import count_of, seat_all
from app.meetings.queries import next_number
from app.problems import Conflict, Invalid, NotFound, check_version
from models.base import utc_now
from models.bodies import Body
from models.engine import lock
from models.meetings import AgendaItem, AttendanceState, Meeting, MeetingState
from models.minutes import Minutes, MinutesState

_FIELDS = ("held_on", "time_text", "place", "call_text")
AHEAD = (MeetingState.PLANNED, MeetingState.CALLED)
NOT_YET = "開催日になっていません。早めて開いたときは、先に開催日を直してください。"


def plan_meeting(
    session: Session,
    *,
    actor: Actor,
    body: Body,
    held_on: dt.date,
    time_text: str = "",
    place: str = "",
    call_text: str = "",
    number: int | None = None,
) -> Meeting:
    """Set down a meeting. number: of its fiscal year; by default the next. Raises Invalid with fields."""
    actor.require(Permission.MEETING_EDIT)
    fiscal_year = fiscal_year_of(held_on)
    with act(session, actor, "meeting:plan", "会議の予定の登録"):
        meeting = Meeting(
            body=body,
            fiscal_year=fiscal_year,
            number=number or next_number(session, body.id, fiscal_year),
            held_on=held_on,
            time_text=time_text or "",
            place=place or "",
            call_text=call_text or "",
        )
        session.add(meeting)
        _flush_number(session)
    return meeting


def update_meeting(
    session: Session, *, actor: Actor, meeting: Meeting, version: int | None, values: dict[str, Any]
) -> Meeting:
    """Change day, time, place, words of the call. A day of another fiscal year takes that year's next number."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:edit", "会議の予定の変更"):
        lock(session, meeting)
        check_version(meeting, version)
        require_unconfirmed(session, meeting)
        if meeting.state is MeetingState.CANCELLED:
            raise Conflict("中止した会議は変更できません。")
        for name in _FIELDS:
            if name in values:
                setattr(meeting, name, values[name] if name == "held_on" else values[name] or "")
        year = fiscal_year_of(meeting.held_on)
        if year != meeting.fiscal_year:
            meeting.number, meeting.fiscal_year = next_number(session, meeting.body_id, year), year
        _flush_number(session)
    return meeting


def _flush_number(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("同じ回の会議が、ほかの人によって登録されました。もう一度お試しください。") from error


def add_item(
    session: Session,
    *,
    actor: Actor,
    meeting: Meeting,
    title: str,
    detail: str = "",
    subject_kind: str | None = None,
    subject_id: int | None = None,
    is_closed: bool | None = None,
    closed_reason: str = "",
) -> AgendaItem:
    """Add an item at the end. is_closed: by default as the body meets. Raises NotFound for a subject out of sight."""
    actor.require(Permission.MEETING_EDIT)
    if subject_kind is not None and find_record(session, actor, subject_kind, subject_id) is None:
        raise NotFound
    body = meeting.body
    closed = body.is_closed_by_default if is_closed is None else is_closed
    reason = (closed_reason or body.closed_reason) if closed else ""
    _check_item(title, closed, reason)
    with act(session, actor, "meeting:agenda", "議題の追加"):
        _lock(session, meeting)
        require_unconfirmed(session, meeting)
        last = max((item.position for item in meeting.items), default=0)
        item = AgendaItem(
            meeting=meeting,
            position=last + 1,
            title=title.strip(),
            detail=detail or "",
            subject_kind=subject_kind,
            subject_id=subject_id,
            is_closed=closed,
            closed_reason=reason,
        )
        session.add(item)
        session.flush()
    return item


def update_item(
    session: Session, *, actor: Actor, item: AgendaItem, version: int | None, values: dict[str, Any]
) -> AgendaItem:
    """Change an item: title, detail, is_closed, closed_reason, discussion (its part of the minutes)."""
    actor.require(Permission.MEETING_EDIT)
    _check_item(
        values.get("title", item.title),
        values.get("is_closed", item.is_closed),
        values.get("closed_reason", item.closed_reason),
    )
    with act(session, actor, "meeting:agenda", "議題の変更"):
        lock(session, item)
        check_version(item, version)
        require_unconfirmed(session, item.meeting)
        for name in ("title", "detail", "discussion", "is_closed", "closed_reason"):
            if name in values:
                setattr(item, name, bool(values[name]) if name == "is_closed" else values[name] or "")
        if not item.is_closed:
            item.closed_reason = ""
    return item


def remove_item(session: Session, *, actor: Actor, item: AgendaItem) -> None:
    """Take an item off, unless something was concluded on it."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:agenda", "議題の取下げ"):
        require_unconfirmed(session, item.meeting)
        if item.resolutions:
            raise Conflict("決議のある議題は取り下げられません。")
        session.delete(item)


def move_item(session: Session, *, actor: Actor, item: AgendaItem, up: bool) -> None:
    """Change places with the item before or after."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:agenda", "議題の順の変更"):
        _lock(session, item.meeting)
        require_unconfirmed(session, item.meeting)
        order = sorted(item.meeting.items, key=lambda one: (one.position, one.id))
        place = order.index(item)
        other = place - 1 if up else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
        for position, one in enumerate(order, start=1):
            if one.position != position:
                one.position = position


def _check_item(title: str | None, is_closed: bool, reason: str | None) -> None:
    wrong = {}
    if not (title or "").strip():
        wrong["title"] = "議題を入力してください。"
    if is_closed and not (reason or "").strip():
        wrong["closed_reason"] = "非公開とする理由を入力してください。"
    if wrong:
        raise Invalid("入力内容を確認してください。", fields=wrong)


def call_meeting(session: Session, *, actor: Actor, meeting: Meeting, called_at: dt.datetime | None = None) -> Meeting:
    """Call the members: from now on they see the meeting; everybody of that day's roster is on the attendance list.

    Raises Conflict when the meeting has no agenda or the body no members on that day.
    """
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:call", "会議の招集"):
        _lock(session, meeting)
        if meeting.state is not MeetingState.PLANNED:
            raise Conflict("この会議は、もう招集されたか、中止されています。")
        if not meeting.items:
            raise Conflict("議題がありません。議題を入れてから招集してください。")
        if not seat_all(session, meeting):
            raise Conflict("開催日に任期のある委員がいません。会議体の構成員を登録してから招集してください。")
        meeting.state, meeting.called_at = MeetingState.CALLED, called_at or utc_now()
    return meeting


def cancel_meeting(session: Session, *, actor: Actor, meeting: Meeting, reason: str) -> Meeting:
    """Call it off, with a reason."""
    actor.require(Permission.MEETING_EDIT)
    if not reason.strip():
        raise Invalid("中止の理由を入力してください。", fields={"reason": "中止の理由を入力してください。"})
    with act(session, actor, "meeting:cancel", "会議の中止", reason=reason):
        _lock(session, meeting)
        if meeting.state not in AHEAD:
            raise Conflict("開催した会議、中止した会議は、中止にできません。")
        if any(item.resolutions for item in meeting.items):
            raise Conflict("決議を記録した会議は中止にできません。先に決議の記録を取り消してください。")
        meeting.called_at = meeting.called_at or utc_now()
        meeting.state, meeting.cancelled_reason = MeetingState.CANCELLED, reason.strip()
    return meeting


def hold_meeting(session: Session, *, actor: Actor, meeting: Meeting, today: dt.date | None = None) -> Meeting:
    """Note that it was held: attendance is whole, the rule of the quorum is kept with the meeting, minutes are begun.

    A meeting without its quorum can be held too (as an exchange of views); its page and its minutes say so.
    Raises Conflict before its day, in Tokyo unless `today` is given.
    """
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:hold", "会議の開催"):
        _lock(session, meeting)
        if meeting.state is not MeetingState.CALLED:
            raise Conflict("招集した会議だけを「開催済み」にできます。")
        if meeting.held_on > (today or today_in_tokyo()):
            raise Conflict(NOT_YET)
        open_names = [one.membership.name for one in meeting.attendances if one.state is AttendanceState.UNKNOWN]
        if open_names:
            raise Conflict(
                f"出欠が未確認の人がいます({'、'.join(open_names[:5])}{' ほか' if len(open_names) > 5 else ''})。"
            )
        count = count_of(meeting, meeting.body.quorum_kind)
        if count.present == 0:
            raise Conflict("出席者がいません。出欠を確かめるか、会議を中止にしてください。")
        meeting.quorum_kind = meeting.body.quorum_kind
        meeting.state = MeetingState.HELD
        if meeting.minutes is None:
            meeting.minutes = Minutes(written_by=actor.label[:100])
    return meeting


def require_unconfirmed(session: Session, meeting: Meeting) -> None:
    """Raise Conflict once the minutes are confirmed: agenda, attendance and resolutions are part of them."""
    state = session.scalar(select(Minutes.state).where(Minutes.meeting_id == meeting.id))
    if state is MinutesState.CONFIRMED:
        raise Conflict("議事録が確定しているため、変更できません。誤りは、議事録の「訂正」として残してください。")


def _lock(session: Session, meeting: Meeting) -> None:
    lock(session, meeting)


def find_item(session: Session, actor: Actor, key: object) -> AgendaItem | None:
    """The item within the scope."""
    return find_visible(session, AgendaItem, key, actor)
