"""Screens of one row of an answer: edit it, end it, put it back, take a new one away."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.screens import is_posted
from admin_views.survey_answers import AnswerScreen, number_of, seen_version
from admin_views.survey_forms import row_form
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.audit.words import history_of
from app.problems import Conflict, Problem
from app.registry import survey_queries, survey_rows, survey_uploads
from app.registry.survey_policy import manages
from app.registry.survey_rules import OPEN_STATES
from models.survey import Intention, SurveyRow


class RowScreen(AnswerScreen):
    """取組調査の行."""

    def __init__(self) -> None:
        super().__init__(name="取組調査の行", endpoint="survey-row", url="/survey-row")

    def _row(self, key: str) -> SurveyRow:
        self.require(Permission.SURVEY_ANSWER)
        return survey_queries.get_row(self.db_session(), self.actor, number_of(key))

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("survey.index"))

    @expose("/<key>/", methods=("GET", "POST"))
    def edit_view(self, key: str) -> Any:
        row = self._row(key)
        if not self.is_open_to(row.response):
            raise Conflict(f"この回答は「{row.response.state.label}」か、ほかの課の回答のため、変更できません。")
        before = survey_queries.before_of_row(row)
        form = row_form(
            request.form,
            survey_queries.content_of_row(row),
            [department.id for department in row.other_departments],
            is_new=before is None,
        )
        errors: list[str] = []
        theirs: list[tuple[str, str, str]] = []
        version, response_id = row.version, row.response_id
        if is_posted():
            version = seen_version()
        if is_posted() and form.validate():
            try:
                saved = survey_rows.save_row(
                    self.db_session(),
                    actor=self.actor,
                    row_id=row.id,
                    seen_version=seen_version(),
                    content=form.content(),
                )
            except Conflict as problem:
                errors = [problem.message]
                self.db_session.refresh(row)
                version = row.version
                theirs = survey_uploads.cells_between(survey_queries.content_of_row(row), form.content())
            except Problem as problem:
                errors = form.told(problem)
            else:
                message = f"「{saved.name}」を「{saved.intention.label}」として保存しました。"
                return self.go("survey-response.response_view", message, key=response_id)
        page = FormPage(
            title=f"取組調査の行の変更: {row.name}"[:120],
            lead="前回の内容から変わると、区分は自動で「変更」になります。" if before is not None else None,
            form=form,
            action_url=url_for(".edit_view", key=key),
            cancel_url=url_for("survey-response.response_view", key=response_id),
            errors=errors,
            version=version,
            groups=[("事業", ["intention", "name", "other_departments"])],
        )
        history = history_of(self.db_session(), self.actor, "survey_row", str(row.id), limit=30)
        return self.render(
            "survey/row.html",
            page=page,
            before=before,
            theirs=theirs,
            targets=self._targets(row),
            move_url=url_for(".move_view", key=key),
            history=[(str(shown(entry.at)), entry.who, [entry.label, *entry.sentences]) for entry in history],
        ), 422 if is_posted() else 200

    @expose("/<key>/end/", methods=("POST",))
    def end_view(self, key: str) -> Response:
        row = self._row(key)
        content = dataclasses.replace(survey_queries.content_of_row(row), intention=Intention.ENDED)
        return self.done(
            row.response_id,
            lambda: survey_rows.save_row(
                self.db_session(), actor=self.actor, row_id=row.id, seen_version=seen_version(), content=content
            ),
            f"「{row.name}」を「終了」にしました。",
        )

    @expose("/<key>/reset/", methods=("POST",))
    def reset_view(self, key: str) -> Response:
        row = self._row(key)
        return self.done(
            row.response_id,
            lambda: survey_rows.reset_row(
                self.db_session(), actor=self.actor, row_id=row.id, seen_version=seen_version()
            ),
            "前回の内容に戻しました。",
        )

    @expose("/<key>/remove/", methods=("POST",))
    def remove_view(self, key: str) -> Response:
        row = self._row(key)
        return self.done(
            row.response_id,
            lambda: survey_rows.remove_row(
                self.db_session(), actor=self.actor, row_id=row.id, seen_version=seen_version()
            ),
            f"新規の事業「{row.name}」を取り消しました。",
        )

    @expose("/<key>/move/", methods=("POST",))
    def move_view(self, key: str) -> Response:
        """Another department answers for the row."""
        self.require(Permission.SURVEY_MANAGE)
        row = self._row(key)
        target = as_key(request.form.get("response", ""))
        return self.done(
            row.response_id,
            lambda: survey_rows.move_row(
                self.db_session(),
                actor=self.actor,
                row_id=row.id,
                seen_version=seen_version(),
                response_id=target or row.response_id,
            ),
            "回答する課を変えました。",
        )

    def _targets(self, row: SurveyRow) -> list[tuple[int, str]]:
        """Responses to which the office can move the row."""
        if not manages(self.actor):
            return []
        return [
            (one.id, one.department.name)
            for one in survey_queries.responses_of(self.db_session(), self.actor, row.response.round)
            if one.id != row.response_id and one.state in OPEN_STATES
        ]
