"""What waits for a person about their own login: a password to change, a second factor to set up."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.access.roles import is_second_factor_required
from app.access.second_factor import count_recovery_codes
from app.actor import Actor
from app.work import Waiting, register_waiting
from models.people import User

FEW_CODES = 3


@register_waiting
def own_login(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kinds `password`, `second_factor` and `recovery_codes`."""
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        return
    if user.must_change_password and not user.is_demo:
        yield Waiting("password", str(user.id), "パスワードを変更してください")
    if user.totp_enabled_at is not None:
        left = count_recovery_codes(session, user.id)
        if left < FEW_CODES:
            yield Waiting(
                "recovery_codes", str(user.id), "回復コードを発行し直してください", detail=f"残り{left}個です。"
            )
        return
    if is_second_factor_required(session, actor):
        yield Waiting(
            "second_factor", str(user.id), "二段階認証を設定してください", detail="あなたの役割では必須です。"
        )
