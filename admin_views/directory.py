"""Screens of the directory (lean): the list, an organisation's page with its projects over the years, its form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import url_for
from sqlalchemy import ColumnElement
from sqlalchemy.orm import selectinload
from wtforms import BooleanField
from wtforms.validators import InputRequired

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.home import link_waiting
from admin_views.model_forms import WordsField
from admin_views.pages import DetailsPage
from app.directory import services
from app.directory.policy import reads_persons
from app.japanese.dates import format_fiscal_year
from app.registry import queries
from app.registry.published import department_cell, forms_of
from app.webforms import BackOfficeForm, ChoiceField, LineField, LongTextField, optional
from models.directory import Organization, OrganizationKind, OrganizationSource

_NAMES = ("name", "reading", "kind", "legal_form", "purpose", "activities", "web", "is_confirmed", "is_person", "note")


class OrganizationForm(BackOfficeForm):
    """An organisation with its other names."""

    name = LineField("団体名", [InputRequired("団体名を入力してください。")])
    reading = LineField(
        "よみ", [optional()], description="ひらがなで入力します。カタカナは、ひらがなにして保存します。"
    )
    kind = ChoiceField("種別", choices=OrganizationKind.choices(), coerce=OrganizationKind, empty=None)
    legal_form = LineField("法人格", [optional()], length=60, description="空のときは、団体名から読み取ります。")
    aliases = WordsField(
        "別名・旧称", [optional()], description="1行に1つずつ入力します。一覧に載った書き方も、ここに残します。"
    )
    purpose = LongTextField("活動目的", [optional()], length=10_000)
    activities = LongTextField("主な活動", [optional()], length=10_000)
    web = LineField("ウェブサイト", [optional()])
    is_confirmed = BooleanField("団体に内容を確認した")
    is_person = BooleanField("個人(公開する一覧に出さない)")
    note = LongTextField("備考", [optional()], length=10_000)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self[name].data for name in _NAMES}


def _flag(value: str) -> ColumnElement[bool]:
    if value not in {"0", "1"}:
        raise ValueError("no flag")
    return Organization.is_confirmed.is_(value == "1")


class OrganizationView(GuardedView):
    """市民活動団体などの一覧."""

    model = Organization
    resource = "organization"
    title = "団体の一覧"
    lead = "協働の相手になった団体です。公表された一覧から登録した団体は、あすぴあが確認するまで「未確認」です。"
    singular = "団体"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "団体名", lambda row: row.name, sort=(Organization.name,), needs=("name",)),
        Column("reading", "よみ", lambda row: row.reading, sort=(Organization.reading,), needs=("reading",)),
        Column("kind", "種別", lambda row: row.kind, needs=("kind",)),
        Column("legal_form", "法人格", lambda row: row.legal_form, needs=("legal_form",)),
        Column(
            "aliases",
            "別名",
            lambda row: [alias.name for alias in row.aliases],
            is_default=False,
            load=(selectinload(Organization.aliases),),
        ),
        Column("confirmed", "確認", lambda row: "確認済み" if row.is_confirmed else "未確認", needs=("is_confirmed",)),
        Column("source", "登録の経緯", lambda row: row.source, is_default=False, needs=("source",)),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "kind",
            "種別",
            lambda value: Organization.kind == OrganizationKind(value),
            options=lambda session, actor: OrganizationKind.choices(),
        ),
        Filter("confirmed", "確認", _flag, options=lambda session, actor: [("0", "未確認"), ("1", "確認済み")]),
        Filter(
            "source",
            "登録の経緯",
            lambda value: Organization.source == OrganizationSource(value),
            options=lambda session, actor: OrganizationSource.choices(),
        ),
    )
    default_order = (Organization.name,)
    search_entity = "organization"
    search_hint = (
        "団体名やよみ、別名の一部で探せます。㈱や(株)、NPO法人・特定非営利活動法人などの違いは気にせず入力できます。"
    )
    form_class = OrganizationForm
    can_remove = True
    details_template = "directory/organization.html"

    def label_of(self, record: Organization) -> str:
        return record.name if reads_persons(self.actor) or not record.is_person else str(record)

    def make_form(self, *, posted: Any = None, record: Any = None) -> OrganizationForm:
        if posted is not None:
            return OrganizationForm(posted)
        if record is not None:
            data = {name: getattr(record, name) for name in _NAMES}
            return OrganizationForm(data=data | {"aliases": [alias.name for alias in record.aliases]})
        return OrganizationForm(data={"kind": OrganizationKind.CIVIC_GROUP, "is_confirmed": True})

    def insert(self, form: Any) -> Organization:
        return services.create_organization(
            self.db_session, actor=self.actor, values=form.values(), aliases=form.aliases.data
        )

    def change(self, record: Organization, form: Any, version: int | None) -> None:
        services.update_organization(
            self.db_session,
            actor=self.actor,
            organization=record,
            version=version,
            values=form.values(),
            aliases=form.aliases.data,
        )

    def remove(self, record: Organization, reason: str) -> None:
        services.delete_organization(self.db_session, actor=self.actor, organization=record)

    def put_back(self, key: int) -> Organization:
        organization: Organization = self.db_session.get(Organization, key)
        services.restore_organization(self.db_session, actor=self.actor, organization=organization)
        return organization

    def hanging(self, record: Organization) -> list[tuple[str, str, str | None]]:
        projects = queries.projects_of_organization(self.db_session, self.actor, record)
        return [("協働や連携の取組", f"{len(projects)}件", f"{url_for('project.index_view')}?f-partner={record.id}")]

    def sections(self, record: Organization) -> list[tuple[str, list[tuple[str, Any]]]]:
        return [
            (
                "基本の項目",
                [
                    ("よみ", record.reading),
                    ("種別", record.kind.label),
                    ("法人格", record.legal_form),
                    ("別名・旧称", "、".join(alias.name for alias in record.aliases)),
                    ("活動目的", record.purpose),
                    ("主な活動", record.activities),
                    ("ウェブサイト", record.web),
                    ("登録の経緯", record.source.label),
                ],
            )
        ]

    def details_page(self, record: Organization) -> DetailsPage:
        page = super().details_page(record)
        page.status = ("確認済み", "success") if record.is_confirmed else ("未確認", "warning")
        if record.merged_into is not None:
            target = record.merged_into
            page.notice = ("統合された団体です", f"「{target}」にまとめられています。", "info")
        projects = queries.projects_of_organization(self.db_session, self.actor, record)
        page.lead = f"協働や連携の取組 {len(projects)}件" if projects else ""
        return page

    def details_context(self, record: Organization) -> dict[str, Any]:
        """The projects of the page: [(year, number, name, url, departments, forms)]."""
        return {
            "projects": [
                (
                    format_fiscal_year(project.fiscal_year),
                    project.number,
                    project.name,
                    url_for("project.details_view", key=project.id),
                    department_cell(project),
                    "、".join(forms_of(project)),
                )
                for project in queries.projects_of_organization(self.db_session, self.actor, record)
            ]
        }

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.details_template and "record" in kwargs:
            kwargs |= self.details_context(kwargs["record"])
        return str(super().render(template, **kwargs))


link_waiting("organization_list", lambda line: url_for("organization.index_view") + f"?{line.key}")


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [OrganizationView()]
