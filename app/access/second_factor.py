"""The second factor: time-based codes (RFC 6238) each good once, and recovery codes for the lost telephone.

The shared secret must be read again at every login, so it cannot be hashed: it is encrypted (Fernet) with a key
derived from SECRET_KEY, which lies outside the database. A stolen database alone makes no codes. Who changes
SECRET_KEY makes the secrets unreadable: users then sign in by a recovery code or have an administrator reset it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import secrets
import unicodedata

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.people import RecoveryCode, User

ISSUER = "協働バックオフィス"
#: One step of 30 seconds early or late: clocks of telephones differ.
WINDOW = 1
STEP_SECONDS = 30
RECOVERY_CODES = 10
_CODE_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A fresh shared secret (base32, 160 bits)."""
    return pyotp.random_base32()


def seal(secret: str) -> str:
    """The secret as the database keeps it."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(kept: str) -> str | None:
    """The secret again; None when SECRET_KEY is another one than it was sealed with."""
    try:
        return _fernet().decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    key = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), b"second factor", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def picture(secret: str, account: str) -> bytes:
    """The QR code for an authenticator app, as SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, dark="#000000", light="#ffffff")
    return out.getvalue()


def matching_step(secret: str, code: str, *, after: int | None = None) -> int | None:
    """The time step whose code this is, within the window and later than `after`; None when it is none."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp = pyotp.TOTP(secret)
    now = int(utc_now().timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        is_right = hmac.compare_digest(totp.generate_otp(step), digits)
        if is_right and (after is None or step > after):
            found = step
    return found


def accept_code(session: Session, user_id: int, code: str) -> bool:
    """Whether the code is right and not used yet; uses it up. Runs inside an act.

    The row is locked and read again, so that of two requests with one code at the same moment only one passes.
    """
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    secret = unseal(user.totp_secret) if user.totp_secret else None
    step = matching_step(secret, code, after=user.totp_last_step) if secret else None
    if step is None:
        return False
    user.totp_last_step = step
    session.flush()
    return True


# --- recovery codes --------------------------------------------------------------------------------------------


def renew_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Throw the old codes away and return ten new ones, to be shown once. Does not commit."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [
        "-".join("".join(secrets.choice(_CODE_SIGNS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]
    session.add_all([RecoveryCode(user_id=user_id, code_hash=_hash_code(user_id, code)) for code in codes])
    return codes


def accept_recovery_code(session: Session, user_id: int, code: str) -> bool:
    """Whether it is one of the user's codes and unused; uses it up. Does not commit."""
    done = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _hash_code(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=utc_now())
        .returning(RecoveryCode.id),
        execution_options={"synchronize_session": False},
    )
    return done.one_or_none() is not None


def count_recovery_codes(session: Session, user_id: int) -> int:
    """How many are left."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def _hash_code(user_id: int, code: str) -> str:
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()
    # 50 random bits and a key outside the database: a plain slow hash would add nothing.
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"recovery:{user_id}:{plain}".encode(), hashlib.sha256).hexdigest()


def clear(session: Session, user: User) -> None:
    """Remove the second factor and its recovery codes. Does not commit."""
    user.totp_secret = None
    user.totp_enabled_at = None
    user.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
