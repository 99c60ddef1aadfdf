"""Screens of resolutions, across all meetings that the reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from admin_views.agenda import body_options, subject_of
from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, shown
from admin_views.meeting_forms import ReasonForm
from admin_views.pages import ConfirmPage, DetailsPage
from app.access.permissions import Permission
from app.actor import Actor
from app.meetings import queries, resolutions
from models.meetings import AgendaItem, Meeting, Resolution, ResolutionDecision
from models.minutes import MinutesState


def _hangs_on(session: Any, actor: Actor, item: AgendaItem) -> list[tuple[str, str, str | None]]:
    """What follows from a resolution on the item."""
    found = subject_of(session, actor, item)
    return [found] if found else []


class ResolutionView(GuardedView):
    """決議."""

    model = Resolution
    resource = "meeting"
    title = "決議の一覧"
    lead = "会議体が出した結論を、新しいものから並べています。"
    singular = "決議"
    columns: ClassVar[Sequence[Column]] = (
        Column("item", "議題", lambda row: row.agenda_item.title),
        Column("meeting", "会議", lambda row: queries.short_title(row.agenda_item.meeting)),
        Column("decision", "結論", lambda row: row.decision, attribute="decision"),
        Column("text", "決議の内容", lambda row: row.text, attribute="text"),
        Column("decided_on", "決議日", lambda row: row.decided_on, sort=(Resolution.decided_on,)),
    )
    eager = (selectinload(Resolution.agenda_item).selectinload(AgendaItem.meeting).selectinload(Meeting.body),)
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "body",
            "会議体",
            lambda value: Resolution.agenda_item_id.in_(
                select(AgendaItem.id)
                .join(Meeting, Meeting.id == AgendaItem.meeting_id)
                .where(Meeting.body_id == int(value))
            ),
            options=body_options,
        ),
        Filter(
            "decision",
            "結論",
            lambda value: Resolution.decision == ResolutionDecision(value),
            options=lambda session, actor: ResolutionDecision.choices(),
        ),
    )
    default_order = (Resolution.decided_on,)
    is_default_descending = True
    empty = ("決議はまだありません。", "会議の議題の画面で決議を記録すると、ここに並びます。")

    def __init__(self) -> None:
        super().__init__(endpoint="resolution")

    def may(self, action: str) -> bool:
        """Resolutions are recorded at the item; here they are read."""
        return super().may({"export": "read"}.get(action, action)) if action in {"read", "export"} else False

    def label_of(self, record: Resolution) -> str:
        return f"決議: {record.agenda_item.title}"

    def details_page(self, record: Resolution) -> DetailsPage:
        page = super().details_page(record)
        item = record.agenda_item
        page.related = [
            (
                "議題と会議",
                [
                    (item.title, url_for("agenda-item.details_view", key=item.id)),
                    (queries.short_title(item.meeting), url_for("meeting.details_view", key=item.meeting_id)),
                ],
            )
        ]
        is_frozen = item.meeting.minutes is not None and item.meeting.minutes.state is MinutesState.CONFIRMED
        if self.actor.may(Permission.MEETING_EDIT):
            why = "議事録が確定しています。" if is_frozen else None
            page.next_steps = [("記録を取り消す", url_for(".take_back_view", key=record.id), "get", why)]
        return page

    def sections(self, record: Resolution) -> list[tuple[str, list[tuple[str, Any]]]]:
        votes = None
        if record.votes_for is not None:
            votes = f"賛成{record.votes_for}、反対{record.votes_against}、棄権{record.votes_abstained}"
        rows = [
            ("結論", record.decision.label),
            ("決議の内容", record.text),
            ("決議日", shown(record.decided_on)),
            ("採決", votes or "採決はしていません"),
        ]
        return [("決議", rows)]

    @expose("/<key>/take-back/", methods=("GET", "POST"))
    def take_back_view(self, key: str) -> Any:
        """Take back what was entered by mistake."""
        self.require(Permission.MEETING_EDIT)
        record = self.one(key)
        item_id = record.agenda_item_id
        form = ReasonForm(request.form)
        page = ConfirmPage(
            title="決議の記録を取り消します",
            records=[(self.label_of(record), self.url_of(record))],
            action_url=url_for(".take_back_view", key=key),
            cancel_url=self.url_of(record) or "",
            submit_label="取り消す",
            hangs_on=_hangs_on(self.db_session(), self.actor, record.agenda_item),
            consequence="入力の誤りを直すときに使います。この決議から記録された課題の決定や提案への意見も、もとに戻ります。"
            "取り消した記録は、変更の記録に理由とともに残ります。",
            form=form,
        )

        def take_back() -> Response:
            resolutions.remove_resolution(
                self.db_session(), actor=self.actor, resolution=record, reason=form.reason.data or ""
            )
            return self.go("agenda-item.details_view", "決議の記録を取り消しました。", key=item_id)

        return self.confirm(page, take_back)
