"""Screens of notices, their templates and senders, and the outbox of mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from sqlalchemy import select

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, shown, year_filter, year_options
from admin_views.home import link_waiting
from admin_views.meeting_page import url_of_subject
from admin_views.notice_acts import NoticeActs
from admin_views.notice_forms import NoticeForm
from admin_views.notice_mail import OutboxView
from admin_views.notice_settings import SenderView, TemplateView
from admin_views.pages import DetailsPage
from app.access.scopes import scoped, visible_to
from app.access.subjects import find_record, find_subject
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year
from app.meetings.queries import short_title
from app.notices import services
from app.notices.wording import addressed
from models.meetings import Meeting
from models.notices import Notice, NoticeState, NoticeTemplate

STATE_MARKS = {NoticeState.DRAFT: "warning", NoticeState.ISSUED: "success", NoticeState.WITHDRAWN: "muted"}


def _years(session: Any, actor: Actor) -> list[tuple[str, str]]:
    query = select(Notice.fiscal_year).where(visible_to(Notice, actor)).distinct().order_by(Notice.fiscal_year.desc())
    return year_options(list(session.scalars(query)))


def _templates(session: Any, actor: Actor) -> list[tuple[str, str]]:
    rows = session.scalars(scoped(NoticeTemplate, actor).order_by(NoticeTemplate.position, NoticeTemplate.id))
    return [(str(one.id), one.name) for one in rows]


def _issue(session: Any, actor: Actor, keys: list[int]) -> str:
    with act(session, actor, "notice:issue", f"通知の発出({len(keys)}通)"):
        for notice in session.scalars(scoped(Notice, actor).where(Notice.id.in_(keys)).order_by(Notice.id)).all():
            services.issue_notice(session, actor=actor, notice=notice)
    return f"{len(keys)}通を発出しました。"


class NoticeView(NoticeActs, GuardedView):
    """通知."""

    model = Notice
    resource = "notice"
    title = "通知"
    lead = "ひな形から作った通知です。下書きを確かめて発出すると、文書番号が付き、内容は変わらなくなります。"
    singular = "通知"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "件名", lambda row: row.title, attribute="title", needs=("title",)),
        Column(
            "recipient",
            "宛先",
            lambda row: addressed(row.recipient_name, row.honorific),
            attribute="recipient_name",
            needs=("recipient_name", "honorific"),
        ),
        Column("dated_on", "日付", lambda row: row.dated_on, sort=(Notice.dated_on,), needs=("dated_on",)),
        Column(
            "number",
            "文書番号",
            lambda row: row.document_number or _unnumbered(row),
            needs=("document_number", "is_numbered", "state"),
        ),
        Column("state", "状態", lambda row: row.state, needs=("state",)),
        Column(
            "year", "年度", lambda row: format_fiscal_year(row.fiscal_year), is_default=False, needs=("fiscal_year",)
        ),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "state",
            "状態",
            lambda value: Notice.state == NoticeState(value),
            options=lambda session, actor: NoticeState.choices(),
        ),
        Filter("template", "種類", lambda value: Notice.template_id == int(value), options=_templates),
        year_filter(Notice.fiscal_year, _years),
    )
    default_order = (Notice.dated_on,)
    is_default_descending = True
    form_class = NoticeForm
    form_groups = [
        ("宛先", ["recipient_name", "honorific", "recipient_address", "recipient_email"]),
        ("通知", ["dated_on", "document_number", "title", "body", "instruction"]),
    ]
    field_options: ClassVar[dict[str, dict[str, Any]]] = {"body": {"rows": 14}}
    list_template = "notices/list.html"
    details_template = "notices/notice.html"
    bulk_actions: ClassVar[dict[str, Any]] = {
        "issue": (
            "まとめて発出する",
            "選んだ下書きを発出します。発出した通知の内容は、あとから変えられません。",
            _issue,
        )
    }
    empty = ("通知はまだありません。", "受理や審査、会議の画面から作るか、ひな形から作ると、ここに並びます。")

    def may_edit(self, record: Any) -> bool:
        return super().may_edit(record) and record.state is NoticeState.DRAFT

    def make_form(self, *, posted: Any = None, record: Any = None) -> NoticeForm:
        return NoticeForm(posted, obj=record)

    def change(self, record: Notice, form: Any, version: int | None) -> None:
        services.update_notice(self.db_session(), actor=self.actor, notice=record, version=version, values=form.data)

    def label_of(self, record: Notice) -> str:
        return f"{record.title}({addressed(record.recipient_name, record.honorific)})"

    def next_steps(self, record: Notice) -> list[tuple[str, str, str, str | None]]:
        if not self.may("edit"):
            return []
        if record.state is NoticeState.DRAFT:
            return [
                ("発出する", url_for(".issue_view", key=record.id), "get", None),
                ("下書きを直す", url_for(".edit_view", key=record.id), "get", None),
                ("下書きを捨てる", url_for(".discard_view", key=record.id), "post", None),
            ]
        if record.state is NoticeState.ISSUED:
            pdf = ("通知をPDFで見る", url_for(".pdf_view", key=record.id), "get", None)
            return [pdf, ("取り消す", url_for(".withdraw_view", key=record.id), "get", None)]
        return []

    def details_page(self, record: Notice) -> DetailsPage:
        page = super().details_page(record)
        page.title = record.title
        page.actions = []
        page.status = (record.state.label, STATE_MARKS[record.state])
        page.papers = [("通知(PDF)", url_for(".pdf_view", key=record.id), "")]
        if record.state is NoticeState.WITHDRAWN:
            page.notice = ("取り消した通知です", record.withdrawn_reason, "warning")
        sender = services.sender_of(self.db_session(), record.issuer)
        if record.state is NoticeState.DRAFT and (sender is None or not sender.name):
            url = url_for("notice-sender.edit_view", key=sender.id) if sender else None
            page.missing = [("差出人の設定", url)]
        subject = find_subject(record.subject_kind)
        about = find_record(self.db_session(), self.actor, record.subject_kind, record.subject_id)
        if subject is not None and about is not None and (url := url_of_subject(subject, record.subject_id)):
            page.related = [(f"関係する{subject.label}", [(_title_of(about), url)])]
        return page

    def sections(self, record: Notice) -> list[tuple[str, list[tuple[str, Any]]]]:
        number = record.document_number or _unnumbered(record)
        rows = [
            ("種類", f"{record.template.name}(文面の第{record.template_edition}版)"),
            ("宛先", addressed(record.recipient_name, record.honorific)),
            ("宛先住所", record.recipient_address or "なし"),
            ("宛先メール", record.recipient_email or "なし"),
            ("日付", shown(record.dated_on)),
            ("文書番号", number),
            ("発信者", record.issuer.label),
            ("発出日時", shown(record.issued_at) or "まだ発出していません"),
        ]
        return [("通知", rows)]

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            kwargs["may_write"] = self.may("edit")
            asked = request.query_string.decode("utf-8", "replace")
            kwargs["print_url"] = url_for(".print_view") + (f"?{asked}" if asked else "")
        if template == self.details_template and "record" in kwargs:
            record = kwargs["record"]
            kwargs["text"] = services.mail_text(record)
            kwargs["messages"] = [
                (
                    str(shown(one.created_at)),
                    one.state.label,
                    one.last_error,
                    url_for("outbox.details_view", key=one.id),
                )
                for one in record.messages
            ]
        return str(super().render(template, **kwargs))


def _unnumbered(record: Any) -> str:
    if not record.is_numbered:
        return "付けない"
    return "発出のときに付きます" if record.state is NoticeState.DRAFT else "未設定"


def _title_of(about: Any) -> str:
    """What the notice is about, as its own page calls it."""
    return short_title(about) if isinstance(about, Meeting) else str(about)


link_waiting("notice_drafts", lambda line: url_for("notice.index_view") + f"?f-state={line.key}")
link_waiting("outbox", lambda line: url_for("outbox.index_view") + f"?f-state={line.key}")


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [NoticeView(), OutboxView(), TemplateView(), SenderView()]
