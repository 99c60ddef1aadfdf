"""Meetings of the bodies: agenda, attendance, resolutions (domain.md 2.7)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled
from models.bodies import Body, Membership, QuorumKind
from models.years import year_name

if TYPE_CHECKING:
    from models.minutes import Minutes


class MeetingState(LabelledEnum):
    """Where a meeting stands."""

    PLANNED = "planned", "準備中"
    CALLED = "called", "招集済み"
    HELD = "held", "開催済み"
    CANCELLED = "cancelled", "中止"


class AttendanceState(LabelledEnum):
    """Who came."""

    UNKNOWN = "unknown", "未確認"
    PRESENT = "present", "出席"
    REPRESENTED = "represented", "代理出席"
    ABSENT = "absent", "欠席"


class Reply(LabelledEnum):
    """What a member answered to the call."""

    COMING = "coming", "出席します"
    NOT_COMING = "not_coming", "欠席します"


class AbsenceKind(LabelledEnum):
    """Why a member is out for one item."""

    CONFLICT = "conflict", "除斥(利害関係)"
    LEFT = "left", "退席"


class ResolutionDecision(LabelledEnum):
    """What a body concluded."""

    APPROVED = "approved", "可決・承認"
    CONDITIONAL = "conditional", "条件を付けて承認"
    REJECTED = "rejected", "否決・不承認"
    OPINION = "opinion", "意見"
    NOTED = "noted", "了承(報告)"
    CONTINUED = "continued", "継続審議"


class Meeting(Keyed, Timestamped, Versioned, Base):
    """One meeting: called, held, with minutes."""

    __tablename__ = "meeting"
    __label__ = "会議"
    __table_args__ = (
        UniqueConstraint("body_id", "fiscal_year", "number"),
        CheckConstraint("state <> 'cancelled' OR cancelled_reason <> ''", name="cancelled_has_its_reason"),
        CheckConstraint("(state IN ('planned')) = (called_at IS NULL)", name="called_has_its_moment"),
        CheckConstraint("number > 0", name="number_is_positive"),
        Index("ix_meeting_held_on_id", "held_on", "id"),
    )

    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), info=labelled("会議体"))
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("回"))
    held_on: Mapped[dt.date] = mapped_column(Date, info=labelled("開催日"))
    time_text: Mapped[str] = mapped_column(String(60), default="", info=labelled("時間"))
    place: Mapped[str] = mapped_column(String(200), default="", info=labelled("場所"))
    state: Mapped[MeetingState] = mapped_column(
        code_of(MeetingState), default=MeetingState.PLANNED, index=True, info=labelled("状態")
    )
    #: Words of the call to the members.
    call_text: Mapped[str] = mapped_column(Text, default="", info=labelled("通知の文面"))
    called_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("招集日時"))
    cancelled_reason: Mapped[str] = mapped_column(String(500), default="", info=labelled("中止の理由"))
    #: As it was in force when the meeting was held.
    quorum_kind: Mapped[QuorumKind | None] = mapped_column(code_of(QuorumKind), info=labelled("開催時の定足数"))
    presiding_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), info=labelled("議事を進めた人"))

    body: Mapped[Body] = relationship()
    presiding: Mapped[Membership | None] = relationship()
    items: Mapped[list[AgendaItem]] = relationship(
        back_populates="meeting", order_by="(AgendaItem.position, AgendaItem.id)", cascade="all, delete-orphan"
    )
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="meeting", order_by="Attendance.id", cascade="all, delete-orphan"
    )
    minutes: Mapped[Minutes | None] = relationship(back_populates="meeting", cascade="all, delete-orphan")

    def __str__(self) -> str:
        return f"{self.body.short_name}({year_name(self.fiscal_year)}第{self.number}回)" if self.body else "会議"


class AgendaItem(Keyed, Timestamped, Versioned, Base):
    """One item. Who may not see its subject does not see the item, in whatever list, count, print or history."""

    __tablename__ = "agenda_item"
    __label__ = "議題"
    __audit_parent__ = "meeting"
    __table_args__ = (
        CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name="subject_is_whole"),
        CheckConstraint("NOT is_closed OR closed_reason <> ''", name="closed_has_its_reason"),
        Index("ix_agenda_item_meeting_id_position_id", "meeting_id", "position", "id"),
        Index("ix_agenda_item_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), info=labelled("会議"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("順"))
    title: Mapped[str] = mapped_column(String(300), info=labelled("議題"))
    detail: Mapped[str] = mapped_column(Text, default="", info=labelled("内容"))
    #: What is decided or discussed: a kind of `app.access.subjects` and the id of its record.
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=labelled("対象の種類"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=labelled("対象の番号"))
    is_closed: Mapped[bool] = mapped_column(default=False, info=labelled("非公開"))
    closed_reason: Mapped[str] = mapped_column(String(300), default="", info=labelled("非公開の理由"))
    #: What was said: this item's part of the minutes.
    discussion: Mapped[str] = mapped_column(Text, default="", info=labelled("議事の内容", sealed=True))

    meeting: Mapped[Meeting] = relationship(back_populates="items")
    absences: Mapped[list[ItemAbsence]] = relationship(
        back_populates="item", order_by="ItemAbsence.id", cascade="all, delete-orphan"
    )
    resolutions: Mapped[list[Resolution]] = relationship(
        back_populates="agenda_item", order_by="Resolution.id", cascade="all, delete-orphan"
    )


class Attendance(Keyed, Timestamped, Versioned, Base):
    """One member at one meeting: what they answered, whether they came, in whose place."""

    __tablename__ = "attendance"
    __label__ = "出欠"
    __names_office__ = True
    __audit_parent__ = "meeting"
    __table_args__ = (
        UniqueConstraint("meeting_id", "membership_id"),
        UniqueConstraint("meeting_id", "stands_in_for_id"),
        CheckConstraint(
            "state <> 'represented' OR representative_name <> ''", name="represented_names_the_representative"
        ),
        CheckConstraint(
            "stands_in_for_id IS NULL OR stands_in_for_id <> membership_id", name="nobody_stands_in_for_themselves"
        ),
    )

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), info=labelled("会議"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True, info=labelled("構成員"))
    reply: Mapped[Reply | None] = mapped_column(code_of(Reply), info=labelled("出欠の返事"))
    replied_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("返事の日時"))
    state: Mapped[AttendanceState] = mapped_column(
        code_of(AttendanceState), default=AttendanceState.UNKNOWN, info=labelled("出欠")
    )
    representative_name: Mapped[str] = mapped_column(String(100), default="", info=labelled("代理の人"))
    #: A substitute's: whose seat is taken at this meeting.
    stands_in_for_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id"), info=labelled("代わりを務める相手")
    )
    note: Mapped[str] = mapped_column(String(300), default="", info=labelled("備考"))

    meeting: Mapped[Meeting] = relationship(back_populates="attendances")
    membership: Mapped[Membership] = relationship(foreign_keys=[membership_id])
    stands_in_for: Mapped[Membership | None] = relationship(foreign_keys=[stands_in_for_id])

    def __str__(self) -> str:
        return f"{self.membership.name}の出欠" if self.membership else "出欠"


class ItemAbsence(Keyed, Base):
    """A member who was at the meeting, but out of the room for one item (退席)."""

    __tablename__ = "item_absence"
    __label__ = "議題ごとの退席"
    __names_office__ = True
    __audit_parent__ = "item"
    __table_args__ = (UniqueConstraint("item_id", "membership_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), info=labelled("議題"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True, info=labelled("構成員"))
    kind: Mapped[AbsenceKind] = mapped_column(code_of(AbsenceKind), default=AbsenceKind.LEFT, info=labelled("区分"))
    note: Mapped[str] = mapped_column(String(300), default="", info=labelled("備考"))

    item: Mapped[AgendaItem] = relationship(back_populates="absences")
    membership: Mapped[Membership] = relationship()

    def __str__(self) -> str:
        return f"{self.membership.name}の退席" if self.membership else "退席"


class Resolution(Keyed, Timestamped, Versioned, Base):
    """What was concluded, linked to what it decides. Sealed: the log says that it changed, not what it says."""

    __tablename__ = "resolution"
    __label__ = "決議"
    __audit_parent__ = "agenda_item"
    __table_args__ = (
        CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name="subject_is_whole"),
        CheckConstraint(
            "(votes_for IS NULL) = (votes_against IS NULL) AND (votes_for IS NULL) = (votes_abstained IS NULL)",
            name="votes_are_whole",
        ),
        Index("ix_resolution_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_resolution_decided_on_id", "decided_on", "id"),
    )

    agenda_item_id: Mapped[int] = mapped_column(
        ForeignKey("agenda_item.id", ondelete="CASCADE"), index=True, info=labelled("議題")
    )
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=labelled("対象の種類"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=labelled("対象の番号"))
    decision: Mapped[ResolutionDecision] = mapped_column(
        code_of(ResolutionDecision), info=labelled("結論", sealed=True)
    )
    text: Mapped[str] = mapped_column(Text, info=labelled("決議の内容", sealed=True))
    decided_on: Mapped[dt.date] = mapped_column(Date, info=labelled("決議日"))
    votes_for: Mapped[int | None] = mapped_column(Integer, info=labelled("賛成", sealed=True))
    votes_against: Mapped[int | None] = mapped_column(Integer, info=labelled("反対", sealed=True))
    votes_abstained: Mapped[int | None] = mapped_column(Integer, info=labelled("棄権", sealed=True))

    agenda_item: Mapped[AgendaItem] = relationship(back_populates="resolutions")

    def __str__(self) -> str:
        return f"決議(番号{self.id})"
