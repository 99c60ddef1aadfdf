"""Between the receipt and the review: coordination with the group, the departments' 所見書, the council's opinion."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Base,
    Keyed,
    LabelledEnum,
    Timestamped,
    UtcDateTime,
    Versioned,
    code_of,
    labelled,
    utc_now,
)
from models.people import User
from models.proposals import Proposal
from models.reference import Department
from models.years import day_name


class OpinionState(LabelledEnum):
    """Where a 所見書 stands."""

    REQUESTED = "requested", "依頼中"
    SUBMITTED = "submitted", "提出済み"
    RETURNED = "returned", "差戻し"
    WAIVED = "waived", "省略"


class Verdict(LabelledEnum):
    """What a department, or the council, thinks of a proposal on the whole."""

    FAVOURABLE = "favourable", "実施が望ましい"
    CONDITIONAL = "conditional", "条件を付けて実施が望ましい"
    UNFAVOURABLE = "unfavourable", "実施は望ましくない"
    NEUTRAL = "neutral", "どちらともいえない"


class CoordinationMeans(LabelledEnum):
    """How a conversation was held."""

    MEETING = "meeting", "面談"
    TELEPHONE = "telephone", "電話"
    MAIL = "mail", "メール"
    VISIT = "visit", "現地確認"


class DepartmentOpinion(Keyed, Timestamped, Versioned, Base):
    """所見書 of one department on one proposal. `answers` and `verdict` hold what was submitted last."""

    __tablename__ = "department_opinion"
    __label__ = "所見書"
    __audit_parent__ = "proposal"
    __table_args__ = (
        UniqueConstraint("proposal_id", "department_id"),
        CheckConstraint("state <> 'submitted' OR submitted_at IS NOT NULL", name="submitted_has_its_moment"),
        CheckConstraint("state <> 'submitted' OR verdict IS NOT NULL", name="submitted_has_its_verdict"),
        CheckConstraint("state <> 'returned' OR return_reason IS NOT NULL", name="returned_has_its_reason"),
        CheckConstraint("(state = 'waived') = (waived_reason IS NOT NULL)", name="waived_has_its_reason"),
        Index("ix_department_opinion_department_id_state", "department_id", "state"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), info=labelled("課"))
    state: Mapped[OpinionState] = mapped_column(
        code_of(OpinionState), default=OpinionState.REQUESTED, info=labelled("状況")
    )
    due_on: Mapped[dt.date] = mapped_column(Date, info=labelled("期限"))
    #: What is asked: [{"key": "need", "label": "必要性"}, …], as it was when the department was asked.
    questions: Mapped[list[dict[str, str]]] = mapped_column(JSON, info=labelled("質問"))
    request_note: Mapped[str] = mapped_column(Text, default="", info=labelled("依頼の説明"))
    requested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("依頼日時"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("依頼者"))
    #: {question key: text}; sealed until the submission, then read through the record's own scope.
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, info=labelled("回答", sealed=True))
    verdict: Mapped[Verdict | None] = mapped_column(code_of(Verdict), info=labelled("総合所見", sealed=True))
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("提出日時"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("提出者"))
    return_reason: Mapped[str | None] = mapped_column(Text, info=labelled("差戻しの理由"))
    returned_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("差戻し日時"))
    waived_reason: Mapped[str | None] = mapped_column(Text, info=labelled("省略の理由"))

    proposal: Mapped[Proposal] = relationship()
    department: Mapped[Department] = relationship()
    requested_by: Mapped[User | None] = relationship(foreign_keys=[requested_by_id])
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    submissions: Mapped[list[OpinionSubmission]] = relationship(
        back_populates="opinion", order_by="OpinionSubmission.number"
    )

    def __str__(self) -> str:
        return f"{self.department.name}の所見書" if self.department else "所見書"


class OpinionSubmission(Keyed, Base):
    """What a department submitted, each time: a return for clarification leaves the earlier text readable."""

    __tablename__ = "opinion_submission"
    __label__ = "所見書の提出"
    __audit_parent__ = "opinion"
    __table_args__ = (UniqueConstraint("opinion_id", "number"),)

    opinion_id: Mapped[int] = mapped_column(ForeignKey("department_opinion.id"), info=labelled("所見書"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("回"))
    answers: Mapped[dict[str, str]] = mapped_column(JSON, info=labelled("回答", sealed=True))
    verdict: Mapped[Verdict] = mapped_column(code_of(Verdict), info=labelled("総合所見", sealed=True))
    submitted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("提出日時"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("提出者"))
    #: Why it was handed back afterwards.
    return_reason: Mapped[str | None] = mapped_column(Text, info=labelled("差戻しの理由"))

    opinion: Mapped[DepartmentOpinion] = relationship(back_populates="submissions")
    submitted_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.opinion}(第{self.number}回)"


class OpinionDraft(Keyed, Versioned, Base):
    """What a department is writing: saved by itself, logged nowhere, gone at the submission."""

    __tablename__ = "opinion_draft"
    __label__ = "所見書の下書き"
    __audited__ = False

    opinion_id: Mapped[int] = mapped_column(ForeignKey("department_opinion.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    verdict: Mapped[Verdict | None] = mapped_column(code_of(Verdict))
    saved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)

    opinion: Mapped[DepartmentOpinion] = relationship()
    user: Mapped[User | None] = relationship()


class OpinionReminder(Keyed, Base):
    """A reminder that the office gave a department."""

    __tablename__ = "opinion_reminder"
    __label__ = "所見書の督促"
    __audit_parent__ = "opinion"

    opinion_id: Mapped[int] = mapped_column(ForeignKey("department_opinion.id"), index=True, info=labelled("所見書"))
    reminded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("督促日時"))
    reminded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("督促者"))
    note: Mapped[str] = mapped_column(Text, default="", info=labelled("連絡事項"))

    opinion: Mapped[DepartmentOpinion] = relationship()
    reminded_by: Mapped[User | None] = relationship()


class CoordinationNote(Keyed, Timestamped, Versioned, Base):
    """調整記録: one conversation: who, what was agreed, what changes."""

    __tablename__ = "coordination_note"
    __label__ = "調整記録"
    __audit_parent__ = "proposal"
    __table_args__ = (Index("ix_coordination_note_proposal_id_held_on_id", "proposal_id", "held_on", "id"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    held_on: Mapped[dt.date] = mapped_column(Date, info=labelled("日付"))
    means: Mapped[CoordinationMeans] = mapped_column(
        code_of(CoordinationMeans), default=CoordinationMeans.MEETING, info=labelled("方法")
    )
    participants: Mapped[str] = mapped_column(String(300), info=labelled("出席者", personal=True))
    content: Mapped[str] = mapped_column(Text, info=labelled("話し合った内容"))
    agreed: Mapped[str] = mapped_column(Text, default="", info=labelled("合意したこと"))
    changes: Mapped[str] = mapped_column(Text, default="", info=labelled("提案の変更点"))
    #: The department that noted it; None: the office.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), info=labelled("記録した課"))
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("記録者"))

    proposal: Mapped[Proposal] = relationship()
    department: Mapped[Department | None] = relationship()
    written_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{day_name(self.held_on)}の調整"


class CoordinationTask(Keyed, Timestamped, Versioned, Base):
    """What somebody is to do after a conversation."""

    __tablename__ = "coordination_task"
    __label__ = "調整の宿題"
    __audit_parent__ = "proposal"
    __table_args__ = (
        CheckConstraint("done_at IS NULL OR result IS NOT NULL", name="done_has_its_result"),
        Index("ix_coordination_task_department_id_done_at", "department_id", "done_at"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True, info=labelled("応募・提案"))
    note_id: Mapped[int | None] = mapped_column(
        ForeignKey("coordination_note.id"), index=True, info=labelled("調整記録")
    )
    title: Mapped[str] = mapped_column(String(200), info=labelled("すること"))
    #: Who is to do it; None: the office.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), info=labelled("担当"))
    due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("期限"))
    done_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("完了日時"))
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("完了者"))
    result: Mapped[str | None] = mapped_column(Text, info=labelled("結果"))

    proposal: Mapped[Proposal] = relationship()
    note: Mapped[CoordinationNote | None] = relationship()
    department: Mapped[Department | None] = relationship()
    done_by: Mapped[User | None] = relationship()


class CouncilOpinion(Keyed, Timestamped, Versioned, Base):
    """The opinion of 協働推進庁内検討会議 on a proposal (実践編2(2)); a later meeting may give another."""

    __tablename__ = "council_opinion"
    __label__ = "庁内検討会議の意見"
    __audit_parent__ = "proposal"
    __table_args__ = (
        UniqueConstraint("proposal_id", "given_on"),
        CheckConstraint("text <> ''", name="has_its_text"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    given_on: Mapped[dt.date] = mapped_column(Date, info=labelled("意見の日"))
    verdict: Mapped[Verdict] = mapped_column(code_of(Verdict), info=labelled("総合意見"))
    text: Mapped[str] = mapped_column(Text, info=labelled("意見"))
    #: The meeting, or the paper that it is written in.
    source_note: Mapped[str] = mapped_column(String(300), default="", info=labelled("会議・根拠"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("記録者"))

    proposal: Mapped[Proposal] = relationship()
    recorded_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"庁内検討会議の意見({day_name(self.given_on)})"
