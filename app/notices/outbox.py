"""The outbox: mail is put in with the change that causes it, and what becomes of it is decided here, once.

The worker (`delivery.py`) claims a message, sends it, marks it. What was claimed and never marked is 「送信結果不明」:
a person looks whether it arrived; nothing sends it again by itself.
"""

from __future__ import annotations

import datetime as dt

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import Change, act
from app.config import Settings
from app.jobs.queue import enqueue
from app.notices.addresses import clean_address
from app.notices.wording import clean_line, clean_value
from app.problems import Conflict, NotFound
from models.base import utc_now
from models.engine import lock
from models.exchange import Job, JobStatus
from models.notices import Notice, OutboxMessage, OutboxState
from models.people import Role
from models.records import ChangeKind

SEND = "send_mail"
#: What a person may decide about: mails that nobody is sending.
OPEN = (OutboxState.TO_COPY, OutboxState.WAITING, OutboxState.FAILED, OutboxState.UNKNOWN)


def is_mail_on(settings: Settings | None = None) -> bool:
    """Whether this installation can send mail at all."""
    known: Settings = settings or current_app.extensions["settings"]
    return bool(known.smtp_host and known.smtp_from)


def queue_mail(
    session: Session,
    *,
    actor: Actor,
    issuer: Role,
    to_name: str,
    to_address: str,
    title: str,
    body: str,
    subject_kind: str | None = None,
    subject_id: int | None = None,
    notice: Notice | None = None,
    has_paper: bool = False,
) -> OutboxMessage:
    """Put a mail into the outbox, within the caller's act: it goes out if and only if the act is committed.

    Raises Invalid for anything that could forge a header or name a second addressee.
    """
    message = OutboxMessage(
        notice=notice,
        issuer=issuer,
        subject_kind=subject_kind,
        subject_id=subject_id,
        to_name=clean_line(to_name)[:200],
        to_address=clean_address(to_address),
        title=clean_line(title)[:300],
        body=clean_value(body),
        has_paper=has_paper and notice is not None,
        state=OutboxState.WAITING if is_mail_on() else OutboxState.TO_COPY,
    )
    session.add(message)
    session.flush()
    if message.state is OutboxState.WAITING:
        wake_sender(session, actor)
    return message


def wake_sender(session: Session, actor: Actor) -> None:
    """Let the worker look at the outbox soon; one such job waiting is enough."""
    waiting = select(Job.id).where(Job.kind == SEND, Job.status == JobStatus.QUEUED).limit(1)
    if session.scalar(waiting) is None:
        enqueue(session, actor, SEND)


def send_again(session: Session, *, actor: Actor, message: OutboxMessage) -> None:
    """Send it (again) by mail: a person has made sure that it did not arrive, or does not want to wait any longer."""
    if not is_mail_on():
        raise Conflict("メール送信が設定されていないため、送信できません。文面を写してお使いください。")
    allowed = (*OPEN, OutboxState.CANCELLED)
    with act(session, actor, "mail:send", f"{message}をもう一度送る", keep_when_empty=True) as current:
        _decide(session, current.note, actor, message, OutboxState.WAITING, allowed)
        message.next_attempt_at, message.attempts = utc_now(), 0
        wake_sender(session, actor)


def mark_copied(session: Session, *, actor: Actor, message: OutboxMessage) -> None:
    """The words were copied and sent by hand."""
    with act(session, actor, "mail:copied", f"{message}を写して送った", keep_when_empty=True) as current:
        _decide(session, current.note, actor, message, OutboxState.COPIED, OPEN)


def mark_arrived(session: Session, *, actor: Actor, message: OutboxMessage) -> None:
    """A mail whose result was unknown did arrive, as a person made sure."""
    with act(session, actor, "mail:arrived", f"{message}の到着を確認", keep_when_empty=True) as current:
        _decide(session, current.note, actor, message, OutboxState.SENT, (OutboxState.UNKNOWN,))
        message.sent_at = message.claimed_at or utc_now()


def cancel_mail(session: Session, *, actor: Actor, message: OutboxMessage) -> None:
    """Do not send it."""
    with act(session, actor, "mail:cancel", f"{message}の送信の取りやめ", keep_when_empty=True) as current:
        _decide(session, current.note, actor, message, OutboxState.CANCELLED, OPEN)


def _decide(
    session: Session,
    note: object,
    actor: Actor,
    message: OutboxMessage,
    to: OutboxState,
    allowed: tuple[OutboxState, ...],
) -> None:
    actor.require(Permission.NOTICE_EDIT)
    if not (actor.is_system or is_editable(session, message, actor)):
        raise NotFound
    lock(session, message)
    if message.state not in allowed:
        raise Conflict(f"このメールは「{message.state.label}」のため、この操作はできません。画面を開き直してください。")
    if message.erased_at is not None and to is OutboxState.WAITING:
        raise Conflict("内容を消去したメールは送れません。")
    assert callable(note)
    key, told = str(message.id), {"state": [message.state.label, to.label]}
    root = ("notice", str(message.notice_id)) if message.notice_id else ("outbox_message", key)
    note(Change(ChangeKind.UPDATED, "outbox_message", key, str(message), *root, told))
    message.state, message.decided_by, message.sent_at = to, actor.label[:200], None


def unsent() -> ColumnElement[bool]:
    """SQL: mails that wait for a person."""
    return OutboxMessage.state.in_((OutboxState.TO_COPY, OutboxState.FAILED, OutboxState.UNKNOWN))


def overdue(after: dt.timedelta = dt.timedelta(hours=1)) -> ColumnElement[bool]:
    """SQL: mails that should have gone out long ago: the server, or the worker, is down."""
    return (OutboxMessage.state == OutboxState.WAITING) & (OutboxMessage.created_at < utc_now() - after)
