"""Demonstration data of notices: some that went out, some that wait, and a mail in each state."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.notices import services as notices
from models.notices import Honorific, OutboxMessage, OutboxState


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Some that went out, some that wait, and a mail in each state that a person meets."""
    call = {"募集名": "架空の公募事業", "事業名": "架空の花壇づくり"}
    receipt = call | {"受付番号": "架空-1", "受付日": "先月"}
    made = []
    for name, login in (("架空はなの会", "hana"), ("架空おはなしの木", "honyomi"), ("架空みまもり隊", "mimamori")):
        made.append(
            notices.make_notice(
                session,
                actor=actor,
                template_code="receipt",
                values=receipt,
                recipient=notices.Recipient(name, Honorific.GROUP, f"{login}@groups.example.jp"),
                dated_on=today - dt.timedelta(days=20),
            )
        )
    for notice in made:
        notices.issue_notice(session, actor=actor, notice=notice)
    notices.make_notice(
        session,
        actor=actor,
        template_code="incomplete",
        values=call | {"不備の内容": "・収支予算書の合計\n・会則の写し", "期限": "今月末"},
        recipient=notices.Recipient("架空 月子", Honorific.PERSON, None, "架空県架空市見本町1-2-3"),
        dated_on=today,
    )
    notices.make_notice(
        session,
        actor=actor,
        template_code="yearly_confirmation",
        values={"年度": "今年度", "団体名": "架空にほんご教室", "期限": "来月末"},
        recipient=notices.Recipient("架空にほんご教室", Honorific.GROUP, "nihongo@groups.example.jp"),
        dated_on=today,
    )
    _show_states(session)


def _show_states(session: Session) -> None:
    """What became of the mails. None of them may ever go out, even where this server can send."""
    outcomes = (
        (OutboxState.TO_COPY, "", 0),
        (OutboxState.FAILED, "宛先の段階で断られました(応答 550 5.1.1)。", 1),
        (OutboxState.UNKNOWN, "送信している途中で処理が止まりました。届いたかどうか、相手に確かめてください。", 1),
    )
    session.flush()
    mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    for mail, (state, reason, attempts) in zip(mails, outcomes, strict=False):
        mail.state, mail.last_error, mail.attempts = state, reason, attempts
    session.flush()
