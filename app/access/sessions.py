"""Sessions on the server: the cookie holds a random token, the table its SHA-256. A deleted row is a session ended."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from models.base import utc_now
from models.engine import writing
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


def find_visit(session: Session, token: str, settings: Settings) -> Visit | None:
    """The session of that token, neither idle nor expired, of an active user (one query, on every request)."""
    now = utc_now()
    rows = session.execute(
        select(
            LoginSession.id,
            LoginSession.is_pending,
            LoginSession.last_seen_at,
            User.id.label("user_id"),
            User.display_name,
            User.must_change_password,
            User.is_demo,
            User.totp_enabled_at,
            RoleAssignment.role,
            RoleAssignment.department_id,
            RoleAssignment.from_on,
            RoleAssignment.until_on,
            RoleSetting.requires_second_factor,
        )
        .join(User, User.id == LoginSession.user_id)
        .outerjoin(RoleAssignment, RoleAssignment.user_id == User.id)
        .outerjoin(RoleSetting, RoleSetting.role == RoleAssignment.role)
        .where(
            LoginSession.token_hash == hash_token(token),
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - dt.timedelta(minutes=settings.session_idle_minutes),
            User.is_active,
        )
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
    """Note the use, in a short transaction of its own."""
    with writing(), Session(engine) as session:
        session.execute(update(LoginSession).where(LoginSession.id == session_id).values(last_seen_at=utc_now()))
        session.commit()


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
