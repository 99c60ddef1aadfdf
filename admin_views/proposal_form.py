"""The form of a proposal: what a group handed in, with its budget, partners and other subsidies."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, FieldList, FormField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from admin_views.base import resolver
from app.access.login import current_actor
from app.access.scopes import scoped
from app.calls import queries
from app.calls.proposal_values import CONTACTS, MOST_QUANTITY, TEXTS, BudgetRow, PartnerRow, SubsidyRow
from app.extensions import db
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    DateField,
    LineField,
    LongTextField,
    RelationField,
    YenField,
    optional,
)
from models.calls import Call, Challenge
from models.directory import Organization, OrganizationKind
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner, TaxKind
from models.proposals import Proposal
from models.reference import Department

REQUIRED = "入力してください。"
_ANSWERS = {"yes": True, "no": False}
_YES_NO = [("yes", "はい"), ("no", "いいえ")]
STATEMENTS = ("is_nonprofit", "is_organized_by_applicant", "is_in_city", "states_no_other_subsidy")
_PLAIN = (
    "title",
    *TEXTS,
    "starts_on",
    "ends_on",
    "requested_yen",
    *CONTACTS,
    "received_on",
    "note",
    "organization_id",
    "challenge_id",
    "department_id",
)
RATES = [(10, "10%"), (8, "8%"), (0, "0%(非課税・対象外)")]


def _label(name: str, model: type[Any] = Proposal) -> str:
    return str(model.__table__.c[name].info["label"])


def open_calls() -> list[Call]:
    """The calls that take proposals, read once a request."""
    if "open_calls" not in g:
        g.open_calls = list(queries.open_calls(db.session(), current_actor()))
    found: list[Call] = g.open_calls
    return found


def _challenges() -> list[tuple[int, str]]:
    """Challenges of the call that the form is for; of all open calls while none is chosen."""
    call_id = g.get("form_call_id")
    query = scoped(Challenge, current_actor()).where(Challenge.call_id.is_not(None)).options(joinedload(Challenge.call))
    if call_id is not None:
        query = query.where(Challenge.call_id == call_id)
    else:
        query = query.where(Challenge.call_id.in_([call.id for call in open_calls()]))
    rows = db.session.scalars(query.order_by(Challenge.call_id, Challenge.position, Challenge.id)).all()
    return [(one.id, one.title if call_id is not None else f"{one.title}({one.call})") for one in rows]


class BudgetForm(BackOfficeForm):
    """One line of the budget."""

    label = LineField(_label("label", BudgetLine), [optional()], length=200)
    category = LineField(
        _label("category", BudgetLine), [optional()], length=60, description="例: 謝礼、印刷費、会場費"
    )
    unit_price_yen = YenField(_label("unit_price_yen", BudgetLine), [optional()])
    quantity = IntegerField(
        _label("quantity", BudgetLine),
        [optional(), NumberRange(1, MOST_QUANTITY, message="1以上の数を入力してください。")],
        default=1,
    )
    tax = ChoiceField(
        _label("tax", BudgetLine), choices=TaxKind.choices(), coerce=TaxKind, empty=None, default=TaxKind.INCLUDED
    )
    tax_percent = ChoiceField(_label("tax_percent", BudgetLine), choices=RATES, coerce=int, empty=None, default=10)
    is_eligible = BooleanField("補助の対象になる経費", default=True)


class PartnerForm(BackOfficeForm):
    """One co-operating partner."""

    organization_id = RelationField(
        "団体のデータ",
        [],
        lookup="organization.lookup_view",
        resolve=resolver(Organization, lambda row: str(row.name)),
    )
    name = LineField(
        _label("name", ProposalPartner), [optional()], description="空のときは、団体のデータの名称にします。"
    )
    part = LineField(_label("part", ProposalPartner), [optional()], length=1_000)


class SubsidyForm(BackOfficeForm):
    """One other subsidy."""

    giver = LineField(_label("giver", OtherSubsidy), [optional()], length=200, description="例: 東京都、財団名")
    amount_yen = YenField(_label("amount_yen", OtherSubsidy), [optional()])
    note = LineField(_label("note", OtherSubsidy), [optional()])


class ProposalForm(BackOfficeForm):
    """A proposal. `values()` and the others give what the services take."""

    call_id = ChoiceField(
        "募集",
        [InputRequired("募集を選んでください。")],
        choices=lambda: [(call.id, call.name) for call in open_calls()],
        coerce=int,
    )
    organization_id = RelationField(
        _label("organization_id"),
        [InputRequired("応募団体を選んでください。")],
        lookup="organization.lookup_view",
        resolve=resolver(Organization, lambda row: str(row.name)),
        description="団体のデータにないときは、先にあすぴあに登録を依頼してください。",
    )
    title = LineField(_label("title"), [InputRequired(REQUIRED)], length=200)
    challenge_id = ChoiceField(_label("challenge_id"), [optional()], choices=_challenges, coerce=int)
    department_id = RelationField(
        _label("department_id"),
        [],
        lookup="department.lookup_view",
        resolve=resolver(Department),
        description="空のときは、課題・テーマを出した課になります。",
    )
    received_on = DateField(_label("received_on"), [optional()])
    requested_yen = YenField(_label("requested_yen"), [optional()])
    starts_on = DateField(_label("starts_on"), [optional()])
    ends_on = DateField(_label("ends_on"), [optional()])
    place = LineField(_label("place"), [optional()])
    purpose = LongTextField(_label("purpose"), [optional()], length=4_000)
    content = LongTextField(_label("content"), [optional()])
    schedule = LongTextField(_label("schedule"), [optional()], length=4_000)
    expected_effect = LongTextField(_label("expected_effect"), [optional()], length=4_000)
    organization_structure = LongTextField(_label("organization_structure"), [optional()], length=4_000)
    budget = FieldList(FormField(BudgetForm, "経費"), "経費の内訳", max_entries=100)
    is_nonprofit = ChoiceField(_label("is_nonprofit"), [optional()], choices=_YES_NO, empty="未記入")
    is_organized_by_applicant = ChoiceField(
        _label("is_organized_by_applicant"), [optional()], choices=_YES_NO, empty="未記入"
    )
    is_in_city = ChoiceField(_label("is_in_city"), [optional()], choices=_YES_NO, empty="未記入")
    states_no_other_subsidy = ChoiceField(
        _label("states_no_other_subsidy"), [optional()], choices=[("yes", "ある"), ("no", "ない")], empty="未記入"
    )
    other_subsidies = FieldList(FormField(SubsidyForm, "ほかの補助金"), "ほかの補助金", max_entries=20)
    partners = FieldList(FormField(PartnerForm, "協力団体"), "協力団体", max_entries=30)
    representative_name = LineField(_label("representative_name"), [optional()], length=100)
    contact_name = LineField(_label("contact_name"), [optional()], length=100)
    contact_phone = LineField(_label("contact_phone"), [optional()], length=40)
    contact_email = LineField(_label("contact_email"), [optional()], length=254)
    contact_address = LineField(_label("contact_address"), [optional()], length=300)
    note = LongTextField(_label("note"), [optional()], length=4_000)

    def values(self) -> dict[str, Any]:
        """Plain attributes of the proposal."""
        plain = {name: self[name].data for name in _PLAIN}
        return plain | {name: _ANSWERS.get(self[name].data or "") for name in STATEMENTS}

    def budget_rows(self) -> list[BudgetRow]:
        """The lines that are not blank, in order."""
        return [
            BudgetRow(
                label=entry["label"] or "",
                unit_price_yen=entry["unit_price_yen"] if entry["unit_price_yen"] is not None else 0,
                quantity=entry["quantity"] or 1,
                category=entry["category"] or "",
                tax=entry["tax"] or TaxKind.INCLUDED,
                tax_percent=entry["tax_percent"] if entry["tax_percent"] is not None else 10,
                is_eligible=bool(entry["is_eligible"]),
            )
            for entry in self.budget.data
            if entry["label"] or entry["unit_price_yen"] is not None
        ]

    def partner_rows(self) -> list[PartnerRow]:
        """The partners that are not blank; a chosen group gives its name and kind."""
        rows = []
        for entry in self.partners.data:
            group = self._group(entry["organization_id"])
            name = entry["name"] or (group.name if group else "")
            if name:
                kind: OrganizationKind | None = group.kind if group else None
                rows.append(PartnerRow(name, entry["part"] or "", group.id if group else None, kind))
        return rows

    def _group(self, key: int | None) -> Organization | None:
        if key is None:
            return None
        return db.session.scalars(
            select(Organization).where(Organization.id == key)
        ).one_or_none()  # the field has checked that the actor may see it

    def subsidy_rows(self) -> list[SubsidyRow]:
        """The subsidies that are not blank."""
        return [
            SubsidyRow(entry["giver"] or "", entry["amount_yen"], entry["note"])
            for entry in self.other_subsidies.data
            if entry["giver"] or entry["amount_yen"] is not None
        ]


def form_data(proposal: Proposal) -> dict[str, Any]:
    """What the form of a stored proposal opens with."""
    answers = {True: "yes", False: "no", None: None}
    return {name: getattr(proposal, name) for name in _PLAIN} | {
        "call_id": proposal.call_id,
        **{name: answers[getattr(proposal, name)] for name in STATEMENTS},
        "budget": [
            {
                name: getattr(line, name)
                for name in ("label", "category", "unit_price_yen", "quantity", "tax", "tax_percent", "is_eligible")
            }
            for line in proposal.budget_lines
        ],
        "partners": [
            {"organization_id": line.organization_id, "name": line.name, "part": line.part}
            for line in proposal.partners
        ],
        "other_subsidies": [
            {"giver": line.giver, "amount_yen": line.amount_yen, "note": line.note} for line in proposal.other_subsidies
        ],
    }


GROUPS: list[tuple[str, list[str]]] = [
    ("基本の項目", ["call_id", "organization_id", "title", "challenge_id", "received_on", "department_id"]),
    ("金額と期間", ["requested_yen", "starts_on", "ends_on"]),
    ("経費", ["budget"]),
    ("申出", [*STATEMENTS, "other_subsidies"]),
    (
        "事業の内容",
        ["purpose", "content", "place", "schedule", "expected_effect", "organization_structure", "partners"],
    ),
    ("連絡先(推進担当だけに表示)", [*CONTACTS]),
    ("備考", ["note"]),
]
