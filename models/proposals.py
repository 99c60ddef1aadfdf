"""Proposals: what a group hands in, with its budget, partners and statements (domain.md 2.5, 4.1)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Base,
    Keyed,
    LabelledEnum,
    SoftDeleted,
    Timestamped,
    UtcDateTime,
    Versioned,
    code_of,
    labelled,
    utc_now,
)
from models.calls import Call, Challenge
from models.directory import Organization
from models.people import User
from models.reference import Department

if TYPE_CHECKING:
    from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner


class ProposalState(LabelledEnum):
    """Where a proposal stands (domain.md 4.1). Changed only by `app.calls.services.advance`."""

    DRAFT = "draft", "下書き"
    SUBMITTED = "submitted", "受付済"
    COORDINATING = "coordinating", "事前調整中"
    REVIEWING = "reviewing", "審査中"
    RESERVE = "reserve", "保留(残額候補)"
    ADOPTED = "adopted", "採択"
    ADOPTED_WITH_CONDITIONS = "adopted_with_conditions", "条件付採択"
    REJECTED = "rejected", "不採択"
    AWARDED = "awarded", "交付決定済"
    BUDGETED = "budgeted", "予算計上済"
    AGREED = "agreed", "協定・契約締結済"
    IN_PROGRESS = "in_progress", "実施中"
    REPORTED = "reported", "報告済"
    SETTLED = "settled", "額の確定済"
    EVALUATED = "evaluated", "評価済"
    CLOSED = "closed", "完了"
    PUBLISHED = "published", "公表済"
    WITHDRAWN = "withdrawn", "取下げ"
    DISCONTINUED = "discontinued", "中止・廃止"
    REVOKED = "revoked", "決定取消し"


class ProposalSource(LabelledEnum):
    """How it came in."""

    PAPER = "paper", "紙の提出書類から入力"
    EXCEL = "excel", "Excelの様式から取込み"
    TAKEN_OVER = "taken_over", "過去の紙の記録から引継ぎ"


class Proposal(Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """応募・提案. While a draft it may lack anything and break any rule; the findings say what."""

    __tablename__ = "proposal"
    __label__ = "応募・提案"
    __table_args__ = (
        CheckConstraint("requested_yen IS NULL OR requested_yen > 0", name="requested_is_positive"),
        CheckConstraint("decided_yen IS NULL OR decided_yen >= 0", name="decided_is_not_negative"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="ends_not_before_start"),
        CheckConstraint("is_late = (late_reason IS NOT NULL)", name="late_has_its_reason"),
        CheckConstraint(
            "state NOT IN ('withdrawn', 'discontinued', 'revoked') OR state_reason IS NOT NULL",
            name="ended_early_has_its_reason",
        ),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR received_on IS NOT NULL OR source = 'taken_over'",
            name="handed_in_has_its_day",
        ),
        CheckConstraint("id <> predecessor_id", name="does_not_follow_itself"),
        Index("ix_proposal_call_id_state", "call_id", "state"),
        Index("ix_proposal_state_since_at_id", "state_since_at", "id"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("応募団体"))
    challenge_id: Mapped[int | None] = mapped_column(
        ForeignKey("challenge.id"), index=True, info=labelled("課題・テーマ")
    )
    #: The department in charge (担当課); others are asked by an opinion or a task.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("担当課"))
    #: The same group's proposal that this one continues, in an earlier call.
    predecessor_id: Mapped[int | None] = mapped_column(
        ForeignKey("proposal.id"), index=True, info=labelled("前回の応募・提案")
    )
    state: Mapped[ProposalState] = mapped_column(
        code_of(ProposalState), default=ProposalState.DRAFT, info=labelled("状況")
    )
    state_since_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=utc_now, info=labelled("この状況になった日時")
    )
    #: Why it was withdrawn, discontinued or revoked.
    state_reason: Mapped[str | None] = mapped_column(Text, info=labelled("取下げ・中止・取消しの理由"))
    source: Mapped[ProposalSource] = mapped_column(
        code_of(ProposalSource), default=ProposalSource.PAPER, info=labelled("提出の方法")
    )

    title: Mapped[str] = mapped_column(String(200), info=labelled("事業名"))
    purpose: Mapped[str] = mapped_column(Text, default="", info=labelled("目的"))
    content: Mapped[str] = mapped_column(Text, default="", info=labelled("内容"))
    place: Mapped[str] = mapped_column(String(300), default="", info=labelled("実施場所"))
    schedule: Mapped[str] = mapped_column(Text, default="", info=labelled("スケジュール"))
    expected_effect: Mapped[str] = mapped_column(Text, default="", info=labelled("期待される効果"))
    organization_structure: Mapped[str] = mapped_column(Text, default="", info=labelled("実施体制"))
    starts_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("実施期間の初日"))
    ends_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("実施期間の末日"))
    #: Tax included.
    requested_yen: Mapped[int | None] = mapped_column(BigInteger, info=labelled("希望額(税込)"))

    # Statements: None while nobody has answered.
    is_nonprofit: Mapped[bool | None] = mapped_column(info=labelled("営利を目的としない団体である"))
    is_organized_by_applicant: Mapped[bool | None] = mapped_column(info=labelled("団体が自ら企画し、実施する"))
    is_in_city: Mapped[bool | None] = mapped_column(info=labelled("市内で実施する"))
    states_no_other_subsidy: Mapped[bool | None] = mapped_column(info=labelled("国・都・市等の補助を受けない旨の申出"))

    representative_name: Mapped[str | None] = mapped_column(String(100), info=labelled("代表者氏名", personal=True))
    contact_name: Mapped[str | None] = mapped_column(String(100), info=labelled("連絡担当者", personal=True))
    contact_phone: Mapped[str | None] = mapped_column(String(40), info=labelled("電話", personal=True))
    contact_email: Mapped[str | None] = mapped_column(String(254), info=labelled("メールアドレス", personal=True))
    contact_address: Mapped[str | None] = mapped_column(String(300), info=labelled("連絡先住所", personal=True))

    received_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("受付日"))
    #: Taken after the call had closed (or before it opened), by the office, with a reason.
    is_late: Mapped[bool] = mapped_column(default=False, info=labelled("期間外の受付"))
    late_reason: Mapped[str | None] = mapped_column(Text, info=labelled("期間外に受け付けた理由"))
    decided_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("決定日"))
    decided_yen: Mapped[int | None] = mapped_column(BigInteger, info=labelled("決定額"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("推進担当の備考"))
    is_demo: Mapped[bool] = mapped_column(default=False, info={"label": "デモ用", "unlogged": True})

    call: Mapped[Call] = relationship()
    organization: Mapped[Organization] = relationship()
    challenge: Mapped[Challenge | None] = relationship()
    department: Mapped[Department | None] = relationship()
    predecessor: Mapped[Proposal | None] = relationship(remote_side="Proposal.id")
    budget_lines: Mapped[list[BudgetLine]] = relationship(
        back_populates="proposal", cascade="all, delete-orphan", order_by="(BudgetLine.position, BudgetLine.id)"
    )
    partners: Mapped[list[ProposalPartner]] = relationship(
        back_populates="proposal",
        cascade="all, delete-orphan",
        order_by="(ProposalPartner.position, ProposalPartner.id)",
    )
    other_subsidies: Mapped[list[OtherSubsidy]] = relationship(
        back_populates="proposal", cascade="all, delete-orphan", order_by="(OtherSubsidy.position, OtherSubsidy.id)"
    )
    receipt: Mapped[ReceiptNumber | None] = relationship(back_populates="proposal", uselist=False)


class ReceiptNumber(Keyed, Base):
    """受付番号: one run of numbers a call; never given twice, never taken back."""

    __tablename__ = "receipt_number"
    __label__ = "受付番号"
    __audit_parent__ = "proposal"
    __table_args__ = (
        Index("uq_receipt_number_call_id_number", "call_id", "number", unique=True),
        CheckConstraint("number > 0", name="number_is_positive"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("受付番号"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True, info=labelled("応募・提案"))
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("発番日時"))
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("受付者"))

    call: Mapped[Call] = relationship()
    proposal: Mapped[Proposal] = relationship(back_populates="receipt")
    issued_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"受付番号 {self.number}"
