"""What is typed into a proposal: plain values, lines, and what is refused at once (all else is a finding)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from app.problems import Invalid
from models.directory import OrganizationKind
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner, TaxKind
from models.proposals import Proposal

#: More is no budget of a citizens' group; PostgreSQL keeps it in 64 bits.
MOST_YEN = 10**12
MOST_QUANTITY = 1_000_000
TEXTS = ("purpose", "content", "place", "schedule", "expected_effect", "organization_structure")
CONTACTS = ("representative_name", "contact_name", "contact_phone", "contact_email", "contact_address")
PLAIN = (
    "title",
    *TEXTS,
    "starts_on",
    "ends_on",
    "requested_yen",
    "is_nonprofit",
    "is_organized_by_applicant",
    "is_in_city",
    "states_no_other_subsidy",
    *CONTACTS,
    "received_on",
    "note",
    "organization_id",
    "challenge_id",
    "department_id",
    "predecessor_id",
)


@dataclasses.dataclass(frozen=True)
class BudgetRow:
    """One line of the budget as typed; tax_percent in whole percent."""

    label: str
    unit_price_yen: int
    quantity: int = 1
    category: str = ""
    tax: TaxKind = TaxKind.INCLUDED
    tax_percent: int = 10
    is_eligible: bool = True


@dataclasses.dataclass(frozen=True)
class PartnerRow:
    """A co-operating partner as typed."""

    name: str
    part: str = ""
    organization_id: int | None = None
    kind: OrganizationKind | None = None


@dataclasses.dataclass(frozen=True)
class SubsidyRow:
    """Another subsidy as stated."""

    giver: str
    amount_yen: int | None = None
    note: str | None = None


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a proposal has columns for; what no row can hold is refused with a sentence per field.

    Raises Invalid: no title, an amount of 0 or less or above 1e12, an end before the start.
    """
    clean = {name: value for name, value in values.items() if name in PLAIN}
    for name in ("title", *TEXTS):
        if name in clean:
            clean[name] = (clean[name] or "").strip()
    problems: dict[str, str] = {}
    if "title" in clean and not clean["title"]:
        problems["title"] = "事業名を入力してください。"
    requested = clean.get("requested_yen")
    if requested is not None and requested <= 0:
        problems["requested_yen"] = "希望額は1円以上で入力してください。"
    elif requested is not None and requested > MOST_YEN:
        problems["requested_yen"] = "希望額が大きすぎます。円の単位で、正しい金額を入力してください。"
    start, end = clean.get("starts_on"), clean.get("ends_on")
    if isinstance(start, dt.date) and isinstance(end, dt.date) and end < start:
        problems["ends_on"] = "実施期間の末日が、初日より前です。日付を直してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    return clean


def check_rows(budget: Sequence[BudgetRow], subsidies: Sequence[SubsidyRow]) -> None:
    """Raise Invalid for amounts that are no amounts. Equal lines are a finding of the rules, not an error."""
    for number, row in enumerate(budget, start=1):
        if not row.label.strip():
            raise Invalid(f"経費の{number}行目に内容を入力してください。")
        if not 0 <= row.unit_price_yen <= MOST_YEN:
            raise Invalid(f"経費の{number}行目の単価は、0円から1兆円までで入力してください。")
        if not 1 <= row.quantity <= MOST_QUANTITY:
            raise Invalid(f"経費の{number}行目の数量は、1から{MOST_QUANTITY:,}までで入力してください。")
        if not 0 <= row.tax_percent <= 100:
            raise Invalid(f"経費の{number}行目の税率は、0から100までで入力してください。")
    for number, subsidy in enumerate(subsidies, start=1):
        if not subsidy.giver.strip():
            raise Invalid(f"ほかの補助金の{number}行目に、補助の出し手を入力してください。")
        if subsidy.amount_yen is not None and not 0 <= subsidy.amount_yen <= MOST_YEN:
            raise Invalid(f"ほかの補助金の{number}行目の金額を確かめてください。")


def put_budget(proposal: Proposal, rows: Sequence[BudgetRow]) -> None:
    """Make the budget read as given; what stays equal stays the same row."""
    _put(proposal.budget_lines, rows, BudgetLine)


def put_partners(proposal: Proposal, rows: Sequence[PartnerRow]) -> None:
    """The same of partners."""
    _put(proposal.partners, rows, ProposalPartner)


def put_subsidies(proposal: Proposal, rows: Sequence[SubsidyRow]) -> None:
    """The same of other subsidies."""
    _put(proposal.other_subsidies, rows, OtherSubsidy)


def _put(lines: list[Any], rows: Sequence[Any], model: type[Any]) -> None:
    for place, row in enumerate(rows):
        values = dataclasses.asdict(row) | {"position": place + 1}
        if place < len(lines):
            for name, value in values.items():
                if getattr(lines[place], name) != value:
                    setattr(lines[place], name, value)
        else:
            lines.append(model(**values))
    del lines[len(rows) :]
