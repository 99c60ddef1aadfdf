"""Sessions on the server: the cookie holds a random token, the table its SHA-256. A deleted row is a session ended."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import Engine, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.config import Settings
from models.base import utc_now
from models.engine import hurried, writing
from models.people import LoginSession, Role, RoleAssignment, RoleSetting, User

#: How long the second factor may take after the password.
PENDING_FOR = dt.timedelta(minutes=10)
TOUCH_EVERY = dt.timedelta(minutes=1)


def hash_token(token: str) -> str:
    """What the table keeps of a token: with the table alone nobody can sign in."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    session: Session, user_id: int, settings: Settings, *, address: str | None, is_pending: bool = False
) -> str:
    """Add a session of the user and return its token. Old rows of everybody are swept away. Does not commit."""
    now = utc_now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    lifetime = PENDING_FOR if is_pending else dt.timedelta(hours=settings.session_absolute_hours)
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=hash_token(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
            is_pending=is_pending,
            address=address,
        )
    )
    return token


@dataclasses.dataclass(frozen=True)
class Visit:
    """What one query tells of a session: the person, and the roles they hold or held."""

    session_id: int
    user_id: int
    display_name: str
    last_seen_at: dt.datetime
    is_pending: bool
    must_change_password: bool
    has_second_factor: bool
    #: (role, department, from, until, whether the role needs a second factor)
    assignments: tuple[tuple[Role, int | None, dt.date, dt.date | None, bool], ...]


_SESSION, _USER = LoginSession.__table__, User.__table__
_ASSIGNMENT, _SETTING = RoleAssignment.__table__, RoleSetting.__table__
#: Built once: it runs before every page.
_VISIT = (
    select(
        _SESSION.c.id,
        _SESSION.c.is_pending,
        _SESSION.c.last_seen_at,
        _USER.c.id.label("user_id"),
        _USER.c.display_name,
        _USER.c.must_change_password,
        _USER.c.is_demo,
        _USER.c.totp_enabled_at,
        _ASSIGNMENT.c.role,
        _ASSIGNMENT.c.department_id,
        _ASSIGNMENT.c.from_on,
        _ASSIGNMENT.c.until_on,
        _SETTING.c.requires_second_factor,
    )
    .select_from(
        _SESSION.join(_USER, _USER.c.id == _SESSION.c.user_id)
        .outerjoin(_ASSIGNMENT, _ASSIGNMENT.c.user_id == _USER.c.id)
        .outerjoin(_SETTING, _SETTING.c.role == _ASSIGNMENT.c.role)
    )
    .where(
        _SESSION.c.token_hash == bindparam("token_hash"),
        _SESSION.c.expires_at > bindparam("now"),
        _SESSION.c.last_seen_at > bindparam("idle_since"),
        _USER.c.is_active,
    )
)


def find_visit(session: Session, token: str, settings: Settings) -> Visit | None:
    """The session of that token, neither idle nor expired, of an active user (one query, on every request)."""
    now = utc_now()
    rows = session.execute(
        _VISIT,
        {
            "token_hash": hash_token(token),
            "now": now,
            "idle_since": now - dt.timedelta(minutes=settings.session_idle_minutes),
        },
    ).all()
    if not rows:
        return None
    first = rows[0]
    return Visit(
        session_id=first.id,
        user_id=first.user_id,
        display_name=first.display_name,
        last_seen_at=first.last_seen_at,
        is_pending=first.is_pending,
        must_change_password=first.must_change_password and not first.is_demo,
        has_second_factor=first.totp_enabled_at is not None,
        assignments=tuple(
            (row.role, row.department_id, row.from_on, row.until_on, bool(row.requires_second_factor))
            for row in rows
            if row.role is not None
        ),
    )


def is_touch_due(found: Visit) -> bool:
    """Whether its last use should be noted again."""
    return utc_now() - found.last_seen_at > TOUCH_EVERY


def touch(engine: Engine, session_id: int) -> None:
    """Note the use, in a short transaction of its own. While a long import holds SQLite's one place for a writer the page
    does not wait for it: the next one notes it."""
    statement = update(LoginSession).where(LoginSession.id == session_id).values(last_seen_at=utc_now())
    with writing(), contextlib.suppress(OperationalError), engine.connect() as connection, hurried(connection):
        connection.execute(statement)
        connection.commit()


def sessions_of(session: Session, user_id: int) -> list[LoginSession]:
    """The user's sessions that have not expired, the last used first."""
    return list(
        session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user_id, LoginSession.expires_at > utc_now(), ~LoginSession.is_pending)
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
        )
    )


def end_sessions(session: Session, user_ids: Iterable[int]) -> None:
    """End every session of these users at once. Does not commit: it happens with the change that asks for it."""
    session.execute(delete(LoginSession).where(LoginSession.user_id.in_(list(user_ids))))


def end_session(session: Session, user_id: int, session_id: int) -> bool:
    """End one session of that user; False when there is none."""
    found = session.scalars(
        select(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == user_id)
    ).one_or_none()
    if found is None:
        return False
    session.delete(found)
    return True
