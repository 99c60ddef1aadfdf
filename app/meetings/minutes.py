"""議事録: written, shown to the members, confirmed and from then on frozen; corrections stand beside."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.meetings.attendance import count_of
from app.meetings.policy import runs_meetings
from app.meetings.queries import seats_of
from app.meetings.withdrawals import in_conflict
from app.problems import Conflict, Invalid, NotAllowed, check_version
from models.base import utc_now
from models.bodies import MemberRole
from models.engine import lock
from models.meetings import AbsenceKind, AgendaItem, ItemAbsence, Meeting, MeetingState
from models.minutes import Minutes, MinutesCorrection, MinutesState


def write_minutes(
    session: Session,
    *,
    actor: Actor,
    minutes: Minutes,
    version: int | None,
    text: str,
    written_by: str,
    discussions: dict[int, str] | None = None,
) -> Minutes:
    """Write the general part and, by item, what was said. Raises Conflict once confirmed."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "minutes:edit", "議事録の記入"):
        lock(session, minutes)
        check_version(minutes, version)
        _require_draft(minutes)
        # The version rises with any part: two people who write different items still hear of each other.
        minutes.text, minutes.written_by = text or "", (written_by or "")[:100]
        items = {item.id: item for item in minutes.meeting.items}
        for key, words in (discussions or {}).items():
            if key not in items:
                raise Conflict("議題が変わりました。画面を開き直してください。")
            items[key].discussion = words or ""
        minutes.updated_at = utc_now()
    return minutes


def circulate_minutes(session: Session, *, actor: Actor, minutes: Minutes) -> Minutes:
    """Let the members read the draft."""
    actor.require(Permission.MEETING_EDIT)
    with act(session, actor, "minutes:circulate", "議事録の確認の依頼"):
        lock(session, minutes)
        _require_draft(minutes)
        if empty := empty_items(minutes.meeting):
            raise Conflict(f"議事の内容も決議もない議題が{len(empty)}件あります。書き入れてから依頼してください。")
        minutes.circulated_at = utc_now()
    return minutes


def empty_items(meeting: Meeting) -> list[AgendaItem]:
    """Items of which nothing is told yet."""
    return [item for item in meeting.items if not item.discussion.strip() and not item.resolutions]


def may_confirm(session: Session, actor: Actor, meeting: Meeting) -> bool:
    """Whoever led the meeting, its chair, or the office in the chair's name."""
    if not actor.may(Permission.MEETING_CONFIRM):
        return False
    return runs_meetings(actor) or _leads(session, actor, meeting)


def _leads(session: Session, actor: Actor, meeting: Meeting) -> bool:
    seats = seats_of(session, actor, meeting.body_id, meeting.held_on)
    return any(one.id == meeting.presiding_id or one.role is MemberRole.CHAIR for one in seats)


def confirm_minutes(
    session: Session,
    *,
    actor: Actor,
    minutes: Minutes,
    version: int | None = None,
    note: str = "",
    confirmed_at: dt.datetime | None = None,
) -> Minutes:
    """Confirm: by whoever led the meeting with their own login, or by the office, which says how the chair agreed.

    Raises NotAllowed for others, Invalid when the office gives no note, Conflict while something is missing.
    """
    actor.require(Permission.MEETING_CONFIRM)
    meeting = minutes.meeting
    is_leader = not actor.is_system and _leads(session, actor, meeting)
    if not (is_leader or runs_meetings(actor)):
        raise NotAllowed("議事録を確定できるのは、議事を進めた人(会長・職務代理)と推進担当です。")
    if not is_leader and not note.strip():
        sentence = "会長がどのように確認したかを入力してください(例: 署名のある紙を令和8年7月1日に受領)。"
        raise Invalid(sentence, fields={"note": sentence})
    with act(session, actor, "minutes:confirm", "議事録の確定"):
        lock(session, meeting)
        lock(session, minutes)
        check_version(minutes, version)
        _require_draft(minutes)
        if meeting.state is not MeetingState.HELD:
            raise Conflict("会議を「開催済み」にしてから確定してください。")
        if empty_items(meeting):
            raise Conflict("議事の内容も決議もない議題があるため、まだ確定できません。")
        _note_conflicts(session, meeting)
        record = record_of(meeting)
        minutes.record, minutes.digest = record, digest_of(record)
        minutes.state, minutes.confirmed_at = MinutesState.CONFIRMED, confirmed_at or utc_now()
        minutes.confirmed_by, minutes.confirmed_note = actor.label[:200], note.strip()[:300]
    return minutes


def _note_conflicts(session: Session, meeting: Meeting) -> None:
    """Who was out by an interest known today becomes part of the record."""
    members = [one.membership for one in meeting.attendances]
    for item in meeting.items:
        noted = {one.membership_id for one in item.absences}
        for key in sorted(in_conflict(session, item, members) - noted):
            item.absences.append(ItemAbsence(membership_id=key, kind=AbsenceKind.CONFLICT))
    session.flush()


def correct_minutes(
    session: Session, *, actor: Actor, minutes: Minutes, text: str, reason: str, item: AgendaItem | None = None
) -> MinutesCorrection:
    """Put a correction beside confirmed minutes; they themselves stay as they are."""
    actor.require(Permission.MEETING_EDIT)
    wrong = {}
    if not text.strip():
        wrong["text"] = "訂正の内容を入力してください。"
    if not reason.strip():
        wrong["reason"] = "訂正の理由を入力してください。"
    if wrong:
        raise Invalid("入力内容を確認してください。", fields=wrong)
    if minutes.state is not MinutesState.CONFIRMED:
        raise Conflict("確定する前の議事録は、訂正ではなく、そのまま書き直してください。")
    with act(session, actor, "minutes:correct", "議事録の訂正", reason=reason):
        correction = MinutesCorrection(
            minutes=minutes,
            agenda_item=item,
            text=text.strip(),
            reason=reason.strip()[:500],
            made_by=actor.label[:200],
        )
        session.add(correction)
        session.flush()
    return correction


def _require_draft(minutes: Minutes) -> None:
    if minutes.state is MinutesState.CONFIRMED:
        raise Conflict("議事録は確定しています。誤りは「訂正」として残してください。")


def record_of(meeting: Meeting) -> dict[str, Any]:
    """Everything that the minutes say, as JSON types, whoever may read which part of it."""
    count = count_of(meeting)
    minutes = meeting.minutes
    return {
        "body": meeting.body.code,
        "meeting": {
            "fiscal_year": meeting.fiscal_year,
            "number": meeting.number,
            "held_on": meeting.held_on.isoformat(),
            "time": meeting.time_text,
            "place": meeting.place,
            "presiding": meeting.presiding.name if meeting.presiding else None,
        },
        "quorum": {
            "kind": meeting.quorum_kind.value if meeting.quorum_kind else None,
            "seats": count.seats,
            "present": count.present,
            "is_met": count.is_met,
        },
        "attendance": [
            {
                "membership": one.membership_id,
                "name": one.membership.name,
                "role": one.membership.role.value,
                "state": one.state.value,
                "representative": one.representative_name,
                "stands_in_for": one.stands_in_for_id,
                "note": one.note,
            }
            for one in sorted(meeting.attendances, key=lambda one: one.membership_id)
        ],
        "items": [_item_record(item) for item in sorted(meeting.items, key=lambda one: (one.position, one.id))],
        "text": minutes.text if minutes else "",
    }


def _item_record(item: AgendaItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "detail": item.detail,
        "subject": [item.subject_kind, item.subject_id],
        "is_closed": item.is_closed,
        "closed_reason": item.closed_reason,
        "discussion": item.discussion,
        "out": [
            [one.membership_id, one.kind.value] for one in sorted(item.absences, key=lambda one: one.membership_id)
        ],
        "resolutions": [
            {
                "decision": one.decision.value,
                "text": one.text,
                "decided_on": one.decided_on.isoformat(),
                "subject": [one.subject_kind, one.subject_id],
                "votes": [one.votes_for, one.votes_against, one.votes_abstained],
            }
            for one in sorted(item.resolutions, key=lambda one: one.id)
        ],
    }


def digest_of(record: dict[str, Any]) -> str:
    """SHA-256 of the record's canonical JSON."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(minutes: Minutes) -> bool:
    """Whether confirmed minutes, their kept record and the rows that they rest on all still say the same."""
    if minutes.record is None:
        return False
    return minutes.digest == digest_of(minutes.record) == digest_of(record_of(minutes.meeting))
