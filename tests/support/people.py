"""Users for tests, one per role, and signing them in without the screens (which have tests of their own)."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import sessions
from app.actor import system_actor
from app.audit.recorder import act
from app.extensions import db
from models.base import utc_now
from models.people import Role, RoleAssignment, User
from models.reference import Department


def make_user(
    session: Session,
    role: Role | None,
    *,
    department: Department | None = None,
    name: str | None = None,
    email: str | None = None,
    password_hash: str | None = None,
) -> User:
    """A user with one role in force, logged like any change. A department role without one gets the first."""
    if role is Role.DEPARTMENT and department is None:
        department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
    label = name or f"試験 {role.value if role else 'nobody'}"
    address = email or f"{(role.value if role else 'nobody')}-{utc_now().timestamp():.6f}@example.jp"
    with act(session, system_actor("試験"), "user:create", "試験の利用者"):
        user = User(email=address, display_name=label, must_change_password=False, password_hash=password_hash)
        if role is not None:
            user.assignments.append(
                RoleAssignment(
                    role=role,
                    department=department if role is Role.DEPARTMENT else None,
                    from_on=dt.date(2020, 4, 1),
                )
            )
        session.add(user)
        session.flush()
    return user


def open_session_for(app: Flask, user_id: int) -> str:
    """A session of that user; returns its token. Needs an application context that holds no transaction."""
    session = db.session()
    token = sessions.open_session(session, user_id, app.extensions["settings"], address="127.0.0.1")
    session.commit()
    return token


def sign_in(client: FlaskClient, role: Role | str | None, **more: object) -> int:
    """Make a user of the role and put their session into the client's cookie; returns the user's id."""
    app = client.application
    wanted = Role(role) if role is not None else None
    with app.app_context():
        user_id = make_user(db.session(), wanted, **more).id  # type: ignore[arg-type]
    sign_in_as(client, user_id)
    return user_id


def sign_in_as(client: FlaskClient, user_id: int) -> None:
    """Put a session of that user into the client's cookie."""
    with client.application.app_context():
        token = open_session_for(client.application, user_id)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = token
        cookie["_fresh"] = True
