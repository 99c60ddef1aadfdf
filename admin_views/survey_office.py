"""Pages of the office on a round: its frame, reminders, further departments, closing, publishing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin_views.pages import ConfirmPage, FormPage
from admin_views.screens import is_posted
from admin_views.survey_answers import AnswerScreen
from admin_views.survey_forms import RoundForm
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import format_fiscal_year
from app.problems import NotFound, Problem
from app.registry import survey_closing, survey_queries, survey_rounds, survey_services
from app.registry.survey_making import Beside, Closing
from app.registry.survey_rules import OPEN_STATES
from models.survey import SurveyRound


class OfficePages(AnswerScreen):
    """Part of the screen of a round."""

    def _round(self, key: str) -> SurveyRound:
        number = as_key(key)
        if number is None:
            raise NotFound
        return survey_rounds.get_round(self.db_session(), self.actor, number)

    @expose("/<key>/edit/", methods=("GET", "POST"))
    def edit_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_MANAGE)
        one = self._round(key)
        form = RoundForm(request.form, due_on=one.due_on, message=one.message)
        page = FormPage(
            title=f"取組調査({format_fiscal_year(one.fiscal_year)})の案内と期限",
            form=form,
            action_url=url_for(".edit_view", key=key),
            cancel_url=url_for(".round_view", key=key),
            version=one.version,
        )

        def save() -> Response:
            survey_rounds.update_round(
                self.db_session(),
                actor=self.actor,
                round_id=one.id,
                seen_version=as_key(request.form.get("version", "")) or 0,
                due_on=form.due_on.data,
                message=form.message.data or "",
            )
            return self.go("survey.round_view", "案内と期限を変更しました。", key=key)

        return self.ask(page, save)

    @expose("/<key>/remind/", methods=("GET", "POST"))
    def remind_view(self, key: str) -> Any:
        """Choose departments, then their words to copy; that they were reminded is noted."""
        self.require(Permission.SURVEY_MANAGE)
        one = self._round(key)
        responses = survey_queries.responses_of(self.db_session(), self.actor, one)
        names = {response.id: response.department.name for response in responses}
        texts, errors = [], []
        if is_posted():
            chosen = [number for value in request.form.getlist("response") if (number := as_key(value)) in names]
            try:
                reminders = survey_services.remind(self.db_session(), actor=self.actor, response_ids=chosen)
                texts = [(names[reminder.response_id], reminder.text) for reminder in reminders]
            except Problem as problem:
                errors = [problem.message]
        return self.render(
            "survey/remind.html",
            title=f"未提出の課への連絡({format_fiscal_year(one.fiscal_year)})",
            round_url=url_for(".round_view", key=key),
            action_url=url_for(".remind_view", key=key),
            waiting=[
                (response.id, response.department.name, response.state.label, len(response.reminders))
                for response in responses
                if response.state in OPEN_STATES
            ],
            texts=texts,
            errors=errors,
        ), 409 if errors else 200

    @expose("/<key>/close/", methods=("GET", "POST"))
    def close_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_MANAGE)
        one = self._round(key)
        year = format_fiscal_year(one.fiscal_year)
        page = ConfirmPage(
            title=f"取組調査({year})の回答を一覧に反映します",
            action_url=url_for(".close_view", key=key),
            cancel_url=url_for(".round_view", key=key),
            submit_label="一覧に反映する",
            hangs_on=[("各課の回答", "状況を見る", url_for(".round_view", key=key))],
            sections=self._beside(survey_closing.outlook(self.db_session(), self.actor, one)),
            consequence=f"終了を除くすべての行が、{year}の事業として登録されます。回答はこのあと変更できません。",
            undo_text="登録された事業は、協働事業の画面で修正や削除ができます。",
            is_danger=False,
        )

        def close() -> Response:
            done = survey_closing.close_round(self.db_session(), actor=self.actor, round_id=one.id)
            return self.go(".round_view", _told(year, done), key=key)

        return self.confirm(page, close)

    def _beside(self, found: Closing) -> list[tuple[str, list[tuple[str, Any]]]]:
        """What is registered of the year already and does not say what the answers say."""
        lists = (
            (f"登録されている事業を回答に合わせて直します({len(found.mended)}件)", found.mended),
            (
                f"一覧の内容を残します(調査を始めたあとに直されたか、公表済みか、見送り)({len(found.kept)}件)",
                found.kept,
            ),
            (f"「終了」と回答がありましたが、この年度に登録されています({len(found.lasting)}件)", found.lasting),
        )
        return [
            (heading, [(one.name, self._otherwise(one)) for one in projects]) for heading, projects in lists if projects
        ]

    def _otherwise(self, one: Beside) -> Markup:
        link = Markup('<a href="{}">{}</a>').format(
            url_for("project.details_view", key=one.project_id), "登録の内容を見る"
        )
        said = [f"{label}: {there or '(空欄)'} → {answer or '(空欄)'}" for label, there, answer in one.cells]
        return Markup("<br>").join([*said, link])

    @expose("/<key>/publish/", methods=("GET", "POST"))
    def publish_view(self, key: str) -> Any:
        self.require(Permission.PROJECT_PUBLISH)
        one = self._round(key)
        year = format_fiscal_year(one.fiscal_year)
        page = ConfirmPage(
            title=f"{year}の一覧を公表します",
            action_url=url_for(".publish_view", key=key),
            cancel_url=url_for(".round_view", key=key),
            submit_label="公表する",
            hangs_on=[("公表前の案", "PDFで見る", url_for("project-list.pdf_view", fiscal_year=one.fiscal_year))],
            consequence="番号が付き、一覧の内容はこの時点で固定されます。公表後の修正は、公表時の内容と並べて表示されます。",
            is_danger=False,
        )
        fiscal_year = one.fiscal_year

        def publish() -> Response:
            survey_closing.publish_round(self.db_session(), actor=self.actor, round_id=one.id)
            return self.go("registry-year.published_view", f"{year}の一覧を公表しました。", fiscal_year=fiscal_year)

        return self.confirm(page, publish)

    @expose("/<key>/departments/", methods=("POST",))
    def add_department_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_MANAGE)
        one = self._round(key)
        department_id = as_key(request.form.get("department", ""))
        try:
            added = survey_rounds.add_department(
                self.db_session(), actor=self.actor, round_id=one.id, department_id=department_id or 0
            )
        except Problem as problem:
            flash(problem.message, "error")
            return redirect(url_for(".round_view", key=key), code=303)
        return self.go("survey.round_view", f"{added.department.name}の回答欄を作りました。", key=key)


def _told(year: str, done: Closing) -> str:
    """What closing did, in sentences; what stays otherwise than the answers say is named."""
    sentences = [f"{year}の事業を{done.created}件登録しました。"]
    if done.already_there:
        sentences.append(f"すでに登録されていた{done.already_there}件は回答と同じです。")
    if done.mended:
        sentences.append(f"登録されていた{len(done.mended)}件を回答に合わせて直しました。")
    for projects, words in (
        (done.kept, "は、調査を始めたあとに一覧で直されたか、公表されているか、見送りのため、そのままです。"),
        (done.lasting, "は、「終了」と回答がありましたが登録されたままです。行われなかったときは削除してください。"),
    ):
        if projects:
            sentences.append("、".join(f"「{one.name}」" for one in projects) + words)
    return "".join([*sentences, f"終了は{done.ended}件です。"])
