"""Rounds of the yearly survey: open one with last time's rows laid before the departments, change its frame."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.problems import Conflict, Invalid, NotFound
from app.registry.published import departments_in_order
from app.registry.queries import LIST_OPTIONS
from app.registry.survey_contents import long_text, put_content
from app.registry.survey_queries import (
    base_year_before,
    content_of_project,
    content_registered,
    current_departments,
    projects_going_on,
)
from app.registry.survey_rows import CHANGED_MEANWHILE
from app.registry.survey_rules import settled_intention
from models.base import utc_now
from models.reference import Department
from models.registry import Project, ProjectStatus
from models.survey import Intention, SurveyResponse, SurveyRound, SurveyRow


def open_round(
    session: Session,
    *,
    actor: Actor,
    fiscal_year: int,
    due_on: dt.date,
    message: str = "",
    base_year: int | None = None,
) -> SurveyRound:
    """Open the survey of a year: every department of today gets a response, with last time's rows as 「継続」.

    base_year: the year that is laid before them; by default the latest earlier one with projects.
    Raises Conflict when the year has a round already, Invalid with fields.
    """
    actor.require(Permission.SURVEY_MANAGE)
    year = format_fiscal_year(fiscal_year)
    base = base_year_before(session, fiscal_year) if base_year is None else base_year
    _check_round(fiscal_year, base, due_on)
    with act(session, actor, "survey:open", f"取組調査({year})の開始"):
        if session.scalar(select(SurveyRound.id).where(SurveyRound.fiscal_year == fiscal_year)) is not None:
            raise Conflict(f"{year}の取組調査は、もう始まっています。")
        survey_round = SurveyRound(
            fiscal_year=fiscal_year, base_year=base, due_on=due_on, message=long_text(message), opened_at=utc_now()
        )
        session.add(survey_round)
        try:
            session.flush()
        except IntegrityError as error:  # another opened it at the same moment
            raise Conflict(f"{year}の取組調査は、もう始まっています。") from error
        with session.no_autoflush:  # rows are put together before any of them is written
            _lay_out(session, survey_round)
    return survey_round


def _check_round(fiscal_year: int, base: int | None, due_on: dt.date) -> None:
    wrong = {}
    if not 1950 <= fiscal_year <= 2200:
        wrong["fiscal_year"] = "年度を確かめてください。"
    if base is not None and base >= fiscal_year:
        wrong["base_year"] = "前回の年度は、調査する年度より前の年度にしてください。"
    if due_on < today_in_tokyo():
        wrong["due_on"] = "回答期限は今日以後の日付にしてください。"
    if wrong:
        raise Invalid("入力内容を確認してください。", fields=wrong)


def _lay_out(session: Session, survey_round: SurveyRound) -> None:
    """Responses of all departments, and the rows of the base year in each department that is named first.

    What is registered of the year already stands in its row as it is: the answer begins with it, and loses nothing of it.
    """
    today = today_in_tokyo()
    departments = {department.id: department for department in session.scalars(select(Department))}
    responses: dict[int, SurveyResponse] = {}

    def response_of(department: Department) -> SurveyResponse:
        if department.id not in responses:
            responses[department.id] = SurveyResponse(round=survey_round, department=department)
        return responses[department.id]

    for department in current_departments(session, today):
        response_of(department)
    registered = projects_going_on(session, survey_round.fiscal_year)
    for project in _projects_of(session, survey_round.base_year):
        named = departments_in_order(project)
        if not named:
            continue
        response = response_of(successor_of(named[0], departments, today))
        row = SurveyRow(predecessor=project, intention=Intention.CONTINUES, position=len(response.rows) + 1, name="")
        response.rows.append(row)
        last = content_of_project(project)
        content = content_registered(registered[project.id]) if project.id in registered else last
        put_content(session, row, dataclasses.replace(content, intention=settled_intention(last, content)))
    session.add_all(responses[key] for key in sorted(responses))


def _projects_of(session: Session, fiscal_year: int | None) -> Sequence[Project]:
    return session.scalars(
        select(Project)
        .where(
            Project.fiscal_year == fiscal_year,
            Project.deleted_at.is_(None),
            Project.status != ProjectStatus.NOT_PURSUED,
        )
        .options(*LIST_OPTIONS)
        .order_by(Project.number.is_(None), Project.number, Project.id)
    ).all()


def successor_of(department: Department, departments: dict[int, Department], on: dt.date) -> Department:
    """The department that carries on today: itself while it exists, else along its successors as far as they go."""
    seen = {department.id}
    while department.valid_until is not None and department.valid_until < on and department.successor_id is not None:
        if department.successor_id in seen:
            break
        seen.add(department.successor_id)
        department = departments[department.successor_id]
    return department


def update_round(
    session: Session, *, actor: Actor, round_id: int, seen_version: int, due_on: dt.date, message: str
) -> SurveyRound:
    """Change the due date or the words to the departments."""
    actor.require(Permission.SURVEY_MANAGE)
    with act(session, actor, "survey:edit", "取組調査の案内・期限の変更"):
        survey_round = get_round(session, actor, round_id, for_update=True)
        if survey_round.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        require_unclosed(survey_round)
        survey_round.due_on, survey_round.message = due_on, long_text(message)
    return survey_round


def missing_departments(session: Session, survey_round: SurveyRound) -> list[Department]:
    """Departments of today that the round does not ask: set up after it was opened."""
    asked = set(session.scalars(select(SurveyResponse.department_id).where(SurveyResponse.round_id == survey_round.id)))
    return [one for one in current_departments(session, today_in_tokyo()) if one.id not in asked]


def add_department(session: Session, *, actor: Actor, round_id: int, department_id: int) -> SurveyResponse:
    """Ask one more department. Raises Conflict when it is asked already or is none of today."""
    actor.require(Permission.SURVEY_MANAGE)
    with act(session, actor, "survey:edit", "取組調査に課を追加"):
        survey_round = get_round(session, actor, round_id, for_update=True)
        require_unclosed(survey_round)
        wanted = [one for one in missing_departments(session, survey_round) if one.id == department_id]
        if not wanted:
            raise Conflict("追加できる課ではありません。すでに回答欄があるか、今はない課です。")
        response = SurveyResponse(round=survey_round, department=wanted[0])
        session.add(response)
        session.flush()
    return response


def get_round(session: Session, actor: Actor, key: int, *, for_update: bool = False) -> SurveyRound:
    """The round, locked if wanted; raises NotFound outside the actor's scope."""
    query = scoped(SurveyRound, actor).where(SurveyRound.id == key)
    if for_update:
        query = query.with_for_update(of=SurveyRound).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def require_unclosed(survey_round: SurveyRound) -> None:
    """Raise Conflict once the rows have become projects."""
    if survey_round.closed_at is not None:
        raise Conflict("この年度の取組調査は締め切られ、一覧に反映されています。修正は協働事業の画面で行ってください。")


def require_no_open_round(session: Session, fiscal_year: int) -> None:
    """Raise Conflict while the year's survey still runs: its list cannot be published yet."""
    query = select(SurveyRound.id).where(SurveyRound.fiscal_year == fiscal_year, SurveyRound.closed_at.is_(None))
    if session.scalar(query) is not None:
        year = format_fiscal_year(fiscal_year)
        raise Conflict(f"{year}の取組調査が終わっていません。回答をすべて確認し、一覧に反映してから公表してください。")
