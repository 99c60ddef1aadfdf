"""The lean cells of a list say the same as the project itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.registry.cells import PERSON, department_cells, partner_cells
from app.registry.published import department_cell, forms_of
from models.people import Role
from models.registry import Project
from tests.support.registry import actor


@pytest.mark.parametrize("role", [Role.OFFICE, Role.COMMITTEE])
def test_every_seeded_project_reads_the_same(any_session: Session, role: Role) -> None:
    reader = actor(any_session, role)
    projects = list(any_session.scalars(select(Project).order_by(Project.id)))
    keys = [project.id for project in projects]
    assert dict(department_cells(any_session, reader, keys)) == {one.id: department_cell(one) for one in projects}
    hides = role is Role.COMMITTEE
    expected = {
        one.id: (
            [PERSON if hides and line.is_person else line.name_as_published for line in one.partners],
            forms_of(one),
            list(dict.fromkeys(line.kind for line in one.partners if line.kind)),
        )
        for one in projects
        if one.partners
    }
    found = partner_cells(any_session, reader, keys)
    assert {key: (list(one.names), list(one.forms), list(one.kinds)) for key, one in found.items()} == expected


def test_no_project_has_no_cells(session: Session) -> None:
    assert dict(partner_cells(session, actor(session, Role.OFFICE), [])) == {}
