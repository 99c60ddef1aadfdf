"""The form of a proposal: what a group handed in, with its budget, partners and other subsidies."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import FieldList, FormField
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.proposal_rows import BudgetForm, PartnerForm, SubsidyForm
from app.access.login import current_actor
from app.access.scopes import scoped
from app.calls import queries
from app.calls.proposal_values import CONTACTS, TEXTS, BudgetRow, PartnerRow, SubsidyRow
from app.extensions import db
from app.lookup_fields import RelationField
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    DateField,
    LineField,
    LongTextField,
    NeededWhen,
    YenField,
    optional,
)
from models.calls import Call, Challenge
from models.directory import Organization, OrganizationKind
from models.proposal_lines import TaxKind
from models.proposals import Proposal
from models.reference import Department

REQUIRED = "入力してください。"
_ANSWERS = {"yes": True, "no": False}
_YES_NO = [("yes", "はい"), ("no", "いいえ")]
STATEMENTS = ("is_nonprofit", "is_organized_by_applicant", "is_in_city", "states_no_other_subsidy")
PLAIN = (
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
    "predecessor_id",
)
#: Without it the rules say 未入力, and a proposal is not received.
_NEEDED = NeededWhen("受付に必要")


def _label(name: str) -> str:
    return str(Proposal.__table__.c[name].info["label"])


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


def _predecessors() -> list[tuple[int, str]]:
    """The group's proposals of earlier years; none while no group is chosen."""
    found = g.get("form_predecessors")
    return [(one.id, f"{one.title}({one.call})") for one in found or ()]


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
    challenge_id = ChoiceField(_label("challenge_id"), [_NEEDED], choices=_challenges, coerce=int)
    department_id = RelationField(
        _label("department_id"),
        [],
        lookup="department.lookup_view",
        resolve=resolver(Department),
        description="空のときは、課題・テーマを出した課になります。",
    )
    received_on = DateField(_label("received_on"), [optional()])
    requested_yen = YenField(_label("requested_yen"), [_NEEDED])
    starts_on = DateField(_label("starts_on"), [_NEEDED])
    ends_on = DateField(_label("ends_on"), [_NEEDED])
    place = LineField(_label("place"), [optional()])
    purpose = LongTextField(_label("purpose"), [optional()], length=4_000)
    content = LongTextField(_label("content"), [optional()])
    schedule = LongTextField(_label("schedule"), [optional()], length=4_000)
    expected_effect = LongTextField(_label("expected_effect"), [optional()], length=4_000)
    organization_structure = LongTextField(_label("organization_structure"), [optional()], length=4_000)
    budget = FieldList(FormField(BudgetForm, "経費"), "経費の内訳", max_entries=100)
    is_nonprofit = ChoiceField(_label("is_nonprofit"), [_NEEDED], choices=_YES_NO, empty="未記入")
    is_organized_by_applicant = ChoiceField(
        _label("is_organized_by_applicant"), [_NEEDED], choices=_YES_NO, empty="未記入"
    )
    is_in_city = ChoiceField(_label("is_in_city"), [_NEEDED], choices=_YES_NO, empty="未記入")
    states_no_other_subsidy = ChoiceField(
        _label("states_no_other_subsidy"), [_NEEDED], choices=[("yes", "ある"), ("no", "ない")], empty="未記入"
    )
    other_subsidies = FieldList(FormField(SubsidyForm, "ほかの補助金"), "ほかの補助金", max_entries=20)
    partners = FieldList(FormField(PartnerForm, "協力団体"), "協力団体", max_entries=30)
    representative_name = LineField(_label("representative_name"), [optional()], length=100)
    contact_name = LineField(_label("contact_name"), [optional()], length=100)
    contact_phone = LineField(_label("contact_phone"), [optional()], length=40)
    contact_email = LineField(_label("contact_email"), [optional()], length=254)
    contact_address = LineField(_label("contact_address"), [optional()], length=300)
    predecessor_id = ChoiceField(
        _label("predecessor_id"),
        [optional()],
        choices=_predecessors,
        coerce=int,
        empty="なし",
        description="同じ団体の、前の年度からの続きのときに選びます。この事業のページで年度のつながりとして示します。",
    )
    note = LongTextField(_label("note"), [optional()], length=4_000)

    def values(self) -> dict[str, Any]:
        """Plain attributes of the proposal."""
        plain = {name: self[name].data for name in PLAIN}
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


#: What stands open in the form, and what is folded until it is wanted.
OPEN_GROUPS: list[tuple[str, list[str]]] = [
    ("応募", ["organization_id", "title", "challenge_id", "received_on"]),
    ("金額と期間", ["requested_yen", "starts_on", "ends_on"]),
    ("経費", ["budget"]),
    ("団体の申出", [*STATEMENTS]),
    ("事業の内容", ["purpose", "content", "place", "schedule", "expected_effect", "organization_structure"]),
]
FOLDED_GROUPS: list[tuple[str, list[str]]] = [
    ("協力団体", ["partners"]),
    ("ほかの補助金", ["other_subsidies"]),
    ("連絡先(推進担当だけに表示)", [*CONTACTS]),
    ("担当課・前の年度とのつながり・備考", ["department_id", "predecessor_id", "note"]),
]
GROUPS = [*OPEN_GROUPS, *FOLDED_GROUPS]
