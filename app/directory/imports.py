"""Import of organisations, matched by their name however it is spelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.access.permissions import Permission
from app.exchange.mapped import column_of
from app.exchange.specs import Context, register_import
from app.exchange.table_import import Match, TableImport
from app.japanese.normalize import fold_name, legal_form_of
from models.directory import Organization, OrganizationSource


class OrganizationImport(TableImport):
    """団体の一覧."""

    name = "organizations"
    title = "団体の一覧"
    permission = Permission.ORGANIZATION_IMPORT
    help = (
        "団体名で同じ団体かどうかを見分けます。㈱と株式会社、NPO法人と特定非営利活動法人などの違いは同じ名称とみます。"
    )
    model = Organization
    matches = (Match(("name",), ("folded_name",), fold_name),)
    refusal = "この団体の情報を変更する権限がありません。あすぴあへご連絡ください。"
    columns = (
        column_of(Organization, "name", aliases=["名称", "団体の名称"]),
        column_of(Organization, "reading", aliases=["ふりがな", "フリガナ", "読み"]),
        column_of(Organization, "kind", aliases=["団体の種別", "種類"]),
        column_of(Organization, "legal_form", aliases=["法人の種類"]),
        column_of(Organization, "purpose", aliases=["目的"]),
        column_of(Organization, "activities", aliases=["活動内容"]),
        column_of(Organization, "web", aliases=["ホームページ", "URL"]),
        column_of(Organization, "is_confirmed"),
        column_of(Organization, "note"),
    )

    def derived(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"folded_name": fold_name(values["name"])} if values.get("name") else {}

    def completed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"legal_form": legal_form_of(values["name"])} if values.get("name") else {}

    def defaults(self, context: Context) -> Mapping[str, Any]:
        return {"source": OrganizationSource.ENTERED}


register_import(OrganizationImport())
