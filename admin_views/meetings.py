"""Screens of meetings: the list, the page of one, its call, attendance and holding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from admin_views.agenda import AgendaItemView
from admin_views.base import GuardedView
from admin_views.bodies import BodyView, MembershipView
from admin_views.columns import Column, Filter, year_filter, year_options
from admin_views.home import link_waiting
from admin_views.meeting_forms import MeetingForm, NewMeetingForm
from admin_views.meeting_minutes import MinutesPages
from admin_views.meeting_page import STATE_MARKS, page_of
from admin_views.meeting_steps import MeetingSteps
from admin_views.pages import DetailsPage
from admin_views.resolutions import ResolutionView
from app.access.scopes import as_key, scoped, visible_to
from app.actor import Actor
from app.japanese.dates import format_fiscal_year
from app.meetings import calling, queries, services
from models.bodies import Body
from models.meetings import Meeting, MeetingState
from models.minutes import MinutesState


def _body_options(session: Any, actor: Actor) -> list[tuple[str, str]]:
    return [(str(body.id), body.short_name) for body in queries.bodies(session, actor)]


def _year_options(session: Any, actor: Actor) -> list[tuple[str, str]]:
    years = session.scalars(
        select(Meeting.fiscal_year).where(visible_to(Meeting, actor)).distinct().order_by(Meeting.fiscal_year.desc())
    )
    return year_options(list(years))


class MeetingView(MeetingSteps, MinutesPages, GuardedView):
    """会議."""

    model = Meeting
    resource = "meeting"
    title = "会議の一覧"
    lead = "会議の準備から議事録までを、会議ごとに1つの画面で進めます。"
    singular = "会議"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "会議", lambda row: row.body.short_name, load=(selectinload(Meeting.body),)),
        Column("year", "年度", lambda row: format_fiscal_year(row.fiscal_year)),
        Column("number", "回", lambda row: f"第{row.number}回"),
        Column("held_on", "開催日", lambda row: row.held_on, sort=(Meeting.held_on,)),
        Column("time", "時間", lambda row: row.time_text),
        Column("place", "場所", lambda row: row.place),
        Column("state", "状態", lambda row: row.state),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter("body", "会議体", lambda value: Meeting.body_id == int(value), options=_body_options),
        year_filter(Meeting.fiscal_year, _year_options),
        Filter(
            "state",
            "状態",
            lambda value: Meeting.state == MeetingState(value),
            options=lambda session, actor: MeetingState.choices(),
        ),
    )
    default_order = (Meeting.held_on,)
    is_default_descending = True
    form_class = MeetingForm
    details_template = "meetings/meeting.html"
    empty = ("会議はまだありません。", "推進担当が会議を招集すると、ここに表示されます。")

    def may(self, action: str) -> bool:
        """Planning is editing; a list that may be read may be taken along as a file."""
        return super().may({"create": "edit", "export": "read"}.get(action, action))

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        if record is not None:
            return MeetingForm(posted, obj=record)
        form = NewMeetingForm(posted)
        if posted is None:
            form.body.data = as_key(request.args.get("body", ""))
        return form

    form_groups = [("会議", ["body", "held_on", "time_text", "place"]), ("開催通知", ["call_text"])]

    def insert(self, form: Any) -> Meeting:
        body = self.found(
            self.db_session.scalars(scoped(Body, self.actor).where(Body.id == form.body.data)).one_or_none()
        )
        return services.plan_meeting(
            self.db_session(),
            actor=self.actor,
            body=body,
            held_on=form.held_on.data,
            time_text=form.time_text.data or "",
            place=form.place.data or "",
            call_text=form.call_text.data or "",
        )

    def change(self, record: Meeting, form: Any, version: int | None) -> None:
        before = (record.held_on, record.time_text, record.place)
        services.update_meeting(self.db_session(), actor=self.actor, meeting=record, version=version, values=form.data)
        if before != (record.held_on, record.time_text, record.place) and calling.has_calls(self.db_session(), record):
            flash(
                "前の日時・場所の開催通知があります。下書きは捨てて作り直し、発出したものは取り消して知らせ直してください。",
                "warning",
            )

    def may_edit(self, record: Any) -> bool:
        """Not what the confirmed minutes rest on, nor what was called off."""
        minutes = record.minutes
        is_frozen = minutes is not None and minutes.state is MinutesState.CONFIRMED
        return super().may_edit(record) and not is_frozen and record.state is not MeetingState.CANCELLED

    def label_of(self, record: Meeting) -> str:
        return queries.short_title(record)

    def details_page(self, record: Meeting) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.state.label, STATE_MARKS[record.state])
        page.sections = []
        if record.state is MeetingState.CANCELLED:
            page.notice = ("中止した会議です", record.cancelled_reason, "warning")
        return page

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.details_template and "record" in kwargs:
            kwargs |= page_of(self, kwargs["record"], kwargs["page"])
        return str(super().render(template, **kwargs))

    @expose("/<key>/call.pdf")
    def call_pdf_view(self, key: str) -> Any:
        """The call on paper, with the items that the reader may see."""
        from app.meetings.papers import call_paper

        return self.pdf(call_paper(self.db_session(), self.actor, self.one(key)))


link_waiting("meeting_prepare", lambda line: url_for("meeting.details_view", key=line.key))
link_waiting("meeting_hold", lambda line: url_for("meeting.attendance_view", key=line.key))
link_waiting("meeting_attend", lambda line: url_for("meeting.details_view", key=line.key))
link_waiting("minutes_write", lambda line: url_for("meeting.edit_minutes_view", key=line.key))
link_waiting("minutes_confirm", lambda line: url_for("meeting.minutes_view", key=line.key))


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [MeetingView(), ResolutionView(), AgendaItemView(), BodyView(), MembershipView()]
