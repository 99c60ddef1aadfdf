"""Notices: drawn up from a template, looked over, issued with number and date; then they stand as written."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.access.subjects import find_record
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import fiscal_year_of, format_date, today_in_tokyo
from app.notices import numbering, wording
from app.notices.addresses import clean_address
from app.notices.outbox import cancel_mail, queue_mail
from app.notices.policy import issuers_of
from app.problems import Conflict, Invalid, NotAllowed, NotFound, check_version
from models.base import utc_now
from models.engine import lock
from models.notices import (
    Honorific,
    Notice,
    NoticeSender,
    NoticeState,
    NoticeTemplate,
    OutboxState,
)
from models.people import Role


@dataclasses.dataclass(frozen=True)
class Recipient:
    """The addressee. honorific: Honorific or its sign (様, 御中). address: the postal one, in lines."""

    name: str
    honorific: Honorific | str
    email: str | None = None
    address: str = ""

    def form_of_address(self) -> Honorific:
        """The honorific; anything but 様 and 御中 is refused."""
        for known in Honorific:
            if self.honorific in {known, known.label}:
                return known
        raise Invalid("敬称は「様」か「御中」を選んでください。", fields={"honorific": "敬称を選んでください。"})


def make_notice(
    session: Session,
    *,
    actor: Actor,
    template_code: str,
    values: Mapping[str, object],
    recipient: Recipient,
    subject_kind: str | None = None,
    subject_id: int | None = None,
    document_number: str | None = None,
    dated_on: dt.date | None = None,
) -> Notice:
    """Draw up a notice (a draft) from a template. values: {placeholder: text}, as the template declares them.

    document_number: typed by hand; by default one is given when the notice is issued, where a form is set.
    Raises NotAllowed outside the actor's roles, NotFound for a subject out of sight, Invalid for missing values.
    """
    actor.require(Permission.NOTICE_EDIT)
    template = _template(session, actor, template_code)
    if subject_kind is not None and find_record(session, actor, subject_kind, subject_id) is None:
        raise NotFound
    day = dated_on or today_in_tokyo()
    honorific, name = recipient.form_of_address(), wording.clean_name(recipient.name)
    sender = sender_of(session, template.issuer)
    filled = {key: wording.clean_value(value) for key, value in values.items()} | {
        "宛名": wording.addressed(name, honorific),
        "日付": format_date(day, weekday=False),
        "文書番号": document_number or "",
        "担当": sender.office if sender else "",
        "問合せ先": sender.contact if sender else "",
    }
    with act(session, actor, "notice:make", f"通知の作成({template.name})"):
        notice = Notice(
            template=template,
            template_edition=template.edition,
            issuer=template.issuer,
            fiscal_year=fiscal_year_of(day),
            dated_on=day,
            document_number=wording.clean_line(document_number) if document_number else None,
            recipient_name=name,
            honorific=honorific,
            recipient_address=wording.clean_value(recipient.address),
            recipient_email=clean_address(recipient.email) if recipient.email else None,
            title=" ".join(wording.fill(template.title, filled).split("\n"))[:300],
            body=wording.fill(template.body, filled),
            instruction=wording.fill(template.instruction, filled),
            is_numbered=template.is_numbered,
            subject_kind=subject_kind,
            subject_id=subject_id,
        )
        _sign(notice, sender)
        if notice.document_number is not None:
            _require_free_number(session, notice)
        session.add(notice)
        session.flush()
    return notice


def _sign(notice: Notice, sender: NoticeSender | None) -> None:
    """Write the sender as set now: on the draft, and again when it is issued."""
    if sender is not None:
        notice.sender_name, notice.sender_office = sender.name, sender.office
        notice.sender_contact = sender.contact


def _template(session: Session, actor: Actor, code: str) -> NoticeTemplate:
    template = session.scalars(select(NoticeTemplate).where(NoticeTemplate.code == code)).one_or_none()
    if template is None or not template.is_active:
        raise Invalid(f"通知のひな形「{code}」がないか、使用中ではありません。推進担当へご連絡ください。")
    _require_issuer(actor, template.issuer)
    return template


def _require_issuer(actor: Actor, issuer: Role) -> None:
    if issuer not in issuers_of(actor):
        raise NotAllowed(f"「{issuer.label}」の名前で通知を出すことはできません。")


def sender_of(session: Session, issuer: Role) -> NoticeSender | None:
    """Who writes, as set."""
    return session.scalars(select(NoticeSender).where(NoticeSender.issuer == issuer)).one_or_none()


_FIELDS = (
    "dated_on",
    "document_number",
    "recipient_name",
    "honorific",
    "recipient_address",
    "recipient_email",
    "title",
    "body",
    "instruction",
)


def update_notice(
    session: Session, *, actor: Actor, notice: Notice, version: int | None, values: Mapping[str, Any]
) -> Notice:
    """Change a draft. Raises Conflict once it was issued, StaleRecord when somebody was first."""
    actor.require(Permission.NOTICE_EDIT)
    with act(session, actor, "notice:edit", "通知の下書きの変更"):
        lock(session, notice)
        check_version(notice, version)
        _require_draft(session, actor, notice)
        with session.no_autoflush:
            for name in _FIELDS:
                if name in values:
                    setattr(notice, name, _clean(name, values[name]))
            notice.fiscal_year = fiscal_year_of(notice.dated_on)
            if notice.document_number is not None:
                _require_free_number(session, notice)
        if not notice.title or not notice.body:
            raise Invalid("件名と本文を入力してください。", fields={"body": "件名と本文を入力してください。"})
    return notice


def _clean(name: str, value: Any) -> Any:
    if name in {"dated_on", "honorific"}:
        return value
    if name == "recipient_name":
        return wording.clean_name(value or "")
    if name == "recipient_email":
        return clean_address(value) if value else None
    if name == "document_number":
        return wording.clean_line(value) if value else None
    if name == "title":
        return wording.clean_line(value or "")[:300]
    return wording.clean_value(value or "")


def _require_draft(session: Session, actor: Actor, notice: Notice) -> None:
    if not (actor.is_system or is_editable(session, notice, actor)):
        raise NotFound
    if notice.state is not NoticeState.DRAFT:
        raise Conflict("発出した通知は変更できません。誤りがあるときは、取り消して作り直してください。")


def issue_notice(
    session: Session, *, actor: Actor, notice: Notice, version: int | None = None, by_mail: bool = True
) -> Notice:
    """Issue it: number, sender and words stand from now on; with an address, the mail is put into the outbox."""
    actor.require(Permission.NOTICE_EDIT)
    with act(session, actor, "notice:issue", "通知の発出"):
        lock(session, notice)
        check_version(notice, version)
        _require_draft(session, actor, notice)
        _sign(notice, sender_of(session, notice.issuer))
        if notice.is_numbered and notice.document_number is None:
            notice.document_number = numbering.next_number(session, notice.issuer, notice.dated_on)
        elif notice.document_number is not None:
            _require_free_number(session, notice)
        notice.state, notice.issued_at = NoticeState.ISSUED, utc_now()
        session.flush()
        if by_mail and notice.recipient_email:
            queue_mail(
                session,
                actor=actor,
                issuer=notice.issuer,
                to_name=notice.recipient_name,
                to_address=notice.recipient_email,
                title=notice.title,
                body=mail_text(notice),
                subject_kind=notice.subject_kind,
                subject_id=notice.subject_id,
                notice=notice,
                has_paper=True,
            )
    return notice


def _require_free_number(session: Session, notice: Notice) -> None:
    with session.no_autoflush:
        other = session.scalar(
            select(Notice.id).where(
                Notice.issuer == notice.issuer,
                Notice.fiscal_year == notice.fiscal_year,
                Notice.document_number == notice.document_number,
                Notice.id != (notice.id or 0),
            )
        )
    if other is not None:
        sentence = f"文書番号「{notice.document_number}」は、この年度のほかの通知に付いています。"
        raise Conflict(sentence, fields={"document_number": sentence})


def mail_text(notice: Notice) -> str:
    """The words as they stand in the mail, and as they are copied where there is no mail."""
    head = [notice.document_number or "", format_date(notice.dated_on, weekday=False), ""]
    head = [line for line in head if line or line == ""] if notice.document_number else head[1:]
    parts = [
        wording.addressed(notice.recipient_name, notice.honorific),
        "",
        *head,
        notice.body,
    ]
    if notice.instruction:
        parts += ["", notice.instruction]
    sender = [line for line in (notice.sender_name, notice.sender_office, *notice.sender_contact.splitlines()) if line]
    if sender:
        parts += ["", "----------", *sender]
    return "\n".join(parts)


def withdraw_notice(session: Session, *, actor: Actor, notice: Notice, reason: str) -> Notice:
    """Take back a notice that was issued by mistake; mails still waiting are not sent."""
    actor.require(Permission.NOTICE_EDIT)
    if not reason.strip():
        raise Invalid("取消しの理由を入力してください。", fields={"reason": "取消しの理由を入力してください。"})
    with act(session, actor, "notice:withdraw", "通知の取消し", reason=reason):
        lock(session, notice)
        if not (actor.is_system or is_editable(session, notice, actor)):
            raise NotFound
        if notice.state is not NoticeState.ISSUED:
            raise Conflict("発出した通知だけを取り消せます。")
        notice.state, notice.withdrawn_reason = NoticeState.WITHDRAWN, reason.strip()[:500]
        for message in notice.messages:
            if message.state in {OutboxState.WAITING, OutboxState.TO_COPY, OutboxState.FAILED}:
                cancel_mail(session, actor=actor, message=message)
    return notice


def delete_draft(session: Session, *, actor: Actor, notice: Notice) -> None:
    """Throw a draft away."""
    actor.require(Permission.NOTICE_EDIT)
    with act(session, actor, "notice:delete", "通知の下書きの削除"):
        lock(session, notice)
        _require_draft(session, actor, notice)
        session.delete(notice)
