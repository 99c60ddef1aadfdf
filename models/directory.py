"""The directory of groups (domain.md 2.2): a group with its names. Its profile and what hangs on it stand beside."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
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
    order_index,
)
from models.directory_profile import (
    Audience,
    FieldConsent,
    OrganizationField,
    Profile,
    organization_area,
    organization_audience,
)
from models.reference import Area

if TYPE_CHECKING:
    from models.directory_records import (
        ActivityRecord,
        Affiliation,
        FinancialStatement,
        MemberCount,
        OrganizationOfficer,
    )
    from models.directory_registration import Registration


#: Scope and list look at these; `deleted_at` too, for SQLite looks it up although the index holds no other rows.
_ASKED_OF_EVERY_ROW = ("is_person", "merged_into_id", "deleted_at")


def _index_of_set(column: str) -> Index:
    """Of rows that have a value: SQLite, where it has no statistics, takes 「IS NULL」 of a whole index for a rare one."""
    is_set = sql(f"{column} IS NOT NULL")
    return Index(f"ix_organization_{column}", column, sqlite_where=is_set, postgresql_where=is_set)


class OrganizationKind(LabelledEnum):
    """Kinds of partner: §基礎編 2, and those that the published list needs besides."""

    NEIGHBOURHOOD = "neighbourhood", "自治会・町会"
    CIVIC_GROUP = "civic_group", "ボランティア団体・市民活動団体"
    UNIVERSITY = "university", "大学等"
    BUSINESS = "business", "民間事業者・団体"
    GOVERNMENT = "government", "行政"
    COMMITTEE = "committee", "実行委員会・協議会等"
    SCHOOL = "school", "学校・PTA"
    PERSON = "person", "個人"
    OTHER = "other", "その他"


class OrganizationSource(LabelledEnum):
    """How the record came to be here."""

    ENTERED = "entered", "あすぴあが登録"
    PUBLISHED_LIST = "published_list", "公表された一覧から"
    DEMO = "demo", "デモ"


class Organization(Profile, Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """団体. `is_confirmed` False: taken from a published list, nobody has asked the group yet.

    Two records of one body: `merged_into` points to the one that stands for both; nothing else is rewritten, so that
    identity is the whole cluster (`app.directory.identity`) and undoing is lifting the pointer.
    """

    __tablename__ = "organization"
    __label__ = "団体"
    __table_args__ = (
        # With all that a list asks of every row, so that a page of ids and a count read the index alone.
        order_index("ix_organization_reading_id", "reading", "id", *_ASKED_OF_EVERY_ROW),
        order_index("ix_organization_name_id", "name", "id", *_ASKED_OF_EVERY_ROW),
        order_index("ix_organization_kind", "kind", "name", "id", *_ASKED_OF_EVERY_ROW),
        _index_of_set("merged_into_id"),
        _index_of_set("deleted_at"),
    )

    name: Mapped[str] = mapped_column(String(300), info=labelled("団体名", personal_if="is_person"))
    reading: Mapped[str] = mapped_column(String(300), default="", info=labelled("よみ", personal_if="is_person"))
    #: app.japanese.normalize.fold_name(name): equality of names.
    folded_name: Mapped[str] = mapped_column(
        String(300), default="", index=True, info={"label": "照合名", "unlogged": True}
    )
    kind: Mapped[OrganizationKind] = mapped_column(
        code_of(OrganizationKind), default=OrganizationKind.OTHER, info=labelled("種別")
    )
    legal_form: Mapped[str | None] = mapped_column(String(60), info=labelled("法人格"))
    source: Mapped[OrganizationSource] = mapped_column(
        code_of(OrganizationSource), default=OrganizationSource.ENTERED, info=labelled("登録の経緯")
    )
    #: Stable key of the seed's reading, so that loading twice finds the same row.
    seed_key: Mapped[str | None] = mapped_column(
        String(120), unique=True, info={"label": "シードキー", "unlogged": True}
    )
    is_confirmed: Mapped[bool] = mapped_column(default=False, info=labelled("確認済み"))
    #: A private person or a name that contains one: stays out of public lists.
    is_person: Mapped[bool] = mapped_column(default=False, info=labelled("個人"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), info=labelled("統合先"))

    merged_into: Mapped[Organization | None] = relationship(remote_side="Organization.id", back_populates="absorbed")
    absorbed: Mapped[list[Organization]] = relationship(back_populates="merged_into", order_by="Organization.id")
    aliases: Mapped[list[OrganizationAlias]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="OrganizationAlias.id"
    )
    fields: Mapped[list[OrganizationField]] = relationship(
        back_populates="organization",
        cascade="all, delete-orphan",
        order_by="OrganizationField.position, OrganizationField.id",
    )
    audiences: Mapped[list[Audience]] = relationship(
        secondary=organization_audience,
        order_by="Audience.position, Audience.id",
        info={"label": "対象", "consent": True},
    )
    areas: Mapped[list[Area]] = relationship(
        secondary=organization_area, order_by="Area.position, Area.id", info={"label": "活動地域", "consent": True}
    )
    consents: Mapped[list[FieldConsent]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="FieldConsent.id"
    )
    activity_records: Mapped[list[ActivityRecord]] = relationship(
        back_populates="organization",
        cascade="all, delete-orphan",
        order_by="ActivityRecord.fiscal_year.desc(), ActivityRecord.id",
    )
    statements: Mapped[list[FinancialStatement]] = relationship(
        back_populates="organization",
        cascade="all, delete-orphan",
        order_by="FinancialStatement.fiscal_year.desc()",
    )
    member_counts: Mapped[list[MemberCount]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="MemberCount.fiscal_year.desc()"
    )
    officers: Mapped[list[OrganizationOfficer]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="OrganizationOfficer.id"
    )
    affiliations: Mapped[list[Affiliation]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="Affiliation.id"
    )
    registration: Mapped[Registration | None] = relationship(
        back_populates="organization", cascade="all, delete-orphan"
    )

    deleted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, sort_order=93, info={"label": "削除日時"})

    def __str__(self) -> str:
        return f"個人(団体番号{self.id})" if self.is_person else self.name


class OrganizationAlias(Keyed, Base):
    """別名・旧称・公表名."""

    __tablename__ = "organization_alias"
    __label__ = "別名"
    __audit_parent__ = "organization"

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), index=True, info=labelled("団体")
    )
    name: Mapped[str] = mapped_column(String(300), info=labelled("別名", personal_if="is_of_a_person"))
    folded_name: Mapped[str] = mapped_column(
        String(300), default="", index=True, info={"label": "照合名", "unlogged": True}
    )

    organization: Mapped[Organization] = relationship(back_populates="aliases")

    @property
    def is_of_a_person(self) -> bool:
        """Whether the name is a private person's."""
        return self.organization is not None and self.organization.is_person

    def __str__(self) -> str:
        return "個人の別名" if self.is_of_a_person else self.name
