"""Imports for tests: organisations (name, reading, …) and projects, and small helpers to make files."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor
from app.exchange import services
from app.exchange.mapped import column_of
from app.exchange.specs import register_import
from app.exchange.table_import import Match, TableImport
from app.jobs.worker import run_pending
from models.base import db
from models.directory import Organization
from models.exchange import ImportRun
from models.people import Role, User
from models.registry import Project
from tests.support.people import make_user


class OrganizationTable(TableImport):
    """Test import of organisations by name."""

    name = "test_organization"
    title = "団体(試験)"
    permission = "organization:import"
    model = Organization
    matches = (Match(("name",)),)
    columns = (
        column_of(Organization, "name", aliases=["名称", "団体の名前"]),
        column_of(Organization, "reading", aliases=["ふりがな"]),
        column_of(Organization, "kind"),
        column_of(Organization, "legal_form"),
        column_of(Organization, "purpose"),
        column_of(Organization, "web"),
        column_of(Organization, "is_confirmed"),
        column_of(Organization, "note"),
    )


class ProjectTable(TableImport):
    """Test import of projects by fiscal year and number."""

    name = "test_project"
    title = "事業(試験)"
    permission = "project:import"
    model = Project
    matches = (Match(("fiscal_year", "number")),)
    columns = (
        column_of(Project, "fiscal_year"),
        column_of(Project, "number", required=True),
        column_of(Project, "name"),
        column_of(Project, "cost_yen"),
        column_of(Project, "starts_on"),
        column_of(Project, "status"),
        column_of(Project, "summary"),
    )


register_import(OrganizationTable())
register_import(ProjectTable())


def make_xlsx(rows: Sequence[Sequence[Any]], *, sheet: str = "一覧") -> bytes:
    """A workbook with these rows; texts as texts."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "default_date_format": "yyyy/mm/dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, place, value)
                elif value is not None:
                    page.write(number, place, value)
    return target.getvalue()


def user_of(session: Session, role: Role, **more: Any) -> int:
    """A user of the role; returns the id."""
    return make_user(session, role, **more).id


def actor_for(session: Session, user_id: int) -> Actor:
    """The actor of a user."""
    user = session.get(User, user_id)
    assert user is not None
    return actor_of(session, user)


@pytest.fixture
def run_import() -> Callable[..., int]:
    """`run_import(app, user_id, spec, content)` uploads and previews; returns the run's id."""

    def run(app: Flask, user_id: int, spec: str, content: bytes, name: str = "f.xlsx", **options: Any) -> int:
        with app.app_context():
            session = db.session()
            found = services.start_import(
                session,
                actor=actor_for(session, user_id),
                settings=app.extensions["settings"],
                spec_name=spec,
                content=content,
                name=name,
                options=options,
            )
            run_id = found.id
            db.session.remove()
            run_pending(app)
        return run_id

    return run


def load_run(app: Flask, run_id: int) -> ImportRun:
    """The run with its job, detached."""
    with app.app_context():
        run = db.session.get_one(ImportRun, run_id)
        _ = run.job and run.job.message
        db.session.expunge_all()
        db.session.remove()
    return run
