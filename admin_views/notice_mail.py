"""The outbox on the screen: what was sent, what waits, what a person has to decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask_admin import expose

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, shown
from admin_views.pages import DetailsPage
from app.access.permissions import Permission
from app.notices import outbox
from app.problems import Problem
from models.notices import OutboxMessage, OutboxState

MARKS = {
    OutboxState.TO_COPY: "warning",
    OutboxState.WAITING: "info",
    OutboxState.SENDING: "info",
    OutboxState.SENT: "success",
    OutboxState.COPIED: "success",
    OutboxState.FAILED: "danger",
    OutboxState.UNKNOWN: "danger",
    OutboxState.CANCELLED: "muted",
}
HINTS = {
    OutboxState.TO_COPY: "メール送信が設定されていません。下の文面を写して送り、「写して送った」を押してください。",
    OutboxState.WAITING: "順に送られます。メールサーバーにつながらないときは、間をおいて自動で送り直します。",
    OutboxState.FAILED: "相手のサーバーに断られました。宛先を確かめてください。直したら、もう一度送れます。",
    OutboxState.UNKNOWN: "送っている途中で止まったため、届いたかどうか分かりません。二重に届かないように、自動では送り直しません。相手に確かめて、どちらかを選んでください。",
}


class OutboxView(GuardedView):
    """メールの送信箱."""

    model = OutboxMessage
    resource = "notice"
    title = "メールの送信箱"
    lead = "通知のメールです。サーバーが止まっていても失われず、同じメールが二度送られることはありません。"
    singular = "メール"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "件名", lambda row: row.title, attribute="title", needs=("title",)),
        Column("to", "宛名", lambda row: row.to_name, attribute="to_name", needs=("to_name",)),
        Column("created", "作成日時", lambda row: row.created_at, needs=("created_at",)),
        Column("state", "状態", lambda row: row.state, needs=("state",)),
        Column("sent", "送信日時", lambda row: row.sent_at, needs=("sent_at",)),
        Column("error", "最後の結果", lambda row: row.last_error, needs=("last_error",)),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "state",
            "状態",
            lambda value: OutboxMessage.state == OutboxState(value),
            options=lambda session, actor: OutboxState.choices(),
        ),
    )
    default_order = (OutboxMessage.id,)
    is_default_descending = True
    details_template = "notices/message.html"
    empty = ("メールはまだありません。", "宛先メールのある通知を発出すると、ここに入ります。")

    def __init__(self) -> None:
        super().__init__(endpoint="outbox")

    def may(self, action: str) -> bool:
        """Mails are decided about, one by one; their words stand in the notice."""
        return super().may(action) if action == "read" else False

    def label_of(self, record: OutboxMessage) -> str:
        return record.title

    def details_page(self, record: OutboxMessage) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.state.label, MARKS[record.state])
        if record.state in HINTS:
            page.notice = (record.state.label, HINTS[record.state], "warning" if record.state in _ASKING else "info")
        if record.notice_id is not None:
            page.related = [("通知", [("この通知を見る", url_for("notice.details_view", key=record.notice_id))])]
        page.history_url = None
        return page

    def next_steps(self, record: OutboxMessage) -> list[tuple[str, str, str, str | None]]:
        if not self.actor.may(Permission.NOTICE_EDIT) or record.erased_at is not None:
            return []
        why = None if outbox.is_mail_on() else "メール送信が設定されていません。"
        state, key = record.state, record.id
        arrived = ("届いていた", url_for(".arrived_view", key=key), "post", None)
        copied = ("写して送った", url_for(".copied_view", key=key), "post", None)
        again = ("もう一度メールで送る", url_for(".again_view", key=key), "post", why)
        now = ("今すぐ送ってみる", url_for(".again_view", key=key), "post", why)
        cancel = ("送らない", url_for(".cancel_view", key=key), "post", None)
        return {
            OutboxState.UNKNOWN: [arrived, again, cancel],
            OutboxState.FAILED: [again, copied, cancel],
            OutboxState.TO_COPY: [copied, again, cancel],
            OutboxState.WAITING: [*([now] if record.attempts else []), copied, cancel],
        }.get(state, [])

    def sections(self, record: OutboxMessage) -> list[tuple[str, list[tuple[str, Any]]]]:
        return [
            (
                "メール",
                [
                    ("宛名", record.to_name),
                    ("宛先", record.to_address),
                    ("件名", record.title),
                    ("添付", "通知のPDF" if record.has_paper else "なし"),
                    ("送信の回数", f"{record.attempts}回"),
                    ("次に送る日時", shown(record.next_attempt_at) if record.state is OutboxState.WAITING else "なし"),
                    ("送信日時", shown(record.sent_at) or "なし"),
                    ("最後の結果", record.last_error or "なし"),
                    ("判断した人", record.decided_by or "なし"),
                    ("Message-ID", record.message_id or "まだありません"),
                ],
            )
        ]

    def _decide(self, key: str, run: Callable[..., None], message: str) -> Any:
        self.require(Permission.NOTICE_EDIT)
        record = self.one(key)
        try:
            run(self.db_session(), actor=self.actor, message=record)
        except Problem as problem:
            self.db_session.rollback()
            flash(problem.message, "error")
        else:
            flash(message, "success")
        return redirect(url_for(".details_view", key=key), code=303)

    @expose("/<key>/again/", methods=("POST",))
    def again_view(self, key: str) -> Any:
        return self._decide(key, outbox.send_again, "送信箱に入れ直しました。")

    @expose("/<key>/copied/", methods=("POST",))
    def copied_view(self, key: str) -> Any:
        return self._decide(key, outbox.mark_copied, "写して送ったことを記録しました。")

    @expose("/<key>/arrived/", methods=("POST",))
    def arrived_view(self, key: str) -> Any:
        return self._decide(key, outbox.mark_arrived, "届いていたことを記録しました。")

    @expose("/<key>/cancel/", methods=("POST",))
    def cancel_view(self, key: str) -> Any:
        return self._decide(key, outbox.cancel_mail, "送信を取りやめました。")


_ASKING = {OutboxState.TO_COPY, OutboxState.FAILED, OutboxState.UNKNOWN}
