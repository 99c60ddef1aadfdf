"""The registry of collaborations 「協働や連携の取組一覧」 (domain.md 2.4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

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

from models.base import (
    Base,
    Key,
    Keyed,
    LabelledEnum,
    SoftDeleted,
    Timestamped,
    UtcDateTime,
    Versioned,
    code_of,
    labelled,
    order_index,
)
from models.directory import Organization, OrganizationKind
from models.reference import CollaborationForm, Department, Effect, PolicyBasis, Principle, Program, ProjectCategory


class ProjectStatus(LabelledEnum):
    """Where a collaboration stands in its year."""

    PLANNED = "planned", "計画中"
    IN_PROGRESS = "in_progress", "実施中"
    FINISHED = "finished", "終了"
    NOT_PURSUED = "not_pursued", "見送り"


class ProjectSource(LabelledEnum):
    """Where the row comes from."""

    SURVEY = "survey", "各課への調査"
    PROPOSAL = "proposal", "採択された提案"
    ENTERED = "entered", "個別の登録"


class HostedBy(LabelledEnum):
    """Whose event a 協力 is (基礎編 6)."""

    GROUP = "group", "団体主催"
    CITY = "city", "市主催"
    BOTH = "both", "双方"


project_department = Table(
    "project_department",
    Base.metadata,
    Column("project_id", Key, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("department_id", Key, ForeignKey("department.id"), primary_key=True),
    Index("ix_project_department_department_id_project_id", "department_id", "project_id"),
)

project_principle = Table(
    "project_principle",
    Base.metadata,
    Column("project_id", Key, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("principle_id", Key, ForeignKey("principle.id"), primary_key=True),
)

project_effect = Table(
    "project_effect",
    Base.metadata,
    Column("project_id", Key, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("effect_id", Key, ForeignKey("effect.id"), primary_key=True),
)


class Project(Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """協働事業・取組 of one fiscal year."""

    __tablename__ = "project"
    __label__ = "協働事業"
    __table_args__ = (
        UniqueConstraint("fiscal_year", "number"),
        CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),
        CheckConstraint("cost_yen IS NULL OR cost_yen >= 0", name="cost_is_not_negative"),
        CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR ends_on >= starts_on", name="period_ends_after_it_starts"
        ),
        order_index("ix_project_fiscal_year_number_id", "fiscal_year", "number", "id", "is_published"),
        order_index("ix_project_name_id", "name", "id", "is_published"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer, info=labelled("年度"))
    #: Number in the published list of the year; None until published.
    number: Mapped[int | None] = mapped_column(Integer, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(300), info=labelled("事業名称"))
    #: The department cell as published (資料3), kept beside what was read into it.
    department_as_published: Mapped[str | None] = mapped_column(String(300), info=labelled("公表時の課名"))
    #: The whole partner cell(s) as published, one line a printed line.
    partners_as_published: Mapped[str | None] = mapped_column(
        Text, info=labelled("公表時の協働相手", personal_if="names_a_person")
    )
    reading_note: Mapped[str | None] = mapped_column(Text, info=labelled("読み取りの注記"))

    status: Mapped[ProjectStatus] = mapped_column(
        code_of(ProjectStatus), default=ProjectStatus.IN_PROGRESS, info=labelled("状況")
    )
    source: Mapped[ProjectSource] = mapped_column(
        code_of(ProjectSource), default=ProjectSource.ENTERED, info=labelled("登録の経緯")
    )
    is_demo: Mapped[bool] = mapped_column(default=False, info=labelled("デモ"))
    is_published: Mapped[bool] = mapped_column(default=False, index=True, info=labelled("公表済み"))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("project_category.id"), index=True, info=labelled("事業の分類")
    )
    policy_basis_id: Mapped[int | None] = mapped_column(
        ForeignKey("policy_basis.id"), index=True, info=labelled("政策的位置付け")
    )
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"), index=True, info=labelled("公募制度"))
    predecessor_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id"), index=True, info=labelled("前年度の事業")
    )

    summary: Mapped[str | None] = mapped_column(Text, info=labelled("事業の概要"))
    common_goal: Mapped[str | None] = mapped_column(Text, info=labelled("共通の目的・目標"))
    #: 見極めポイント of the first step (rules.md 5).
    alone_or_together: Mapped[str | None] = mapped_column(
        Text, info=labelled("単独と協働の比較(質・量・費用対効果・効率性)")
    )
    strengths: Mapped[str | None] = mapped_column(Text, info=labelled("双方の強み"))
    not_pursued_reason: Mapped[str | None] = mapped_column(Text, info=labelled("見送りの理由"))
    why_collaborate: Mapped[str | None] = mapped_column(Text, info=labelled("協働する理由"))
    why_this_partner: Mapped[str | None] = mapped_column(Text, info=labelled("この相手と協働する理由"))
    selection_method: Mapped[str | None] = mapped_column(Text, info=labelled("相手の選定方法・選定基準"))
    form_reason: Mapped[str | None] = mapped_column(Text, info=labelled("形態を選んだ理由"))
    #: What single forms carry (基礎編 6): 協力 its host, 後援 application and approval, 実行委員会・協議会 its members.
    hosted_by: Mapped[HostedBy | None] = mapped_column(code_of(HostedBy), info=labelled("主催"))
    endorsement_applied_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("後援の申請日"))
    endorsement_approved_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("後援の承認日"))
    committee_members: Mapped[str | None] = mapped_column(Text, info=labelled("実行委員会・協議会の構成"))
    group_role: Mapped[str | None] = mapped_column(Text, info=labelled("団体の役割と責任"))
    city_role: Mapped[str | None] = mapped_column(Text, info=labelled("市の役割と責任"))
    agreement_note: Mapped[str | None] = mapped_column(Text, info=labelled("合意の日と相手"))
    agreed_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("合意日"))
    contract_note: Mapped[str | None] = mapped_column(Text, info=labelled("協定・契約の内容"))
    contract_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("協定・契約の日"))
    evaluation_plan: Mapped[str | None] = mapped_column(Text, info=labelled("評価の方法"))
    publication_plan: Mapped[str | None] = mapped_column(Text, info=labelled("公表の方法"))
    review_note: Mapped[str | None] = mapped_column(Text, info=labelled("振り返り・評価"))
    starts_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("開始日"))
    ends_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("終了日"))
    cost_yen: Mapped[int | None] = mapped_column(Key, info=labelled("事業費(円)"))

    departments: Mapped[list[Department]] = relationship(
        secondary=project_department, order_by="Department.id", info=labelled("課名")
    )
    principles: Mapped[list[Principle]] = relationship(
        secondary=project_principle, order_by="Principle.number", info=labelled("よりどころとする原則")
    )
    effects: Mapped[list[Effect]] = relationship(
        secondary=project_effect, order_by="Effect.number", info=labelled("期待する効果")
    )
    partners: Mapped[list[ProjectPartner]] = relationship(
        back_populates="project", cascade="all, delete-orphan", order_by="ProjectPartner.position"
    )
    category: Mapped[ProjectCategory | None] = relationship()
    policy_basis: Mapped[PolicyBasis | None] = relationship()
    program: Mapped[Program | None] = relationship()
    predecessor: Mapped[Project | None] = relationship(remote_side="Project.id")

    @property
    def names_a_person(self) -> bool:
        """Whether a partner line is or names a private person: the printed cell is then a personal field."""
        return any(line.is_person for line in self.partners)


class ProjectPartner(Keyed, Base):
    """One partner line: the organisation where known, and the name and form as published."""

    __tablename__ = "project_partner"
    __label__ = "協働相手"
    __audit_parent__ = "project"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        Index("ix_project_partner_organization_id_project_id", "organization_id", "project_id"),
        Index("ix_project_partner_form_id_project_id", "form_id", "project_id"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), info=labelled("協働事業"))
    position: Mapped[int] = mapped_column(Integer, info=labelled("順"))
    #: 1 for the numbered line, 2 for the unnumbered second line of rows 43 and 44.
    printed_line: Mapped[int] = mapped_column(Integer, default=1, info=labelled("公表時の行"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), info=labelled("団体"))
    name_as_published: Mapped[str] = mapped_column(String(300), info=labelled("公表時の相手", personal_if="is_person"))
    form_as_published: Mapped[str | None] = mapped_column(String(100), info=labelled("公表時の形態"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("collaboration_form.id"), info=labelled("形態"))
    kind: Mapped[OrganizationKind | None] = mapped_column(
        code_of(OrganizationKind), index=True, info=labelled("相手の種別")
    )
    #: 「個人、自治会等」「小学校」: no single body is meant.
    is_generic: Mapped[bool] = mapped_column(default=False, info=labelled("総称"))
    #: The line is or names a private person: stays out of public data.
    is_person: Mapped[bool] = mapped_column(default=False, info=labelled("個人名を含む"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("注記"))

    project: Mapped[Project] = relationship(back_populates="partners")
    organization: Mapped[Organization | None] = relationship()
    form: Mapped[CollaborationForm | None] = relationship()

    def __str__(self) -> str:
        return f"個人を含む相手({self.position}番目)" if self.is_person else self.name_as_published


class PublishedList(Keyed, Timestamped, Versioned, Base):
    """The list of one fiscal year as published: frozen, later corrections beside it."""

    __tablename__ = "published_list"
    __label__ = "公表一覧"

    fiscal_year: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("年度"))
    title: Mapped[str] = mapped_column(String(200), info=labelled("題名"))
    note: Mapped[str] = mapped_column(Text, default="", info=labelled("注記"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出典"))
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("公表日時"))
    #: Rows as frozen at publication: app.registry.published.frozen_row
    snapshot: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON, info={"label": "公表時の内容", "unlogged": True}
    )
