"""Screens of the reference data: everybody reads, the office and administrators change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import url_for
from flask_admin import expose

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.model_forms import form_of, values_of
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.reference.services import create_reference, update_reference
from models.base import Base
from models.directory_profile import Audience
from models.directory_registration import RegisteredCount, RegistrationRequirement, RegistrationRule
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


def plain(model: type[Base], name: str, *, sort: bool = False, is_default: bool = True) -> Column:
    """A column that shows an attribute under its own label."""
    column = model.__mapper__.columns[name]
    return Column(
        key=name,
        label=column.info["label"],
        value=lambda record: getattr(record, name),
        sort=(getattr(model, name),) if sort else (),
        is_number=name.endswith("_yen"),
        is_default=is_default,
        attribute=name,
        needs=(name,),
    )


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


class ReferenceView(GuardedView):
    """A small table that everybody reads. `reference:edit` changes it."""

    resource = "reference"
    in_menu = False
    fields: ClassVar[Sequence[str]] = ()

    def may(self, action: str) -> bool:
        """Reference tables share two permissions: read (also as a file) and edit (also to add)."""
        return super().may({"create": "edit", "export": "read"}.get(action, action))

    def insert(self, form: Any) -> Any:
        return create_reference(self.db_session, self.model, actor=self.actor, values=values_of(form, self.model))

    def change(self, record: Any, form: Any, version: int | None) -> None:
        values = values_of(form, self.model)
        update_reference(self.db_session, record, actor=self.actor, values=values, version=version)


def _view(
    model: type[Base],
    endpoint: str,
    title: str,
    names: Sequence[str],
    *,
    columns: Sequence[Column],
    order: Sequence[Any],
    lookup: str,
    lead: str | None = None,
    lookups: dict[str, str] | None = None,
    filters: Sequence[Filter] = (),
    eager: Sequence[Any] = (),
) -> ReferenceView:
    kind = type(
        f"{model.__name__}View",
        (ReferenceView,),
        {
            "model": model,
            "title": title,
            "lead": lead,
            "columns": columns,
            "default_order": order,
            "lookup_attribute": lookup,
            "form_class": form_of(model, names, lookups=lookups),
            "filters": filters,
            "eager": eager,
        },
    )
    view: ReferenceView = kind(endpoint=endpoint)
    return view


def _council(value: str) -> Any:
    if value not in {"1", "0"}:
        raise ValueError
    return Department.is_council_member.is_(value == "1")


def screens() -> list[Screen]:
    """The page of all tables, and each table."""
    views = _tables()
    return [ReferenceIndex(views), *views]


def _tables() -> list[ReferenceView]:
    return [
        _view(
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
        _view(
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
        _view(
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
        _view(
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
        _view(
            Principle,
            "principle",
            "協働の原則",
            ["number", "name", "attitude"],
            columns=[plain(Principle, "name"), plain(Principle, "number", sort=True), plain(Principle, "attitude")],
            order=(Principle.number,),
            lookup="name",
        ),
        _view(
            Effect,
            "effect",
            "協働の効果",
            ["number", "name", "description"],
            columns=[plain(Effect, "name"), plain(Effect, "number", sort=True), plain(Effect, "description")],
            order=(Effect.number,),
            lookup="name",
        ),
        _view(
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
        _view(
            CheckPoint,
            "check-point",
            "チェックシートのPOINT",
            ["stage", "number", "title", "wording"],
            columns=[plain(CheckPoint, "title"), plain(CheckPoint, "stage"), plain(CheckPoint, "wording")],
            order=(CheckPoint.id,),
            lookup="title",
        ),
        _view(
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
        _view(
            Skill,
            "skill",
            "技能の分類",
            ["code", "name", "group", "synonyms"],
            columns=[plain(Skill, "name", sort=True), plain(Skill, "group"), plain(Skill, "synonyms")],
            order=(Skill.id,),
            lookup="name",
        ),
        _view(
            Area,
            "area",
            "町名",
            ["name", "reading", "variants", "position"],
            columns=[plain(Area, "name"), plain(Area, "reading"), plain(Area, "variants")],
            order=(Area.position,),
            lookup="name",
        ),
        _view(
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
        _view(
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
        _view(
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
        *_directory_views(),
    ]


def _directory_views() -> list[ReferenceView]:
    """What the directory is configured by: audiences, the rules of registration, the numbers of earlier years."""
    return [
        _view(
            Audience,
            "audience",
            "対象",
            ["code", "name", "position"],
            columns=[plain(Audience, "name"), plain(Audience, "code"), plain(Audience, "position", sort=True)],
            order=(Audience.position,),
            lookup="name",
        ),
        _view(
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
            lead="登録証の有効期間と、期限を知らせ始める日です。いちばん上の行を使います。",
        ),
        _view(
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
        _view(
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


def _year(record: Any) -> str:
    from app.japanese.dates import format_fiscal_year

    return format_fiscal_year(record.fiscal_year)
