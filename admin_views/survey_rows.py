"""Screens of one row of an answer: edit it, end it, put it back, take a new one away."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.locking import conflict_page, merge_choices, seen_of
from admin_views.pages import FormPage
from admin_views.screens import is_posted
from admin_views.survey_answers import AnswerScreen, number_of, seen_version
from admin_views.survey_forms import row_form
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.audit.words import HistoryLine, history_of
from app.problems import Conflict, Problem, StaleRecord
from app.registry import survey_queries, survey_rows
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
        if not is_posted():
            return self._form_page(row, self._form(row, None))
        form = self._form(row, request.form)
        if request.form.get("resolve") == "1":
            merge_choices(form, self._form(row, None), request.form)
        is_valid = form.validate()
        if seen_version() != row.version:
            return self._conflict(row, form)
        errors: list[str] = []
        if is_valid:
            try:
                saved = survey_rows.save_row(
                    self.db_session(),
                    actor=self.actor,
                    row_id=row.id,
                    seen_version=seen_version(),
                    content=form.content(),
                )
            except StaleRecord:
                self.db_session.refresh(row)
                return self._conflict(row, form)
            except Problem as problem:
                errors = form.told(problem)
            else:
                message = f"「{saved.name}」を「{saved.intention.label}」として保存しました。"
                return self.go("survey-response.response_view", message, key=saved.response_id)
        return self._form_page(row, form, errors)

    def _form(self, row: SurveyRow, posted: Any) -> Any:
        """The row's form, filled from what was posted, or from what is stored."""
        return row_form(
            posted,
            survey_queries.content_of_row(row),
            [department.id for department in row.other_departments],
            is_new=survey_queries.before_of_row(row) is None,
        )

    def _form_page(self, row: SurveyRow, form: Any, errors: Sequence[str] = ()) -> Any:
        before = survey_queries.before_of_row(row)
        # What the page showed first stays the base of the comparison when somebody else saves meanwhile.
        seen = request.form.get("seen", "")[:20_000] if is_posted() else seen_of(form)
        page = FormPage(
            title=f"取組調査の行の変更: {row.name}"[:120],
            lead="前回の内容から変わると、区分は自動で「変更」になります。" if before is not None else None,
            form=form,
            action_url=url_for(".edit_view", key=row.id),
            cancel_url=url_for("survey-response.response_view", key=row.response_id),
            errors=list(errors),
            version=seen_version() if is_posted() else row.version,
            hidden=[("seen", seen)],
            groups=[("事業", ["intention", "name", "other_departments"])],
        )
        return self.render(
            "survey/row.html",
            page=page,
            before=before,
            targets=self._targets(row),
            move_url=url_for(".move_view", key=row.id),
            history=[
                (str(shown(entry.at)), entry.who, [entry.label, *entry.sentences]) for entry in self._history(row, 30)
            ],
        ), 422 if is_posted() else 200

    def _conflict(self, row: SurveyRow, form: Any) -> Any:
        """Both versions side by side; the person chooses field by field."""
        here = url_for(".edit_view", key=row.id)
        page = conflict_page(
            form,
            self._form(row, None),
            record=(row.name, here),
            last=next(iter(self._history(row, 1)), None),
            version=row.version,
            urls=(here, here),
        )
        return self.render("model/conflict.html", page=page), 409

    def _history(self, row: SurveyRow, limit: int) -> Sequence[HistoryLine]:
        return history_of(self.db_session(), self.actor, "survey_row", str(row.id), limit=limit)

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
