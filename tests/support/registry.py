"""Actors and reference rows for tests of the registry."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor
from models.people import Role
from models.reference import CollaborationForm, Department
from models.registry import Project
from tests.support.people import make_user


def department(session: Session, code: str) -> Department:
    """The department of that code."""
    return session.scalars(select(Department).where(Department.code == code)).one()


def actor(session: Session, role: Role, code: str | None = None) -> Actor:
    """An actor of the role; `code` names the department."""
    found = department(session, code) if code else None
    return actor_of(session, make_user(session, role, department=found))


def form_id(session: Session, code: str) -> int:
    """The key of a collaboration form."""
    return session.scalars(select(CollaborationForm.id).where(CollaborationForm.code == code)).one()


def row(session: Session, number: int, fiscal_year: int = 2018) -> Project:
    """A published row."""
    return session.scalars(select(Project).where(Project.fiscal_year == fiscal_year, Project.number == number)).one()
