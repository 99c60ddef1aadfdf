"""Reads of bodies and meetings, within the actor's scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import get_visible, scoped, visible_to
from app.actor import Actor
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.meetings.policy import own_memberships
from app.meetings.quorum import SEATED
from models.bodies import Body, MemberRole, Membership
from models.meetings import AgendaItem, Attendance, ItemAbsence, Meeting, MeetingState, Resolution
from models.minutes import Minutes, MinutesCorrection

#: The order in which members are listed.
ROLE_ORDER = {role: place for place, role in enumerate(MemberRole)}


def resolutions_on(
    session: Session, subject_kind: str, subject_id: int, *, body_code: str | None = None, actor: Actor | None = None
) -> Sequence[Resolution]:
    """What bodies concluded on a subject, latest first. Without an actor: all (for rules, not for screens)."""
    query = (
        select(Resolution)
        .join(AgendaItem, AgendaItem.id == Resolution.agenda_item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(
            Resolution.subject_kind == subject_kind,
            Resolution.subject_id == subject_id,
            Meeting.state != MeetingState.CANCELLED,
        )
        .options(
            selectinload(Resolution.agenda_item).selectinload(AgendaItem.meeting).selectinload(Meeting.body),
        )
        .order_by(Resolution.decided_on.desc(), Resolution.id.desc())
    )
    if body_code is not None:
        query = query.join(Body, Body.id == Meeting.body_id).where(Body.code == body_code)
    if actor is not None:
        query = query.where(visible_to(Resolution, actor))
    return session.scalars(query).all()


def get_body(session: Session, code: str) -> Body:
    """The body of that code. Raises NoResultFound where the city's data lack it."""
    return session.scalars(select(Body).where(Body.code == code)).one()


def find_body(session: Session, code: str) -> Body | None:
    """The body of that code, if the city has it."""
    return session.scalars(select(Body).where(Body.code == code)).one_or_none()


def bodies(session: Session, actor: Actor) -> Sequence[Body]:
    """The bodies that the actor sees."""
    return session.scalars(scoped(Body, actor).order_by(Body.position, Body.id)).all()


def members_on(session: Session, body_id: int, on: dt.date) -> list[Membership]:
    """Members whose term covers that day: chair first, the secretariat last."""
    found = session.scalars(
        select(Membership)
        .where(
            Membership.body_id == body_id,
            Membership.from_on <= on,
            or_(Membership.until_on.is_(None), Membership.until_on >= on),
        )
        .options(selectinload(Membership.user), selectinload(Membership.department), selectinload(Membership.replaces))
        .order_by(Membership.position, Membership.id)
    ).all()
    return sorted(found, key=lambda one: (ROLE_ORDER[one.role], one.position, one.id))


def members_between(session: Session, body_id: int, first: dt.date, last: dt.date) -> list[Membership]:
    """Members whose term touches these days (a fiscal year's roster)."""
    found = session.scalars(
        select(Membership)
        .where(
            Membership.body_id == body_id,
            Membership.from_on <= last,
            or_(Membership.until_on.is_(None), Membership.until_on >= first),
        )
        .options(selectinload(Membership.user), selectinload(Membership.department), selectinload(Membership.replaces))
        .order_by(Membership.position, Membership.id)
    ).all()
    return sorted(found, key=lambda one: (ROLE_ORDER[one.role], one.position, one.id))


def seats_of(session: Session, actor: Actor, body_id: int, on: dt.date | None = None) -> list[Membership]:
    """The seats that the actor holds in the body on that day (today)."""
    day = on or today_in_tokyo()
    return [
        one
        for one in session.scalars(
            select(Membership)
            .where(Membership.body_id == body_id, own_memberships(actor, Membership))
            .order_by(Membership.id)
        )
        if one.is_in_force(day)
    ]


def is_seated(membership: Membership) -> bool:
    """Whether the membership holds a seat (counts for the quorum)."""
    return membership.role in SEATED


def short_title(meeting: Meeting) -> str:
    """「庁内検討会議 令和8年度第2回」."""
    return f"{meeting.body.short_name} {format_fiscal_year(meeting.fiscal_year)}第{meeting.number}回"


def get_meeting(session: Session, actor: Actor, key: object) -> Meeting:
    """The meeting within the scope; raises NotFound."""
    return get_visible(session, Meeting, key, actor)


def items_of(session: Session, actor: Actor, meeting: Meeting) -> Sequence[AgendaItem]:
    """The items that the actor may see, in order. Whoever sees fewer numbers them by themselves: no gap tells."""
    return session.scalars(
        scoped(AgendaItem, actor)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    ).all()


def resolutions_of(session: Session, actor: Actor, items: Sequence[AgendaItem]) -> dict[int, list[Resolution]]:
    """{item: its resolutions} within the scope."""
    found: dict[int, list[Resolution]] = {item.id: [] for item in items}
    for one in session.scalars(
        scoped(Resolution, actor).where(Resolution.agenda_item_id.in_(found)).order_by(Resolution.id)
    ):
        found[one.agenda_item_id].append(one)
    return found


def absences_of(session: Session, actor: Actor, items: Sequence[AgendaItem]) -> dict[int, list[ItemAbsence]]:
    """{item: who was out} within the scope."""
    found: dict[int, list[ItemAbsence]] = {item.id: [] for item in items}
    for one in session.scalars(
        scoped(ItemAbsence, actor)
        .where(ItemAbsence.item_id.in_(found))
        .options(selectinload(ItemAbsence.membership))
        .order_by(ItemAbsence.id)
    ):
        found[one.item_id].append(one)
    return found


def attendances_of(session: Session, actor: Actor, meeting: Meeting) -> list[Attendance]:
    """Who was called, with reply and attendance, chair first."""
    found = session.scalars(
        scoped(Attendance, actor)
        .where(Attendance.meeting_id == meeting.id)
        .options(
            selectinload(Attendance.membership).selectinload(Membership.department),
            selectinload(Attendance.stands_in_for),
        )
    ).all()
    return sorted(found, key=lambda one: (ROLE_ORDER[one.membership.role], one.membership.position, one.membership_id))


def find_minutes(session: Session, actor: Actor, meeting: Meeting) -> Minutes | None:
    """The minutes, once the actor may read them."""
    return session.scalars(scoped(Minutes, actor).where(Minutes.meeting_id == meeting.id)).one_or_none()


def corrections_of(session: Session, actor: Actor, minutes: Minutes) -> Sequence[MinutesCorrection]:
    """The corrections beside confirmed minutes, oldest first."""
    return session.scalars(
        scoped(MinutesCorrection, actor)
        .where(MinutesCorrection.minutes_id == minutes.id)
        .order_by(MinutesCorrection.id)
    ).all()


def upcoming(session: Session, actor: Actor, *, body_id: int | None = None) -> Sequence[Meeting]:
    """Meetings still to be held, next first."""
    query = (
        scoped(Meeting, actor)
        .where(Meeting.state.in_((MeetingState.PLANNED, MeetingState.CALLED)))
        .options(selectinload(Meeting.body))
        .order_by(Meeting.held_on, Meeting.id)
    )
    return session.scalars(query if body_id is None else query.where(Meeting.body_id == body_id)).all()


def next_number(session: Session, body_id: int, fiscal_year: int) -> int:
    """The number of the next meeting of the year."""
    last = session.scalar(
        select(func.max(Meeting.number)).where(Meeting.body_id == body_id, Meeting.fiscal_year == fiscal_year)
    )
    return (last or 0) + 1
