"""What a form of a proposal says: its lines as rows, and every cell in words, to be laid beside what is stored."""

from __future__ import annotations

from app.calls.form_fields import CHALLENGE, FIELDS
from app.calls.form_reading import FormContent
from app.calls.proposal_values import BudgetRow, PartnerRow, SubsidyRow
from models.directory import OrganizationKind
from models.proposal_lines import TaxKind
from models.proposals import Proposal


def budget_rows(content: FormContent) -> list[BudgetRow]:
    """The budget; what is left blank: number 1, 税込, 10 %, 対象."""
    return [
        BudgetRow(
            label=row.get("label") or "",
            unit_price_yen=row.get("unit_price_yen") or 0,
            quantity=row.get("quantity") or 1,
            category=row.get("category") or "",
            tax=TaxKind(row.get("tax") or TaxKind.INCLUDED),
            tax_percent=10 if row.get("tax_percent") is None else row["tax_percent"],
            is_eligible=row.get("is_eligible") != "no",
        )
        for row in content.budget
    ]


def partner_rows(content: FormContent) -> list[PartnerRow]:
    """Partners by name."""
    return [
        PartnerRow(
            name=row.get("name") or "",
            part=row.get("part") or "",
            kind=OrganizationKind(row["kind"]) if row.get("kind") else None,
        )
        for row in content.partners
    ]


def subsidy_rows(content: FormContent) -> list[SubsidyRow]:
    """Other subsidies as stated."""
    return [SubsidyRow(row.get("giver") or "", row.get("amount_yen"), row.get("note")) for row in content.subsidies]


def cells_in(content: FormContent) -> dict[str, str]:
    """Every cell of the form as a person reads it."""
    cells = {CHALLENGE: content.challenge}
    for field in FIELDS:
        text = content.fields.get(field.name, "")
        try:
            cells[field.label] = field.show(field.read(text)) if text else ""
        except ValueError:
            cells[field.label] = text
    return cells | _lines_in_words(budget_rows(content), partner_rows(content), subsidy_rows(content))


def cells_of(proposal: Proposal) -> dict[str, str]:
    """The same cells of a stored proposal."""
    cells = {CHALLENGE: proposal.challenge.title if proposal.challenge is not None else ""}
    for field in FIELDS:
        cells[field.label] = field.show(getattr(proposal, field.name))
    budget = [
        BudgetRow(
            line.label, line.unit_price_yen, line.quantity, line.category, line.tax, line.tax_percent, line.is_eligible
        )
        for line in proposal.budget_lines
    ]
    partners = [PartnerRow(one.name, one.part, None, one.kind) for one in proposal.partners]
    subsidies = [SubsidyRow(one.giver, one.amount_yen, one.note) for one in proposal.other_subsidies]
    return cells | _lines_in_words(budget, partners, subsidies)


def _lines_in_words(budget: list[BudgetRow], partners: list[PartnerRow], subsidies: list[SubsidyRow]) -> dict[str, str]:
    words: dict[str, str] = {}
    for number, row in enumerate(budget, start=1):
        tax = f"{row.tax.label}{row.tax_percent}%"
        price = f"{row.unit_price_yen:,}円×{row.quantity:,}"
        eligible = "対象" if row.is_eligible else "対象外"
        words[f"収支予算{number}"] = " ".join(part for part in (row.category, row.label, price, tax, eligible) if part)
    for number, partner in enumerate(partners, start=1):
        kind = partner.kind.label if partner.kind else ""
        words[f"協力団体{number}"] = " ".join(part for part in (partner.name, kind, partner.part) if part)
    for number, subsidy in enumerate(subsidies, start=1):
        amount = f"{subsidy.amount_yen:,}円" if subsidy.amount_yen is not None else ""
        words[f"ほかの補助金{number}"] = " ".join(part for part in (subsidy.giver, amount, subsidy.note or "") if part)
    return words
