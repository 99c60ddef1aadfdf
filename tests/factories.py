"""Plain factories: each makes one row with what its table demands, logged like any change. Values that a test speaks
of are given by the test."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from app.japanese.normalize import fold_name
from models.base import Base
from models.directory import Organization, OrganizationKind
from models.people import Role, User
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner
from tests.support.people import make_user

_numbers = itertools.count(1)
SYSTEM = system_actor("試験")
R = TypeVar("R", bound=Base)


def save(session: Session, row: R) -> R:
    """Add the row in an act of its own."""
    with act(session, SYSTEM, "test:create", "試験のデータ"):
        session.add(row)
    return row


def a_department(session: Session, **values: Any) -> Department:
    """A department that no reference file knows."""
    number = next(_numbers)
    return save(session, Department(**{"code": f"test-{number}", "name": f"試験{number}課"} | values))


def an_organization(session: Session, **values: Any) -> Organization:
    """A civic group."""
    name = values.pop("name", f"試験の会{next(_numbers)}")
    return save(
        session,
        Organization(**{"name": name, "folded_name": fold_name(name), "kind": OrganizationKind.CIVIC_GROUP} | values),
    )


def a_project(session: Session, *, departments: list[Department] | None = None, **values: Any) -> Project:
    """A collaboration of fiscal year 2026 with one partner line, of the first department unless others are given."""
    number = next(_numbers)
    if departments is None:
        departments = list(session.scalars(select(Department).order_by(Department.id).limit(1)))
    form = session.scalars(select(CollaborationForm).order_by(CollaborationForm.id).limit(1)).one()
    partner = ProjectPartner(
        position=1, name_as_published=f"試験の相手{number}", form_as_published=form.name, form=form
    )
    partners = values.pop("partners", [partner])
    return save(
        session,
        Project(
            **{"fiscal_year": 2026, "name": f"試験事業{number}"} | values,
            departments=departments,
            partners=partners,
        ),
    )


def a_user(session: Session, role: Role | None = Role.OFFICE, **values: Any) -> User:
    """A user with one role in force."""
    return make_user(session, role, **values)
