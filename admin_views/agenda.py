"""Screens of agenda items, across all meetings that the reader may see, and what is done with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, shown
from admin_views.meeting_forms import ItemForm, ResolutionForm
from admin_views.meeting_page import is_entered, subject_link
from admin_views.pages import DetailsPage
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.access.subjects import records_of
from app.actor import Actor
from app.meetings import attendance, queries, resolutions, services
from app.meetings.papers import quorum_words, resolution_words
from app.problems import Problem
from models.meetings import AbsenceKind, AgendaItem, Meeting, MeetingState
from models.minutes import MinutesState

_MEETING = selectinload(AgendaItem.meeting).selectinload(Meeting.body)


def body_options(session: Any, actor: Actor) -> list[tuple[str, str]]:
    """The bodies that the reader may see."""
    return [(str(body.id), body.short_name) for body in queries.bodies(session, actor)]


def subject_of(session: Any, actor: Actor, item: AgendaItem) -> tuple[str, str, str | None] | None:
    """(kind, name, url) of what the item is about, where the reader may see it."""
    pair = {(item.subject_kind, item.subject_id)} if item.subject_kind and item.subject_id else set()
    return subject_link(item, records_of(session, actor, pair))  # type: ignore[arg-type]


class AgendaItemView(GuardedView):
    """議題."""

    model = AgendaItem
    resource = "meeting"
    title = "議題の一覧"
    lead = "閲覧できる会議の議題を、新しいものから並べています。"
    singular = "議題"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "議題", lambda row: row.title),
        Column("meeting", "会議", lambda row: queries.short_title(row.meeting), load=(_MEETING,)),
        Column("held_on", "開催日", lambda row: row.meeting.held_on, load=(_MEETING,)),
        Column("closed", "公開", lambda row: "非公開" if row.is_closed else "公開"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "body",
            "会議体",
            lambda value: AgendaItem.meeting_id.in_(select(Meeting.id).where(Meeting.body_id == int(value))),
            options=body_options,
        ),
        Filter(
            "title", "議題にふくむことば", lambda value: AgendaItem.title.contains(value, autoescape=True), kind="text"
        ),
    )
    default_order = (AgendaItem.id,)
    is_default_descending = True
    lookup_attribute = "title"
    form_class = ItemForm
    details_template = "meetings/item.html"

    def __init__(self) -> None:
        super().__init__(endpoint="agenda-item")

    def may(self, action: str) -> bool:
        if action == "create":
            return False
        return super().may({"export": "read"}.get(action, action))

    def may_edit(self, record: Any) -> bool:
        return super().may_edit(record) and self._is_open(record.meeting)

    def _is_open(self, meeting: Meeting) -> bool:
        is_frozen = meeting.minutes is not None and meeting.minutes.state is MinutesState.CONFIRMED
        return meeting.state is not MeetingState.CANCELLED and not is_frozen

    def make_form(self, *, posted: Any = None, record: Any = None) -> ItemForm:
        return ItemForm(posted, obj=record)

    def change(self, record: AgendaItem, form: Any, version: int | None) -> None:
        services.update_item(self.db_session(), actor=self.actor, item=record, version=version, values=form.data)

    def label_of(self, record: AgendaItem) -> str:
        return record.title

    def sections(self, record: AgendaItem) -> list[tuple[str, list[tuple[str, Any]]]]:
        found = subject_of(self.db_session(), self.actor, record)
        rows: list[tuple[str, Any]] = [
            ("会議", queries.short_title(record.meeting)),
            ("開催日", shown(record.meeting.held_on)),
            ("内容", record.detail or "なし"),
            ("公開", f"非公開({record.closed_reason})" if record.is_closed else "公開"),
        ]
        if found is not None:
            kind, name, url = found
            rows.append((kind, Markup('<a href="{}">{}</a>').format(url, name) if url else name))
        return [("議題", rows)]

    def details_page(self, record: AgendaItem) -> DetailsPage:
        page = super().details_page(record)
        page.back = (queries.short_title(record.meeting), url_for("meeting.details_view", key=record.meeting_id))
        return page

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.details_template and "record" in kwargs:
            kwargs |= self._context(kwargs["record"], kwargs.pop("form", None) or ResolutionForm())
        return str(super().render(template, **kwargs))

    def _context(self, item: AgendaItem, form: Any) -> dict[str, Any]:
        session, meeting = self.db_session(), item.meeting
        out = attendance.out_of_item(session, meeting, item)
        called = meeting.state in {MeetingState.CALLED, MeetingState.HELD}
        may_edit = self.may("edit") and self._is_open(meeting)
        lines = queries.attendances_of(session, self.actor, meeting)
        return {
            "form": form,
            "may_edit": may_edit,
            "is_called": called,
            "move_url": url_for(".move_view", key=item.id),
            "remove_url": url_for(".remove_view", key=item.id),
            "absence_url": url_for(".absence_view", key=item.id),
            "resolve_url": url_for(".resolve_view", key=item.id),
            "members": [
                (
                    one.membership_id,
                    one.membership.name,
                    out.get(one.membership_id) is AbsenceKind.LEFT,
                    out.get(one.membership_id) is AbsenceKind.CONFLICT,
                )
                for one in lines
                if one.state.value != "absent"
            ],
            "out": [one.membership.name for one in lines if one.membership_id in out],
            "count": quorum_words(meeting, attendance.count_of(meeting, out=out)) if is_entered(meeting) else "",
            "resolutions": [
                (resolution_words(one), url_for("resolution.details_view", key=one.id))
                for one in queries.resolutions_of(session, self.actor, [item])[item.id]
            ],
            "discussion": item.discussion if queries.find_minutes(session, self.actor, meeting) else "",
        }

    # --- what the office does --------------------------------------------------------------------------------

    def _back(self, key: str, problem: Problem | None, message: str) -> Any:
        if problem is not None:
            self.db_session.rollback()
        flash(problem.message if problem else message, "error" if problem else "success")
        return redirect(url_for(".details_view", key=key), code=303)

    @expose("/<key>/move/", methods=("POST",))
    def move_view(self, key: str) -> Any:
        """Up or down by one."""
        self.require(Permission.MEETING_EDIT)
        item = self.one(key)
        meeting_id = item.meeting_id
        try:
            services.move_item(self.db_session(), actor=self.actor, item=item, up=request.form.get("to") == "up")
        except Problem as problem:
            return self._back(key, problem, "")
        return self.go("meeting.details_view", "議題の順を変えました。", key=meeting_id)

    @expose("/<key>/remove/", methods=("POST",))
    def remove_view(self, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        item = self.one(key)
        meeting_id = item.meeting_id
        try:
            services.remove_item(self.db_session(), actor=self.actor, item=item)
        except Problem as problem:
            return self._back(key, problem, "")
        return self.go("meeting.details_view", "議題を取り下げました。", key=meeting_id)

    @expose("/<key>/absence/", methods=("POST",))
    def absence_view(self, key: str) -> Any:
        """Who was out of the room."""
        self.require(Permission.MEETING_EDIT)
        item = self.one(key)
        keys = {number for value in request.form.getlist("out") if (number := as_key(value)) is not None}
        try:
            attendance.note_absence(self.db_session(), actor=self.actor, item=item, membership_ids=keys)
        except Problem as problem:
            return self._back(key, problem, "")
        return self._back(key, None, "退席を保存しました。")

    @expose("/<key>/resolve/", methods=("POST",))
    def resolve_view(self, key: str) -> Any:
        """Record what was concluded."""
        self.require(Permission.MEETING_EDIT)
        item = self.one(key)
        form = ResolutionForm(request.form)
        errors: list[str] = []
        if form.validate():
            try:
                resolutions.record_resolution(
                    self.db_session(),
                    actor=self.actor,
                    agenda_item=item,
                    decision=form.decision.data,
                    text=form.text.data or "",
                    decided_on=form.decided_on.data,
                    votes=form.votes(),
                )
            except ValueError as error:
                form.votes_for.errors = [*form.votes_for.errors, str(error)]
            except Problem as problem:
                self.db_session.rollback()
                errors = form.add_problems(problem.fields) or ([] if problem.fields else [problem.message])
            else:
                return self._back(key, None, "決議を記録しました。")
        item = self.one(key)
        return self.render(
            self.details_template, page=self.details_page(item), record=item, form=form, errors=errors
        ), 422
