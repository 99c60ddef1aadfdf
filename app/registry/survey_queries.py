"""Reads of the yearly survey: rounds, responses with their rows, and rows as plain contents to compare."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped, visible_to
from app.actor import Actor
from app.problems import NotFound
from app.registry.published import departments_in_order, form_name, printed_lines
from app.registry.queries import LIST_OPTIONS
from app.registry.survey_policy import rows_shared_with
from app.registry.survey_rules import Line, RowContent, tidy_form
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectStatus
from models.survey import Intention, SurveyReminder, SurveyResponse, SurveyRound, SurveyRow, SurveyState

PREDECESSOR_OPTIONS: tuple[Any, ...] = (
    selectinload(SurveyRow.predecessor).selectinload(Project.departments),
    selectinload(SurveyRow.predecessor).selectinload(Project.partners).selectinload(ProjectPartner.form),
)
ROW_OPTIONS: tuple[Any, ...] = (
    selectinload(SurveyRow.lines),
    selectinload(SurveyRow.other_departments),
    *PREDECESSOR_OPTIONS,
)
RESPONSE_OPTIONS: tuple[Any, ...] = (
    selectinload(SurveyResponse.round),
    selectinload(SurveyResponse.department),
    selectinload(SurveyResponse.submitted_by),
    selectinload(SurveyResponse.accepted_by),
)


def rounds(session: Session, actor: Actor) -> Sequence[SurveyRound]:
    """The rounds, latest year first."""
    return session.scalars(scoped(SurveyRound, actor).order_by(SurveyRound.fiscal_year.desc())).all()


def get_response(session: Session, actor: Actor, key: int) -> SurveyResponse:
    """The response with its rows and all that its page shows; NotFound outside the actor's scope."""
    found = session.scalars(
        scoped(SurveyResponse, actor)
        .where(SurveyResponse.id == key)
        .options(
            *RESPONSE_OPTIONS,
            selectinload(SurveyResponse.reminders).selectinload(SurveyReminder.reminded_by),
            selectinload(SurveyResponse.rows).options(*ROW_OPTIONS),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_row(session: Session, actor: Actor, key: int) -> SurveyRow:
    """A row with its lines and predecessor; NotFound outside the actor's scope."""
    found = session.scalars(
        scoped(SurveyRow, actor)
        .where(SurveyRow.id == key)
        .options(*ROW_OPTIONS, selectinload(SurveyRow.response).options(*RESPONSE_OPTIONS))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def responses_of(session: Session, actor: Actor, survey_round: SurveyRound) -> Sequence[SurveyResponse]:
    """The visible responses of a round, in the order of the departments."""
    return session.scalars(
        scoped(SurveyResponse, actor)
        .where(SurveyResponse.round_id == survey_round.id)
        .options(*RESPONSE_OPTIONS, selectinload(SurveyResponse.reminders))
        .order_by(SurveyResponse.department_id, SurveyResponse.id)
    ).all()


def shared_rows(session: Session, actor: Actor, response: SurveyResponse) -> Sequence[SurveyRow]:
    """Rows of other departments in which the response's department takes part."""
    one = dataclasses.replace(actor, departments=frozenset({response.department_id}))
    return session.scalars(
        scoped(SurveyRow, actor)
        .join(SurveyResponse, SurveyResponse.id == SurveyRow.response_id)
        .where(
            SurveyResponse.round_id == response.round_id, SurveyRow.response_id != response.id, rows_shared_with(one)
        )
        .options(*ROW_OPTIONS, selectinload(SurveyRow.response).selectinload(SurveyResponse.department))
        .order_by(SurveyRow.response_id, SurveyRow.position, SurveyRow.id)
    ).all()


def changed_rows(session: Session, actor: Actor, survey_round: SurveyRound) -> Sequence[SurveyRow]:
    """The visible rows of a round that differ from last time: changed, ended and new ones, by department."""
    return session.scalars(
        scoped(SurveyRow, actor)
        .join(SurveyResponse, SurveyResponse.id == SurveyRow.response_id)
        .where(SurveyResponse.round_id == survey_round.id, SurveyRow.intention != Intention.CONTINUES)
        .options(*ROW_OPTIONS, selectinload(SurveyRow.response).selectinload(SurveyResponse.department))
        .order_by(SurveyResponse.department_id, SurveyRow.position, SurveyRow.id)
    ).all()


def intention_counts(session: Session, actor: Actor, survey_round: SurveyRound) -> dict[int, Counter[Intention]]:
    """{response id: how many rows of each intention}, over what the actor sees. One query."""
    counts: dict[int, Counter[Intention]] = {}
    rows = session.execute(
        select(SurveyRow.response_id, SurveyRow.intention, func.count())
        .join(SurveyResponse, SurveyResponse.id == SurveyRow.response_id)
        .where(SurveyResponse.round_id == survey_round.id, visible_to(SurveyRow, actor))
        .group_by(SurveyRow.response_id, SurveyRow.intention)
    ).all()
    for response_id, intention, number in rows:
        counts.setdefault(response_id, Counter())[intention] = number
    return counts


def state_counts(responses: Sequence[SurveyResponse]) -> dict[SurveyState, int]:
    """How many responses stand in each state, all states named."""
    counted = Counter(response.state for response in responses)
    return {state: counted[state] for state in SurveyState}


def form_names(session: Session) -> list[str]:
    """Names of the forms in use, in their order: what a form cell may begin with."""
    return list(
        session.scalars(
            select(CollaborationForm.name)
            .where(CollaborationForm.is_active.is_(True))
            .order_by(CollaborationForm.position, CollaborationForm.id)
        )
    )


def current_departments(session: Session, on: dt.date) -> Sequence[Department]:
    """Departments that exist on that day."""
    return session.scalars(
        select(Department)
        .where(
            or_(Department.valid_from.is_(None), Department.valid_from <= on),
            or_(Department.valid_until.is_(None), Department.valid_until >= on),
        )
        .order_by(Department.id)
    ).all()


def base_year_before(session: Session, fiscal_year: int) -> int | None:
    """The latest earlier year of which the registry has projects: what is laid before the departments."""
    return session.scalar(
        select(func.max(Project.fiscal_year)).where(
            Project.fiscal_year < fiscal_year,
            Project.deleted_at.is_(None),
            Project.status != ProjectStatus.NOT_PURSUED,
        )
    )


# --- rows as plain contents --------------------------------------------------------------------------------------


def lines_of_project(project: Project) -> tuple[Line, ...]:
    """The printed lines of a project as a survey row has them."""
    by_line: dict[int, list[ProjectPartner]] = {}
    for partner in project.partners:
        by_line.setdefault(partner.printed_line, []).append(partner)
    lines = []
    for number, (cell, form) in enumerate(printed_lines(project), start=1):
        partners = by_line.get(number, []) if project.partners_as_published is not None else project.partners
        named = form or next((form_name(partner) for partner in partners if form_name(partner)), "")
        lines.append(Line(cell, tidy_form(named), any(partner.is_person for partner in partners)))
    return tuple(lines)


def content_of_project(project: Project) -> RowContent:
    """Last time's row: the departments besides the first one stand as the others."""
    return RowContent(
        intention=Intention.CONTINUES,
        name=project.name,
        lines=lines_of_project(project),
        other_departments=tuple(department.name for department in departments_in_order(project)[1:]),
        summary=project.summary or "",
    )


def content_registered(project: Project) -> RowContent:
    """What the registry says of a project of the year that is asked about: as `content_of_project`, with its contract."""
    return dataclasses.replace(
        content_of_project(project), contract_note=project.contract_note or "", contract_on=project.contract_on
    )


def projects_going_on(session: Session, fiscal_year: int) -> dict[int, Project]:
    """{project of an earlier year: the one of this year that goes on from it}, where it is registered already."""
    found = session.scalars(
        select(Project)
        .where(Project.fiscal_year == fiscal_year, Project.predecessor_id.is_not(None), Project.deleted_at.is_(None))
        .options(*LIST_OPTIONS)
        .order_by(Project.id.desc())
    )
    return {project.predecessor_id: project for project in found if project.predecessor_id is not None}


def content_of_row(row: SurveyRow) -> RowContent:
    """What a stored row says."""
    return RowContent(
        intention=row.intention,
        name=row.name,
        lines=tuple(Line(line.partners, line.form, line.is_person) for line in row.lines),
        other_departments=tuple(department.name for department in row.other_departments),
        summary=row.summary,
        note=row.note,
        contract_note=row.contract_note,
        contract_on=row.contract_on,
    )


def before_of_row(row: SurveyRow) -> RowContent | None:
    """Last time's content of a row, None for a new one."""
    return content_of_project(row.predecessor) if row.predecessor is not None else None
