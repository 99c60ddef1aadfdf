"""The rows of a proposal: costs, partners, other subsidies."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, code_of, labelled
from models.directory import Organization, OrganizationKind
from models.proposals import Proposal


class TaxKind(LabelledEnum):
    """Whether an amount includes consumption tax."""

    INCLUDED = "included", "税込"
    EXCLUDED = "excluded", "税抜"


class BudgetLine(Keyed, Base):
    """経費の内訳: unit price x number, with its tax."""

    __tablename__ = "budget_line"
    __label__ = "経費の内訳"
    __audit_parent__ = "proposal"
    __table_args__ = (
        CheckConstraint("unit_price_yen >= 0", name="unit_price_is_not_negative"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
        CheckConstraint("tax_percent BETWEEN 0 AND 100", name="tax_percent_is_a_share"),
    )

    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), index=True, info=labelled("応募・提案")
    )
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順"))
    #: 費目: 謝礼, 印刷費 …, as the call names them.
    category: Mapped[str] = mapped_column(String(60), default="", info=labelled("費目"))
    label: Mapped[str] = mapped_column(String(200), info=labelled("内容"))
    unit_price_yen: Mapped[int] = mapped_column(BigInteger, info=labelled("単価"))
    quantity: Mapped[int] = mapped_column(Integer, default=1, info=labelled("数量"))
    tax: Mapped[TaxKind] = mapped_column(code_of(TaxKind), default=TaxKind.INCLUDED, info=labelled("税込・税抜"))
    #: Whole percent: 0, 8, 10. Exact.
    tax_percent: Mapped[int] = mapped_column(Integer, default=10, info=labelled("税率(%)"))
    is_eligible: Mapped[bool] = mapped_column(default=True, info=labelled("補助対象"))

    proposal: Mapped[Proposal] = relationship(back_populates="budget_lines")

    @property
    def amount_yen(self) -> int:
        """Unit price x number, as written: with or without tax as `tax` says."""
        return self.unit_price_yen * self.quantity

    @property
    def tax_rate(self) -> Decimal:
        """The rate as a fraction: 0.08, 0.1."""
        return Decimal(self.tax_percent) / 100


class ProposalPartner(Keyed, Base):
    """協力団体: somebody who takes part beside the applicant. A business may."""

    __tablename__ = "proposal_partner"
    __label__ = "協力団体"
    __audit_parent__ = "proposal"

    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), index=True, info=labelled("応募・提案")
    )
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順"))
    organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.id"), index=True, info=labelled("団体")
    )
    #: As handed in.
    name: Mapped[str] = mapped_column(String(300), info=labelled("団体名"))
    kind: Mapped[OrganizationKind | None] = mapped_column(code_of(OrganizationKind), info=labelled("種別"))
    part: Mapped[str] = mapped_column(Text, default="", info=labelled("役割"))

    proposal: Mapped[Proposal] = relationship(back_populates="partners")
    organization: Mapped[Organization | None] = relationship()


class OtherSubsidy(Keyed, Base):
    """Another subsidy for the same project, as the group states it."""

    __tablename__ = "other_subsidy"
    __label__ = "ほかの補助金"
    __audit_parent__ = "proposal"
    __table_args__ = (CheckConstraint("amount_yen IS NULL OR amount_yen >= 0", name="amount_is_not_negative"),)

    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), index=True, info=labelled("応募・提案")
    )
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順"))
    giver: Mapped[str] = mapped_column(String(200), info=labelled("補助の出し手"))
    amount_yen: Mapped[int | None] = mapped_column(BigInteger, info=labelled("金額"))
    note: Mapped[str | None] = mapped_column(String(300), info=labelled("備考"))

    proposal: Mapped[Proposal] = relationship(back_populates="other_subsidies")
