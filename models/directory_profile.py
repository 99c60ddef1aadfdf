"""What a group says of itself: the profile's columns, and the level at which each field is open (domain.md 2.2)."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Versioned, code_of, labelled
from models.reference import ActivityField

if TYPE_CHECKING:
    from models.directory import Organization

#: Fields with a level of their own that are no column of the group.
OTHER_FIELDS: dict[str, str] = {
    "fields": "活動分野",
    "audiences": "対象",
    "areas": "活動地域",
    "activity_records": "活動の記録",
    "statements": "決算",
    "member_counts": "年度ごとの会員数",
    "bylaws_file": "規約・会則(書類)",
    "statement_file": "決算書(書類)",
    "flyer_file": "チラシ・会報(書類)",
    "other_file": "そのほかの書類",
}


class ConsentLevel(enum.IntEnum):
    """Up to whom a field is open: the numbers of `app.access.levels`."""

    PUBLIC = 0
    STAFF = 1
    CENTER = 2

    @property
    def label(self) -> str:
        """As screens and the log name it."""
        return ("公開", "市職員まで", "センターのみ")[self.value]


class LevelCode(TypeDecorator[ConsentLevel]):
    """A ConsentLevel kept as its number."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else int(ConsentLevel(value))

    def process_result_value(self, value: Any, dialect: Any) -> ConsentLevel | None:
        return None if value is None else ConsentLevel(value)


class ConsentWay(LabelledEnum):
    """How a group said what may be shown."""

    APPLICATION = "application", "登録申込書"
    UPDATE_FORM = "update_form", "年次確認の回答"
    PAPER = "paper", "書面"
    MAIL = "mail", "メール"
    PHONE = "phone", "電話"
    IN_PERSON = "in_person", "窓口"
    OTHER = "other", "その他"


def _asked(label: str, *, personal: bool = False) -> dict[str, Any]:
    """`labelled` for what a group opens as far as it likes: its past values are told to the centre alone."""
    return labelled(label, personal=personal) | {"consent": True}


class Profile:
    """Columns of `Organization` beside its names. `app.directory.fields` says which item and level each has."""

    # 活動目的
    purpose: Mapped[str | None] = mapped_column(Text, info=_asked("活動目的"))
    policy: Mapped[str | None] = mapped_column(Text, info=_asked("活動方針"))
    founding_reason: Mapped[str | None] = mapped_column(Text, info=_asked("設立のきっかけ"))
    founded_year: Mapped[int | None] = mapped_column(Integer, info=_asked("設立年"))
    # What it does, where and when
    activities: Mapped[str | None] = mapped_column(Text, info=_asked("主な活動"))
    pr: Mapped[str | None] = mapped_column(Text, info=_asked("団体からのPR"))
    regular_day: Mapped[str | None] = mapped_column(String(200), info=_asked("定例の活動日"))
    regular_place: Mapped[str | None] = mapped_column(String(200), info=_asked("主な活動場所"))
    # 活動状況
    member_count: Mapped[int | None] = mapped_column(Integer, info=_asked("会員数"))
    member_count_in_city: Mapped[int | None] = mapped_column(Integer, info=_asked("会員数のうち市民"))
    public_interest: Mapped[str | None] = mapped_column(Text, info=_asked("公益性"))
    non_profit: Mapped[str | None] = mapped_column(Text, info=_asked("非営利性"))
    voluntariness: Mapped[str | None] = mapped_column(Text, info=_asked("自発性"))
    # 財政状況
    bookkeeping: Mapped[str | None] = mapped_column(Text, info=_asked("経理処理の方法"))
    audit_method: Mapped[str | None] = mapped_column(Text, info=_asked("監査の方法"))
    soundness: Mapped[str | None] = mapped_column(Text, info=_asked("財政の健全性"))
    # 運営体制
    disclosure: Mapped[str | None] = mapped_column(Text, info=_asked("情報公開"))
    plans: Mapped[str | None] = mapped_column(Text, info=_asked("事業計画"))
    independence: Mapped[str | None] = mapped_column(Text, info=_asked("自立性"))
    prospects: Mapped[str | None] = mapped_column(Text, info=_asked("将来性"))
    bylaws: Mapped[str | None] = mapped_column(String(300), info=_asked("規約・会則"))
    # How to reach it
    web: Mapped[str | None] = mapped_column(String(300), info=_asked("ウェブサイト"))
    sns: Mapped[str | None] = mapped_column(Text, info=_asked("SNS"))
    representative: Mapped[str | None] = mapped_column(String(100), info=_asked("代表者", personal=True))
    contact_person: Mapped[str | None] = mapped_column(String(100), info=_asked("連絡責任者", personal=True))
    address: Mapped[str | None] = mapped_column(String(300), info=_asked("所在地・連絡先住所", personal=True))
    phone: Mapped[str | None] = mapped_column(String(60), info=_asked("電話番号", personal=True))
    fax: Mapped[str | None] = mapped_column(String(60), info=_asked("FAX番号", personal=True))
    email: Mapped[str | None] = mapped_column(String(254), info=_asked("メールアドレス", personal=True))
    note: Mapped[str | None] = mapped_column(Text, info=_asked("備考"))

    # Derived, for equality and for lists; never shown, never logged.
    folded_phone: Mapped[str | None] = mapped_column(
        String(30), index=True, info={"label": "照合用の電話番号", "unlogged": True}
    )
    web_key: Mapped[str | None] = mapped_column(
        String(300), index=True, info={"label": "照合用のウェブサイト", "unlogged": True}
    )
    #: Completeness level (`app.directory.completeness`) as a reader of each level of consent sees it.
    completeness_public: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", index=True, info={"label": "充実度(公開)", "unlogged": True}
    )
    completeness_staff: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", index=True, info={"label": "充実度(市職員)", "unlogged": True}
    )
    completeness_center: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", index=True, info={"label": "充実度(センター)", "unlogged": True}
    )

    # When somebody last asked the group
    confirmed_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=labelled("最終確認日"))
    confirmed_by: Mapped[str | None] = mapped_column(String(200), info=labelled("確認した人・方法"))


class Audience(Keyed, Versioned, Base):
    """対象: whom an activity is for (a maintained list)."""

    __tablename__ = "audience"
    __label__ = "対象"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("対象"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))


organization_audience = Table(
    "organization_audience",
    Base.metadata,
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("audience_id", ForeignKey("audience.id"), primary_key=True, index=True),
)

organization_area = Table(
    "organization_area",
    Base.metadata,
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("area_id", ForeignKey("area.id"), primary_key=True, index=True),
)


class OrganizationField(Keyed, Base):
    """A field of activity of a group; position 1 is the first, by which むすぶ is ordered."""

    __tablename__ = "organization_field"
    __label__ = "活動分野"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("organization_id", "activity_field_id"),
        CheckConstraint("position >= 1", name="position_counts_from_one"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), info=labelled("団体")
    )
    activity_field_id: Mapped[int] = mapped_column(ForeignKey("activity_field.id"), index=True, info=_asked("活動分野"))
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順位"))

    organization: Mapped[Organization] = relationship(back_populates="fields")
    activity_field: Mapped[ActivityField] = relationship()

    def __str__(self) -> str:
        """For the log, which is read by more than those to whom the group opened its fields: the place alone."""
        return f"{self.position}番目"


class FieldConsent(Keyed, Base):
    """Up to whom one field of one group is open, and when and how the group said so. No row: the field's usual level."""

    __tablename__ = "field_consent"
    __label__ = "公開範囲"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("organization_id", "field"),
        CheckConstraint("level IN (0, 1, 2)", name="level_is_known"),
    )

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), info=labelled("団体")
    )
    #: Name of `app.directory.fields.FIELDS`.
    field: Mapped[str] = mapped_column(String(40), info=labelled("項目"))
    level: Mapped[ConsentLevel] = mapped_column(LevelCode, info=labelled("公開範囲"))
    given_on: Mapped[dt.date] = mapped_column(Date, info=labelled("同意の日"))
    way: Mapped[ConsentWay] = mapped_column(
        code_of(ConsentWay), default=ConsentWay.APPLICATION, info=labelled("同意の方法")
    )

    organization: Mapped[Organization] = relationship(back_populates="consents")

    def __str__(self) -> str:
        return field_label(self.field)


def field_label(name: str) -> str:
    """The Japanese name of a field of the profile."""
    known = Base.metadata.tables["organization"].columns
    return OTHER_FIELDS.get(name) or (str(known[name].info["label"]) if name in known else name)
