"""The form of a project, with its partner lines, and what it says to the services."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select
from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from admin_views.base import resolver
from app.access.scopes import as_key
from app.extensions import db
from app.lookup_fields import RelationField, RelationsField
from app.registry.lines import PartnerLine
from app.registry.values import DATES, TEXTS
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    ChoicesField,
    DateField,
    FiscalYearField,
    LineField,
    LongTextField,
    YenField,
    optional,
)
from models.base import Base
from models.directory import Organization, OrganizationKind
from models.reference import CollaborationForm, Department, Effect, PolicyBasis, Principle, Program, ProjectCategory
from models.registry import HostedBy, Project, ProjectPartner, ProjectStatus

REQUIRED = "入力してください。"
#: Plain attributes of a project that the form has a field for.
_VALUES = (
    "name",
    "fiscal_year",
    "status",
    *TEXTS,
    *DATES,
    "hosted_by",
    "cost_yen",
    "category_id",
    "policy_basis_id",
    "program_id",
)


def _label(name: str, model: type[Base] = Project) -> str:
    return str(model.__table__.c[name].info["label"])


def short_list(model: type[Any], *order: Any, only: Any = None) -> list[tuple[int, str]]:
    """(id, name) of a small reference table, read once a request."""
    known: dict[type[Any], list[tuple[int, str]]] = g.setdefault("short_lists", {})
    if model not in known:
        query = select(model.id, model.name).order_by(*order)
        if only is not None:
            query = query.where(only)
        known[model] = [(row.id, row.name) for row in db.session.execute(query)]
    return known[model]


def form_choices() -> list[tuple[int, str]]:
    """The maintained list of forms, in its order."""
    return short_list(CollaborationForm, CollaborationForm.position, CollaborationForm.id)


class PartnerForm(BackOfficeForm):
    """One partner line."""

    key = HiddenField()
    organization_id = RelationField(
        _label("organization_id", ProjectPartner),
        [],
        lookup="organization.lookup_view",
        resolve=resolver(Organization, lambda row: str(row.name)),
        description="団体のデータにあれば選びます。なければ空のまま、下の名称を入力します。",
    )
    name = LineField("一覧に載せる名称", [optional()], description="空のときは、団体名をそのまま載せます。")
    form_id = ChoiceField(_label("form_id", ProjectPartner), [optional()], choices=form_choices, coerce=int)
    kind = ChoiceField(
        _label("kind", ProjectPartner), [optional()], choices=OrganizationKind.choices(), coerce=OrganizationKind
    )
    is_generic = BooleanField("1つの団体ではなく総称(「小学校」「自治会」など)")
    is_person = BooleanField("個人か、個人の氏名を含む(公開する情報に出さない)")
    note = LineField("注記", [optional()], length=1000)
    position = IntegerField("順", [optional(), NumberRange(0, 999, message="0から999までの数を入力してください。")])


class ProjectForm(BackOfficeForm):
    """A project. `values()` and the others give what the services take."""

    name = LineField(_label("name"), [InputRequired(REQUIRED)])
    fiscal_year = FiscalYearField(
        _label("fiscal_year"), [InputRequired(REQUIRED)], description="例: 令和8年度、R8、2026"
    )
    departments = RelationsField(
        "課名",
        [InputRequired("課名を1つ以上選んでください。")],
        lookup="department.lookup_view",
        resolve=resolver(Department),
    )
    status = ChoiceField(_label("status"), choices=ProjectStatus.choices(), coerce=ProjectStatus, empty=None)
    summary = LongTextField(_label("summary"), [optional()])
    partners = FieldList(FormField(PartnerForm, "協働相手"), "協働相手", max_entries=60)
    alone_or_together = LongTextField(_label("alone_or_together"), [optional()])
    strengths = LongTextField(_label("strengths"), [optional()])
    why_collaborate = LongTextField(_label("why_collaborate"), [optional()])
    category_id = ChoiceField(
        _label("category_id"),
        [optional()],
        choices=lambda: short_list(ProjectCategory, ProjectCategory.number),
        coerce=int,
    )
    not_pursued_reason = LongTextField(_label("not_pursued_reason"), [optional()])
    form_reason = LongTextField(_label("form_reason"), [optional()])
    hosted_by = ChoiceField(_label("hosted_by"), [optional()], choices=HostedBy.choices(), coerce=HostedBy)
    endorsement_applied_on = DateField(_label("endorsement_applied_on"), [optional()])
    endorsement_approved_on = DateField(_label("endorsement_approved_on"), [optional()])
    committee_members = LongTextField(_label("committee_members"), [optional()])
    why_this_partner = LongTextField(_label("why_this_partner"), [optional()])
    selection_method = LongTextField(_label("selection_method"), [optional()])
    effects = ChoicesField("期待する効果", choices=lambda: short_list(Effect, Effect.number), coerce=int)
    common_goal = LongTextField(_label("common_goal"), [optional()])
    group_role = LongTextField(_label("group_role"), [optional()])
    city_role = LongTextField(_label("city_role"), [optional()])
    agreed_on = DateField(_label("agreed_on"), [optional()])
    agreement_note = LongTextField(_label("agreement_note"), [optional()])
    contract_on = DateField(_label("contract_on"), [optional()])
    contract_note = LongTextField(_label("contract_note"), [optional()])
    evaluation_plan = LongTextField(_label("evaluation_plan"), [optional()])
    publication_plan = LongTextField(_label("publication_plan"), [optional()])
    principles = ChoicesField(
        "よりどころとする原則", choices=lambda: short_list(Principle, Principle.number), coerce=int
    )
    policy_basis_id = ChoiceField(
        _label("policy_basis_id"),
        [optional()],
        choices=lambda: short_list(PolicyBasis, PolicyBasis.year_month),
        coerce=int,
    )
    program_id = ChoiceField(
        _label("program_id"), [optional()], choices=lambda: short_list(Program, Program.id), coerce=int
    )
    starts_on = DateField(_label("starts_on"), [optional()])
    ends_on = DateField(_label("ends_on"), [optional()])
    cost_yen = YenField(_label("cost_yen"), [optional()])
    review_note = LongTextField(_label("review_note"), [optional()])
    reading_note = LongTextField(_label("reading_note"), [optional()])
    reason = LineField(
        "変更の理由",
        [optional()],
        description="公表後に修正するときや、規則によらず推進担当が実施にするときに書きます。変更の記録に残ります。",
    )

    def values(self) -> dict[str, Any]:
        """Plain attributes of the project."""
        return {name: self[name].data for name in _VALUES}

    def lines(self, project: Project | None) -> list[PartnerLine]:
        """The partner lines in the order asked for; lines left blank are dropped."""
        held = {str(partner.id): partner for partner in project.partners} if project is not None else {}
        entered: list[tuple[int, PartnerLine]] = []
        for place, entry in enumerate(self.partners.entries, start=1):
            data = entry.form.data
            if not (data["name"] or data["organization_id"]):
                continue
            stored = held.get(str(data["key"] or ""))
            line = PartnerLine(
                name=data["name"] or "",
                id=stored.id if stored else as_key(data["key"] or ""),
                organization_id=data["organization_id"],
                form_id=data["form_id"],
                form_as_published=stored.form_as_published if stored else None,
                kind=data["kind"],
                is_generic=data["is_generic"],
                is_person=data["is_person"],
                note=data["note"],
            )
            entered.append((place * 10 if data["position"] is None else data["position"] * 10, line))
        return [line for _, line in sorted(entered, key=lambda item: item[0])]


def form_data(project: Project) -> dict[str, Any]:
    """What the form of a stored project opens with."""
    return {name: getattr(project, name) for name in _VALUES} | {
        "departments": [row.id for row in project.departments],
        "principles": [row.id for row in project.principles],
        "effects": [row.id for row in project.effects],
        "partners": [
            {
                "key": str(line.id),
                "organization_id": line.organization_id,
                "name": line.name_as_published,
                "form_id": line.form_id,
                "kind": line.kind,
                "is_generic": line.is_generic,
                "is_person": line.is_person,
                "note": line.note,
                "position": line.position,
            }
            for line in project.partners
        ],
    }


GROUPS: list[tuple[str, list[str]]] = [
    ("基本の項目", ["name", "fiscal_year", "departments", "status", "summary"]),
    ("協働相手と形態", ["partners"]),
    ("1 可能性検討", ["alone_or_together", "strengths", "why_collaborate", "category_id", "not_pursued_reason"]),
    (
        "2 形態選択",
        ["form_reason", "hosted_by", "endorsement_applied_on", "endorsement_approved_on", "committee_members"],
    ),
    ("3 パートナー選択", ["why_this_partner", "selection_method", "effects"]),
    (
        "4 ブラッシュアップ",
        [
            "common_goal",
            "group_role",
            "city_role",
            "agreed_on",
            "agreement_note",
            "contract_on",
            "contract_note",
            "evaluation_plan",
            "publication_plan",
            "principles",
            "policy_basis_id",
            "program_id",
        ],
    ),
    ("5 実施", ["starts_on", "ends_on", "cost_yen"]),
    ("6 振り返り・評価", ["review_note"]),
    ("記録", ["reading_note", "reason"]),
]
