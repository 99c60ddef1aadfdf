"""What the outbox and drafts of notices leave to be done."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.notices.outbox import overdue
from app.work import Waiting, register_waiting
from models.notices import Notice, NoticeState, OutboxMessage, OutboxState


@register_waiting
def notice_lines(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kinds `notice_drafts` and `outbox`; the key is the state to look at."""
    if not actor.may(Permission.NOTICE_EDIT) or actor.is_system:
        return
    drafts = session.scalar(
        select(func.count(Notice.id)).where(visible_to(Notice, actor), Notice.state == NoticeState.DRAFT)
    )
    if drafts:
        yield Waiting("notice_drafts", "draft", "通知の下書きを確かめて発出する", None, f"{drafts}通あります。")
    counts: dict[OutboxState, int] = {}
    for state, number in session.execute(
        select(OutboxMessage.state, func.count(OutboxMessage.id))
        .where(visible_to(OutboxMessage, actor))
        .group_by(OutboxMessage.state)
    ):
        counts[state] = number
    for state, label in (
        (OutboxState.UNKNOWN, "届いたか分からないメールを確かめる"),
        (OutboxState.FAILED, "送信できなかったメールを確かめる"),
        (OutboxState.TO_COPY, "メールの文面を写して送る"),
    ):
        if counts.get(state):
            yield Waiting("outbox", state.value, label, None, f"{counts[state]}通あります。")
    if counts.get(OutboxState.WAITING):
        late = session.scalar(select(func.count(OutboxMessage.id)).where(visible_to(OutboxMessage, actor), overdue()))
        if late:
            detail = f"{late}通が1時間以上待っています。メールサーバーの状態を確かめてください。"
            yield Waiting("outbox", OutboxState.WAITING.value, "送信待ちのメールを確かめる", None, detail)
