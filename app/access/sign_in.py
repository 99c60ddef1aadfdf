"""Signing in by e-mail address or 職員番号: throttled first, hashed outside of any lock, answered alike for everybody."""

from __future__ import annotations

import dataclasses
import unicodedata

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from app.access import passwords, sessions, throttle
from app.access.actors import actor_of
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.problems import Invalid
from models.engine import reading
from models.people import User

REFUSED = "ログインできません。メールアドレス(または職員番号)とパスワードを確認してください。"


@dataclasses.dataclass(frozen=True)
class Entered:
    """A session opened: its token, and whether the second factor is still to come."""

    token: str
    user_id: int
    is_pending: bool


def normalise_email(text: str) -> str:
    """The form in which addresses are kept and compared."""
    return _plain(text).lower()


def normalise_staff_number(text: str) -> str:
    """The form in which 職員番号 are kept and compared."""
    return _plain(text).upper()


def _plain(text: str) -> str:
    # PostgreSQL refuses NUL in any text.
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cc").strip()


def sign_in(session: Session, *, identifier: str, password: str, address: str | None, settings: Settings) -> Entered:
    """Open a session for the right password; pending when the user has a second factor.

    Raises:
        Invalid: unknown, inactive, without a password or a wrong one: all with the same sentence and work.
        TooManyAttempts: the account or the address failed too often.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    identifier = identifier[:300]
    with reading(), Session(engine) as lookup:
        found = lookup.execute(
            select(User.id, User.password_hash, User.is_active).where(_is_called(identifier))
        ).one_or_none()
    account = throttle.subject("account", f"user {found.id}" if found else f"unknown {_normalised(identifier)}")
    counted = throttle.count_attempt(engine, account, throttle.address_subject(address))

    known_hash = found.password_hash if found is not None else None
    is_right = passwords.verify_password(known_hash, password)
    if not is_right or known_hash is None or found is None or not found.is_active:
        raise Invalid(REFUSED)
    new_hash = passwords.hash_password(password) if passwords.needs_rehash(known_hash) else None

    user = session.get(User, found.id, populate_existing=True)
    if user is None or not user.is_active or user.password_hash != known_hash:
        raise Invalid(REFUSED)  # changed in this very moment
    is_pending = user.totp_enabled_at is not None
    actor = actor_of(session, user, address=address)
    with act(session, actor, "session:begin", "ログイン(パスワード)", keep_when_empty=True):
        if new_hash is not None:
            user.password_hash = new_hash
        throttle.forgive(session, counted, account)
        token = sessions.open_session(session, user.id, settings, address=address, is_pending=is_pending)
    return Entered(token, found.id, is_pending)


def sign_out(session: Session, *, actor: Actor, session_id: int) -> None:
    """End this session of the actor."""
    if actor.user_id is None:
        return
    with act(session, actor, "session:end", "ログアウト", keep_when_empty=True):
        sessions.end_session(session, actor.user_id, session_id)


def confirm_password(session: Session, *, user_id: int, password: str, address: str | None) -> None:
    """Ask the password again before a delicate step. Raises Invalid (field `current_password`), TooManyAttempts."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    account = throttle.subject("account", f"user {user_id}")
    counted = throttle.count_attempt(engine, account, throttle.address_subject(address))
    with reading(), Session(engine) as lookup:
        known_hash = lookup.scalar(select(User.password_hash).where(User.id == user_id, User.is_active))
    if not passwords.verify_password(known_hash, password):
        sentence = "現在のパスワードが違います。"
        raise Invalid(sentence, fields={"current_password": sentence})
    throttle.forgive_now(engine, counted)


def _is_address(identifier: str) -> bool:
    # An address has an @, a number never (see users.py): one text names at most one user.
    return "@" in unicodedata.normalize("NFKC", identifier)


def _normalised(identifier: str) -> str:
    # Spellings of an unknown name count together as those of a known one do: else they would tell which it is.
    return normalise_email(identifier) if _is_address(identifier) else normalise_staff_number(identifier)


def _is_called(identifier: str) -> ColumnElement[bool]:
    column = User.email if _is_address(identifier) else User.staff_number
    return column == _normalised(identifier)
