"""Screens of the words of notices and of who sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from wtforms import BooleanField
from wtforms.validators import InputRequired

from admin_views.base import GuardedView
from admin_views.columns import Column, shown
from admin_views.pages import DetailsPage, FormPage
from app.access.scopes import as_key
from app.notices import templates
from app.notices.wording import OWN, declared
from app.webforms import BackOfficeForm, LineField, LongTextField, optional
from models.notices import NoticeSender, NoticeTemplate

REQUIRED = "入力してください。"


class TemplateForm(BackOfficeForm):
    """The words of a kind of notice."""

    name = LineField("名称", [InputRequired(REQUIRED)], length=100)
    purpose = LineField("使うとき", [optional()])
    title = LineField("件名", [InputRequired(REQUIRED)])
    body = LongTextField("本文", [InputRequired(REQUIRED)])
    instruction = LongTextField(
        "教示", [optional()], description="不服があるときの手続です。法務の担当に確かめた文を入れてください。"
    )
    is_numbered = BooleanField("文書番号を付ける")
    is_active = BooleanField("使用中")


class TemplateView(GuardedView):
    """通知のひな形."""

    model = NoticeTemplate
    resource = "notice"
    title = "通知のひな形"
    lead = "文面は自由に直せます。前の文面は版として残り、発出した通知は変わりません。"
    singular = "ひな形"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "名称", lambda row: row.name, needs=("name",)),
        Column("purpose", "使うとき", lambda row: row.purpose, needs=("purpose",)),
        Column("numbered", "文書番号", lambda row: "付ける" if row.is_numbered else "付けない", needs=("is_numbered",)),
        Column("edition", "文面の版", lambda row: f"第{row.edition}版", needs=("edition",)),
        Column("active", "使用中", lambda row: row.is_active, needs=("is_active",)),
    )
    default_order = (NoticeTemplate.position,)
    lookup_attribute = "name"
    form_class = TemplateForm
    field_options: ClassVar[dict[str, dict[str, Any]]] = {"body": {"rows": 14}}
    edit_template = "notices/edit_template.html"
    details_template = "notices/template.html"

    def __init__(self) -> None:
        super().__init__(endpoint="notice-template")

    def may(self, action: str) -> bool:
        return False if action == "create" else super().may(action)

    def make_form(self, *, posted: Any = None, record: Any = None) -> TemplateForm:
        form = TemplateForm(posted, obj=record)
        form.placeholders = _placeholders(record)
        return form

    def _edit_page(self, record: NoticeTemplate, form: Any, errors: list[str] | None = None) -> FormPage:
        """With ?edition= the words of that edition stand in the form, to be looked over and saved."""
        page = super()._edit_page(record, form, errors)
        number = as_key(request.args.get("edition", "")) if request.method == "GET" else None
        before = next((one for one in record.editions if one.edition == number), None)
        if before is not None:
            for name in ("title", "body", "instruction"):
                form[name].data = getattr(before, name)
            told = "確かめて保存すると、今の文面になります。今までの文面は、前の文面として残ります。"
            page.notice = (f"第{before.edition}版の文面を入れました", told, "info")
        return page

    def change(self, record: NoticeTemplate, form: Any, version: int | None) -> None:
        templates.update_template(
            self.db_session(), actor=self.actor, template=record, version=version, values=form.data
        )

    def sections(self, record: NoticeTemplate) -> list[tuple[str, list[tuple[str, Any]]]]:
        return [
            (
                "ひな形",
                [
                    ("使うとき", record.purpose),
                    ("発信者", record.issuer.label),
                    ("文書番号", "付ける" if record.is_numbered else "付けない"),
                    ("使用中", shown(record.is_active)),
                    ("文面の版", f"第{record.edition}版"),
                ],
            )
        ]

    def render(self, template: str, **kwargs: Any) -> str:
        record = kwargs.get("record")
        if template == self.details_template and record is not None:
            kwargs["placeholders"] = _placeholders(record)
            kwargs["editions"] = [
                (one, str(shown(one.ended_at)), url_for(".edit_view", key=record.id, edition=one.edition))
                for one in record.editions
            ]
            kwargs["may_edit"] = self.may_edit(record)
        return str(super().render(template, **kwargs))


def _placeholders(record: NoticeTemplate) -> list[tuple[str, str]]:
    return [*declared(record.placeholders).items(), *OWN.items()]


class SenderForm(BackOfficeForm):
    """Who sends, and the form of the numbers."""

    name = LineField("差出人", [optional()], length=200, description="例: 小平市長 ○○ ○○")
    office = LineField("担当", [optional()], length=200)
    contact = LongTextField("問合せ先", [optional()], length=1_000, description="住所、電話、メールなど。")
    number_pattern = LineField(
        "文書番号の形",
        [optional()],
        length=100,
        description="{年} {年度} {番号} が使えます(例: {年}小協第{番号}号)。空欄のあいだは「未設定」で、番号は付きません。",
    )


class SenderView(GuardedView):
    """差出人の設定."""

    model = NoticeSender
    resource = "notice"
    title = "差出人と文書番号"
    lead = "通知に載る差出人と、文書番号の形です。ハンドブックにはないので、設定するまで「未設定」です。"
    singular = "差出人の設定"
    columns: ClassVar[Sequence[Column]] = (
        Column("issuer", "発信者", lambda row: row.issuer, needs=("issuer",)),
        Column("name", "差出人", lambda row: row.name or "未設定", needs=("name",)),
        Column("office", "担当", lambda row: row.office or "未設定", needs=("office",)),
        Column("pattern", "文書番号の形", lambda row: row.number_pattern or "未設定", needs=("number_pattern",)),
    )
    default_order = (NoticeSender.id,)
    lookup_attribute = "name"
    form_class = SenderForm

    def __init__(self) -> None:
        super().__init__(endpoint="notice-sender")

    def may(self, action: str) -> bool:
        return False if action == "create" else super().may(action)

    def make_form(self, *, posted: Any = None, record: Any = None) -> SenderForm:
        return SenderForm(posted, obj=record)

    def change(self, record: NoticeSender, form: Any, version: int | None) -> None:
        templates.update_sender(self.db_session(), actor=self.actor, sender=record, version=version, values=form.data)

    def details_page(self, record: NoticeSender) -> DetailsPage:
        page = super().details_page(record)
        missing = [("差出人", record.name), ("文書番号の形", record.number_pattern)]
        url = url_for(".edit_view", key=record.id) if self.may_edit(record) else None
        page.missing = [(label, url) for label, value in missing if not value]
        return page
