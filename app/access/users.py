"""What an administrator does to users (their roles: roles.py). Every change that touches rights ends the user's sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access import passwords, second_factor, sessions
from app.access.permissions import Permission
from app.access.roles import require_an_administrator
from app.access.user_rules import changing, checked, reason_of, refuse_taken, require_editable
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotFound, check_version
from models.base import utc_now
from models.people import Role, User


def create_user(
    session: Session,
    *,
    actor: Actor,
    display_name: str,
    email: str | None = None,
    staff_number: str | None = None,
    notice_email: str | None = None,
    password: str | None = None,
    is_demo: bool = False,
) -> User:
    """Add a user. Without a password nobody can sign in as them until `reset_password`; with one it must be changed
    at the first login, unless the user is a demonstration's.

    Raises:
        NotAllowed, Invalid (fields display_name, email, staff_number, notice_email, password).
    """
    actor.require(Permission.USER_MANAGE)
    if is_demo and not actor.is_system:
        raise Invalid("デモ用の利用者は、デモデータの読込みだけが登録できます。")
    values = checked(display_name, email, staff_number, notice_email)
    if password is not None and not is_demo:
        passwords.check_password(password, about=[text for text in values.values() if text])
    password_hash = passwords.hash_password(password) if password is not None else None
    with changing(session, actor, "user:create", "利用者の登録"):
        refuse_taken(session, values, None)
        user = User(
            **values,
            password_hash=password_hash,
            password_changed_at=utc_now() if password_hash else None,
            must_change_password=not is_demo,
            is_demo=is_demo,
        )
        session.add(user)
        session.flush()
    return user


def update_user(
    session: Session,
    *,
    actor: Actor,
    user: User,
    display_name: str,
    email: str | None,
    staff_number: str | None,
    notice_email: str | None,
    version: int | None = None,
) -> None:
    """Change who the user is. `version`: what the form was filled from; StaleRecord when somebody saved since."""
    require_editable(session, actor, user)
    values = checked(display_name, email, staff_number, notice_email)
    check_version(user, version)
    with changing(session, actor, "user:update", "利用者の修正"):
        refuse_taken(session, values, user.id)
        for name, value in values.items():
            setattr(user, name, value)
        session.flush()


def deactivate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Nobody signs in as this user any more, at once. What they did stays under their name."""
    require_editable(session, actor, user)
    if user.id == actor.user_id:
        raise Invalid("自分自身を無効にすることはできません。ほかのシステム管理者に依頼してください。")
    with changing(session, actor, "user:deactivate", "利用者の無効化", reason=reason_of(reason)):
        user.is_active = False
        session.flush()
        today = today_in_tokyo()
        for assignment in user.assignments:
            end = assignment.until_on or dt.date.max
            if assignment.role is Role.ADMINISTRATOR and end >= today:
                require_an_administrator(session, actor, user, (max(today, assignment.from_on), end))
        sessions.end_sessions(session, [user.id])


def activate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Let the user sign in again."""
    require_editable(session, actor, user)
    with changing(session, actor, "user:activate", "利用者の有効化", reason=reason_of(reason)):
        user.is_active = True


def reset_password(session: Session, *, actor: Actor, user_id: int) -> str:
    """Set a one-time password and return it (shown once, kept nowhere); it must be changed at the next login."""
    return issue_passwords(session, actor=actor, user_ids=[user_id])[0][1]


def issue_passwords(session: Session, *, actor: Actor, user_ids: Sequence[int]) -> list[tuple[User, str]]:
    """The same for several users (after an import): (user, one-time password) each, in one act.

    Hashes come first: whoever calls this should not have written anything yet, so that no lock is held meanwhile.
    """
    actor.require(Permission.USER_MANAGE)
    made = [(user_id, passwords.temporary_password()) for user_id in dict.fromkeys(user_ids)]
    hashes = {user_id: passwords.hash_password(password) for user_id, password in made}
    issued = []
    with changing(session, actor, "user:reset_password", "仮のパスワードの発行"):
        for user_id, password in made:
            user = get_user(session, user_id)
            require_editable(session, actor, user)
            user.password_hash = hashes[user_id]
            user.password_changed_at = utc_now()
            user.must_change_password = True
            issued.append((user, password))
        sessions.end_sessions(session, hashes)
    return issued


def reset_second_factor(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Take away a lost second factor, so that the user signs in by password and sets it up again."""
    require_editable(session, actor, user)
    with changing(session, actor, "user:reset_second_factor", "二段階認証の解除", reason=reason_of(reason)):
        second_factor.clear(session, user)
        sessions.end_sessions(session, [user.id])


def get_user(session: Session, user_id: int) -> User:
    """The user with that key, as stored now. Raises NotFound."""
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound
    return user


def remove_unused(session: Session, *, actor: Actor, user: User) -> None:
    """Delete a user who has never had a password (an import undone). Others are deactivated, never deleted.

    Raises:
        Conflict: the user has had a password, and may have done something under their name.
    """
    require_editable(session, actor, user)
    if user.password_hash is not None or user.assignments:
        raise Conflict(f"「{user.display_name}」はすでに使われているため、削除できません。無効にしてください。")
    with changing(session, actor, "user:remove", "利用者の登録の取消し"):
        session.delete(user)
        session.flush()
