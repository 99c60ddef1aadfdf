"""コーディネート (domain.md 2.3): one talent for one request, its stages, calls, bookings, disclosures, follow-ups.

Three unique constraints decide races on both databases: the pair, the talent's numbered places, the request's numbered
seats. A match holds a place from 打診中 to 成立 and a seat from 承諾 on.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.talent_requests import TalentRequest
from models.talents import Talent
from models.week import TIMES


class Stage(LabelledEnum):
    """The stages of a match."""

    CANDIDATE = "candidate", "候補"
    APPROACHED = "approached", "打診中"
    ACCEPTED = "accepted", "承諾"
    INTRODUCED = "introduced", "紹介済"
    ENGAGED = "engaged", "成立"
    FINISHED = "finished", "終了"
    DECLINED = "declined", "辞退"
    UNMATCHED = "unmatched", "不成立"
    CANCELLED = "cancelled", "中止"


class CloseReason(LabelledEnum):
    """Why a match ended before its time."""

    NO_TIME = "no_time", "日程が合わない"
    CONTENT = "content", "内容が合わない"
    REWARD = "reward", "謝礼が合わない"
    HEALTH = "health", "体調・家庭の事情"
    NO_REPLY = "no_reply", "連絡がつかない"
    GROUP_CHANGED = "group_changed", "団体の都合が変わった"
    OTHER_FOUND = "other_found", "ほかの人財に決まった"
    CONSENT_ENDED = "consent_ended", "登録の終了・消去"
    OTHER = "other", "その他"


class ContactWay(LabelledEnum):
    """How somebody was reached."""

    PHONE = "phone", "電話"
    MAIL = "mail", "メール"
    VISIT = "visit", "来館・面談"
    LETTER = "letter", "郵便・FAX"


class ContactResult(LabelledEnum):
    """What came of it."""

    ABSENT = "absent", "不在・つながらない"
    MESSAGE = "message", "伝言・送信した"
    TALKED = "talked", "話した(返事待ち)"
    ANSWERED = "answered", "返事をもらった"


class Side(LabelledEnum):
    """The two that are brought together."""

    TALENT = "talent", "人財"
    GROUP = "group", "依頼団体"


class Outcome(LabelledEnum):
    """How it went, as one side says."""

    VERY_GOOD = "very_good", "とてもよかった"
    GOOD = "good", "よかった"
    FAIR = "fair", "ふつう"
    POOR = "poor", "課題が残った"
    BAD = "bad", "うまくいかなかった"


class Match(Keyed, Timestamped, Versioned, Base):
    """One talent for one request."""

    __tablename__ = "talent_match"
    __label__ = "コーディネート"
    __table_args__ = (
        UniqueConstraint("talent_id", "request_id"),
        UniqueConstraint("talent_id", "place"),
        UniqueConstraint("request_id", "seat"),
        CheckConstraint(
            "(stage IN ('approached', 'accepted', 'introduced', 'engaged')) = (place IS NOT NULL)",
            name="a_running_match_holds_a_place",
        ),
        CheckConstraint(
            "(stage IN ('accepted', 'introduced', 'engaged', 'finished')) = (seat IS NOT NULL)",
            name="an_accepted_match_holds_a_seat",
        ),
        CheckConstraint(
            "(stage IN ('declined', 'unmatched', 'cancelled')) = (close_reason IS NOT NULL)",
            name="ended_early_has_its_reason",
        ),
        CheckConstraint(
            "stage NOT IN ('introduced', 'engaged', 'finished') OR introduced_at IS NOT NULL",
            name="introduced_before_engaged",
        ),
        CheckConstraint(
            "introduced_at IS NULL OR group_agreed_on IS NOT NULL", name="introduced_when_both_have_agreed"
        ),
        Index("ix_talent_match_stage_stage_at_id", "stage", "stage_at", "id"),
        Index("ix_talent_match_request_id_stage", "request_id", "stage"),
    )

    talent_id: Mapped[int] = mapped_column(ForeignKey("talent.id"), info=labelled("人財"))
    request_id: Mapped[int] = mapped_column(ForeignKey("talent_request.id"), info=labelled("依頼"))
    stage: Mapped[Stage] = mapped_column(code_of(Stage), default=Stage.CANDIDATE, info=labelled("段階"))
    stage_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("段階に入った日時"))
    #: Which of the talent's places (1..capacity) it holds while it runs.
    place: Mapped[int | None] = mapped_column(Integer, info={"label": "人財の枠", "unlogged": True})
    #: Which of the request's seats (1..headcount) it fills from the yes on.
    seat: Mapped[int | None] = mapped_column(Integer, info={"label": "依頼の枠", "unlogged": True})
    close_reason: Mapped[CloseReason | None] = mapped_column(code_of(CloseReason), info=labelled("終わった理由"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("経過の覚え書き", personal=True))
    #: Sentences of the engine when the candidate was taken, for later readers.
    why: Mapped[str | None] = mapped_column(Text, info={"label": "候補にした根拠", "unlogged": True})
    last_contact_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("最後の連絡"))
    introduced_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("紹介した日時"))
    group_agreed_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("依頼団体が開示を了承した日"))
    starts_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("活動の開始日"))
    ends_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("活動の終了予定日"))

    talent: Mapped[Talent] = relationship()
    request: Mapped[TalentRequest] = relationship()
    steps: Mapped[list[MatchStep]] = relationship(
        back_populates="match", cascade="all, delete-orphan", order_by="MatchStep.id"
    )
    contacts: Mapped[list[ContactLog]] = relationship(
        back_populates="match", cascade="all, delete-orphan", order_by="ContactLog.contacted_at, ContactLog.id"
    )
    times: Mapped[list[MatchTime]] = relationship(
        back_populates="match", cascade="all, delete-orphan", order_by="MatchTime.code"
    )
    follow_ups: Mapped[list[FollowUp]] = relationship(
        back_populates="match", cascade="all, delete-orphan", order_by="FollowUp.side"
    )
    disclosures: Mapped[list[Disclosure]] = relationship(
        back_populates="match", cascade="all, delete-orphan", order_by="Disclosure.id"
    )

    def __str__(self) -> str:
        return f"コーディネート{self.id}" if self.id else "新しいコーディネート"


class MatchStep(Keyed, Base):
    """One step of a match: the dated line of its history, and what the numbers are counted from."""

    __tablename__ = "match_step"
    __label__ = "段階の移り変わり"
    __audit_parent__ = "match"
    __table_args__ = (Index("ix_match_step_stage_at", "stage", "at"),)

    match_id: Mapped[int] = mapped_column(
        ForeignKey("talent_match.id", ondelete="CASCADE"), index=True, info=labelled("コーディネート")
    )
    stage: Mapped[Stage] = mapped_column(code_of(Stage), info=labelled("段階"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("日時"))
    by_label: Mapped[str] = mapped_column(String(200), default="", info=labelled("記録した人"))

    match: Mapped[Match] = relationship(back_populates="steps")

    def __str__(self) -> str:
        return self.stage.label


class ContactLog(Keyed, Base):
    """連絡の記録: one call, mail or meeting with one side."""

    __tablename__ = "contact_log"
    __label__ = "連絡の記録"
    __audit_parent__ = "match"

    match_id: Mapped[int] = mapped_column(
        ForeignKey("talent_match.id", ondelete="CASCADE"), index=True, info=labelled("コーディネート")
    )
    side: Mapped[Side] = mapped_column(code_of(Side), info=labelled("相手"))
    way: Mapped[ContactWay] = mapped_column(code_of(ContactWay), info=labelled("方法"))
    result: Mapped[ContactResult] = mapped_column(code_of(ContactResult), info=labelled("結果"))
    summary: Mapped[str | None] = mapped_column(Text, info=labelled("内容", personal=True))
    contacted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=labelled("連絡した日時"))
    by_label: Mapped[str] = mapped_column(String(200), default="", info=labelled("記録した人"))

    match: Mapped[Match] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return f"{self.side.label}への{self.way.label}"


class MatchTime(Keyed, Base):
    """A time of the week that a running engagement takes: nobody is booked twice (rules.md 34)."""

    __tablename__ = "match_time"
    __label__ = "活動の時間"
    __audit_parent__ = "match"
    __table_args__ = (UniqueConstraint("talent_id", "code"),)

    match_id: Mapped[int] = mapped_column(
        ForeignKey("talent_match.id", ondelete="CASCADE"), index=True, info=labelled("コーディネート")
    )
    talent_id: Mapped[int] = mapped_column(ForeignKey("talent.id"), info=labelled("人財"))
    code: Mapped[str] = mapped_column(String(20), info=labelled("曜日・時間帯"))

    match: Mapped[Match] = relationship(back_populates="times")

    def __str__(self) -> str:
        return TIMES.get(self.code, self.code)


class FollowUp(Keyed, Timestamped, Base):
    """How it went, as one side says; months later the centre asks both."""

    __tablename__ = "match_follow_up"
    __label__ = "その後の聞き取り"
    __audit_parent__ = "match"
    __table_args__ = (UniqueConstraint("match_id", "side"),)

    match_id: Mapped[int] = mapped_column(
        ForeignKey("talent_match.id", ondelete="CASCADE"), info=labelled("コーディネート")
    )
    side: Mapped[Side] = mapped_column(code_of(Side), info=labelled("だれから"))
    outcome: Mapped[Outcome] = mapped_column(code_of(Outcome), info=labelled("感想"))
    wants_again: Mapped[bool] = mapped_column(default=False, info=labelled("また頼みたい・引き受けたい"))
    comment: Mapped[str | None] = mapped_column(Text, info=labelled("聞いたこと", personal=True))
    asked_on: Mapped[dt.date] = mapped_column(Date, info=labelled("聞いた日"))

    match: Mapped[Match] = relationship(back_populates="follow_ups")

    def __str__(self) -> str:
        return f"{self.side.label}からの聞き取り"


class Disclosure(Keyed, Base):
    """連絡先の開示: to whom the contact of the other side was given, when, by whom, what for."""

    __tablename__ = "contact_disclosure"
    __label__ = "連絡先の開示"
    __audit_parent__ = "match"
    __table_args__ = (UniqueConstraint("match_id", "to_side"),)

    match_id: Mapped[int] = mapped_column(
        ForeignKey("talent_match.id", ondelete="CASCADE"), info=labelled("コーディネート")
    )
    to_side: Mapped[Side] = mapped_column(code_of(Side), info=labelled("開示した相手"))
    #: What was given, by label ("氏名", "電話番号"): never the values.
    items: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("開示した項目"))
    purpose: Mapped[str] = mapped_column(String(100), info=labelled("目的"))
    disclosed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("開示した日時"))
    by_label: Mapped[str] = mapped_column(String(200), default="", info=labelled("開示した人"))

    match: Mapped[Match] = relationship(back_populates="disclosures")

    def __str__(self) -> str:
        return f"{self.to_side.label}への開示"
