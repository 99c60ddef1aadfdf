"""Screens of the reference data: everybody reads, the office and administrators change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_admin import expose

from admin_views.reference_base import ReferenceView, plain, view
from admin_views.reference_tables import tables
from admin_views.screens import Screen
from app.access.permissions import Permission
from models.directory_profile import Audience
from models.directory_registration import RegisteredCount, RegistrationRequirement, RegistrationRule


class ReferenceIndex(Screen):
    """The tables of reference data on one page."""

    permission = Permission.REFERENCE_READ

    def __init__(self, views: Sequence[ReferenceView]) -> None:
        super().__init__(name="基礎データの一覧", endpoint="reference")
        self.views = views

    @expose("/")
    def index(self) -> Any:
        rows = [(view.title, url_for(f"{view.endpoint}.index_view"), view.lead or "") for view in self.views]
        return self.render("reference/index.html", rows=rows)


def screens() -> list[Screen]:
    """The page of all tables, and each table."""
    views = [*tables(), *_directory_views()]
    return [ReferenceIndex(views), *views]


def _directory_views() -> list[ReferenceView]:
    """What the directory is configured by: audiences, the rules of registration, the numbers of earlier years."""
    return [
        view(
            Audience,
            "audience",
            "対象",
            ["code", "name", "position"],
            columns=[plain(Audience, "name"), plain(Audience, "code"), plain(Audience, "position", sort=True)],
            order=(Audience.position,),
            lookup="name",
        ),
        view(
            RegistrationRule,
            "registration-rule",
            "あすぴあの登録の決まり",
            ["code", "valid_years", "notice_days", "source"],
            columns=[
                plain(RegistrationRule, "code"),
                plain(RegistrationRule, "valid_years"),
                plain(RegistrationRule, "notice_days"),
                plain(RegistrationRule, "source"),
            ],
            order=(RegistrationRule.id,),
            lookup="code",
            lead="登録証の有効期間と、期限を知らせ始める日です。いちばん上の行を使います。有効期間を変えても、すでに登録した団体の期限は、次の更新まで変わりません。",
        ),
        view(
            RegistrationRequirement,
            "registration-requirement",
            "あすぴあの登録の要件",
            ["code", "wording", "position", "is_active", "source"],
            columns=[
                plain(RegistrationRequirement, "wording"),
                plain(RegistrationRequirement, "is_active"),
                plain(RegistrationRequirement, "position", sort=True),
                plain(RegistrationRequirement, "source", is_default=False),
            ],
            order=(RegistrationRequirement.position,),
            lookup="wording",
        ),
        view(
            RegisteredCount,
            "registered-count",
            "登録団体数の推移",
            ["code", "fiscal_year", "label", "number", "source"],
            columns=[
                plain(RegisteredCount, "label"),
                plain(RegisteredCount, "number"),
                plain(RegisteredCount, "source"),
            ],
            order=(RegisteredCount.fiscal_year,),
            lookup="label",
            lead="年度末の登録団体数を、年度ごとに書き足していきます。",
        ),
    ]
