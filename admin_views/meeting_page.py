"""What the page of a meeting shows: next steps, agenda, attendance with the quorum, minutes. Within the reader's scope."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from admin_views.pages import DetailsPage
from app.access.permissions import Permission
from app.access.subjects import Subject, find_subject, records_of
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.meetings import queries
from app.meetings.attendance import count_of, kind_of, out_of_item
from app.meetings.minutes import may_confirm
from app.meetings.papers import attendance_words, quorum_words, resolution_words, title_of
from app.meetings.quorum import SEATED, least_present
from app.meetings.services import NOT_YET
from models.meetings import AgendaItem, AttendanceState, Meeting, MeetingState, Reply
from models.minutes import Minutes, MinutesState

STATE_MARKS = {
    MeetingState.PLANNED: "neutral",
    MeetingState.CALLED: "info",
    MeetingState.HELD: "success",
    MeetingState.CANCELLED: "muted",
}
MINUTES_MARKS = {MinutesState.DRAFT: "warning", MinutesState.CONFIRMED: "success"}
Step = tuple[str, str, str, str | None]


def page_of(view: Any, meeting: Meeting, page: DetailsPage) -> dict[str, Any]:
    """The context of meetings/meeting.html; fills the page's next steps and papers."""
    session, actor = view.db_session(), view.actor
    items = queries.items_of(session, actor, meeting)
    attendances = queries.attendances_of(session, actor, meeting)
    minutes = queries.find_minutes(session, actor, meeting)
    may_edit = actor.may(Permission.MEETING_EDIT)
    page.lead = title_of(meeting)
    page.next_steps = _steps(view, meeting, minutes, len(items), may_edit)
    page.papers = [("開催通知(PDF)", url_for("meeting.call_pdf_view", key=meeting.id), "")]
    if minutes is not None:
        page.papers.append(("議事録(PDF)", url_for("meeting.minutes_pdf_view", key=meeting.id), ""))
        if may_edit:
            url = url_for("meeting.public_minutes_pdf_view", key=meeting.id)
            page.papers.append(("公開用の議事録(PDF)", url, "非公開の議題は理由だけを載せます"))
    own = {one.id for one in queries.seats_of(session, actor, meeting.body_id, meeting.held_on)}
    is_open = meeting.state in {MeetingState.CALLED, MeetingState.HELD}
    is_frozen = minutes is not None and minutes.state is MinutesState.CONFIRMED
    return {
        "facts": [
            ("会議体", meeting.body.name),
            ("年度・回", f"{format_fiscal_year(meeting.fiscal_year)} 第{meeting.number}回"),
            ("日時", f"{format_date(meeting.held_on)} {meeting.time_text}".strip()),
            ("場所", meeting.place),
            ("お知らせ", meeting.call_text or "なし"),
        ],
        "quorum": _quorum_text(meeting) if attendances else "",
        "quorum_kind": _quorum_mark(meeting) if attendances else "info",
        "items": _items(view, meeting, items),
        "attendances": [
            {
                "name": one.membership.name,
                "role": one.membership.role.label,
                "title": one.membership.title,
                "reply": one.reply.label if one.reply else "",
                "words": attendance_words(one),
                "note": one.note,
                "is_presiding": one.membership_id == meeting.presiding_id,
            }
            for one in attendances
        ],
        "may_edit": may_edit,
        "may_change_agenda": may_edit and not is_frozen and meeting.state is not MeetingState.CANCELLED,
        "agenda_url": url_for("meeting.agenda_view", key=meeting.id),
        "attendance_url": url_for("meeting.attendance_view", key=meeting.id)
        if may_edit and is_open and not is_frozen
        else None,
        "reply_url": url_for("meeting.reply_view", key=meeting.id),
        "may_reply": meeting.state is MeetingState.CALLED and any(one.membership_id in own for one in attendances),
        "replies": Reply.choices(),
        "own_reply": next((one.reply.label for one in attendances if one.membership_id in own and one.reply), ""),
        "minutes_url": url_for("meeting.minutes_view", key=meeting.id) if minutes is not None else None,
        "minutes_state": (minutes.state.label, MINUTES_MARKS[minutes.state]) if minutes is not None else None,
    }


def is_entered(meeting: Meeting) -> bool:
    """Whether anybody's attendance is entered: before that there is nothing to count."""
    return any(one.state is not AttendanceState.UNKNOWN for one in meeting.attendances)


def _quorum_text(meeting: Meeting) -> str:
    """The count; while nobody's attendance is entered, what the answers let expect."""
    count = count_of(meeting)
    if meeting.state is not MeetingState.CALLED or is_entered(meeting):
        return quorum_words(meeting, count)
    coming = sum(one.reply is Reply.COMING and one.membership.role in SEATED for one in meeting.attendances)
    least = least_present(kind_of(meeting), count.seats)
    needed = f"{least}人以上の出席が必要です。" if least else "定足数は未設定です。"
    return f"委員{count.seats}人のうち、出席の返事は{coming}人です。{needed}"


def _quorum_mark(meeting: Meeting) -> str:
    is_open = meeting.state in {MeetingState.CALLED, MeetingState.HELD}
    if not is_open or not is_entered(meeting):
        return "info"
    return {True: "success", False: "warning", None: "info"}[count_of(meeting).is_met]


def _items(view: Any, meeting: Meeting, items: Any) -> list[dict[str, Any]]:
    session, actor = view.db_session(), view.actor
    resolutions = queries.resolutions_of(session, actor, items)
    pairs = {(one.subject_kind, one.subject_id) for one in items if one.subject_kind}
    subjects = records_of(session, actor, pairs)
    shown = []
    for number, item in enumerate(items, start=1):
        out = out_of_item(session, meeting, item)
        names = [one.membership.name for one in meeting.attendances if one.membership_id in out]
        shown.append(
            {
                "number": number,
                "title": item.title,
                "url": url_for("agenda-item.details_view", key=item.id),
                "move_url": url_for("agenda-item.move_view", key=item.id),
                "is_closed": item.is_closed,
                "closed_reason": item.closed_reason,
                "detail": item.detail,
                "subject": subject_link(item, subjects),
                "out": "、".join(names),
                "count": quorum_words(meeting, count_of(meeting, out=out)) if out and is_entered(meeting) else "",
                "resolutions": [resolution_words(one) for one in resolutions[item.id]],
            }
        )
    return shown


def subject_link(item: AgendaItem, subjects: dict[tuple[str, int], Any]) -> tuple[str, str, str | None] | None:
    """(kind, name, url) of what the item is about."""
    if item.subject_kind is None or item.subject_id is None:
        return None
    kind, record = find_subject(item.subject_kind), subjects.get((item.subject_kind, item.subject_id))
    if kind is None or record is None:
        return None
    return kind.label, str(record), url_of_subject(kind, item.subject_id)


def url_of_subject(kind: Subject, key: int) -> str | None:
    """The page of a subject, where its room has one."""
    if kind.endpoint is None or kind.endpoint not in current_app.view_functions:
        return None
    return url_for(kind.endpoint, key=key)


def _steps(view: Any, meeting: Meeting, minutes: Minutes | None, item_count: int, may_edit: bool) -> list[Step]:
    session, actor = view.db_session(), view.actor
    key = meeting.id
    if not may_edit:
        if minutes is not None and minutes.state is MinutesState.DRAFT and may_confirm(session, actor, meeting):
            return [("議事録を確かめて確定する", url_for("meeting.minutes_view", key=key), "get", None)]
        return []
    agenda: Step = ("議題を入れる", url_for("meeting.agenda_view", key=key), "get", None)
    cancel: Step = ("会議を中止にする", url_for("meeting.cancel_view", key=key), "get", None)
    if meeting.state is MeetingState.PLANNED:
        why = None if item_count else "先に議題を入れてください。"
        call: Step = ("招集する", url_for("meeting.call_view", key=key), "get", why)
        return [call, agenda, cancel] if item_count else [agenda, call, cancel]
    if meeting.state is MeetingState.CALLED:
        unknown = sum(one.state.value == "unknown" for one in meeting.attendances)
        why = f"出欠が未確認の人が{unknown}人います。" if unknown else None
        if meeting.held_on > today_in_tokyo():
            why = NOT_YET
        return [
            ("開催通知を作る", url_for("meeting.notices_view", key=key), "post", None),
            ("出欠を入力する", url_for("meeting.attendance_view", key=key), "get", None),
            ("開催済みにする", url_for("meeting.hold_view", key=key), "post", why),
            agenda,
            cancel,
        ]
    if minutes is None or minutes.state is MinutesState.CONFIRMED:
        return []
    return [
        ("議事録を書く", url_for("meeting.edit_minutes_view", key=key), "get", None),
        ("議事録を見る・確定する", url_for("meeting.minutes_view", key=key), "get", None),
    ]
