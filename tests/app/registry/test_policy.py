"""Who reads and edits which rows of the registry."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import editable_by, is_editable, may_read_field, visible_to
from app.actor import system_actor
from app.audit.recorder import act
from models.directory import Organization
from models.people import Role
from models.registry import Project, ProjectPartner
from tests.support.registry import actor, row

STAFF = [Role.OFFICE, Role.CENTER, Role.DEPARTMENT]
OTHERS = [Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR]


def _count(session: Session, model: type, criterion: object) -> int:
    return session.scalar(select(func.count()).select_from(model).where(criterion)) or 0  # type: ignore[arg-type]


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_rows_that_are_not_published_are_for_staff(session: Session, role: Role) -> None:
    with act(session, system_actor(), "project:edit", "公表を取り消す"):
        row(session, 1).is_published = False
    reader = actor(session, role)
    assert _count(session, Project, visible_to(Project, reader)) == (168 if role in STAFF else 167)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_lines_that_name_persons_and_private_persons_are_for_staff(session: Session, role: Role) -> None:
    reader = actor(session, role)
    is_staff = role in STAFF
    assert _count(session, ProjectPartner, visible_to(ProjectPartner, reader)) == (201 if is_staff else 191)
    assert _count(session, Organization, visible_to(Organization, reader)) == (126 if is_staff else 124)
    assert may_read_field(Project, "name", reader)


def test_a_deleted_row_is_seen_by_nobody(session: Session) -> None:
    from app.registry.services import delete_project

    office = actor(session, Role.OFFICE)
    delete_project(session, actor=office, project=row(session, 5))
    assert _count(session, Project, visible_to(Project, office)) == 167


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_the_office_edits_all_a_department_its_own_the_others_none(session: Session, role: Role) -> None:
    editor = actor(session, role, "kominkan" if role is Role.DEPARTMENT else None)
    expected = {Role.OFFICE: 168, Role.DEPARTMENT: 32}.get(role, 0)
    assert _count(session, Project, editable_by(Project, editor)) == expected


def test_a_row_of_two_departments_is_edited_by_both(session: Session) -> None:
    shared, other = row(session, 157), row(session, 1)
    for code in ("kominkan", "toshokan"):
        editor = actor(session, Role.DEPARTMENT, code)
        assert is_editable(session, shared, editor)
        assert not is_editable(session, other, editor)


def test_a_department_edits_the_rows_of_those_that_it_succeeded(session: Session) -> None:
    from tests.support.registry import department

    with act(session, system_actor(), "reference:edit", "課の統合"):
        department(session, "doro").successor = department(session, "kotsu-taisaku")
    editor = actor(session, Role.DEPARTMENT, "kotsu-taisaku")
    assert is_editable(session, row(session, 113), editor)
