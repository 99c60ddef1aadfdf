"""What hangs on a group year by year, and its people: records, statements, members, officers, affiliations."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, Versioned, code_of, labelled
from models.people import User
from models.years import year_name

if TYPE_CHECKING:
    from models.directory import Organization

_YEARS = "fiscal_year BETWEEN 1900 AND 2200"


def _asked(label: str) -> dict[str, Any]:
    return labelled(label) | {"consent": True}


class ActivityRecord(Keyed, Timestamped, Versioned, Base):
    """活動の記録: what a group did in a fiscal year, collaborations elsewhere included. Its projects stand in the registry."""

    __tablename__ = "activity_record"
    __label__ = "活動の記録"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("organization_id", "fiscal_year", "heading"),
        CheckConstraint(_YEARS, name="fiscal_year_is_a_year"),
        CheckConstraint("participant_count IS NULL OR participant_count >= 0", name="participants_are_counted"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), info=labelled("団体")
    )
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    heading: Mapped[str] = mapped_column(String(200), info=_asked("活動の名称"))
    description: Mapped[str | None] = mapped_column(Text, info=_asked("内容"))
    participant_count: Mapped[int | None] = mapped_column(Integer, info=_asked("参加者数"))
    #: With whom, when it was a collaboration (with this city or elsewhere).
    partner: Mapped[str | None] = mapped_column(String(200), info=_asked("協働の相手"))

    organization: Mapped[Organization] = relationship(back_populates="activity_records")

    def __str__(self) -> str:
        return f"{year_name(self.fiscal_year)}の活動"  # the log names rows by this: not by what a group may have closed


class FinancialStatement(Keyed, Timestamped, Versioned, Base):
    """決算 of one fiscal year, in whole yen. Expenditure may exceed income; no sum is negative but what is carried forward."""

    __tablename__ = "financial_statement"
    __label__ = "決算"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("organization_id", "fiscal_year"),
        CheckConstraint(_YEARS, name="fiscal_year_is_a_year"),
        CheckConstraint("income_yen >= 0", name="income_is_not_negative"),
        CheckConstraint("expenditure_yen >= 0", name="expenditure_is_not_negative"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), info=labelled("団体")
    )
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    income_yen: Mapped[int] = mapped_column(BigInteger, info=_asked("収入"))
    expenditure_yen: Mapped[int] = mapped_column(BigInteger, info=_asked("支出"))
    #: 次年度繰越金; None: not told.
    carried_forward_yen: Mapped[int | None] = mapped_column(BigInteger, info=_asked("繰越"))
    note: Mapped[str | None] = mapped_column(Text, info=_asked("説明"))

    organization: Mapped[Organization] = relationship(back_populates="statements")

    @property
    def is_deficit(self) -> bool:
        """Whether more was spent than came in: allowed, marked."""
        return self.expenditure_yen > self.income_yen

    def __str__(self) -> str:
        return f"{year_name(self.fiscal_year)}の決算"


class MemberCount(Keyed, Timestamped, Versioned, Base):
    """会員数 of one fiscal year; joined and aged tell whether a group is set (固定化) or ageing (高齢化)."""

    __tablename__ = "member_count"
    __label__ = "会員数"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("organization_id", "fiscal_year"),
        CheckConstraint(_YEARS, name="fiscal_year_is_a_year"),
        CheckConstraint("members >= 0", name="members_are_counted"),
        CheckConstraint("in_city IS NULL OR in_city BETWEEN 0 AND members", name="in_city_is_a_part"),
        CheckConstraint("joined IS NULL OR joined BETWEEN 0 AND members", name="joined_is_a_part"),
        CheckConstraint("aged_65 IS NULL OR aged_65 BETWEEN 0 AND members", name="aged_is_a_part"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), info=labelled("団体")
    )
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    members: Mapped[int] = mapped_column(Integer, info=_asked("会員数"))
    in_city: Mapped[int | None] = mapped_column(Integer, info=_asked("うち市民"))
    joined: Mapped[int | None] = mapped_column(Integer, info=_asked("うちその年度の入会"))
    aged_65: Mapped[int | None] = mapped_column(Integer, info=_asked("うち65歳以上"))

    organization: Mapped[Organization] = relationship(back_populates="member_counts")

    def __str__(self) -> str:
        return f"{year_name(self.fiscal_year)}の会員数"


class OrganizationOfficer(Keyed, Timestamped, Versioned, Base):
    """役員: personal data, kept by the centre; conflicts of interest are suspected by the name, never decided by it."""

    __tablename__ = "organization_officer"
    __label__ = "役員"
    __audit_parent__ = "organization"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="ends_after_it_begins"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), index=True, info=labelled("団体")
    )
    name: Mapped[str] = mapped_column(String(100), info=labelled("氏名", personal=True))
    #: `fold_name` of the name; never logged.
    folded_name: Mapped[str] = mapped_column(
        String(100), default="", index=True, info={"label": "照合名", "unlogged": True}
    )
    role: Mapped[str | None] = mapped_column(String(100), info=_asked("役職"))
    from_on: Mapped[dt.date | None] = mapped_column(Date, info=_asked("就任日"))
    until_on: Mapped[dt.date | None] = mapped_column(Date, info=_asked("退任日"))

    organization: Mapped[Organization] = relationship(back_populates="officers")

    def __str__(self) -> str:
        return f"役員{self.id or ''}"


class AffiliationRole(LabelledEnum):
    """How a user of this system belongs to a group."""

    OFFICER = "officer", "役員"
    MEMBER = "member", "会員"
    EMPLOYEE = "employee", "職員"
    OTHER = "other", "その他の関係"


class Affiliation(Keyed, Timestamped, Versioned, Base):
    """A user of this system belongs to a group, from/until: conflicts of interest are derived from it (rules 24)."""

    __tablename__ = "affiliation"
    __label__ = "所属"
    __audit_parent__ = "organization"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="ends_after_it_begins"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True, info=_asked("利用者"))
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), index=True, info=labelled("団体")
    )
    role: Mapped[AffiliationRole] = mapped_column(
        code_of(AffiliationRole), default=AffiliationRole.MEMBER, info=_asked("関係")
    )
    from_on: Mapped[dt.date | None] = mapped_column(Date, info=_asked("いつから"))
    until_on: Mapped[dt.date | None] = mapped_column(Date, info=_asked("いつまで"))
    note: Mapped[str | None] = mapped_column(String(300), info=_asked("メモ"))

    user: Mapped[User] = relationship()
    organization: Mapped[Organization] = relationship(back_populates="affiliations")

    def __str__(self) -> str:
        return f"所属{self.id or ''}"
