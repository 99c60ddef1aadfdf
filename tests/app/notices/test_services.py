"""Notices: values, numbers, who may write, erasure that reaches every copy."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_holding
from app.actor import system_actor
from app.meetings import queries
from app.meetings.services import plan_meeting
from app.notices import erasure, services
from app.notices.services import Recipient
from app.notices.templates import update_sender
from app.notices.wording import check_words, declared
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from models.notices import Notice, NoticeState, NoticeTemplate, OutboxMessage, OutboxState
from models.people import Role
from models.records import AuditChange, AuditEntry

SYSTEM = system_actor("試験")
WHO = Recipient("秘密 花子", "様", "secret-hanako@example.jp", "秘密町1-2-3")
VALUES = {"件名": "秘密の件", "本文": "秘密 花子さんへ"}
DAY = dt.date(2026, 7, 1)


def _make(session: Session, **more: object) -> Notice:
    values: dict[str, object] = {"template_code": "general", "values": VALUES, "recipient": WHO, "dated_on": DAY}
    return services.make_notice(session, actor=SYSTEM, **(values | more))  # type: ignore[arg-type]


def _set_pattern(session: Session, pattern: str) -> None:
    sender = services.sender_of(session, Role.OFFICE)
    assert sender is not None
    update_sender(
        session, actor=SYSTEM, sender=sender, version=None, values={"name": "市長", "number_pattern": pattern}
    )


def test_every_template_of_the_city_is_whole(session: Session) -> None:
    for template in session.scalars(select(NoticeTemplate)):
        names = declared(template.placeholders)
        check_words(names, title=template.title, body=template.body, instruction=template.instruction)
        services.make_notice(
            session,
            actor=SYSTEM,
            template_code=template.code,
            values=dict.fromkeys(names, "見本"),
            recipient=Recipient("架空の会", "御中"),
        )


def test_numbers_stay_unset_until_their_form_is_set(any_session: Session) -> None:
    session = any_session
    first = services.issue_notice(session, actor=SYSTEM, notice=_make(session), by_mail=False)
    assert first.document_number is None
    _set_pattern(session, "{年}架協第{番号}号")
    typed = _make(session, document_number="8架協第2号")
    services.issue_notice(session, actor=SYSTEM, notice=typed, by_mail=False)
    numbers = [
        services.issue_notice(session, actor=SYSTEM, notice=_make(session, dated_on=day), by_mail=False).document_number
        for day in (DAY, DAY, dt.date(2027, 4, 1))
    ]
    assert numbers == ["8架協第1号", "8架協第3号", "9架協第1号"]
    with pytest.raises(Conflict, match="ほかの通知に付いています"):
        _make(session, document_number="8架協第2号")
    draft = _make(session)
    with pytest.raises(Conflict, match="ほかの通知に付いています"):
        services.update_notice(
            session, actor=SYSTEM, notice=draft, version=None, values={"document_number": "8架協第3号"}
        )


@pytest.mark.parametrize("pattern", ["協第号", "{数}号", "{番号"])
def test_a_form_without_a_number_is_refused(session: Session, pattern: str) -> None:
    with pytest.raises(Invalid):
        _set_pattern(session, pattern)


def test_what_was_issued_stays_as_written(session: Session) -> None:
    notice = services.issue_notice(session, actor=SYSTEM, notice=_make(session))
    with pytest.raises(Conflict):
        services.update_notice(session, actor=SYSTEM, notice=notice, version=None, values={"title": "別の件"})
    with pytest.raises(Conflict):
        services.delete_draft(session, actor=SYSTEM, notice=notice)
    assert notice.title == "秘密の件"


def test_only_for_whom_it_is(session: Session) -> None:
    center = actor_holding(session, 1, "あすぴあ", [(Role.CENTER, None)])
    department = actor_holding(session, 1, "課", [(Role.DEPARTMENT, 1)])
    with pytest.raises(NotAllowed):
        services.make_notice(session, actor=center, template_code="general", values=VALUES, recipient=WHO)
    with pytest.raises(NotAllowed):
        services.make_notice(session, actor=department, template_code="general", values=VALUES, recipient=WHO)
    with pytest.raises(NotFound):
        _make(session, subject_kind="meeting", subject_id=999_999)
    with pytest.raises(NotFound):
        _make(session, subject_kind="no-such-kind", subject_id=1)
    with pytest.raises(Invalid, match="敬称"):
        _make(session, recipient=Recipient("小平", "殿"))


def test_erasure_reaches_drafts_notices_mails_and_leaves_nothing_in_the_log(any_session: Session) -> None:
    session = any_session
    body = queries.get_body(session, "akvs")
    meeting = plan_meeting(session, actor=SYSTEM, body=body, held_on=DAY)
    about = {"subject_kind": "meeting", "subject_id": meeting.id}
    draft, sent = _make(session, **about), _make(session, **about)
    services.issue_notice(session, actor=SYSTEM, notice=sent)
    other = _make(session)
    assert erasure.purge_for(session, actor=SYSTEM, subject_kind="meeting", subject_id=meeting.id) == 3
    assert (draft.state, draft.recipient_name, draft.recipient_email) == (NoticeState.WITHDRAWN, erasure.ERASED, None)
    (mail,) = session.scalars(select(OutboxMessage).where(OutboxMessage.notice_id == sent.id))
    assert (mail.state, mail.to_address, mail.body) == (OutboxState.CANCELLED, erasure.ERASED, erasure.ERASED)
    assert other.recipient_name == "秘密 花子"
    assert erasure.purge_address(session, actor=SYSTEM, address="secret-hanako@example.jp") == 1
    for row in session.scalars(select(Notice)):
        told = f"{row.recipient_name}{row.recipient_address}{row.recipient_email}{row.title}{row.body}"
        assert "秘密" not in told and "hanako" not in told
    changes = json.dumps([[one.record_label, one.values] for one in session.scalars(select(AuditChange))], default=str)
    entries = "".join(f"{one.label}{one.reason}" for one in session.scalars(select(AuditEntry)))
    words = ("秘密 花子", "secret-hanako", "秘密町", "秘密の件")
    assert [word for word in words if json.dumps(word)[1:-1] in changes or word in entries] == []
