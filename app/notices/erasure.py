"""Erasure on request: names, addresses and words go from notices and from the outbox; that they were, stays."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from models.base import utc_now
from models.notices import Notice, NoticeState, OutboxMessage, OutboxState

ERASED = "(消去しました)"
#: Never to be sent any more; what is just being sent is left to its worker, without words to send again.
_NOT_GONE = (OutboxState.TO_COPY, OutboxState.WAITING, OutboxState.FAILED, OutboxState.UNKNOWN)


def purge_for(session: Session, *, actor: Actor, subject_kind: str, subject_id: int) -> int:
    """Erase what was written about a subject (domain.md 3). Part of the caller's act. Returns how many rows.

    Called by the room whose record is erased; it has checked that the actor may.
    """
    return _purge(
        session,
        actor,
        (Notice.subject_kind == subject_kind) & (Notice.subject_id == subject_id),
        (OutboxMessage.subject_kind == subject_kind) & (OutboxMessage.subject_id == subject_id),
    )


def purge_address(session: Session, *, actor: Actor, address: str) -> int:
    """Erase what was written to a mail address, whatever it was about."""
    return _purge(session, actor, Notice.recipient_email == address, OutboxMessage.to_address == address)


def _purge(session: Session, actor: Actor, notices: ColumnElement[bool], messages: ColumnElement[bool]) -> int:
    moment, count = utc_now(), 0
    with act(session, actor, "notice:erase", "通知とメールの個人情報の消去"):
        found = session.scalars(select(Notice).where(notices, Notice.erased_at.is_(None)).order_by(Notice.id)).all()
        for notice in found:
            notice.recipient_name = notice.title = notice.body = ERASED
            notice.recipient_address, notice.recipient_email = "", None
            notice.erased_at = moment
            if notice.state is NoticeState.DRAFT:
                notice.state, notice.issued_at = NoticeState.WITHDRAWN, moment
                notice.withdrawn_reason = "個人情報を消去したため"
            count += 1
        keys = [notice.id for notice in found]
        mails = session.scalars(
            select(OutboxMessage)
            .where(or_(messages, OutboxMessage.notice_id.in_(keys)), OutboxMessage.erased_at.is_(None))
            .order_by(OutboxMessage.id)
        ).all()
        for mail in mails:
            mail.to_name = mail.to_address = mail.title = mail.body = ERASED
            mail.last_error = ""
            mail.erased_at = moment
            if mail.state in _NOT_GONE:
                mail.state = OutboxState.CANCELLED
            count += 1
    return count
