"""Pages of a meeting's minutes: read, write, show to the members, confirm, correct, print."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose

from admin_views.columns import shown
from admin_views.meeting_forms import ConfirmForm, CorrectionForm
from admin_views.pages import FormPage
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.meetings import minutes as verbs
from app.meetings import papers, queries
from app.meetings.attendance import count_of, out_of_item
from app.meetings.policy import runs_meetings
from app.problems import Problem, StaleRecord
from models.meetings import Meeting
from models.minutes import Minutes, MinutesState


class MinutesPages:
    """Mixed into MeetingView."""

    def _minutes(self: Any, key: str) -> tuple[Meeting, Minutes]:
        meeting = self.one(key)
        return meeting, self.found(queries.find_minutes(self.db_session(), self.actor, meeting))

    @expose("/<key>/minutes/")
    def minutes_view(self: Any, key: str) -> Any:
        meeting, minutes = self._minutes(key)
        return self._minutes_page(meeting, minutes, ConfirmForm(), [])

    def _minutes_page(self: Any, meeting: Meeting, minutes: Minutes, form: Any, errors: list[str]) -> Any:
        session, actor = self.db_session(), self.actor
        items = queries.items_of(session, actor, meeting)
        resolutions = queries.resolutions_of(session, actor, items)
        numbers = {item.id: number for number, item in enumerate(items, start=1)}
        is_final = minutes.state is MinutesState.CONFIRMED
        may_edit = actor.may(Permission.MEETING_EDIT)
        parts = []
        for item in items:
            out = out_of_item(session, meeting, item)
            parts.append(
                {
                    "number": numbers[item.id],
                    "title": item.title,
                    "closed": item.closed_reason if item.is_closed else "",
                    "out": "、".join(one.membership.name for one in meeting.attendances if one.membership_id in out),
                    "count": papers.quorum_words(meeting, count_of(meeting, out=out)) if out else "",
                    "discussion": item.discussion,
                    "resolutions": [papers.resolution_words(one) for one in resolutions[item.id]],
                }
            )
        return self.render(
            "meetings/minutes.html",
            title=f"議事録: {self.label_of(meeting)}",
            back=(self.label_of(meeting), url_for(".details_view", key=meeting.id)),
            status=(minutes.state.label, "success" if is_final else "warning"),
            facts=[
                ("日時", papers.when_of(meeting)),
                ("場所", meeting.place),
                ("出欠", papers.quorum_words(meeting, count_of(meeting))),
                ("議事を進めた人", meeting.presiding.name if meeting.presiding else None),
                ("作成者", minutes.written_by),
                ("委員への確認依頼", shown(minutes.circulated_at) or "まだ依頼していません"),
                ("確定", _confirmed(minutes) if is_final else "まだ確定していません"),
            ],
            attendance_rows=[
                [one.membership.name, one.membership.role.label, papers.attendance_words(one), one.note]
                for one in queries.attendances_of(session, actor, meeting)
            ],
            text=minutes.text,
            parts_of_items=parts,
            corrections=[
                (
                    f"議題{numbers[one.agenda_item_id]}" if one.agenda_item_id in numbers else "全体",
                    one.text,
                    one.reason,
                    f"{shown(one.made_at)} {one.made_by}",
                )
                for one in queries.corrections_of(session, actor, minutes)
            ],
            is_final=is_final,
            is_intact=verbs.is_intact(minutes) if is_final else None,
            digest=minutes.digest,
            version=minutes.version,
            edit_url=url_for(".edit_minutes_view", key=meeting.id) if may_edit and not is_final else None,
            circulate_url=url_for(".circulate_view", key=meeting.id)
            if may_edit and minutes.circulated_at is None and not is_final
            else None,
            confirm_url=url_for(".confirm_minutes_view", key=meeting.id)
            if not is_final and verbs.may_confirm(session, actor, meeting)
            else None,
            asks_note=runs_meetings(actor),
            correct_url=url_for(".correct_minutes_view", key=meeting.id) if may_edit and is_final else None,
            pdf_url=url_for(".minutes_pdf_view", key=meeting.id),
            public_pdf_url=url_for(".public_minutes_pdf_view", key=meeting.id) if may_edit else None,
            form=form,
            errors=errors,
        ), 422 if is_posted() else 200

    @expose("/<key>/minutes/edit/", methods=("GET", "POST"))
    def edit_minutes_view(self: Any, key: str) -> Any:
        """One text for the whole, one for each item."""
        self.require(Permission.MEETING_EDIT)
        meeting, minutes = self._minutes(key)
        items = queries.items_of(self.db_session(), self.actor, meeting)
        values = {
            "text": minutes.text,
            "written_by": minutes.written_by,
            "items": {item.id: item.discussion for item in items},
        }
        errors: list[str] = []
        stale: dict[str, Any] | None = None
        version = minutes.version
        if is_posted():
            typed = {
                "text": request.form.get("text", "")[:100_000],
                "written_by": request.form.get("written_by", "").strip()[:100],
                "items": {item.id: request.form.get(f"item-{item.id}", "")[:100_000] for item in items},
            }
            try:
                verbs.write_minutes(
                    self.db_session(),
                    actor=self.actor,
                    minutes=minutes,
                    version=as_key(request.form.get("version", "")),
                    text=_clean(typed["text"]),
                    written_by=_clean(typed["written_by"]),
                    discussions={item_id: _clean(words) for item_id, words in typed["items"].items()},
                )
            except StaleRecord as problem:
                self.db_session.rollback()
                errors, stale = [problem.message], values
            except Problem as problem:
                self.db_session.rollback()
                errors = [problem.message]
                version = as_key(request.form.get("version", "")) or version
            else:
                return self.go("meeting.minutes_view", "議事録を保存しました。", key=key)
            values = typed
        return self.render(
            "meetings/edit_minutes.html",
            title=f"議事録を書く: {self.label_of(meeting)}",
            back=url_for(".minutes_view", key=key),
            action_url=url_for(".edit_minutes_view", key=key),
            version=version,
            values=values,
            stale=stale,
            items=[(number, item.id, item.title, item.is_closed) for number, item in enumerate(items, start=1)],
            errors=errors,
        ), 409 if stale else 422 if errors else 200

    @expose("/<key>/minutes/circulate/", methods=("POST",))
    def circulate_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        _, minutes = self._minutes(key)
        return self.step(
            key,
            lambda: verbs.circulate_minutes(self.db_session(), actor=self.actor, minutes=minutes),
            "議事録の案を、構成員が読めるようにしました。",
            "minutes_view",
        )

    @expose("/<key>/minutes/confirm/", methods=("POST",))
    def confirm_minutes_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_CONFIRM)
        meeting, minutes = self._minutes(key)
        form = ConfirmForm(request.form)
        errors: list[str] = []
        if form.validate():
            try:
                verbs.confirm_minutes(
                    self.db_session(),
                    actor=self.actor,
                    minutes=minutes,
                    version=as_key(request.form.get("version", "")),
                    note=form.note.data or "",
                )
            except Problem as problem:
                self.db_session.rollback()
                errors = form.add_problems(problem.fields) or ([] if problem.fields else [problem.message])
            else:
                return self.go("meeting.minutes_view", "議事録を確定しました。", key=key)
        return self._minutes_page(meeting, minutes, form, errors)

    @expose("/<key>/minutes/correct/", methods=("GET", "POST"))
    def correct_minutes_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        meeting, minutes = self._minutes(key)
        items = list(queries.items_of(self.db_session(), self.actor, meeting))
        form = CorrectionForm(request.form)
        form.item.choices = [
            ("", form.item.empty),
            *((item.id, f"議題{number} {item.title}") for number, item in enumerate(items, start=1)),
        ]
        errors: list[str] = []
        if is_posted() and form.validate():
            chosen = next((item for item in items if item.id == form.item.data), None)
            try:
                verbs.correct_minutes(
                    self.db_session(),
                    actor=self.actor,
                    minutes=minutes,
                    item=chosen,
                    text=form.text.data or "",
                    reason=form.reason.data or "",
                )
            except Problem as problem:
                errors = form.add_problems(problem.fields) or [problem.message]
            else:
                return self.go("meeting.minutes_view", "訂正を残しました。", key=key)
        page = FormPage(
            title=f"議事録の訂正: {self.label_of(meeting)}",
            lead="確定した議事録は変わりません。訂正は、議事録の後ろに並べて表示されます。",
            form=form,
            action_url=url_for(".correct_minutes_view", key=key),
            cancel_url=url_for(".minutes_view", key=key),
            errors=errors,
            submit_label="訂正を残す",
        )
        return self.render("model/edit.html", page=page), 422 if is_posted() else 200

    @expose("/<key>/minutes.pdf")
    def minutes_pdf_view(self: Any, key: str) -> Any:
        meeting, minutes = self._minutes(key)
        return self.pdf(papers.minutes_paper(self.db_session(), self.actor, meeting, minutes))

    @expose("/<key>/public-minutes.pdf")
    def public_minutes_pdf_view(self: Any, key: str) -> Any:
        """What may be shown to everybody."""
        self.require(Permission.MEETING_EDIT)
        meeting, minutes = self._minutes(key)
        return self.pdf(papers.minutes_paper(self.db_session(), self.actor, meeting, minutes, is_public=True))


def _confirmed(minutes: Minutes) -> str:
    note = f"({minutes.confirmed_note})" if minutes.confirmed_note else ""
    return f"{shown(minutes.confirmed_at)} {minutes.confirmed_by}{note}"


def _clean(text: str) -> str:
    """The text as it is kept; raises Invalid for control characters."""
    from app.notices.wording import clean_value

    return clean_value(text)
