"""Calls of a fiscal year, what they ask for, and what is said about them in public (domain.md 2.5, 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
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
)
from models.people import User
from models.reference import Department, Program
from models.registry import Project


class CallState(LabelledEnum):
    """Where a call stands. Whether it takes proposals today is told by its dates (`is_accepting`)."""

    PREPARING = "preparing", "準備中"
    OPEN = "open", "公開"
    FINISHED = "finished", "終了"


class ProjectKind(LabelledEnum):
    """Whether the city has done it before (実践編2(2) 提案できる事業)."""

    NEW = "new", "新規事業"
    EXISTING = "existing", "既存事業"


class ChallengeState(LabelledEnum):
    """What became of a challenge that was drafted."""

    DRAFT = "draft", "下書き"
    SUBMITTED = "submitted", "検討待ち"
    CHOSEN = "chosen", "提示する"
    DECLINED = "declined", "見送り"


class Call(Keyed, Timestamped, Versioned, Base):
    """One call (募集) of a program in one fiscal year. Its rules are a copy: an old proposal keeps its year's rules."""

    __tablename__ = "call"
    __label__ = "年度の募集"
    __table_args__ = (
        UniqueConstraint("program_id", "fiscal_year", "round_number"),
        CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),
        CheckConstraint("round_number BETWEEN 1 AND 9", name="round_number_is_plausible"),
        CheckConstraint(
            "closes_on IS NULL OR opens_on IS NULL OR closes_on >= opens_on", name="closes_not_before_open"
        ),
        CheckConstraint(
            "period_until_on IS NULL OR period_from_on IS NULL OR period_until_on >= period_from_on",
            name="period_ends_not_before_start",
        ),
        CheckConstraint("budget_yen IS NULL OR budget_yen > 0", name="budget_is_positive"),
        CheckConstraint("cap_yen IS NULL OR cap_yen > 0", name="cap_is_positive"),
        CheckConstraint("state = 'preparing' OR opened_at IS NOT NULL", name="opened_has_its_moment"),
        CheckConstraint(
            "state = 'preparing' OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)", name="opened_has_its_dates"
        ),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"), index=True, info=labelled("公募制度"))
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    #: 1, or 2 and more where a program is called again within the year.
    round_number: Mapped[int] = mapped_column(Integer, default=1, info=labelled("回"))
    name: Mapped[str] = mapped_column(String(200), info=labelled("募集の名称"))
    state: Mapped[CallState] = mapped_column(
        code_of(CallState), default=CallState.PREPARING, index=True, info=labelled("状況")
    )
    #: The program's rules as they were copied, in the shape of seed/kodaira/programs.toml; frozen at the opening.
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=labelled("規則"))
    #: Values for rules that the handbook does not give and that have no column: {name in status.unset: value}.
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=labelled("設定値"))
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), info=labelled("写し元の募集"))

    opens_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("募集開始日"))
    closes_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("募集締切日"))
    coordination_from_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("事前調整の開始日"))
    coordination_until_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("事前調整の終了日"))
    opinions_due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("所見書の期限"))
    review_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("審査会の予定日"))
    decision_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("決定の予定日"))
    period_from_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("実施期間の初日"))
    period_until_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("実施期間の末日"))
    report_due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("報告書の期限"))

    cap_yen: Mapped[int | None] = mapped_column(BigInteger, info=labelled("1件の限度額"))
    #: As the rules write it, "10/10"; exact.
    rate: Mapped[str | None] = mapped_column(String(20), info=labelled("補助率"))
    budget_yen: Mapped[int | None] = mapped_column(BigInteger, info=labelled("募集全体の予算"))

    purpose_text: Mapped[str] = mapped_column(Text, default="", info=labelled("募集の目的"))
    applicants_text: Mapped[str] = mapped_column(Text, default="", info=labelled("応募できる団体"))
    project_text: Mapped[str] = mapped_column(Text, default="", info=labelled("応募できる事業"))
    cost_text: Mapped[str] = mapped_column(Text, default="", info=labelled("対象となる経費"))
    application_text: Mapped[str] = mapped_column(Text, default="", info=labelled("応募の方法"))
    review_text: Mapped[str] = mapped_column(Text, default="", info=labelled("審査基準"))
    processing_text: Mapped[str] = mapped_column(Text, default="", info=labelled("標準処理期間"))
    contact_text: Mapped[str] = mapped_column(Text, default="", info=labelled("問い合わせ先"))

    #: Why the dates lie outside of the months that the program's calendar gives (実践編2; rules.md 19).
    calendar_reason: Mapped[str | None] = mapped_column(Text, info=labelled("制度の時期と違う理由"))
    opened_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("公開日時"))
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("終了日時"))
    is_demo: Mapped[bool] = mapped_column(default=False, info={"label": "デモ用", "unlogged": True})

    program: Mapped[Program] = relationship()
    copied_from: Mapped[Call | None] = relationship(remote_side="Call.id")
    challenges: Mapped[list[Challenge]] = relationship(
        back_populates="call", order_by="(Challenge.position, Challenge.id)"
    )
    briefings: Mapped[list[CallBriefing]] = relationship(
        back_populates="call", cascade="all, delete-orphan", order_by="(CallBriefing.held_on, CallBriefing.id)"
    )
    questions: Mapped[list[CallQuestion]] = relationship(
        back_populates="call", cascade="all, delete-orphan", order_by="(CallQuestion.position, CallQuestion.id)"
    )

    def __str__(self) -> str:
        return self.name

    def is_accepting(self, on: dt.date) -> bool:
        """Whether the call takes proposals on that day without an override."""
        return (
            self.state is CallState.OPEN
            and self.opens_on is not None
            and self.closes_on is not None
            and self.opens_on <= on <= self.closes_on
        )


challenge_department = Table(
    "challenge_department",
    Base.metadata,
    Column("challenge_id", Key, ForeignKey("challenge.id", ondelete="CASCADE"), primary_key=True),
    Column("department_id", Key, ForeignKey("department.id"), primary_key=True, index=True),
)


class Challenge(Keyed, Timestamped, Versioned, SoftDeleted, Base):
    """市が提示する課題・テーマ: drafted by a department (the office for 提示型), decided, then shown by a call."""

    __tablename__ = "challenge"
    __label__ = "市の課題・テーマ"
    __table_args__ = (
        CheckConstraint("(state IN ('chosen', 'declined')) = (decided_on IS NOT NULL)", name="decided_has_its_day"),
        CheckConstraint("state <> 'declined' OR decision_note IS NOT NULL", name="declined_has_its_reason"),
        CheckConstraint("call_id IS NULL OR state = 'chosen'", name="shown_only_when_chosen"),
        Index("ix_challenge_program_id_fiscal_year", "program_id", "fiscal_year"),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"), info=labelled("公募制度"))
    fiscal_year: Mapped[int] = mapped_column(Integer, info=labelled("年度"))
    #: The call that shows it.
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True, info=labelled("募集"))
    #: The department that drafts it and will be in charge.
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("担当課"))
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("表示順"))
    title: Mapped[str] = mapped_column(String(200), info=labelled("課題・テーマ"))
    background: Mapped[str] = mapped_column(Text, default="", info=labelled("背景"))
    current_situation: Mapped[str] = mapped_column(Text, default="", info=labelled("現状"))
    expectation: Mapped[str] = mapped_column(Text, default="", info=labelled("期待すること"))
    kind: Mapped[ProjectKind] = mapped_column(
        code_of(ProjectKind), default=ProjectKind.NEW, info=labelled("新規・既存")
    )
    #: The existing collaboration that it starts from.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), info=labelled("もとになる事業"))
    state: Mapped[ChallengeState] = mapped_column(
        code_of(ChallengeState), default=ChallengeState.DRAFT, index=True, info=labelled("状況")
    )
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("提出日時"))
    decided_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("決定日"))
    #: The reason, or where a decision taken on paper is written down.
    decision_note: Mapped[str | None] = mapped_column(Text, info=labelled("決定の理由・根拠"))
    is_demo: Mapped[bool] = mapped_column(default=False, info={"label": "デモ用", "unlogged": True})

    program: Mapped[Program] = relationship()
    call: Mapped[Call | None] = relationship(back_populates="challenges")
    department: Mapped[Department] = relationship()
    project: Mapped[Project | None] = relationship()
    #: Others that the challenge touches.
    related_departments: Mapped[list[Department]] = relationship(
        secondary=challenge_department, order_by="Department.id", info=labelled("関連課")
    )


class CallBriefing(Keyed, Timestamped, Versioned, Base):
    """説明会 of a call."""

    __tablename__ = "call_briefing"
    __label__ = "説明会"
    __audit_parent__ = "call"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True, info=labelled("募集"))
    held_on: Mapped[dt.date] = mapped_column(Date, info=labelled("開催日"))
    #: As printed, "14:00〜15:30".
    hours: Mapped[str] = mapped_column(String(60), default="", info=labelled("時間"))
    place: Mapped[str] = mapped_column(String(200), default="", info=labelled("会場"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("備考"))

    call: Mapped[Call] = relationship(back_populates="briefings")


class CallQuestion(Keyed, Timestamped, Versioned, Base):
    """質問と回答: asked by anybody, answered by the office, shown with the call when it says so."""

    __tablename__ = "call_question"
    __label__ = "質問と回答"
    __audit_parent__ = "call"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answered_has_its_day"),
        CheckConstraint("is_public = false OR answer IS NOT NULL", name="public_has_its_answer"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True, info=labelled("募集"))
    #: Its place on the printed page; the office orders them.
    position: Mapped[int] = mapped_column(Integer, default=1, server_default="1", info=labelled("表示順"))
    asked_on: Mapped[dt.date] = mapped_column(Date, info=labelled("受けた日"))
    question: Mapped[str] = mapped_column(Text, info=labelled("質問"))
    answer: Mapped[str | None] = mapped_column(Text, info=labelled("回答"))
    answered_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("回答日"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("回答者"))
    is_public: Mapped[bool] = mapped_column(default=False, info=labelled("公開する"))

    call: Mapped[Call] = relationship(back_populates="questions")
    answered_by: Mapped[User | None] = relationship()
