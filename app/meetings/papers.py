"""Meetings on paper: the call with its agenda, the minutes (all, or their public part). Only what the reader may see."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_datetime, format_fiscal_year
from app.meetings import queries
from app.meetings.attendance import count_of, kind_of, out_of_item
from app.meetings.quorum import Count
from models.meetings import AgendaItem, Attendance, AttendanceState, Meeting, Resolution
from models.minutes import Minutes, MinutesState

NOT_SET = "未設定"


@dataclasses.dataclass(frozen=True)
class MeetingPaper:
    """A PDF and its name."""

    content: bytes
    file_name: str


def title_of(meeting: Meeting) -> str:
    """「協働推進庁内検討会議(令和8年度 第2回)」."""
    return f"{meeting.body.name}({format_fiscal_year(meeting.fiscal_year)} 第{meeting.number}回)"


def when_of(meeting: Meeting) -> str:
    """Day and time."""
    return f"{format_date(meeting.held_on)} {meeting.time_text}".strip()


def quorum_words(meeting: Meeting, count: Count) -> str:
    """「委員7人中5人出席。定足数(半数以上の出席)に達しています。」"""
    kind = kind_of(meeting)
    if kind is None:
        return f"{count.text}。定足数は{NOT_SET}です。"
    return f"{count.text}。定足数({kind.label})に達して{'います' if count.is_met else 'いません'}。"


def attendance_words(attendance: Attendance) -> str:
    """「出席」「代理出席(小平 花子)」「出席(○○委員の代わり)」."""
    words = attendance.state.label
    if attendance.state is AttendanceState.REPRESENTED:
        words += f"({attendance.representative_name})"
    if attendance.stands_in_for is not None:
        words += f"({attendance.stands_in_for.name}の代わり)"
    return words


def resolution_words(resolution: Resolution) -> str:
    """「可決・承認: 本文(賛成5、反対1、棄権0)」."""
    votes = ""
    if resolution.votes_for is not None:
        votes = f"(賛成{resolution.votes_for}、反対{resolution.votes_against}、棄権{resolution.votes_abstained})"
    return f"{resolution.decision.label}: {resolution.text}{votes}"


def call_paper(session: Session, actor: Actor, meeting: Meeting) -> MeetingPaper:
    """The call as the reader may see it."""
    items = queries.items_of(session, actor, meeting)
    body: list[dict[str, Any]] = []
    if meeting.call_text:
        body.append({"heading": "お知らせ", "lines": meeting.call_text.split("\n")})
    body += [
        {
            "heading": f"議題{number} {item.title}{'(非公開)' if item.is_closed else ''}",
            "lines": item.detail.split("\n") if item.detail else [],
        }
        for number, item in enumerate(items, start=1)
    ]
    members = [one.membership for one in queries.attendances_of(session, actor, meeting)]
    members = members or queries.members_on(session, meeting.body_id, meeting.held_on)
    width = 3 if any(one.title for one in members) else 2  # departments have no titles
    rows = [[one.role.label, one.name, one.title][:width] for one in members]
    if rows:
        body.append({"heading": "構成員", "lines": [], "titles": ["役", "氏名・課名", "肩書"][:width], "rows": rows})
    data = _frame(meeting, "開催通知", "" if meeting.called_at else "案") | {"sections": body}
    return MeetingPaper(render_pdf("meeting_paper", data), f"開催通知_{_short(meeting)}.pdf")


def minutes_paper(
    session: Session, actor: Actor, meeting: Meeting, minutes: Minutes, *, is_public: bool = False
) -> MeetingPaper:
    """The minutes as the reader may see them.

    is_public: closed items are left out but for their reason; so is what was written for the members alone: what an
    item was prepared with (its 内容, which quotes coordination notes) and the notes beside their attendance.
    """
    items = queries.items_of(session, actor, meeting)
    resolutions = queries.resolutions_of(session, actor, items)
    sections = [_attendance_section(session, actor, meeting, is_public=is_public)]
    if minutes.text:
        sections.append({"heading": "会議の経過", "lines": minutes.text.split("\n")})
    for number, item in enumerate(items, start=1):
        if is_public and item.is_closed:
            sections.append({"heading": f"議題{number} (非公開)", "lines": [f"非公開の理由: {item.closed_reason}"]})
        else:
            sections.append(
                _item_section(session, meeting, item, number, resolutions[item.id], with_detail=not is_public)
            )
    sections += _corrections(session, actor, minutes, items, is_public=is_public)
    name = "議事録(公開用)" if is_public else "議事録"
    is_final = minutes.state is MinutesState.CONFIRMED
    data = _frame(meeting, name, "" if is_final else "案") | {"sections": sections}
    if is_final and minutes.confirmed_at is not None:
        data["footer"] = f"{format_datetime(minutes.confirmed_at, weekday=False)} 確定"
    return MeetingPaper(render_pdf("meeting_paper", data), f"{name}_{_short(meeting)}.pdf")


def _frame(meeting: Meeting, kind: str, mark: str) -> dict[str, Any]:
    return {
        "title": f"{title_of(meeting)} {kind}",
        "running_head": f"{meeting.body.short_name} {kind}",
        "author": "小平市",
        "footer": "",
        "mark": mark,
        "name": title_of(meeting),
        "kind": kind,
        "head": [["日時", when_of(meeting)], ["場所", meeting.place or NOT_SET]],
    }


def _short(meeting: Meeting) -> str:
    return f"{meeting.body.short_name}_{format_fiscal_year(meeting.fiscal_year)}第{meeting.number}回"


def _attendance_section(session: Session, actor: Actor, meeting: Meeting, *, is_public: bool) -> dict[str, Any]:
    lines = [quorum_words(meeting, count_of(meeting))]
    if meeting.presiding is not None:
        lines.append(f"議事を進めた人: {meeting.presiding.name}({meeting.presiding.role.label})")
    rows = [
        [one.membership.role.label, one.membership.name, attendance_words(one), one.note]
        for one in queries.attendances_of(session, actor, meeting)
    ]
    titles = ["役", "氏名・課名", "出欠", "備考"]
    if is_public or not any(row[3] for row in rows):
        titles, rows = titles[:3], [row[:3] for row in rows]
    return {"heading": "出欠", "lines": lines, "titles": titles, "rows": rows}


def _item_section(
    session: Session,
    meeting: Meeting,
    item: AgendaItem,
    number: int,
    resolutions: Sequence[Resolution],
    *,
    with_detail: bool,
) -> dict[str, Any]:
    lines = item.detail.split("\n") if item.detail and with_detail else []
    if item.is_closed:
        lines = [f"(非公開: {item.closed_reason})", *lines]
    out = out_of_item(session, meeting, item)
    if out:
        names = [one.membership.name for one in meeting.attendances if one.membership_id in out]
        lines += [f"退席: {'、'.join(names)}", quorum_words(meeting, count_of(meeting, out=out))]
    if item.discussion:
        lines += item.discussion.split("\n")
    lines += [f"【決議】{resolution_words(one)}" for one in resolutions]
    return {"heading": f"議題{number} {item.title}", "lines": lines}


def _corrections(
    session: Session, actor: Actor, minutes: Minutes, items: Sequence[AgendaItem], *, is_public: bool
) -> list[dict[str, Any]]:
    numbers = {item.id: number for number, item in enumerate(items, start=1)}
    closed = {item.id for item in items if item.is_closed}
    lines = []
    for one in queries.corrections_of(session, actor, minutes):
        if is_public and one.agenda_item_id in closed:
            continue
        place = f"議題{numbers[one.agenda_item_id]}" if one.agenda_item_id in numbers else "全体"
        when = format_datetime(one.made_at, weekday=False)
        lines.append(f"{place}: {one.text}(理由: {one.reason}。{when} {one.made_by})")
    return [{"heading": "確定後の訂正", "lines": lines}] if lines else []
