"""こだいら人財の森 (domain.md 2.3): who offers knowledge or experience, under which conditions and with whose consent."""

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
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Base,
    Key,
    Keyed,
    LabelledEnum,
    Timestamped,
    UtcDateTime,
    Versioned,
    code_of,
    labelled,
    utc_now,
)
from models.reference import ActivityField, Skill
from models.week import TIMES


class TalentKind(LabelledEnum):
    """Who offers."""

    PERSON = "person", "個人"
    GROUP = "group", "団体・グループ"


class TalentStatus(LabelledEnum):
    """Whether the talent is matched. Only `active` is; `erased` is an empty shell that keeps the statistics."""

    ACTIVE = "active", "登録中"
    PAUSED = "paused", "休止中"
    ENDED = "ended", "登録終了"
    ERASED = "erased", "消去済み"


class Reward(LabelledEnum):
    """What is asked for, or offered: in steps (無償 < 交通費 < 有償)."""

    NOTHING = "nothing", "無償"
    FARE = "fare", "交通費"
    FEE = "fee", "有償"


class ConsentWay(LabelledEnum):
    """How the consent to be kept and matched was given."""

    PAPER = "paper", "書面"
    ONLINE = "online", "電子申請"
    ORAL = "oral", "口頭(職員が記録)"


talent_skill = Table(
    "talent_skill",
    Base.metadata,
    Column("talent_id", Key, ForeignKey("talent.id", ondelete="CASCADE"), primary_key=True),
    Column("skill_id", Key, ForeignKey("skill.id"), primary_key=True),
    Index("ix_talent_skill_skill_id_talent_id", "skill_id", "talent_id"),
)

talent_field = Table(
    "talent_field",
    Base.metadata,
    Column("talent_id", Key, ForeignKey("talent.id", ondelete="CASCADE"), primary_key=True),
    Column("field_id", Key, ForeignKey("activity_field.id"), primary_key=True),
    Index("ix_talent_field_field_id_talent_id", "field_id", "talent_id"),
)


class Talent(Keyed, Timestamped, Versioned, Base):
    """人財. Name and contacts are personal; what they write about themselves stays out of the log, too."""

    __tablename__ = "talent"
    __label__ = "人財"
    __table_args__ = (
        CheckConstraint("capacity BETWEEN 1 AND 20", name="capacity_is_one_to_twenty"),
        CheckConstraint("status <> 'active' OR consent_on IS NOT NULL", name="active_has_consent"),
        CheckConstraint(
            "status <> 'active' OR consent_withdrawn_on IS NULL", name="active_has_not_withdrawn_its_consent"
        ),
        CheckConstraint(
            "consent_on IS NULL OR valid_until IS NULL OR valid_until >= consent_on",
            name="consent_ends_after_it_begins",
        ),
        CheckConstraint("(status = 'erased') = (erased_at IS NOT NULL)", name="erased_has_its_moment"),
        CheckConstraint(
            "status <> 'erased' OR (name = '' AND phone IS NULL AND email IS NULL AND address IS NULL "
            "AND contact_person IS NULL AND description IS NULL AND note IS NULL)",
            name="erased_holds_nothing",
        ),
        Index("ix_talent_reading_id", "reading", "id"),
        Index("ix_talent_status_id", "status", "id"),
        # All that says whether any talent has changed: read from the index alone, whatever stands in the rows.
        Index("ix_talent_status_version_updated_at", "status", "version", "updated_at"),
        Index("ix_talent_valid_until_id", "valid_until", "id"),
    )

    kind: Mapped[TalentKind] = mapped_column(
        code_of(TalentKind), default=TalentKind.PERSON, info=labelled("個人・団体")
    )
    status: Mapped[TalentStatus] = mapped_column(
        code_of(TalentStatus), default=TalentStatus.ACTIVE, info=labelled("登録の状態")
    )
    name: Mapped[str] = mapped_column(String(200), info=labelled("氏名・団体名", personal=True))
    reading: Mapped[str] = mapped_column(String(200), default="", info=labelled("よみ", personal=True))
    contact_person: Mapped[str | None] = mapped_column(String(200), info=labelled("連絡担当者", personal=True))
    phone: Mapped[str | None] = mapped_column(String(60), info=labelled("電話番号", personal=True))
    email: Mapped[str | None] = mapped_column(String(254), info=labelled("メールアドレス", personal=True))
    address: Mapped[str | None] = mapped_column(String(300), info=labelled("住所", personal=True))
    contact_note: Mapped[str | None] = mapped_column(String(300), info=labelled("連絡の取り方", personal=True))

    description: Mapped[str | None] = mapped_column(
        Text, info=labelled("できること・経験", personal_if="speaks_of_itself")
    )
    #: Skills in the talent's own words, besides those of the list.
    free_skills: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=labelled("そのほかの技能", personal_if="speaks_of_itself")
    )
    audiences: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("対象"))
    areas: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("行ける地域"))
    #: Codes of app.talents.facts.TIMES ("sat-am").
    availability: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=labelled("活動できる曜日・時間帯", words=TIMES)
    )
    reward: Mapped[Reward] = mapped_column(code_of(Reward), default=Reward.NOTHING, info=labelled("希望する謝礼"))
    reward_note: Mapped[str | None] = mapped_column(String(200), info=labelled("謝礼の補足", personal=True))
    capacity: Mapped[int] = mapped_column(Integer, default=1, info=labelled("同時に引き受けられる件数"))

    consent_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("登録への同意日"))
    consent_way: Mapped[ConsentWay | None] = mapped_column(code_of(ConsentWay), info=labelled("同意の方法"))
    valid_until: Mapped[dt.date | None] = mapped_column(Date, info=labelled("登録の有効期限"))
    consent_withdrawn_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("同意の撤回日"))
    is_adult: Mapped[bool] = mapped_column(default=False, info=labelled("18歳以上"))
    has_guardian_consent: Mapped[bool] = mapped_column(default=False, info=labelled("保護者の同意"))
    is_insured: Mapped[bool] = mapped_column(default=False, info=labelled("ボランティア保険に加入"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("職員の覚え書き", personal=True))
    registered_on: Mapped[dt.date] = mapped_column(Date, info=labelled("登録日"))
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("消去日時"))
    is_demo: Mapped[bool] = mapped_column(default=False, info={"label": "デモ", "unlogged": True})

    skills: Mapped[list[Skill]] = relationship(secondary=talent_skill, order_by="Skill.id", info=labelled("技能の分類"))
    fields: Mapped[list[ActivityField]] = relationship(
        secondary=talent_field, order_by="ActivityField.number", info=labelled("活動分野")
    )

    @property
    def speaks_of_itself(self) -> bool:
        """Free words may name anybody: the log says only that they changed."""
        return True

    @property
    def number(self) -> str:
        """How a talent is called where its name is not: 「人財12番」."""
        return f"人財{self.id}番" if self.id else "新しい人財"

    def __str__(self) -> str:
        return self.number


class TextVector(Keyed, Base):
    """The meaning of one record's text, computed once; anew only when the text (its hash) changes."""

    __tablename__ = "text_vector"
    __audited__ = False
    __table_args__ = (CheckConstraint("(talent_id IS NULL) <> (request_id IS NULL)", name="is_of_one_record"),)

    talent_id: Mapped[int | None] = mapped_column(ForeignKey("talent.id", ondelete="CASCADE"), unique=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("talent_request.id", ondelete="CASCADE"), unique=True)
    #: SHA-256 of the text as it was encoded.
    text_hash: Mapped[str] = mapped_column(String(64))
    #: Which encoder made it: vectors of different encoders are not compared.
    encoder: Mapped[str] = mapped_column(String(60))
    #: float32, little endian.
    values: Mapped[bytes] = mapped_column("vector_values", LargeBinary)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)


class TalentFeatures(Base):
    """What matching compares of one talent, made by the background worker: never newer than the record it was made of."""

    __tablename__ = "talent_features"
    __audited__ = False

    talent_id: Mapped[int] = mapped_column(
        ForeignKey("talent.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    talent_version: Mapped[int] = mapped_column(Integer)
    #: Says which code, lexicon and names of skills made it (app.talents.feature_store).
    made_by: Mapped[str] = mapped_column(String(64))
    #: JSON.
    content: Mapped[str] = mapped_column(Text)
