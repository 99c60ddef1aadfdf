"""The tables of the handbook's reference data, each with its columns and its form."""

from __future__ import annotations

from typing import Any

from admin_views.columns import Column, Filter
from admin_views.reference_base import ReferenceView, plain, view
from models.reference import (
    ActivityField,
    Area,
    CheckItem,
    CheckPoint,
    Chronicle,
    CollaborationForm,
    Department,
    Effect,
    EvaluationPoint,
    PolicyBasis,
    Principle,
    Program,
    ProjectCategory,
    Skill,
)


def _council(value: str) -> Any:
    if value not in {"1", "0"}:
        raise ValueError
    return Department.is_council_member.is_(value == "1")


def tables() -> list[ReferenceView]:
    """The handbook's lists: departments, fields, forms, principles, check items and so on."""
    return [
        view(
            Department,
            "department",
            "課の一覧",
            [
                "code",
                "name",
                "bureau",
                "is_council_member",
                "council_order",
                "valid_from",
                "valid_until",
                "successor_id",
                "note",
            ],
            columns=[
                plain(Department, "name", sort=True),
                plain(Department, "bureau"),
                plain(Department, "is_council_member"),
                plain(Department, "council_order"),
                plain(Department, "valid_from", is_default=False),
                plain(Department, "valid_until", is_default=False),
                plain(Department, "code", is_default=False),
            ],
            order=(Department.id,),
            lookup="name",
            lookups={"successor_id": "department.lookup_view"},
            lead="名称の変わった課や統合された課も残し、引継ぎ先でつなぎます。",
            filters=[
                Filter(
                    "council",
                    "庁内検討会議の構成課",
                    _council,
                    options=lambda session, actor: [("1", "構成課"), ("0", "構成課以外")],
                )
            ],
        ),
        view(
            CollaborationForm,
            "collaboration-form",
            "協働の形態",
            ["code", "name", "definition", "position", "is_defined_in_handbook", "is_active", "parent_id", "note"],
            columns=[
                plain(CollaborationForm, "name", sort=True),
                plain(CollaborationForm, "definition"),
                plain(CollaborationForm, "is_defined_in_handbook"),
                plain(CollaborationForm, "is_active"),
            ],
            order=(CollaborationForm.position,),
            lookup="name",
            lookups={"parent_id": "collaboration-form.lookup_view"},
        ),
        view(
            ActivityField,
            "activity-field",
            "活動分野",
            ["number", "name", "list_version", "note"],
            columns=[
                plain(ActivityField, "name"),
                plain(ActivityField, "number", sort=True),
                plain(ActivityField, "note"),
            ],
            order=(ActivityField.number,),
            lookup="name",
            lead="特定非営利活動促進法の別表の20分野です。",
        ),
        view(
            ProjectCategory,
            "project-category",
            "協働に適した事業の分類",
            ["number", "name", "effect", "examples"],
            columns=[
                plain(ProjectCategory, "name"),
                plain(ProjectCategory, "effect"),
                plain(ProjectCategory, "examples"),
            ],
            order=(ProjectCategory.number,),
            lookup="name",
        ),
        view(
            Principle,
            "principle",
            "協働の原則",
            ["number", "name", "attitude"],
            columns=[plain(Principle, "name"), plain(Principle, "number", sort=True), plain(Principle, "attitude")],
            order=(Principle.number,),
            lookup="name",
        ),
        view(
            Effect,
            "effect",
            "協働の効果",
            ["number", "name", "description"],
            columns=[plain(Effect, "name"), plain(Effect, "number", sort=True), plain(Effect, "description")],
            order=(Effect.number,),
            lookup="name",
        ),
        view(
            CheckItem,
            "check-item",
            "相互チェックシートの項目",
            ["stage", "number", "wording"],
            columns=[
                plain(CheckItem, "wording"),
                plain(CheckItem, "stage"),
                plain(CheckItem, "number"),
            ],
            order=(CheckItem.id,),
            lookup="wording",
            lead="文言は市の正式なものに置き換えられます。",
        ),
        view(
            CheckPoint,
            "check-point",
            "チェックシートのPOINT",
            ["stage", "number", "title", "wording"],
            columns=[plain(CheckPoint, "title"), plain(CheckPoint, "stage"), plain(CheckPoint, "wording")],
            order=(CheckPoint.id,),
            lookup="title",
        ),
        view(
            EvaluationPoint,
            "evaluation-point",
            "評価ポイント",
            ["number", "name", "question", "opens_into_principles"],
            columns=[
                plain(EvaluationPoint, "name"),
                plain(EvaluationPoint, "question"),
                plain(EvaluationPoint, "opens_into_principles"),
            ],
            order=(EvaluationPoint.number,),
            lookup="name",
        ),
        view(
            Skill,
            "skill",
            "技能の分類",
            ["code", "name", "group", "synonyms"],
            columns=[plain(Skill, "name", sort=True), plain(Skill, "group"), plain(Skill, "synonyms")],
            order=(Skill.id,),
            lookup="name",
        ),
        view(
            Area,
            "area",
            "町名",
            ["name", "reading", "variants", "position"],
            columns=[plain(Area, "name"), plain(Area, "reading"), plain(Area, "variants")],
            order=(Area.position,),
            lookup="name",
        ),
        view(
            Program,
            "program",
            "公募制度",
            ["name", "source", "is_closed"],
            columns=[
                plain(Program, "name"),
                plain(Program, "is_closed"),
                Column("unset", "未設定の規則", lambda record: f"{len(record.unset_rules)}件"),
                plain(Program, "source"),
            ],
            order=(Program.id,),
            lookup="name",
            lead="制度の規則は募集を開くときに写し取られます。ハンドブックにない値は「未設定」のままにしてあります。",
        ),
        view(
            Chronicle,
            "chronicle",
            "協働の取組経過",
            ["fiscal_year", "text", "source"],
            columns=[
                plain(Chronicle, "text"),
                Column("year", "年度", lambda record: record.fiscal_year, show=_year, sort=(Chronicle.fiscal_year,)),
                plain(Chronicle, "source", is_default=False),
            ],
            order=(Chronicle.fiscal_year,),
            lookup="text",
            lead="資料1の表を、年度ごとに書き足していきます。",
        ),
        view(
            PolicyBasis,
            "policy-basis",
            "協働の政策的位置付け",
            ["year_month", "name", "summary"],
            columns=[
                plain(PolicyBasis, "name"),
                plain(PolicyBasis, "year_month", sort=True),
                plain(PolicyBasis, "summary"),
            ],
            order=(PolicyBasis.year_month,),
            lookup="name",
        ),
    ]


def _year(record: Any) -> str:
    from app.japanese.dates import format_fiscal_year

    return format_fiscal_year(record.fiscal_year)
