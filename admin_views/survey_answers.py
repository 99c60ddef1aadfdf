"""What the pages of a response, of its rows and of its Excel form have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, is_editable
from app.problems import Conflict, Invalid, NotFound
from app.registry import survey_queries
from app.registry.survey_rules import OPEN_STATES, differences, row_hints
from models.survey import Intention, SurveyResponse, SurveyRow, SurveyState

STATE_MARKS = {
    SurveyState.NOT_STARTED: "neutral",
    SurveyState.IN_PROGRESS: "info",
    SurveyState.SUBMITTED: "warning",
    SurveyState.RETURNED: "danger",
    SurveyState.ACCEPTED: "success",
}
INTENTION_MARKS = {
    Intention.CONTINUES: "neutral",
    Intention.CHANGED: "info",
    Intention.ENDED: "muted",
    Intention.NEW: "success",
}


def number_of(key: str) -> int:
    """The key in an address; NotFound when it is none."""
    number = as_key(key)
    if number is None:
        raise NotFound
    return number


def seen_version() -> int:
    """The version that the person saw, as the form brings it."""
    return as_key(request.form.get("version", "")) or 0


class AnswerScreen(Screen):
    """What the pages of a response and of its rows have in common."""

    permission = Permission.SURVEY_READ
    in_menu = False

    def response_of(self, key: str) -> SurveyResponse:
        """The response within the scope; NotFound else."""
        return survey_queries.get_response(self.db_session(), self.actor, number_of(key))

    def is_open_to(self, response: SurveyResponse) -> bool:
        """Whether this person can edit rows of the response now."""
        return (
            response.round.closed_at is None
            and response.state in OPEN_STATES
            and is_editable(self.db_session(), response, self.actor)
        )

    def done(self, response_id: int, run: Callable[[], Any], message: str) -> Response:
        """Run a service and go back to the response; a refusal is shown there."""
        self.require(Permission.SURVEY_ANSWER)
        try:
            run()
        except (Conflict, Invalid) as problem:
            flash(" ".join([problem.message, *problem.fields.values()]), "error")
        else:
            flash(message, "success")
        return redirect(url_for("survey-response.response_view", key=response_id), code=303)  # type: ignore[return-value]

    def line(self, row: SurveyRow, number: int, *, is_open: bool) -> dict[str, Any]:
        """A row as the tables show it."""
        content = survey_queries.content_of_row(row)
        changes = differences(survey_queries.before_of_row(row), content) if row.intention is Intention.CHANGED else []
        return {
            "number": number,
            "id": row.id,
            "version": row.version,
            "intention": (row.intention.label, INTENTION_MARKS[row.intention]),
            "name": row.name,
            "others": "、".join(content.other_departments),
            "lines": [(line.partners, line.form, line.is_person) for line in content.lines],
            "changes": changes,
            "note": row.note,
            "hints": row_hints(content),
            "department": row.response.department.name,
            "url": url_for("survey-row.edit_view", key=row.id) if is_open else None,
            "end_url": url_for("survey-row.end_view", key=row.id)
            if is_open and row.intention not in (Intention.ENDED, Intention.NEW)
            else None,
            "reset_url": url_for("survey-row.reset_view", key=row.id)
            if is_open and row.intention in (Intention.ENDED, Intention.CHANGED)
            else None,
            "remove_url": url_for("survey-row.remove_view", key=row.id)
            if is_open and row.intention is Intention.NEW
            else None,
            "project_url": url_for("project.details_view", key=row.project_id) if row.project_id else None,
        }


def refuse(sentence: str) -> None:
    """Raise Invalid: for what is wrong before a service is asked."""
    raise Invalid(sentence)
