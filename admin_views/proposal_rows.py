"""The lines of a proposal's form: its budget, its co-operating partners, its other subsidies."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField
from wtforms.validators import NumberRange

from admin_views.base import resolver
from app.calls.proposal_values import MOST_QUANTITY
from app.lookup_fields import RelationField
from app.webforms import BackOfficeForm, ChoiceField, LineField, YenField, optional
from models.base import Base
from models.directory import Organization
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner, TaxKind

RATES = [(10, "10%"), (8, "8%"), (0, "0%(非課税・対象外)")]


def _label(name: str, model: type[Base]) -> str:
    return str(model.__table__.c[name].info["label"])


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
    is_eligible = BooleanField("対象経費", default=True)


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
