"""Screens of one department's answer: its rows, what stands beside them, submitting and looking through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.survey_answers import STATE_MARKS, AnswerScreen, number_of, refuse, seen_version
from admin_views.survey_files import FormPages
from admin_views.survey_forms import NoteForm, ReturnForm, row_form
from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.audit.words import history_of
from app.japanese.dates import format_date, format_fiscal_year
from app.problems import Conflict
from app.registry import survey_queries, survey_rows, survey_services, survey_uploads
from app.registry.survey_policy import manages
from app.registry.survey_rules import STEPS, RowContent
from models.survey import Intention, SurveyState


class ResponseScreen(FormPages, AnswerScreen):
    """取組調査の回答."""

    def __init__(self) -> None:
        super().__init__(name="取組調査の回答", endpoint="survey-response", url="/survey-response")

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("survey.index"))

    @expose("/<key>/")
    def response_view(self, key: str) -> Any:
        response = self.response_of(key)
        is_open = self.is_open_to(response)
        lines = [self.line(row, number, is_open=is_open) for number, row in enumerate(response.rows, start=1)]
        shared = survey_queries.shared_rows(self.db_session(), self.actor, response)
        rows = {"survey_row": [str(row.id) for row in response.rows]}
        history = history_of(self.db_session(), self.actor, "survey_response", str(response.id), limit=30, lines=rows)
        may_manage = manages(self.actor)
        return self.render(
            "survey/response.html",
            title=f"取組調査({format_fiscal_year(response.round.fiscal_year)}) {response.department.name}",
            response=response,
            status=(response.state.label, STATE_MARKS[response.state]),
            round_url=url_for("survey.round_view", key=response.round_id),
            due=format_date(response.round.due_on),
            base=format_fiscal_year(response.round.base_year) if response.round.base_year else None,
            is_open=is_open,
            may_withdraw=response.state is SurveyState.SUBMITTED
            and response.round.closed_at is None
            and is_editable(self.db_session(), response, self.actor),
            may_check=may_manage and response.round.closed_at is None,
            can_return=response.state in STEPS["return"].sources,
            can_accept=response.state in STEPS["accept"].sources,
            is_own=response.department_id in self.actor.departments,
            lines=lines,
            shared=[self.line(row, number, is_open=False) for number, row in enumerate(shared, start=1)],
            counts=[(one.label, sum(row.intention is one for row in response.rows)) for one in Intention],
            form=NoteForm(has_nothing_to_report=response.has_nothing_to_report, note=response.note),
            has_upload=is_open and survey_uploads.find_upload(self.db_session(), self.actor, response.id) is not None,
            submitted=f"{shown(response.submitted_at)} {response.submitted_by or ''}"
            if response.submitted_at
            else None,
            accepted=f"{shown(response.accepted_at)} {response.accepted_by or ''}" if response.accepted_at else None,
            reminders=[
                (str(shown(one.reminded_at)), str(one.reminded_by or ""), ["督促を記録"]) for one in response.reminders
            ],
            history=[(str(shown(entry.at)), entry.who, [entry.label, *entry.sentences]) for entry in history],
        )

    # --- what the department does ----------------------------------------------------------------------------

    @expose("/<key>/note/", methods=("POST",))
    def note_view(self, key: str) -> Response:
        self.require(Permission.SURVEY_ANSWER)
        number = number_of(key)
        form = NoteForm(request.form)
        if not form.validate():
            sentences = [sentence for errors in form.problems().values() for sentence in errors]
            return self.done(number, lambda: refuse(" ".join(sentences)), "")
        return self.done(
            number,
            lambda: survey_rows.save_response(
                self.db_session(),
                actor=self.actor,
                response_id=number,
                seen_version=seen_version(),
                has_nothing_to_report=bool(form.has_nothing_to_report.data),
                note=form.note.data or "",
            ),
            "保存しました。",
        )

    def _step(self, key: str, service: Callable[..., Any], message: str) -> Response:
        number = number_of(key)
        return self.done(
            number,
            lambda: service(self.db_session(), actor=self.actor, response_id=number, seen_version=seen_version()),
            message,
        )

    @expose("/<key>/submit/", methods=("POST",))
    def submit_view(self, key: str) -> Response:
        return self._step(key, survey_services.submit, "提出しました。推進担当の確認をお待ちください。")

    @expose("/<key>/withdraw/", methods=("POST",))
    def withdraw_view(self, key: str) -> Response:
        return self._step(key, survey_services.withdraw, "提出を取り下げました。直してから、もう一度提出してください。")

    @expose("/<key>/rows/new/", methods=("GET", "POST"))
    def new_row_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_ANSWER)
        response = self.response_of(key)
        if not self.is_open_to(response):
            raise Conflict(f"この回答は「{response.state.label}」のため、行を追加できません。")
        form = row_form(request.form, RowContent(Intention.NEW, ""), [], is_new=True)
        page = FormPage(
            title=f"新規の事業の追加({response.department.name})",
            form=form,
            action_url=url_for(".new_row_view", key=key),
            cancel_url=url_for(".response_view", key=key),
            submit_label="追加する",
        )

        def add() -> Response:
            survey_rows.add_row(self.db_session(), actor=self.actor, response_id=response.id, content=form.content())
            return self.go("survey-response.response_view", "新規の事業を追加しました。", key=key)

        return self.ask(page, add)

    # --- what the office does --------------------------------------------------------------------------------

    @expose("/<key>/accept/", methods=("POST",))
    def accept_view(self, key: str) -> Response:
        self.require(Permission.SURVEY_MANAGE)
        return self._step(key, survey_services.accept, "確認済みにしました。")

    @expose("/<key>/return/", methods=("GET", "POST"))
    def return_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_MANAGE)
        response = self.response_of(key)
        form = ReturnForm(request.form)
        page = FormPage(
            title=f"回答の差戻し({response.department.name})",
            form=form,
            action_url=url_for(".return_view", key=key),
            cancel_url=url_for(".response_view", key=key),
            version=response.version,
            submit_label="差し戻す",
        )

        def hand_back() -> Response:
            survey_services.hand_back(
                self.db_session(),
                actor=self.actor,
                response_id=response.id,
                seen_version=seen_version(),
                reason=form.reason.data or "",
            )
            message = "差し戻しました。担当課の対応待ち一覧に表示されます。"
            return self.go("survey-response.response_view", message, key=key)

        return self.ask(page, hand_back)
