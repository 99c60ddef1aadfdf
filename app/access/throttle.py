"""Slows down guessing: attempts are counted in the database, per account and per address, over all workers.

An attempt is counted before the password is hashed, in a transaction of its own, so that guesses in parallel cannot
outrun the count. A success takes back what it counted itself and forgets the account's failures, never those of
the address.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import math

from flask import current_app
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from app.problems import Problem
from models.base import utc_now
from models.engine import writing
from models.people import LoginAttempt

WINDOW = dt.timedelta(minutes=15)
#: Failures within the window after which the next attempt is refused. The whole city hall may share one address.
LIMITS = {"account": 10, "second": 10, "address": 100}


class TooManyAttempts(Problem):
    """Refused without looking: too many failures. `retry_after` in seconds."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, math.ceil(retry_after / 60))
        super().__init__(f"続けて失敗したため、ログインを一時停止しています。約{minutes}分後にもう一度お試しください。")
        self.retry_after = retry_after


def subject(kind: str, value: object) -> str:
    """What is counted, e.g. ("account", 12): a keyed hash, as people type passwords into the wrong field."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return f"{kind}:{hmac.new(key, f'{kind}:{value}'.encode(), hashlib.sha256).hexdigest()[:40]}"


def address_subject(address: str | None) -> str:
    """The subject of an address. Of IPv6 the network counts: whoever has one address of it has 2**64."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return subject("address", address)
    if parsed.version == 6:
        mapped = parsed.ipv4_mapped
        return subject("address", mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return subject("address", parsed)


def count_attempt(engine: Engine, *subjects: str) -> list[int]:
    """Count one attempt at each subject; returns the ids of what was counted, for `forgive`.

    Raises:
        TooManyAttempts: one of them is at its limit; the attempt itself is then not counted, so that waiting helps.
    """
    now = utc_now()
    with writing(), Session(engine) as session:
        for item in subjects:
            # On PostgreSQL two attempts at once must not both see the last free place; SQLite has one writer anyway.
            if engine.dialect.name == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(item, 0))))
            recent = session.scalars(
                select(LoginAttempt.attempted_at)
                .where(LoginAttempt.subject == item, LoginAttempt.attempted_at > now - WINDOW)
                .order_by(LoginAttempt.attempted_at.desc())
                .limit(LIMITS[item.partition(":")[0]])
            ).all()
            if len(recent) >= LIMITS[item.partition(":")[0]]:
                raise TooManyAttempts(max(1, math.ceil((recent[-1] + WINDOW - now).total_seconds())))
        attempts = [LoginAttempt(subject=item, attempted_at=now) for item in subjects]
        session.add_all(attempts)
        session.flush()
        session.execute(delete(LoginAttempt).where(LoginAttempt.attempted_at < now - 4 * WINDOW))
        counted = [attempt.id for attempt in attempts]
        session.commit()
    return counted


def forgive(session: Session, counted: list[int], *subjects: str) -> None:
    """After a success: take back these counts, and all of `subjects` (the account's). Does not commit."""
    session.execute(
        delete(LoginAttempt).where(LoginAttempt.id.in_(counted) | LoginAttempt.subject.in_(subjects)),
        execution_options={"synchronize_session": False},
    )


def forgive_now(engine: Engine, counted: list[int]) -> None:
    """Take back these counts in a transaction of its own."""
    with writing(), Session(engine) as session:
        forgive(session, counted)
        session.commit()
