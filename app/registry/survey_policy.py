"""Who may see and answer the yearly survey: the office all, a department its own and the rows it takes part in."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from app.access.permissions import Permission
from app.access.scopes import register_scope
from app.actor import Actor
from models.survey import (
    SurveyReminder,
    SurveyResponse,
    SurveyRound,
    SurveyRow,
    SurveyRowLine,
    SurveyUpload,
    survey_row_department,
)


def manages(actor: Actor) -> bool:
    """Whether the actor runs the survey for the whole city."""
    return actor.may(Permission.SURVEY_MANAGE)


def _rounds_visible_to(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.may(Permission.SURVEY_READ) else false()


def _managed_by(actor: Actor) -> ColumnElement[bool]:
    return true() if manages(actor) else false()


def _own_responses(actor: Actor) -> ColumnElement[bool]:
    return SurveyResponse.department_id.in_(sorted(actor.departments))


def _responses_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.SURVEY_READ):
        return false()
    return true() if manages(actor) else _own_responses(actor)


def _responses_editable_by(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.SURVEY_ANSWER):
        return false()
    return true() if manages(actor) else _own_responses(actor)


def rows_of_own_responses(actor: Actor) -> ColumnElement[bool]:
    """Rows that the actor's departments answer for."""
    return SurveyRow.response_id.in_(select(SurveyResponse.id).where(_own_responses(actor)))


def rows_shared_with(actor: Actor) -> ColumnElement[bool]:
    """Rows of other departments' responses in which the actor's departments take part."""
    return SurveyRow.id.in_(
        select(survey_row_department.c.survey_row_id).where(
            survey_row_department.c.department_id.in_(sorted(actor.departments))
        )
    )


def _rows_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.SURVEY_READ):
        return false()
    return true() if manages(actor) else or_(rows_of_own_responses(actor), rows_shared_with(actor))


def _rows_editable_by(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.SURVEY_ANSWER):
        return false()
    return true() if manages(actor) else rows_of_own_responses(actor)


def _lines_visible_to(actor: Actor) -> ColumnElement[bool]:
    return SurveyRowLine.row_id.in_(select(SurveyRow.id).where(_rows_visible_to(actor)))


def _uploads_visible_to(actor: Actor) -> ColumnElement[bool]:
    return SurveyUpload.response_id.in_(select(SurveyResponse.id).where(_responses_editable_by(actor)))


def _reminders_visible_to(actor: Actor) -> ColumnElement[bool]:
    return SurveyReminder.response_id.in_(select(SurveyResponse.id).where(_responses_visible_to(actor)))


register_scope(SurveyRound, visible=_rounds_visible_to, editable=_managed_by)
register_scope(SurveyResponse, visible=_responses_visible_to, editable=_responses_editable_by)
register_scope(SurveyRow, visible=_rows_visible_to, editable=_rows_editable_by)
register_scope(SurveyRowLine, visible=_lines_visible_to)
register_scope(SurveyUpload, visible=_uploads_visible_to, editable=_uploads_visible_to)
register_scope(SurveyReminder, visible=_reminders_visible_to)
