"""What meetings leave to be done: prepare, call, attend, answer, write and confirm the minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.dates import format_date, today_in_tokyo
from app.meetings.minutes import may_confirm
from app.meetings.policy import own_memberships, runs_meetings
from app.meetings.queries import short_title, upcoming
from app.work import Waiting, register_waiting
from models.bodies import Membership
from models.meetings import Attendance, Meeting, MeetingState
from models.minutes import Minutes, MinutesState

#: So many days before a meeting its call should be out.
DAYS_BEFORE = 14


@register_waiting
def meeting_lines(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kinds `meeting_prepare`, `meeting_hold`, `minutes_write` (office), `meeting_attend`, `minutes_confirm`."""
    if not actor.may(Permission.MEETING_READ) or actor.is_system:
        return
    today = today_in_tokyo()
    ahead = upcoming(session, actor)
    if runs_meetings(actor):
        yield from _to_run(ahead, today)
    else:
        yield from _to_attend(session, actor, [one for one in ahead if one.held_on >= today])
    yield from _to_confirm(session, actor)


def _to_run(ahead: Sequence[Meeting], today: dt.date) -> Iterator[Waiting]:
    for meeting in ahead:
        when = format_date(meeting.held_on)
        if meeting.state is MeetingState.PLANNED:
            call_by = meeting.held_on - dt.timedelta(days=DAYS_BEFORE)
            yield Waiting(
                "meeting_prepare",
                str(meeting.id),
                f"{short_title(meeting)}の議題を決めて招集する",
                call_by,
                f"開催日は{when}です。",
            )
        elif meeting.held_on <= today:
            yield Waiting(
                "meeting_hold", str(meeting.id), f"{short_title(meeting)}の出欠と決議を入力する", meeting.held_on
            )


def _to_attend(session: Session, actor: Actor, ahead: list[Meeting]) -> Iterator[Waiting]:
    answers: dict[int, bool] = {}
    for meeting_id, reply in session.execute(
        select(Attendance.meeting_id, Attendance.reply)
        .join(Membership, Membership.id == Attendance.membership_id)
        .where(Attendance.meeting_id.in_([one.id for one in ahead]), own_memberships(actor, Membership))
    ):
        answers[meeting_id] = answers.get(meeting_id, True) and reply is not None
    for meeting in ahead:
        if meeting.id not in answers:
            continue
        place = f"{meeting.time_text} {meeting.place}".strip()
        if answers[meeting.id]:
            yield Waiting(
                "meeting_attend", str(meeting.id), f"{short_title(meeting)}に出席する", meeting.held_on, place
            )
        else:
            yield Waiting(
                "meeting_attend", str(meeting.id), f"{short_title(meeting)}の出欠を知らせる", meeting.held_on, place
            )


def _to_confirm(session: Session, actor: Actor) -> Iterator[Waiting]:
    drafts = session.scalars(
        scoped(Minutes, actor)
        .join(Meeting, Meeting.id == Minutes.meeting_id)
        .where(Minutes.state == MinutesState.DRAFT, Meeting.state == MeetingState.HELD)
        .options(selectinload(Minutes.meeting).selectinload(Meeting.body))
        .order_by(Meeting.held_on, Minutes.id)
    ).all()
    for minutes in drafts:
        meeting = minutes.meeting
        if minutes.circulated_at is None:
            if runs_meetings(actor):
                yield Waiting(
                    "minutes_write",
                    str(meeting.id),
                    f"{short_title(meeting)}の議事録を書く",
                    meeting.held_on + dt.timedelta(days=14),
                )
        elif may_confirm(session, actor, meeting):
            yield Waiting(
                "minutes_confirm",
                str(meeting.id),
                f"{short_title(meeting)}の議事録を確定する",
                None,
                "委員に確認を依頼しています。",
            )
