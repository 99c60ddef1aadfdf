"""Registration with あすぴあ (rules 32), the number of registered groups by year, and what is known of duplicates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.years import day_name, year_name

if TYPE_CHECKING:
    from models.directory import Organization


class RegistrationRule(Keyed, Versioned, Base):
    """登録の決まり (one row): what the city may change by notice."""

    __tablename__ = "registration_rule"
    __label__ = "登録の決まり"
    __table_args__ = (
        CheckConstraint("valid_years BETWEEN 0 AND 20", name="valid_years_are_few"),
        CheckConstraint("notice_days BETWEEN 0 AND 730", name="notice_days_are_few"),
    )

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    #: The card runs to 31 March of the fiscal year so many years after the year of issue.
    valid_years: Mapped[int] = mapped_column(Integer, info=labelled("有効期間(発行年度の何年度後の年度末まで)"))
    #: So many days before it runs out, a registration is called to mind.
    notice_days: Mapped[int] = mapped_column(Integer, info=labelled("期限の何日前から知らせるか"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出典"))

    def __str__(self) -> str:
        return self.__label__


class RegistrationRequirement(Keyed, Versioned, Base):
    """登録の要件: an item of the checklist (a maintained list)."""

    __tablename__ = "registration_requirement"
    __label__ = "登録の要件"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    wording: Mapped[str] = mapped_column(String(300), info=labelled("要件"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("使用中"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出典"))

    def __str__(self) -> str:
        return self.wording


class Registration(Keyed, Timestamped, Versioned, Base):
    """あすぴあの登録 of a group: one, renewed again and again; withdrawn and taken up again under its number."""

    __tablename__ = "registration"
    __label__ = "あすぴあの登録"
    __audit_parent__ = "organization"
    __table_args__ = (
        CheckConstraint("valid_until >= issued_on", name="ends_after_it_begins"),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= issued_on", name="withdrawn_after_it_began"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), unique=True, info=labelled("団体")
    )
    number: Mapped[str] = mapped_column(String(40), unique=True, info=labelled("登録番号") | {"consent": True})
    issued_on: Mapped[dt.date] = mapped_column(Date, info=labelled("登録日"))
    valid_until: Mapped[dt.date] = mapped_column(Date, index=True, info=labelled("有効期限"))
    withdrawn_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=labelled("取下げ日"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text, info=labelled("取下げの理由") | {"consent": True})
    note: Mapped[str | None] = mapped_column(Text, info=labelled("備考") | {"consent": True})

    organization: Mapped[Organization] = relationship(back_populates="registration")
    renewals: Mapped[list[RegistrationRenewal]] = relationship(
        back_populates="registration", cascade="all, delete-orphan", order_by="RegistrationRenewal.renewed_on"
    )
    checks: Mapped[list[RegistrationCheck]] = relationship(
        back_populates="registration", cascade="all, delete-orphan", order_by="RegistrationCheck.id"
    )

    def __str__(self) -> str:
        return self.__label__  # the log names rows by this: the number is for those who read registrations


class RegistrationRenewal(Keyed, Base):
    """更新: the day of a renewal and until when the card then ran."""

    __tablename__ = "registration_renewal"
    __label__ = "登録の更新"
    __audit_parent__ = "registration"
    __table_args__ = (CheckConstraint("valid_until >= renewed_on", name="ends_after_it_begins"),)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True, info=labelled("登録")
    )
    renewed_on: Mapped[dt.date] = mapped_column(Date, info=labelled("更新日"))
    valid_until: Mapped[dt.date] = mapped_column(Date, info=labelled("有効期限"))

    registration: Mapped[Registration] = relationship(back_populates="renewals")

    def __str__(self) -> str:
        return f"{day_name(self.renewed_on)}の更新"


class RegistrationCheck(Keyed, Base):
    """One requirement as it was seen for one group. No row: not looked at yet."""

    __tablename__ = "registration_check"
    __label__ = "要件の確認"
    __audit_parent__ = "registration"
    __table_args__ = (UniqueConstraint("registration_id", "requirement_id"),)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), info=labelled("登録")
    )
    requirement_id: Mapped[int] = mapped_column(
        ForeignKey("registration_requirement.id"), index=True, info=labelled("要件")
    )
    is_met: Mapped[bool] = mapped_column(info=labelled("満たす"))
    checked_on: Mapped[dt.date] = mapped_column(Date, info=labelled("確認日"))

    registration: Mapped[Registration] = relationship(back_populates="checks")
    requirement: Mapped[RegistrationRequirement] = relationship()

    def __str__(self) -> str:
        return self.requirement.wording if self.requirement else self.__label__


class RegisteredCount(Keyed, Versioned, Base):
    """登録団体数 of a year (61 at the opening, 117 in 平成29年度: §基礎編). `fiscal_year` None: at the opening."""

    __tablename__ = "registered_count"
    __label__ = "登録団体数"
    __table_args__ = (CheckConstraint("number >= 0", name="number_is_a_count"),)

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    fiscal_year: Mapped[int | None] = mapped_column(Integer, unique=True, info=labelled("年度"))
    label: Mapped[str] = mapped_column(String(100), default="", info=labelled("時点"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("登録団体数"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出典"))

    def __str__(self) -> str:
        return self.label or year_name(self.fiscal_year)


class DuplicateReason(LabelledEnum):
    """Why two records look like one body."""

    SAME_NAME = "same_name", "名称が同じ(表記の違いを除く)"
    SAME_ALIAS = "same_alias", "一方の名称がもう一方の別名と同じ"
    SAME_PHONE = "same_phone", "電話番号が同じ"
    SAME_WEB = "same_web", "ウェブサイトが同じ"
    NEAR_NAME = "near_name", "名称が似ている"


class DuplicateCandidate(Keyed, Base):
    """Two records that may be one body, as last reckoned: first_id < second_id, the strongest reason, score 0–100."""

    __tablename__ = "duplicate_candidate"
    __label__ = "重複の候補"
    __audited__: ClassVar[bool] = False
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="each_pair_once"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    reason: Mapped[DuplicateReason] = mapped_column(code_of(DuplicateReason), info=labelled("理由"))
    score: Mapped[int] = mapped_column(Integer, info=labelled("似ている度合い"))


class DuplicateJudgement(Keyed, Base):
    """Somebody looked at two records and said that they are different bodies."""

    __tablename__ = "duplicate_judgement"
    __label__ = "重複の判定"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="each_pair_once"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), info=labelled("団体"))
    second_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("もう一方の団体"))
    judged_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("判定日時"))
    judged_by_id: Mapped[int | None] = mapped_column(Key, info=labelled("判定した人"))
    note: Mapped[str | None] = mapped_column(String(300), info=labelled("メモ"))

    def __str__(self) -> str:
        return f"別の団体({self.first_id}と{self.second_id})"
