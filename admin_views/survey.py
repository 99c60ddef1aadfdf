"""Screens of the yearly survey for the whole city: rounds, who has answered, reminders, closing and publishing."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.home import link_waiting
from admin_views.lists import ListPaperScreen
from admin_views.pages import FormPage
from admin_views.survey_answers import STATE_MARKS
from admin_views.survey_forms import OpenForm
from admin_views.survey_office import OfficePages
from admin_views.survey_responses import ResponseScreen
from admin_views.survey_rows import RowScreen
from app.access.permissions import Permission
from app.japanese.dates import format_date, format_datetime, format_fiscal_year, today_in_tokyo
from app.registry import survey_closing, survey_queries, survey_rounds
from app.registry.queries import find_published_list
from app.registry.survey_policy import manages
from app.registry.survey_rules import OPEN_STATES
from models.survey import Intention, SurveyResponse


class SurveyScreen(OfficePages):
    """取組調査."""

    in_menu = True

    def __init__(self) -> None:
        super().__init__(name="取組調査", endpoint="survey", url="/survey")

    @expose("/")
    def index(self) -> Any:
        rows = []
        for one in survey_queries.rounds(self.db_session(), self.actor):
            responses = survey_queries.responses_of(self.db_session(), self.actor, one)
            answered = sum(response.state not in OPEN_STATES for response in responses)
            rows.append(
                {
                    "year": format_fiscal_year(one.fiscal_year),
                    "url": url_for(".round_view", key=one.id),
                    "due": format_date(one.due_on),
                    "state": ("一覧に反映済み", "success") if one.closed_at else ("調査中", "info"),
                    "answered": f"{answered} / {len(responses)}課",
                    "own": [
                        (
                            response.department.name,
                            url_for("survey-response.response_view", key=response.id),
                            response.state.label,
                        )
                        for response in responses
                        if response.department_id in self.actor.departments
                    ],
                }
            )
        return self.render("survey/rounds.html", rows=rows, may_manage=manages(self.actor))

    @expose("/open/", methods=("GET", "POST"))
    def open_view(self) -> Any:
        self.require(Permission.SURVEY_MANAGE)
        form = OpenForm(request.form)
        page = FormPage(
            title="取組調査を始める",
            lead="すべての課に回答欄を作り、前回の事業を「継続」として入れておきます。",
            form=form,
            action_url=url_for(".open_view"),
            cancel_url=url_for(".index"),
            submit_label="調査を始める",
        )

        def start() -> Response:
            opened = survey_rounds.open_round(
                self.db_session(),
                actor=self.actor,
                fiscal_year=form.fiscal_year.data,
                due_on=form.due_on.data,
                message=form.message.data or "",
                base_year=form.base_year.data,
            )
            return self.go(
                "survey.round_view", "取組調査を始めました。各課の対応待ち一覧に表示されます。", key=opened.id
            )

        return self.ask(page, start)

    @expose("/<key>/")
    def round_view(self, key: str) -> Any:
        one = self._round(key)
        responses = survey_queries.responses_of(self.db_session(), self.actor, one)
        counts = survey_queries.intention_counts(self.db_session(), self.actor, one)
        states = survey_queries.state_counts(responses)
        waiting = survey_closing.unaccepted(responses)
        published = find_published_list(self.db_session(), one.fiscal_year)
        steps = []
        is_running = manages(self.actor) and one.closed_at is None
        missing = survey_rounds.missing_departments(self.db_session(), one) if is_running else []
        if manages(self.actor):
            why = f"確認済みでない回答が{len(waiting)}課あります。" if waiting else None
            late = any(response.state in OPEN_STATES for response in responses)
            if one.closed_at is None:
                steps.append(
                    (
                        "未提出の課に連絡する",
                        url_for(".remind_view", key=one.id),
                        "get",
                        None if late else "すべての課が提出しています。",
                    )
                )
                steps.append(("一覧に反映する", url_for(".close_view", key=one.id), "get", why))
                steps.append(("一覧を公表する", "", "get", "先に回答を一覧に反映してください。"))
            elif published is None:
                steps.append(("一覧を公表する", url_for(".publish_view", key=one.id), "get", None))
        return self.render(
            "survey/round.html",
            title=f"取組調査({format_fiscal_year(one.fiscal_year)})",
            one=one,
            due=format_date(one.due_on),
            base=format_fiscal_year(one.base_year) if one.base_year else None,
            closed_at=format_datetime(one.closed_at) if one.closed_at else None,
            is_late=one.closed_at is None and one.due_on < today_in_tokyo(),
            states=[(state.label, number, STATE_MARKS[state]) for state, number in states.items()],
            rows=[self._line(response, counts.get(response.id, {})) for response in responses],
            total=len(responses),
            intentions=[intention.label for intention in Intention],
            steps=steps,
            changes_url=url_for(".changes_view", key=one.id),
            add_url=url_for(".add_department_view", key=one.id),
            missing=[(department.id, department.name) for department in missing],
            edit_url=url_for(".edit_view", key=one.id) if manages(self.actor) and one.closed_at is None else None,
            paper_url=url_for("project-list.pdf_view", fiscal_year=one.fiscal_year) if one.closed_at else None,
            published_url=url_for("registry-year.published_view", fiscal_year=one.fiscal_year) if published else None,
        )

    @expose("/<key>/changes/")
    def changes_view(self, key: str) -> Any:
        """What differs from last time, over all departments."""
        one = self._round(key)
        rows = survey_queries.changed_rows(self.db_session(), self.actor, one)
        return self.render(
            "survey/changes.html",
            title=f"前回との違い({format_fiscal_year(one.fiscal_year)})",
            base=format_fiscal_year(one.base_year) if one.base_year else None,
            round_url=url_for(".round_view", key=key),
            groups=[
                (
                    intention.label,
                    [
                        self.line(row, number, is_open=False)
                        for number, row in enumerate((row for row in rows if row.intention is intention), start=1)
                    ],
                )
                for intention in (Intention.NEW, Intention.CHANGED, Intention.ENDED)
            ],
        )

    def _line(self, response: SurveyResponse, counts: Any) -> dict[str, Any]:
        last = response.reminders[-1] if response.reminders else None
        return {
            "name": response.department.name,
            "url": url_for("survey-response.response_view", key=response.id),
            "state": (response.state.label, STATE_MARKS[response.state]),
            "submitted": shown(response.submitted_at) if response.submitted_at else "",
            "counts": [counts.get(intention, 0) for intention in Intention],
            "nothing": response.has_nothing_to_report,
            "reminded": f"{len(response.reminders)}回({shown(last.reminded_at)})" if last else "",
        }


link_waiting("survey_answer", lambda waiting: url_for("survey-response.response_view", key=waiting.key))
link_waiting("survey_check", lambda waiting: url_for("survey.round_view", key=waiting.key))
link_waiting("survey_remind", lambda waiting: url_for("survey.remind_view", key=waiting.key))
link_waiting("survey_close", lambda waiting: url_for("survey.close_view", key=waiting.key))


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [SurveyScreen(), ResponseScreen(), RowScreen(), ListPaperScreen()]
