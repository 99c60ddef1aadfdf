"""What people do to their own account: password, second factor, sessions. Each ends the other sessions."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.access import passwords, second_factor, sessions, throttle
from app.access.roles import is_second_factor_required
from app.access.sign_in import Entered, confirm_password
from app.access.user_rules import about
from app.access.users import get_user
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.problems import Invalid, NotAllowed
from models.base import utc_now
from models.engine import reading
from models.people import LoginSession

_WRONG_CODE = "認証コードが違うか、すでに使われています。新しいコードを入力してください。"


def change_password(session: Session, *, actor: Actor, current_password: str, password: str, settings: Settings) -> str:
    """Set a new password; every session of the user ends, and the token of a fresh one is returned.

    Raises:
        Invalid (fields current_password, password), TooManyAttempts.
    """
    user_id = _own_id(actor)
    confirm_password(session, user_id=user_id, password=current_password, address=actor.address)
    with reading(), Session(session.get_bind()) as lookup:
        user = get_user(lookup, user_id)
        words, old_hash = about(user), user.password_hash
    passwords.check_password(password, about=words)
    if passwords.verify_password(old_hash, password):
        sentence = "いまと同じパスワードは使えません。"
        raise Invalid(sentence, fields={"password": sentence})
    password_hash = passwords.hash_password(password)
    user = get_user(session, user_id)
    with act(session, actor, "account:change_password", "パスワードの変更"):
        user.password_hash = password_hash
        user.password_changed_at = utc_now()
        user.must_change_password = False
        return _renew(session, actor, settings)


def begin_second_factor(session: Session, *, session_id: int) -> str:
    """A fresh secret, kept (sealed) in this session until its first code proves that the app has it."""
    secret = second_factor.new_secret()
    row = session.get_one(LoginSession, session_id)
    row.data = {**row.data, "totp": second_factor.seal(secret)}
    session.commit()
    return secret


def secret_in_setup(session: Session, *, session_id: int) -> str | None:
    """The secret being set up in this session, if any."""
    row = session.get(LoginSession, session_id)
    kept = row.data.get("totp") if row is not None else None
    return second_factor.unseal(str(kept)) if kept else None


def enable_second_factor(
    session: Session, *, actor: Actor, session_id: int, current_password: str, code: str, settings: Settings
) -> tuple[str, list[str]]:
    """Switch the second factor on, or to another telephone: (token of the fresh session, recovery codes).

    Raises:
        Invalid (fields current_password, code), TooManyAttempts.
    """
    user_id = _own_id(actor)
    with reading(), Session(session.get_bind()) as lookup:
        secret = secret_in_setup(lookup, session_id=session_id)
    confirm_password(session, user_id=user_id, password=current_password, address=actor.address)
    step = second_factor.matching_step(secret, code) if secret else None
    if secret is None or step is None:
        raise Invalid(_WRONG_CODE, fields={"code": _WRONG_CODE})
    user = get_user(session, user_id)
    with act(session, actor, "account:enable_second_factor", "二段階認証の設定"):
        user.totp_secret = second_factor.seal(secret)
        user.totp_enabled_at = utc_now()
        user.totp_last_step = step  # the code that proved it is used up
        codes = second_factor.renew_recovery_codes(session, user_id)
        return _renew(session, actor, settings), codes


def disable_second_factor(session: Session, *, actor: Actor, current_password: str, settings: Settings) -> str:
    """Switch it off; returns the token of the fresh session.

    Raises:
        Invalid: a wrong password, or a role in force that requires the second factor. TooManyAttempts.
    """
    user_id = _own_id(actor)
    confirm_password(session, user_id=user_id, password=current_password, address=actor.address)
    if is_second_factor_required(session, actor):
        raise Invalid("あなたの役割では二段階認証が必須のため、解除できません。")
    user = get_user(session, user_id)
    with act(session, actor, "account:disable_second_factor", "二段階認証の解除"):
        second_factor.clear(session, user)
        return _renew(session, actor, settings)


def renew_recovery_codes(session: Session, *, actor: Actor, current_password: str) -> list[str]:
    """Ten new recovery codes in place of the old ones. Raises Invalid, TooManyAttempts."""
    user_id = _own_id(actor)
    confirm_password(session, user_id=user_id, password=current_password, address=actor.address)
    if get_user(session, user_id).totp_enabled_at is None:
        raise Invalid("二段階認証が設定されていません。")
    with act(session, actor, "account:renew_recovery_codes", "回復コードの再発行", keep_when_empty=True):
        return second_factor.renew_recovery_codes(session, user_id)


def pass_second_factor(session: Session, *, actor: Actor, session_id: int, code: str, settings: Settings) -> Entered:
    """Complete a pending login by a code of the app or a recovery code; the pending session is replaced.

    Raises:
        Invalid (field code), TooManyAttempts.
    """
    user_id = _own_id(actor)
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    counter = throttle.subject("second", f"user {user_id}")
    counted = throttle.count_attempt(engine, counter, throttle.address_subject(actor.address))
    user = get_user(session, user_id)
    pending = session.scalar(
        select(LoginSession.id).where(
            LoginSession.id == session_id, LoginSession.user_id == user_id, LoginSession.is_pending
        )
    )
    if pending is None or not user.is_active:
        raise NotAllowed("ログインの有効期限が切れました。最初からログインしてください。")
    with act(session, actor, "session:second_factor", "ログイン(二段階認証)", keep_when_empty=True) as current:
        if not second_factor.accept_code(session, user_id, code):
            if not second_factor.accept_recovery_code(session, user_id, code):
                raise Invalid(_WRONG_CODE, fields={"code": _WRONG_CODE})
            current.label = "ログイン(回復コード)"
        throttle.forgive(session, counted, counter)
        sessions.end_session(session, user_id, session_id)
        token = sessions.open_session(session, user_id, settings, address=actor.address)
    return Entered(token, user_id, False)


def end_own_session(session: Session, *, actor: Actor, session_id: int) -> bool:
    """End one of one's own sessions (another browser left open)."""
    with act(session, actor, "session:end", "別の端末のログインを終了", keep_when_empty=True):
        return sessions.end_session(session, _own_id(actor), session_id)


def _own_id(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed
    return actor.user_id


def _renew(session: Session, actor: Actor, settings: Settings) -> str:
    user_id = _own_id(actor)
    sessions.end_sessions(session, [user_id])
    return sessions.open_session(session, user_id, settings, address=actor.address)
