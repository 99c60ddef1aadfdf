"""依頼 (domain.md 2.3): what a group needs somebody for, when, where, how many, what is offered, by when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, SoftDeleted, Timestamped, Versioned, code_of, labelled
from models.directory import Organization
from models.reference import ActivityField, Skill
from models.talents import Reward
from models.week import TIMES


class RequestStatus(LabelledEnum):
    """Where a request stands as a whole."""

    OPEN = "open", "募集中"
    FILLED = "filled", "充足"
    CLOSED = "closed", "終了(見つからず)"


class UnfilledReason(LabelledEnum):
    """Why a request ended without anybody."""

    NOBODY_FITS = "nobody_fits", "条件に合う人財がいない"
    ALL_DECLINED = "all_declined", "打診したが引き受け手がいない"
    REWARD = "reward", "謝礼の条件が合わない"
    TIME = "time", "日時が合わない"
    OTHER_WAY = "other_way", "団体がほかの方法で解決"
    WITHDRAWN = "withdrawn", "団体が取り下げ"
    OTHER = "other", "その他"


request_skill = Table(
    "talent_request_skill",
    Base.metadata,
    Column("request_id", Key, ForeignKey("talent_request.id", ondelete="CASCADE"), primary_key=True),
    Column("skill_id", Key, ForeignKey("skill.id"), primary_key=True),
    Index("ix_talent_request_skill_skill_id_request_id", "skill_id", "request_id"),
)

request_field = Table(
    "talent_request_field",
    Base.metadata,
    Column("request_id", Key, ForeignKey("talent_request.id", ondelete="CASCADE"), primary_key=True),
    Column("field_id", Key, ForeignKey("activity_field.id"), primary_key=True),
    Index("ix_talent_request_field_field_id_request_id", "field_id", "request_id"),
)


class TalentRequest(Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """依頼 of a group; its contact person is personal data."""

    __tablename__ = "talent_request"
    __label__ = "依頼"
    __table_args__ = (
        CheckConstraint("headcount BETWEEN 1 AND 999", name="headcount_is_one_to_999"),
        CheckConstraint("(status = 'closed') = (unfilled_reason IS NOT NULL)", name="closed_has_its_reason"),
        Index("ix_talent_request_status_due_on_id", "status", "due_on", "id"),
        Index("ix_talent_request_received_on_id", "received_on", "id"),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("依頼団体"))
    contact_name: Mapped[str | None] = mapped_column(String(200), info=labelled("団体の連絡担当者", personal=True))
    contact_phone: Mapped[str | None] = mapped_column(String(60), info=labelled("団体の電話番号", personal=True))
    contact_email: Mapped[str | None] = mapped_column(String(254), info=labelled("団体のメールアドレス", personal=True))
    title: Mapped[str] = mapped_column(String(200), info=labelled("件名", personal_if="speaks_freely"))
    description: Mapped[str | None] = mapped_column(Text, info=labelled("依頼の内容", personal_if="speaks_freely"))
    free_skills: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=labelled("そのほかの希望する技能", personal_if="speaks_freely")
    )
    audiences: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("対象"))
    #: One 町名, 市内全域 or オンライン.
    area: Mapped[str] = mapped_column(String(60), default="市内全域", info=labelled("場所"))
    place_note: Mapped[str | None] = mapped_column(String(200), info=labelled("会場", personal_if="speaks_freely"))
    times: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("希望する曜日・時間帯", words=TIMES))
    schedule_note: Mapped[str | None] = mapped_column(
        String(300), info=labelled("日程の補足", personal_if="speaks_freely")
    )
    reward_offered: Mapped[Reward] = mapped_column(code_of(Reward), default=Reward.NOTHING, info=labelled("出せる謝礼"))
    headcount: Mapped[int] = mapped_column(Integer, default=1, info=labelled("必要な人数"))
    due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("決めたい期限"))
    requires_adult: Mapped[bool] = mapped_column(default=False, info=labelled("18歳以上に限る"))
    requires_insurance: Mapped[bool] = mapped_column(default=False, info=labelled("保険の加入が必要"))
    requires_guardian_consent: Mapped[bool] = mapped_column(
        default=False, info=labelled("18歳未満は保護者の同意が必要")
    )
    status: Mapped[RequestStatus] = mapped_column(
        code_of(RequestStatus), default=RequestStatus.OPEN, info=labelled("状態")
    )
    unfilled_reason: Mapped[UnfilledReason | None] = mapped_column(
        code_of(UnfilledReason), info=labelled("見つからなかった理由")
    )
    closed_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("終了日"))
    received_on: Mapped[dt.date] = mapped_column(Date, info=labelled("受付日"))
    is_demo: Mapped[bool] = mapped_column(default=False, info={"label": "デモ", "unlogged": True})

    organization: Mapped[Organization] = relationship()
    skills: Mapped[list[Skill]] = relationship(
        secondary=request_skill, order_by="Skill.id", info=labelled("希望する技能")
    )
    fields: Mapped[list[ActivityField]] = relationship(
        secondary=request_field, order_by="ActivityField.number", info=labelled("活動分野")
    )

    @property
    def speaks_freely(self) -> bool:
        """Free words may name anybody: the log says only that they changed."""
        return True

    def __str__(self) -> str:
        return f"依頼{self.id}番" if self.id else "新しい依頼"
