"""Bodies 会議体, their members by term, their meetings: agenda, attendance, resolutions, minutes (domain.md 2.7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
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

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.people import Role, User
from models.reference import Department
from models.years import year_name


class QuorumKind(LabelledEnum):
    """How many must be there."""

    HALF_OR_MORE = "half_or_more", "半数以上の出席"
    MAJORITY = "majority", "過半数の出席"


class MemberRole(LabelledEnum):
    """What a member is in the body. Substitutes count only in another's place, the secretariat never."""

    CHAIR = "chair", "会長・委員長"
    DEPUTY = "deputy", "副会長・職務代理"
    MEMBER = "member", "委員"
    SUBSTITUTE = "substitute", "補欠委員"
    SECRETARIAT = "secretariat", "事務局"


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


class MinutesState(LabelledEnum):
    """Draft until confirmed; then only corrections stand beside them."""

    DRAFT = "draft", "作成中"
    CONFIRMED = "confirmed", "確定"


class Body(Keyed, Timestamped, Versioned, Base):
    """A body. Rule values that the handbook does not give stay empty (未設定) until the office enters them."""

    __tablename__ = "body"
    __label__ = "会議体"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(200), info=labelled("名称"))
    short_name: Mapped[str] = mapped_column(String(60), info=labelled("略称"))
    purpose: Mapped[str] = mapped_column(Text, default="", info=labelled("役割"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("根拠"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("使用中"))
    #: None: not decided yet; then nothing says that a meeting has its quorum.
    quorum_kind: Mapped[QuorumKind | None] = mapped_column(code_of(QuorumKind), info=labelled("定足数"))
    #: Whether somebody sent in a member's stead counts as that member.
    counts_representatives: Mapped[bool] = mapped_column(default=False, info=labelled("代理出席を出席に数える"))
    is_closed_by_default: Mapped[bool] = mapped_column(default=False, info=labelled("原則非公開"))
    closed_reason: Mapped[str] = mapped_column(String(300), default="", info=labelled("非公開とする理由"))
    #: Members whose seats follow the list of departments (協働推進庁内検討会議).
    is_of_departments: Mapped[bool] = mapped_column(default=False, info=labelled("課を単位とする"))

    memberships: Mapped[list[Membership]] = relationship(back_populates="body", order_by="Membership.id")


class Membership(Keyed, Timestamped, Versioned, Base):
    """A seat for a term: held by a person, a department's head or whoever works for a partner.

    Who may read the body's meetings follows from the link: that user, users of that department, users of that role.
    """

    __tablename__ = "membership"
    __label__ = "構成員"
    __audit_parent__ = "body"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_not_before_from"),
        CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="nobody_replaces_themselves"),
        Index("ix_membership_body_id_from_on_id", "body_id", "from_on", "id"),
    )

    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), info=labelled("会議体"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("氏名・課名"))
    #: 「学識経験者」「公募市民」, 「課長」…
    title: Mapped[str] = mapped_column(String(100), default="", info=labelled("肩書・選出区分"))
    role: Mapped[MemberRole] = mapped_column(code_of(MemberRole), default=MemberRole.MEMBER, info=labelled("役"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("利用者"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("課"))
    user_role: Mapped[Role | None] = mapped_column(code_of(Role), info=labelled("利用者の役割"))
    email: Mapped[str | None] = mapped_column(String(254), info=labelled("通知先メールアドレス", personal=True))
    from_on: Mapped[dt.date] = mapped_column(Date, info=labelled("任期の開始日"))
    until_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("任期の終了日"))
    #: Whose seat it was before, or (補欠委員) whose it would be.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), index=True, info=labelled("前任者"))
    note: Mapped[str] = mapped_column(String(300), default="", info=labelled("備考"))

    body: Mapped[Body] = relationship(back_populates="memberships")
    user: Mapped[User | None] = relationship()
    department: Mapped[Department | None] = relationship()
    replaces: Mapped[Membership | None] = relationship(remote_side="Membership.id")

    def is_in_force(self, on: dt.date) -> bool:
        """Whether the term covers that day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


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
