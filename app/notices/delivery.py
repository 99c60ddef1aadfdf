"""The worker's part of the outbox: claim one mail, send it, mark it; each step a short transaction of its own.

A mail is claimed before it is sent, so that no two workers send it. A worker that dies between sending and marking
leaves its claim behind: such a mail becomes 「送信結果不明」 and is never sent again by itself.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import uuid
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.jobs.handle import JobHandle
from app.jobs.liveness import WorkerLock, is_holder_dead
from app.jobs.queue import workers_dir
from app.notices import mail
from app.notices.outbox import is_mail_on
from app.notices.paper import paper_of
from app.problems import Problem
from models.base import db, utc_now
from models.engine import reading, writing
from models.notices import Notice, OutboxMessage, OutboxState

log = logging.getLogger(__name__)

#: How long to wait after the first, second … failed attempt; after the last one a person decides. About four days.
BACKOFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440))
#: A claim whose lock file cannot be seen is given up after so long: longer than all timeouts of one sending together.
STALE_AFTER = dt.timedelta(minutes=15)
LOST = "送信している途中で処理が止まりました。届いたかどうか、相手に確かめてください。"


@dataclasses.dataclass(frozen=True)
class Claimed:
    """A mail in our hands."""

    id: int
    attempts: int
    letter: mail.Letter


def run_send(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any]:
    """The job: sends what is due. May be repeated from the start."""
    from flask import current_app

    session.rollback()
    return {"sent": deliver_due(current_app.extensions["settings"])}


def chore(session: Session, settings: Settings) -> None:
    """Now and then: what became due again, and claims of the dead."""
    session.rollback()
    deliver_due(settings)


def deliver_due(settings: Settings) -> int:
    """Send what is due, oldest first, until nothing is or the server is away. Returns how many were sent."""
    note_lost(settings)
    if not is_mail_on(settings) or not _is_any_due():
        return 0
    lock = WorkerLock(workers_dir(settings))
    sent = 0
    try:
        while (claimed := _claim(lock.name, settings)) is not None:
            result = mail.send(claimed.letter, settings)
            _mark(claimed, lock.name, result)
            sent += result.outcome is mail.Outcome.SENT
            if result.is_server_down:
                break
    finally:
        lock.release()
    return sent


def note_lost(settings: Settings) -> list[int]:
    """Mails whose worker is gone become 送信結果不明. Returns their ids."""
    with reading(), Session(db.engine) as session:
        found = session.execute(
            select(OutboxMessage.id, OutboxMessage.claim, OutboxMessage.claimed_at).where(
                OutboxMessage.state == OutboxState.SENDING
            )
        ).all()
    folder = workers_dir(settings)
    dead = [row for row in found if is_holder_dead(row.claim, row.claimed_at, folder, stale_after=STALE_AFTER)]
    if not dead:
        return []
    with writing(), Session(db.engine) as session:
        for row in dead:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == row.id, OutboxMessage.claim == row.claim)
                .values(state=OutboxState.UNKNOWN, claim=None, last_error=LOST, updated_at=utc_now())
                .execution_options(synchronize_session=False)
            )
            log.warning("mail %s: its worker died while sending", row.id)
        session.commit()
    return [row.id for row in dead]


def _is_any_due() -> bool:
    with reading(), Session(db.engine) as session:
        return (
            session.scalar(
                select(OutboxMessage.id)
                .where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.next_attempt_at <= utc_now())
                .limit(1)
            )
            is not None
        )


def _claim(name: str, settings: Settings) -> Claimed | None:
    """Take the next mail that is due, in one statement; two workers never get the same. Commits.

    Its paper is drawn afterwards, outside of any transaction: drawing takes seconds, and nobody else may wait for it.
    """
    with writing(), Session(db.engine) as session:
        due = (
            select(OutboxMessage.id)
            .where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.next_attempt_at <= utc_now())
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(1)
        )
        if session.get_bind().dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        key = session.scalar(
            update(OutboxMessage)
            .where(OutboxMessage.id == due.scalar_subquery(), OutboxMessage.state == OutboxState.WAITING)
            .values(
                state=OutboxState.SENDING,
                claim=name,
                claimed_at=utc_now(),
                attempts=OutboxMessage.attempts + 1,
                updated_at=utc_now(),
            )
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        if key is None:
            session.rollback()
            return None
        message = session.get_one(OutboxMessage, key)
        if message.message_id is None:
            message.message_id = f"<{uuid.uuid4().hex}@{_domain(settings)}>"
        claimed = Claimed(message.id, message.attempts, _letter(message))
        notice_id = message.notice_id if message.has_paper else None
        session.commit()
    if notice_id is None:
        return claimed
    return _with_paper(claimed, notice_id, name)


def _letter(message: OutboxMessage) -> mail.Letter:
    assert message.message_id is not None
    return mail.Letter(message.message_id, message.to_address, message.title, message.body)


def _with_paper(claimed: Claimed, notice_id: int, name: str) -> Claimed | None:
    """The letter with its PDF; a paper that cannot be made puts the mail back for later, unsent for sure."""
    try:
        with reading(), Session(db.engine) as session:
            paper = paper_of([session.get_one(Notice, notice_id)])
    except Problem as problem:
        _mark(claimed, name, mail.Result(mail.Outcome.LATER, problem.message))
        return None
    letter = dataclasses.replace(claimed.letter, paper=(paper.content, paper.file_name))
    return dataclasses.replace(claimed, letter=letter)


def _domain(settings: Settings) -> str:
    return (settings.smtp_from or "").rsplit("@", 1)[-1] or "localhost"


def _mark(claimed: Claimed, name: str, result: mail.Result) -> None:
    """Write down what became of it. Only over our own claim, or over 「不明」 that nobody decided yet."""
    moment = utc_now()
    values: dict[str, Any] = {"claim": None, "last_error": result.reason[:500], "updated_at": moment}
    if result.outcome is mail.Outcome.SENT:
        values |= {"state": OutboxState.SENT, "sent_at": moment}
    elif result.outcome is mail.Outcome.UNKNOWN:
        values |= {"state": OutboxState.UNKNOWN}
    elif result.outcome is mail.Outcome.LATER and claimed.attempts <= len(BACKOFF):
        values |= {"state": OutboxState.WAITING, "next_attempt_at": moment + BACKOFF[claimed.attempts - 1]}
    else:
        values |= {"state": OutboxState.FAILED}
    with writing(), Session(db.engine) as session:
        ours = (OutboxMessage.state == OutboxState.SENDING) & (OutboxMessage.claim == name)
        given_up = (OutboxMessage.state == OutboxState.UNKNOWN) & (OutboxMessage.decided_by == "")
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == claimed.id, ours | given_up)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        session.commit()
    log.info("mail %s: %s", claimed.id, result.outcome.value)
