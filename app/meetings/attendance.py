"""Who is called, who answered, who came, who was out for an item; and the quorum that follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.meetings import quorum
from app.meetings.queries import is_seated, members_on, seats_of
from app.meetings.withdrawals import in_conflict
from app.problems import Conflict, Invalid, NotAllowed
from models.base import utc_now
from models.bodies import MemberRole, QuorumKind
from models.engine import lock
from models.meetings import (
    AbsenceKind,
    AgendaItem,
    Attendance,
    AttendanceState,
    ItemAbsence,
    Meeting,
    MeetingState,
    Reply,
)
from models.minutes import Minutes, MinutesState


def seat_all(session: Session, meeting: Meeting) -> int:
    """Put everybody whose term covers the day on the list; returns how many hold a seat."""
    members = members_on(session, meeting.body_id, meeting.held_on)
    known = {one.membership_id: one for one in meeting.attendances}
    wanted = {one.id for one in members}
    for key, attendance in known.items():
        if key not in wanted and attendance.state is AttendanceState.UNKNOWN:
            meeting.attendances.remove(attendance)
    for member in members:
        if member.id not in known:
            meeting.attendances.append(Attendance(membership=member))
    session.flush()
    return sum(is_seated(member) for member in members)


def places_of(meeting: Meeting) -> list[quorum.Place]:
    """The attendance list as the rule reads it."""
    return [
        quorum.Place(one.membership_id, one.membership.role, one.state, one.stands_in_for_id)
        for one in meeting.attendances
    ]


def kind_of(meeting: Meeting) -> QuorumKind | None:
    """The rule in force: as kept when the meeting was held, before that the body's."""
    return meeting.quorum_kind if meeting.state is MeetingState.HELD else meeting.body.quorum_kind


def count_of(meeting: Meeting, kind: QuorumKind | None = None, *, out: Collection[int] = ()) -> quorum.Count:
    """The count of the meeting; with `out`, of one of its items."""
    rule = kind if kind is not None else kind_of(meeting)
    return quorum.count(rule, places_of(meeting), out=out, counts_representatives=meeting.body.counts_representatives)


def out_of_item(session: Session, meeting: Meeting, item: AgendaItem) -> dict[int, AbsenceKind]:
    """{membership: why} of those out for the item: noted ones and those with an interest, noted or not.

    Of a confirmed meeting only what was noted counts: what is found out later changes nothing.
    """
    noted = {one.membership_id: one.kind for one in item.absences}
    if meeting.minutes is not None and meeting.minutes.state is MinutesState.CONFIRMED:
        return noted
    members = [one.membership for one in meeting.attendances]
    return dict.fromkeys(sorted(in_conflict(session, item, members)), AbsenceKind.CONFLICT) | noted


def reply(session: Session, *, actor: Actor, meeting: Meeting, answer: Reply) -> None:
    """A member answers the call, for every seat that they hold. Raises NotAllowed for others."""
    actor.require(Permission.MEETING_READ)
    seats = {one.id for one in seats_of(session, actor, meeting.body_id, meeting.held_on)}
    with act(session, actor, "meeting:reply", "会議への出欠の返事"):
        lock(session, meeting)
        if meeting.state is not MeetingState.CALLED:
            raise Conflict("招集中の会議ではないため、返事はできません。")
        own = [one for one in meeting.attendances if one.membership_id in seats]
        if not own:
            raise NotAllowed("この会議の構成員だけが返事をできます。")
        for one in own:
            one.reply, one.replied_at = answer, utc_now()


def set_attendance(
    session: Session, *, actor: Actor, meeting: Meeting, rows: Mapping[int, Mapping[str, Any]], presiding_id: int | None
) -> None:
    """Enter who came. rows: {membership: {state, representative_name, stands_in_for_id, note}}.

    presiding_id: who led; None: the chair, else the deputy, as present. Raises Invalid with fields `m<membership>`.
    """
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:attendance", "会議の出欠の入力"):
        lock(session, meeting)
        _require_open(session, meeting)
        lines = {one.membership_id: one for one in meeting.attendances}
        _check_rows(lines, rows)
        # Those who leave a seat first: two of them must never hold the same one, not even between two statements.
        for key in sorted(rows, key=lambda one: rows[one].get("stands_in_for_id") is not None):
            line, values = lines[key], rows[key]
            line.state = AttendanceState(values["state"])
            is_represented = line.state is AttendanceState.REPRESENTED
            line.representative_name = (values.get("representative_name") or "") if is_represented else ""
            line.stands_in_for_id = values.get("stands_in_for_id")
            line.note = values.get("note") or ""
            session.flush()
        there = {one.membership_id for one in meeting.attendances if one.state is AttendanceState.PRESENT}
        if presiding_id is not None and presiding_id not in there:
            raise Invalid(
                "議事を進めた人を確かめてください。", fields={"presiding": "出席した人の中から選んでください。"}
            )
        meeting.presiding_id = presiding_id or quorum.presiding(places_of(meeting))


def _check_rows(lines: Mapping[int, Attendance], rows: Mapping[int, Mapping[str, Any]]) -> None:
    wrong: dict[str, str] = {}
    taken: set[int] = set()
    states = {key: AttendanceState(rows[key]["state"]) if key in rows else line.state for key, line in lines.items()}
    for key, values in rows.items():
        line = lines.get(key)
        if line is None:
            raise Conflict("構成員の名簿が変わりました。画面を開き直してください。")
        state, seat = states[key], values.get("stands_in_for_id")
        if state is AttendanceState.REPRESENTED and not (values.get("representative_name") or "").strip():
            wrong[f"m{key}"] = "代理の人の氏名を入力してください。"
        if seat is None:
            continue
        other = lines.get(seat)
        if line.membership.role is not MemberRole.SUBSTITUTE or state is not AttendanceState.PRESENT:
            wrong[f"m{key}"] = "出席した補欠委員だけが、ほかの委員の代わりを務められます。"
        elif other is None or not is_seated(other.membership):
            wrong[f"m{key}"] = "代わりを務める相手は、委員の中から選んでください。"
        elif states[seat] is not AttendanceState.ABSENT:
            wrong[f"m{key}"] = f"「{other.membership.name}」は欠席ではないため、代わりを務められません。"
        elif seat in taken:
            wrong[f"m{key}"] = "同じ委員の代わりを、二人が務めることはできません。"
        taken.add(seat)
    if wrong:
        raise Invalid("出欠の入力内容を確認してください。", fields=wrong)


def note_absence(
    session: Session,
    *,
    actor: Actor,
    item: AgendaItem,
    membership_ids: Collection[int],
    kind: AbsenceKind = AbsenceKind.LEFT,
) -> None:
    """Say who was out for an item; those of that kind who are not named any more were there."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "meeting:absence", "議題ごとの退席の入力"):
        _require_open(session, item.meeting)
        listed = {one.membership_id for one in item.meeting.attendances}
        if not set(membership_ids) <= listed:
            raise Conflict("構成員の名簿が変わりました。画面を開き直してください。")
        known = {one.membership_id: one for one in item.absences}
        for key, absence in known.items():
            if absence.kind is kind and key not in membership_ids:
                item.absences.remove(absence)
        for key in membership_ids:
            if key not in known:
                item.absences.append(ItemAbsence(membership_id=key, kind=kind))


def _require_open(session: Session, meeting: Meeting) -> None:
    if meeting.state not in {MeetingState.CALLED, MeetingState.HELD}:
        raise Conflict("招集した会議だけに出欠を入力できます。")
    state = session.scalar(select(Minutes.state).where(Minutes.meeting_id == meeting.id))
    if state is MinutesState.CONFIRMED:
        raise Conflict("議事録が確定しているため、変更できません。誤りは、議事録の「訂正」として残してください。")
