"""Who reads meetings: the office all, members of a body theirs; items and what hangs on them by their subject, too."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from app.access.permissions import Permission
from app.access.policy import granted
from app.access.scopes import register_field_scope, register_scope, visible_to
from app.access.subjects import register_subject, subject_visible
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from models.bodies import Body, Membership
from models.meetings import AgendaItem, Attendance, ItemAbsence, Meeting, MeetingState, Resolution
from models.minutes import Minutes, MinutesCorrection, MinutesState
from models.people import Role


def runs_meetings(actor: Actor) -> bool:
    """Whether the actor is the secretariat of all bodies: the office."""
    return actor.is_system or actor.has(Role.OFFICE)


def own_memberships(actor: Actor, membership: type[Membership]) -> ColumnElement[bool]:
    """SQL: seats that the actor holds, by name, through a department or through a role."""
    ways: list[ColumnElement[bool]] = []
    if actor.user_id is not None:
        ways.append(membership.user_id == actor.user_id)
    if actor.departments:
        ways.append(membership.department_id.in_(sorted(actor.departments)))
    if actor.roles:
        ways.append(membership.user_role.in_(sorted(actor.roles)))
    return or_(*ways) if ways else false()


def bodies_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The office sees all, others the bodies in which they hold or held a seat."""
    if not actor.may(Permission.BODY_READ):
        return false()
    if runs_meetings(actor):
        return true()
    seat = aliased(Membership)
    return exists(select(seat.id).where(seat.body_id == Body.id, own_memberships(actor, seat)))


def _meetings_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Members see what was called: all of their body's while their term runs, those of their term afterwards."""
    if not actor.may(Permission.MEETING_READ):
        return false()
    if runs_meetings(actor):
        return true()
    seat = aliased(Membership)
    today = today_in_tokyo()
    runs_today = and_(seat.from_on <= today, or_(seat.until_on.is_(None), seat.until_on >= today))
    ran_then = and_(seat.from_on <= Meeting.held_on, or_(seat.until_on.is_(None), seat.until_on >= Meeting.held_on))
    sits = select(seat.id).where(
        seat.body_id == Meeting.body_id, own_memberships(actor, seat), or_(runs_today, ran_then)
    )
    return and_(Meeting.state != MeetingState.PLANNED, exists(sits))


def taken_up_by_departments(actor: Actor, subject_kind: str) -> Select[int | None]:
    """Ids of the subjects on which a body of departments is asked in a meeting where the actor's department sits.

    For the row scopes of subjects: to be asked for an opinion is to see what it is about. Asks no scope itself.
    """
    return (
        select(AgendaItem.subject_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .join(Membership, Membership.id == Attendance.membership_id)
        .join(Body, Body.id == Meeting.body_id)
        .where(
            AgendaItem.subject_kind == subject_kind,
            Body.is_of_departments,
            Meeting.state.in_((MeetingState.CALLED, MeetingState.HELD)),
            Membership.department_id.in_(sorted(actor.departments)),
        )
    )


def _items_visible_to(actor: Actor) -> ColumnElement[bool]:
    follows = AgendaItem.meeting_id.in_(select(Meeting.id).where(visible_to(Meeting, actor)))
    return and_(follows, subject_visible(actor, AgendaItem.subject_kind, AgendaItem.subject_id))


def _resolutions_visible_to(actor: Actor) -> ColumnElement[bool]:
    follows = Resolution.agenda_item_id.in_(select(AgendaItem.id).where(visible_to(AgendaItem, actor)))
    return and_(follows, subject_visible(actor, Resolution.subject_kind, Resolution.subject_id))


def _absences_visible_to(actor: Actor) -> ColumnElement[bool]:
    return ItemAbsence.item_id.in_(select(AgendaItem.id).where(visible_to(AgendaItem, actor)))


def _attendances_visible_to(actor: Actor) -> ColumnElement[bool]:
    return Attendance.meeting_id.in_(select(Meeting.id).where(visible_to(Meeting, actor)))


def _minutes_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Members read a draft once they were asked to look at it."""
    follows = Minutes.meeting_id.in_(select(Meeting.id).where(visible_to(Meeting, actor)))
    if runs_meetings(actor):
        return follows
    return and_(follows, or_(Minutes.circulated_at.is_not(None), Minutes.state == MinutesState.CONFIRMED))


def _corrections_visible_to(actor: Actor) -> ColumnElement[bool]:
    return and_(
        MinutesCorrection.minutes_id.in_(select(Minutes.id).where(visible_to(Minutes, actor))),
        or_(
            MinutesCorrection.agenda_item_id.is_(None),
            MinutesCorrection.agenda_item_id.in_(select(AgendaItem.id).where(visible_to(AgendaItem, actor))),
        ),
    )


def _memberships_visible_to(actor: Actor) -> ColumnElement[bool]:
    return Membership.body_id.in_(select(Body.id).where(visible_to(Body, actor)))


def _reads_sealed(actor: Actor) -> bool:
    return actor.may(Permission.MEETING_READ)


_edit_body, _edit_meeting = granted(Permission.BODY_EDIT), granted(Permission.MEETING_EDIT)
register_scope(Body, visible=bodies_visible_to, editable=_edit_body)
register_scope(Membership, visible=_memberships_visible_to, editable=_edit_body)
register_scope(Meeting, visible=_meetings_visible_to, editable=_edit_meeting)
register_scope(AgendaItem, visible=_items_visible_to, editable=_edit_meeting)
register_scope(Attendance, visible=_attendances_visible_to, editable=_edit_meeting)
register_scope(ItemAbsence, visible=_absences_visible_to, editable=_edit_meeting)
register_scope(Resolution, visible=_resolutions_visible_to, editable=_edit_meeting)
register_scope(Minutes, visible=_minutes_visible_to, editable=_edit_meeting)
register_scope(MinutesCorrection, visible=_corrections_visible_to, editable=_edit_meeting)
register_field_scope(Membership, "personal", runs_meetings)
register_field_scope(AgendaItem, "sealed", _reads_sealed)
register_field_scope(Resolution, "sealed", _reads_sealed)
register_subject("meeting", "会議", model=Meeting, endpoint="meeting.details_view")
