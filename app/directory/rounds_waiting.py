"""What of the directory's year waits for あすぴあ: forms to look through, groups to remind, a round to end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.directory.rounds_policy import manages_rounds
from app.directory.rounds_queries import state_counts
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.work import Waiting, register_waiting
from models.directory_rounds import ConfirmationRound, ConfirmationState, ConfirmationUpload, UploadState

#: So many days before the due date the centre is told who has not answered.
DAYS_BEFORE = 14


@register_waiting
def rounds_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kinds `confirmation_round` (who has answered) and `confirmation_remind`."""
    if not manages_rounds(actor) or actor.is_system:
        return
    today = today_in_tokyo()
    for one in session.scalars(
        scoped(ConfirmationRound, actor)
        .where(ConfirmationRound.closed_at.is_(None))
        .order_by(ConfirmationRound.fiscal_year)
    ):
        year, key = format_fiscal_year(one.fiscal_year), str(one.id)
        counts = state_counts(session, one)
        waiting, returned = counts[ConfirmationState.WAITING], counts[ConfirmationState.RETURNED]
        unreadable = _unreadable(session, one)
        if returned or unreadable:
            detail = f"{returned}団体の様式が届いています。" if returned else ""
            detail += f"読み取れないファイルが{unreadable}個あります。" if unreadable else ""
            yield Waiting("confirmation_round", key, f"登録内容の年次確認({year})で届いた様式を確かめる", None, detail)
        if waiting and one.due_on <= today + dt.timedelta(days=DAYS_BEFORE):
            label = f"登録内容の年次確認({year})に答えていない団体に連絡する"
            yield Waiting("confirmation_remind", key, label, one.due_on, f"{waiting}団体が未回答です。")
        if waiting and one.due_on > today + dt.timedelta(days=DAYS_BEFORE):
            label = f"登録内容の年次確認({year})を進める"
            total = sum(counts.values())
            yield Waiting(
                "confirmation_round", key, label, one.due_on, f"{total}団体のうち{total - waiting}団体が回答。"
            )
        if not waiting and not returned:
            yield Waiting(
                "confirmation_round", key, f"登録内容の年次確認({year})を終了する", None, "すべて確認済みです。"
            )


def _unreadable(session: Session, one: ConfirmationRound) -> int:
    query = select(func.count()).select_from(ConfirmationUpload)
    return (
        session.scalar(
            query.where(ConfirmationUpload.round_id == one.id, ConfirmationUpload.state == UploadState.UNREADABLE)
        )
        or 0
    )
