"""What the tests of the survey share: actors of departments, an opened round, responses by department name."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor, system_actor
from app.registry import survey_queries, survey_rounds, survey_rows, survey_services
from app.registry.survey_queries import content_of_row
from models.people import Role
from models.reference import Department
from models.survey import SurveyResponse, SurveyRound, SurveyRow
from tests.support.people import make_user

SYSTEM = system_actor("試験")
DUE = dt.date(2199, 3, 31)


def department(session: Session, name: str) -> Department:
    return session.scalars(select(Department).where(Department.name == name)).one()


def actor(session: Session, role: Role, name: str | None = None) -> Actor:
    user = make_user(session, role, department=department(session, name) if name else None)
    return actor_of(session, user)


def open_2019(session: Session) -> SurveyRound:
    return survey_rounds.open_round(
        session, actor=SYSTEM, fiscal_year=2019, due_on=DUE, message="よろしくお願いします。"
    )


def response_of(session: Session, name: str) -> SurveyResponse:
    return session.scalars(
        select(SurveyResponse)
        .join(Department, Department.id == SurveyResponse.department_id)
        .where(Department.name == name)
    ).one()


def row_of(session: Session, number: int) -> SurveyRow:
    """The row that goes on from that number of 2018."""
    return next(
        row
        for row in session.scalars(select(SurveyRow))
        if row.predecessor is not None and row.predecessor.number == number
    )


def save(session: Session, who: Actor, row: SurveyRow, **changes: object) -> SurveyRow:
    """Save a row with some of its cells changed."""
    content = dataclasses.replace(content_of_row(row), **changes)  # type: ignore[arg-type]
    return survey_rows.save_row(session, actor=who, row_id=row.id, seen_version=row.version, content=content)


def submit(session: Session, response: SurveyResponse, who: Actor = SYSTEM) -> SurveyResponse:
    """Hand in, 「該当なし」 where there is no row."""
    if not response.rows:
        survey_rows.save_response(
            session,
            actor=who,
            response_id=response.id,
            seen_version=response.version,
            has_nothing_to_report=True,
            note="",
        )
    return survey_services.submit(session, actor=who, response_id=response.id, seen_version=response.version)


def accept_everything(session: Session, survey_round: SurveyRound, who: Actor = SYSTEM) -> None:
    for response in survey_queries.responses_of(session, SYSTEM, survey_round):
        if response.state.value not in {"submitted", "accepted"}:
            submit(session, response)
        if response.state.value == "submitted":
            survey_services.accept(session, actor=who, response_id=response.id, seen_version=response.version)
