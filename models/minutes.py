"""Minutes 議事録 of a meeting: a draft, confirmed once, then corrected beside (domain.md 2.7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.meetings import AgendaItem, Meeting


class MinutesState(LabelledEnum):
    """Draft until confirmed; then only corrections stand beside them."""

    DRAFT = "draft", "作成中"
    CONFIRMED = "confirmed", "確定"


class Minutes(Keyed, Timestamped, Versioned, Base):
    """議事録: the general part here, each item's part with the item. Confirmed ones are frozen with their digest."""

    __tablename__ = "minutes"
    __label__ = "議事録"
    __audit_parent__ = "meeting"
    __table_args__ = (
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_its_moment"),
        CheckConstraint("(state = 'confirmed') = (digest IS NOT NULL)", name="confirmed_has_its_digest"),
    )

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("meeting.id", ondelete="CASCADE"), unique=True, info=labelled("会議")
    )
    state: Mapped[MinutesState] = mapped_column(
        code_of(MinutesState), default=MinutesState.DRAFT, index=True, info=labelled("状態")
    )
    #: Opening, reports, next dates: what belongs to no item.
    text: Mapped[str] = mapped_column(Text, default="", info=labelled("開会・閉会など"))
    written_by: Mapped[str] = mapped_column(String(100), default="", info=labelled("作成者"))
    #: When the members were asked to look at the draft.
    circulated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("委員への確認依頼"))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確定日時"))
    confirmed_by: Mapped[str] = mapped_column(String(200), default="", info=labelled("確定した人"))
    #: How the chair agreed, when the office confirms in the chair's name (signed paper, date …).
    confirmed_note: Mapped[str] = mapped_column(String(300), default="", info=labelled("確定の方法"))
    #: Everything as confirmed (`app.meetings.minutes.record_of`), and the SHA-256 of its canonical JSON.
    record: Mapped[dict[str, Any] | None] = mapped_column(JSON, info={"label": "確定時の内容", "unlogged": True})
    digest: Mapped[str | None] = mapped_column(String(64), info=labelled("内容のSHA-256"))

    meeting: Mapped[Meeting] = relationship(back_populates="minutes")
    corrections: Mapped[list[MinutesCorrection]] = relationship(
        back_populates="minutes", order_by="MinutesCorrection.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return "議事録"


class MinutesCorrection(Keyed, Base):
    """A correction beside confirmed minutes: what should be read, why, by whom."""

    __tablename__ = "minutes_correction"
    __label__ = "議事録の訂正"
    __audit_parent__ = "minutes"
    __table_args__ = (CheckConstraint("reason <> ''", name="correction_has_its_reason"),)

    minutes_id: Mapped[int] = mapped_column(
        ForeignKey("minutes.id", ondelete="CASCADE"), index=True, info=labelled("議事録")
    )
    #: Of which item; None: of the general part.
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), index=True, info=labelled("議題"))
    text: Mapped[str] = mapped_column(Text, info=labelled("訂正の内容"))
    reason: Mapped[str] = mapped_column(String(500), info=labelled("訂正の理由"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("訂正日時"))
    made_by: Mapped[str] = mapped_column(String(200), info=labelled("訂正した人"))

    minutes: Mapped[Minutes] = relationship(back_populates="corrections")
    agenda_item: Mapped[AgendaItem | None] = relationship()

    def __str__(self) -> str:
        return "訂正"
