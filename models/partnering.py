"""Choosing a partner: a department's problem, its shortlist and the choice (domain.md 7, 実践編1(1)-(3))."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, SoftDeleted, Timestamped, Versioned, code_of, labelled
from models.calls import Challenge
from models.directory import Organization
from models.reference import ActivityField, CollaborationForm, Department, ProjectCategory
from models.registry import Project


class Gain(LabelledEnum):
    """In what it gets better together than alone (見極めポイント 1)."""

    QUALITY = "quality", "質"
    QUANTITY = "quantity", "量"
    COST = "cost", "費用対効果"
    EFFICIENCY = "efficiency", "効率性"


class Lead(LabelledEnum):
    """Who carries it: the first question towards a form."""

    GROUP = "group", "団体が主催する"
    CITY = "city", "市が主催する"
    BOTH = "both", "団体と市がともに主催する"
    MANY = "many", "いろいろな団体・市民と組織をつくる"


class Support(LabelledEnum):
    """What the city gives: the second question."""

    NAME = "name", "市の名義(後援)"
    MONEY = "money", "お金"
    HELP = "help", "広報・会場・準備の手伝い"
    SERVICE = "service", "市の仕事そのものを任せる"


class Verdict(LabelledEnum):
    """Whether it suits collaboration."""

    SUITED = "suited", "協働に向いている"
    NOT_SUITED = "not_suited", "協働に向いていない"


partner_search_field = Table(
    "partner_search_field",
    Base.metadata,
    Column("search_id", Key, ForeignKey("partner_search.id", ondelete="CASCADE"), primary_key=True),
    Column("field_id", Key, ForeignKey("activity_field.id"), primary_key=True, index=True),
)

partner_search_category = Table(
    "partner_search_category",
    Base.metadata,
    Column("search_id", Key, ForeignKey("partner_search.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", Key, ForeignKey("project_category.id"), primary_key=True, index=True),
)


class PartnerSearch(Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """パートナー選び: from what a department wants solved to the partner it chose, with the reasons."""

    __tablename__ = "partner_search"
    __label__ = "パートナー選び"
    __table_args__ = (
        Index("ix_partner_search_department_id_id", "department_id", "id"),
        CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),
        CheckConstraint(
            "decided_on IS NULL OR (criteria IS NOT NULL AND method IS NOT NULL AND choice_reason IS NOT NULL)",
            name="choice_has_method_criteria_and_reason",
        ),
        CheckConstraint("verdict IS NULL OR verdict_reason IS NOT NULL", name="verdict_has_its_reason"),
    )

    title: Mapped[str] = mapped_column(String(200), info=labelled("件名"))
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), info=labelled("担当課"))
    problem: Mapped[str] = mapped_column(Text, info=labelled("困っていること"))
    goal: Mapped[str | None] = mapped_column(Text, info=labelled("目指す姿"))
    wanted: Mapped[str | None] = mapped_column(Text, info=labelled("相手に期待すること"))

    gains: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=labelled("一緒に行うとよくなる点", words=dict(Gain.choices()))
    )
    gains_note: Mapped[str | None] = mapped_column(Text, info=labelled("単独で行う場合との比較"))
    group_strengths: Mapped[str | None] = mapped_column(Text, info=labelled("相手の長所・特性"))
    city_strengths: Mapped[str | None] = mapped_column(Text, info=labelled("市の長所・特性"))
    verdict: Mapped[Verdict | None] = mapped_column(code_of(Verdict), info=labelled("見極めの結果"))
    verdict_reason: Mapped[str | None] = mapped_column(Text, info=labelled("見極めの理由"))

    lead: Mapped[Lead | None] = mapped_column(code_of(Lead), info=labelled("主催"))
    supports: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=labelled("市が出すもの", words=dict(Support.choices()))
    )
    form_id: Mapped[int | None] = mapped_column(ForeignKey("collaboration_form.id"), index=True, info=labelled("形態"))
    form_reason: Mapped[str | None] = mapped_column(Text, info=labelled("形態を選んだ理由"))

    method: Mapped[str | None] = mapped_column(Text, info=labelled("選定方法"))
    criteria: Mapped[str | None] = mapped_column(Text, info=labelled("選定基準"))
    choice_reason: Mapped[str | None] = mapped_column(Text, info=labelled("選んだ理由"))
    decided_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("選定日"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True, info=labelled("協働事業"))
    challenge_id: Mapped[int | None] = mapped_column(
        ForeignKey("challenge.id"), index=True, info=labelled("課題・テーマ")
    )

    department: Mapped[Department] = relationship()
    form: Mapped[CollaborationForm | None] = relationship()
    project: Mapped[Project | None] = relationship()
    challenge: Mapped[Challenge | None] = relationship()
    fields: Mapped[list[ActivityField]] = relationship(
        secondary=partner_search_field, order_by="ActivityField.number", info={"label": "関連する分野"}
    )
    categories: Mapped[list[ProjectCategory]] = relationship(
        secondary=partner_search_category, order_by="ProjectCategory.number", info={"label": "協働に適した事業の分類"}
    )
    candidates: Mapped[list[PartnerCandidate]] = relationship(
        back_populates="search", cascade="all, delete-orphan", order_by="PartnerCandidate.id"
    )

    @property
    def chosen(self) -> list[PartnerCandidate]:
        """The candidates that were chosen."""
        return [candidate for candidate in self.candidates if candidate.is_chosen]

    def __str__(self) -> str:
        return self.title


class PartnerCandidate(Keyed, Timestamped, Versioned, Base):
    """候補の団体: what was found of it (rules.md 3: a common purpose, a workable method)."""

    __tablename__ = "partner_candidate"
    __label__ = "候補の団体"
    __audit_parent__ = "search"
    __table_args__ = (
        UniqueConstraint("search_id", "organization_id"),
        CheckConstraint(
            "NOT is_chosen OR (has_common_purpose AND has_workable_method)",
            name="chosen_has_purpose_and_method",
        ),
    )

    search_id: Mapped[int] = mapped_column(
        ForeignKey("partner_search.id", ondelete="CASCADE"), info=labelled("パートナー選び")
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("団体"))
    #: Where it stood in the ranking when it was taken; None: found otherwise.
    rank_when_taken: Mapped[int | None] = mapped_column(Integer, info=labelled("候補にしたときの順位"))
    #: The sentences of the ranking when it was taken.
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("候補にした根拠"))
    has_common_purpose: Mapped[bool | None] = mapped_column(info=labelled("共通の目的が見いだせるか"))
    purpose_note: Mapped[str | None] = mapped_column(Text, info=labelled("共通の目的"))
    has_workable_method: Mapped[bool | None] = mapped_column(info=labelled("実施手法に合意できるか"))
    method_note: Mapped[str | None] = mapped_column(Text, info=labelled("実施手法"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("調べたこと・話したこと"))
    is_chosen: Mapped[bool] = mapped_column(default=False, info=labelled("選定"))

    search: Mapped[PartnerSearch] = relationship(back_populates="candidates")
    organization: Mapped[Organization] = relationship()

    def __str__(self) -> str:
        return str(self.organization)
