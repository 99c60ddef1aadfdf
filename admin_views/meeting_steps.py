"""Pages of a meeting's steps: agenda, call, attendance, holding, calling off, answering."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_admin import expose

from admin_views.meeting_forms import ItemForm, ReasonForm
from admin_views.pages import ConfirmPage
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.access.subjects import find_subject
from app.meetings import attendance, calling, queries, services
from app.meetings.agenda import AgendaProposal, proposals_for
from app.meetings.papers import title_of
from app.meetings.quorum import SEATED
from app.problems import Problem
from models.bodies import MemberRole
from models.meetings import AttendanceState, Meeting, Reply


def mark_of(proposal: AgendaProposal) -> str:
    """What the form sends back for a proposal."""
    return f"{proposal.subject_kind or ''}:{proposal.subject_id or ''}:{proposal.title}"


class MeetingSteps:
    """Mixed into MeetingView."""

    def pdf(self: Any, paper: Any) -> Any:
        """A paper as an answer."""
        return send_file(
            io.BytesIO(paper.content), mimetype="application/pdf", download_name=paper.file_name, as_attachment=False
        )

    def step(self: Any, key: object, run: Callable[[], object], message: str, door: str = "details_view") -> Any:
        """Run a service and go back to the meeting, with what was done or why not."""
        try:
            run()
        except Problem as problem:
            self.db_session.rollback()
            flash(problem.message, "error")
            return redirect(url_for(f".{door}", key=key), code=303)
        flash(message, "success")
        return redirect(url_for(f".{door}", key=key), code=303)

    # --- agenda --------------------------------------------------------------------------------------------

    @expose("/<key>/agenda/", methods=("GET", "POST"))
    def agenda_view(self: Any, key: str) -> Any:
        """Add items: from what is open for the body, or in own words."""
        self.require(Permission.MEETING_EDIT)
        meeting: Meeting = self.one(key)
        body = meeting.body
        proposals = proposals_for(self.db_session(), self.actor, body)
        posted = request.form if request.form.get("own") == "1" else None
        form = ItemForm(posted)
        errors: list[str] = []
        if is_posted() and posted is None:
            wanted = set(request.form.getlist("proposal"))
            chosen = [one for one in proposals if mark_of(one) in wanted]
            return self.step(
                key,
                lambda: self._take_up(meeting, chosen),
                f"議題を{len(chosen)}件入れました。" if chosen else "議題が選ばれていません。",
                "agenda_view" if not chosen else "details_view",
            )
        if is_posted() and form.validate():
            try:
                services.add_item(
                    self.db_session(),
                    actor=self.actor,
                    meeting=meeting,
                    title=form.title.data,
                    detail=form.detail.data or "",
                    is_closed=form.is_closed.data,
                    closed_reason=form.closed_reason.data or "",
                )
            except Problem as problem:
                errors = form.add_problems(problem.fields) or ([] if problem.fields else [problem.message])
            else:
                return self.go("meeting.details_view", "議題を入れました。", key=key)
        elif not is_posted():
            form.is_closed.data, form.closed_reason.data = body.is_closed_by_default, body.closed_reason
        return self.render(
            "meetings/agenda.html",
            title=f"議題を入れる: {self.label_of(meeting)}",
            back=url_for(".details_view", key=key),
            action_url=url_for(".agenda_view", key=key),
            proposals=[
                (mark_of(one), one.title, one.detail, (kind.label if (kind := find_subject(one.subject_kind)) else ""))
                for one in proposals
            ],
            form=form,
            errors=errors,
        ), 422 if is_posted() else 200

    def _take_up(self: Any, meeting: Meeting, chosen: list[AgendaProposal]) -> None:
        for one in chosen:
            services.add_item(
                self.db_session(),
                actor=self.actor,
                meeting=meeting,
                title=one.title[:300],
                detail=one.detail,
                subject_kind=one.subject_kind,
                subject_id=one.subject_id,
            )

    # --- call, hold, call off ------------------------------------------------------------------------------

    @expose("/<key>/call/", methods=("GET", "POST"))
    def call_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        meeting: Meeting = self.one(key)
        members = queries.members_on(self.db_session(), meeting.body_id, meeting.held_on)
        seats = sum(one.role in SEATED for one in members)
        page = ConfirmPage(
            title=f"会議を招集します: {self.label_of(meeting)}",
            action_url=url_for(".call_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            submit_label="招集する",
            hangs_on=[
                ("議題", f"{len(queries.items_of(self.db_session(), self.actor, meeting))}件", None),
                (
                    "構成員",
                    f"委員{seats}人、ほか{len(members) - seats}人",
                    url_for("body.details_view", key=meeting.body_id),
                ),
                ("開催通知(案)", "PDFで見る", url_for(".call_pdf_view", key=key)),
            ],
            consequence="開催日に任期のある全員が出欠の名簿に載り、会議と議題を閲覧できるようになります。",
            undo_text="招集したあとも、日時や議題は変えられます。やめるときは「中止」にします。",
            is_danger=False,
        )

        def call() -> Any:
            services.call_meeting(self.db_session(), actor=self.actor, meeting=meeting)
            return self.go("meeting.details_view", "招集しました。構成員の対応待ち一覧に表示されます。", key=key)

        return self.confirm(page, call)

    @expose("/<key>/notices/", methods=("POST",))
    def notices_view(self: Any, key: str) -> Any:
        """One draft of 開催通知 for each member."""
        self.require(Permission.MEETING_EDIT)
        meeting: Meeting = self.one(key)
        try:
            notices = calling.draw_up_calls(self.db_session(), actor=self.actor, meeting=meeting)
        except Problem as problem:
            flash(problem.message, "error")
            return redirect(url_for(".details_view", key=key), code=303)
        text = f"開催通知の下書きを{len(notices)}通作りました。確かめて、まとめて発出できます。"
        flash(text if notices else "開催通知は、もう全員分あります。", "success")
        return redirect(url_for("notice.index_view") + "?f-state=draft", code=303)

    @expose("/<key>/hold/", methods=("POST",))
    def hold_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        meeting = self.one(key)
        return self.step(
            key,
            lambda: services.hold_meeting(self.db_session(), actor=self.actor, meeting=meeting),
            "開催済みにしました。議事録を書けます。",
        )

    @expose("/<key>/cancel/", methods=("GET", "POST"))
    def cancel_view(self: Any, key: str) -> Any:
        self.require(Permission.MEETING_EDIT)
        meeting = self.one(key)
        form = ReasonForm(request.form)
        page = ConfirmPage(
            title=f"会議を中止にします: {self.label_of(meeting)}",
            action_url=url_for(".cancel_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            submit_label="中止にする",
            consequence="中止にした会議は、元に戻せません。構成員には、中止と理由が表示されます。",
            form=form,
        )

        def cancel() -> Any:
            reason = form.reason.data or ""
            services.cancel_meeting(self.db_session(), actor=self.actor, meeting=meeting, reason=reason)
            return self.go("meeting.details_view", "会議を中止にしました。", key=key)

        return self.confirm(page, cancel)

    # --- answers and attendance ----------------------------------------------------------------------------

    @expose("/<key>/reply/", methods=("POST",))
    def reply_view(self: Any, key: str) -> Any:
        """A member says whether they come."""
        self.require(Permission.MEETING_READ)
        meeting = self.one(key)
        try:
            answer = Reply(request.form.get("answer", ""))
        except ValueError:
            return self.step(key, _refuse_answer, "")
        return self.step(
            key,
            lambda: attendance.reply(self.db_session(), actor=self.actor, meeting=meeting, answer=answer),
            f"「{answer.label}」と返事をしました。",
        )

    @expose("/<key>/attendance/", methods=("GET", "POST"))
    def attendance_view(self: Any, key: str) -> Any:
        """Who came; the quorum is told as soon as it is saved."""
        self.require(Permission.MEETING_EDIT)
        meeting: Meeting = self.one(key)
        problem: Problem | None = None
        lines = queries.attendances_of(self.db_session(), self.actor, meeting)
        typed = _typed(lines) if is_posted() else {}
        if is_posted():
            try:
                attendance.set_attendance(
                    self.db_session(),
                    actor=self.actor,
                    meeting=meeting,
                    rows=typed,
                    presiding_id=as_key(request.form.get("presiding", "")),
                )
            except Problem as refused:
                self.db_session.rollback()
                problem = refused
                lines = queries.attendances_of(self.db_session(), self.actor, meeting)
            else:
                return self.go("meeting.details_view", "出欠を保存しました。", key=key)
        return self.render(
            "meetings/attendance.html",
            title=f"出欠の入力: {title_of(meeting)}",
            back=url_for(".details_view", key=key),
            action_url=url_for(".attendance_view", key=key),
            states=AttendanceState.choices(),
            rows=[_row(one, typed.get(one.membership_id), problem) for one in lines],
            seats=[(one.membership_id, one.membership.name) for one in lines if one.membership.role in SEATED],
            present=[(one.membership_id, one.membership.name) for one in lines if one.membership.role in SEATED],
            presiding=request.form.get("presiding") if is_posted() else str(meeting.presiding_id or ""),
            presiding_error=problem.fields.get("presiding") if problem else None,
            problem=problem.message if problem else None,
        ), 422 if problem else 200


def _refuse_answer() -> None:
    raise Problem("「出席します」か「欠席します」を選んでください。")


def _typed(lines: Any) -> dict[int, dict[str, Any]]:
    """{membership: what was typed}; an unknown word is 「未確認」."""
    rows: dict[int, dict[str, Any]] = {}
    for one in lines:
        key = one.membership_id
        state = request.form.get(f"state-{key}", "")
        rows[key] = {
            "state": state if state in {value for value, _ in AttendanceState.choices()} else AttendanceState.UNKNOWN,
            "representative_name": request.form.get(f"representative-{key}", "").strip()[:100],
            "stands_in_for_id": as_key(request.form.get(f"seat-{key}", "")),
            "note": request.form.get(f"note-{key}", "").strip()[:300],
        }
    return rows


def _row(one: Any, typed: dict[str, Any] | None, problem: Problem | None) -> dict[str, Any]:
    values = typed or {
        "state": one.state,
        "representative_name": one.representative_name,
        "stands_in_for_id": one.stands_in_for_id,
        "note": one.note,
    }
    return values | {
        "key": one.membership_id,
        "name": one.membership.name,
        "role": one.membership.role.label,
        "reply": one.reply.label if one.reply else "",
        "is_substitute": one.membership.role is MemberRole.SUBSTITUTE,
        "error": problem.fields.get(f"m{one.membership_id}") if problem else None,
    }
