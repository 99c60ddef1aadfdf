"""What follows from a review: ties parted, the committee's conclusion, the city's decision (rules.md 27–29)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.calls import Call
from models.meetings import Meeting
from models.people import User
from models.proposals import Proposal
from models.records import StoredFile


class TieMeans(LabelledEnum):
    """How people parted what the chain could not."""

    CHAIR_CHOICE = "chair_choice", "委員長の決定"
    LOT = "lot", "くじ"


class Outcome(LabelledEnum):
    """What the committee concludes of a proposal, and what the city decides."""

    ADOPTED = "adopted", "採択"
    ADOPTED_WITH_CONDITIONS = "adopted_with_conditions", "条件付採択"
    RESERVE = "reserve", "保留(残額候補)"
    REJECTED = "rejected", "不採択"


class ConfirmationMeans(LabelledEnum):
    """How the chair confirmed the conclusion."""

    CHAIR_LOGIN = "chair_login", "委員長が自分のログインで確認"
    SIGNED_MINUTES = "signed_minutes", "署名のある議事録による(事務局が入力)"


class TieDecision(Keyed, Base):
    """The order in which tied proposals stand, chosen by the chair or drawn by lot. A later one replaces it."""

    __tablename__ = "tie_decision"
    __label__ = "同率の順の決定"
    __audit_parent__ = "call"
    __table_args__ = (CheckConstraint("note <> ''", name="has_its_note"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True, info=labelled("募集"))
    #: Ids of the tied proposals, best first.
    proposal_ids: Mapped[list[int]] = mapped_column(JSON, info=labelled("順", sealed=True))
    means: Mapped[TieMeans] = mapped_column(code_of(TieMeans), info=labelled("決め方"))
    #: Who drew, before whom; or the chair's reason.
    note: Mapped[str] = mapped_column(Text, info=labelled("経緯", sealed=True))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("記録日時"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("記録者"))
    replaced_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("置き換えた日時"))

    call: Mapped[Call] = relationship()
    recorded_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.means.label}による同率の順"


class ReviewConclusion(Keyed, Timestamped, Versioned, Base):
    """審査会の結論 of a call: drafted by the secretariat, confirmed by the chair. Confirmed, nothing under it changes."""

    __tablename__ = "review_conclusion"
    __label__ = "審査会の結論"
    __audit_parent__ = "call"
    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_means IS NULL)", name="confirmed_says_by_which_means"),
        CheckConstraint(
            "confirmed_by_means IS NULL OR confirmed_by_means <> 'signed_minutes' OR minutes_file_id IS NOT NULL",
            name="signed_minutes_are_attached",
        ),
        CheckConstraint("confirmed_at IS NULL OR meeting_id IS NOT NULL", name="confirmed_has_its_meeting"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), unique=True, info=labelled("募集"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True, info=labelled("会議"))
    concluded_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("結論の日"))
    note: Mapped[str] = mapped_column(Text, default="", info=labelled("全体の意見", sealed=True))
    minutes_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), info=labelled("署名のある議事録"))
    confirmed_by_means: Mapped[ConfirmationMeans | None] = mapped_column(
        code_of(ConfirmationMeans), info=labelled("確認の方法")
    )
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確認日時"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確認した利用者"))

    call: Mapped[Call] = relationship()
    meeting: Mapped[Meeting | None] = relationship()
    minutes_file: Mapped[StoredFile | None] = relationship()
    confirmed_by: Mapped[User | None] = relationship()
    lines: Mapped[list[Conclusion]] = relationship(
        back_populates="conclusion", order_by="Conclusion.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return "審査会の結論"


class Conclusion(Keyed, Timestamped, Base):
    """審査結果 of one proposal: what the committee concluded, with its reason."""

    __tablename__ = "conclusion"
    __label__ = "審査結果"
    __audit_parent__ = "proposal"
    __table_args__ = (
        UniqueConstraint("conclusion_id", "proposal_id"),
        CheckConstraint("amount_yen >= 0", name="amount_is_not_negative"),
        CheckConstraint("outcome <> 'rejected' OR amount_yen = 0", name="rejected_gets_nothing"),
        CheckConstraint("outcome <> 'rejected' OR reason <> ''", name="rejected_has_its_reason"),
        CheckConstraint("outcome <> 'adopted_with_conditions' OR conditions <> ''", name="conditions_are_written"),
        CheckConstraint(
            "(votes_for IS NULL) = (votes_against IS NULL) AND (votes_for IS NULL) = (votes_abstained IS NULL)",
            name="votes_are_whole",
        ),
    )

    conclusion_id: Mapped[int] = mapped_column(ForeignKey("review_conclusion.id"), info=labelled("審査会の結論"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True, info=labelled("応募・提案"))
    outcome: Mapped[Outcome] = mapped_column(code_of(Outcome), info=labelled("結果", sealed=True))
    amount_yen: Mapped[int] = mapped_column(BigInteger, default=0, info=labelled("金額", sealed=True))
    conditions: Mapped[str] = mapped_column(Text, default="", info=labelled("条件", sealed=True))
    reason: Mapped[str] = mapped_column(Text, default="", info=labelled("理由", sealed=True))
    #: What the rule gave, as it was shown when the conclusion was written: outcome code, rank, percent as text.
    rule_outcome: Mapped[str] = mapped_column(String(20), default="", info=labelled("規則による結果", sealed=True))
    rank: Mapped[int | None] = mapped_column(Integer, info=labelled("順位", sealed=True))
    percent: Mapped[str | None] = mapped_column(String(10), info=labelled("得点率", sealed=True))
    #: Why the committee departed from the rule.
    departure_reason: Mapped[str] = mapped_column(Text, default="", info=labelled("規則と異なる理由", sealed=True))
    votes_for: Mapped[int | None] = mapped_column(Integer, info=labelled("賛成", sealed=True))
    votes_against: Mapped[int | None] = mapped_column(Integer, info=labelled("反対", sealed=True))
    votes_abstained: Mapped[int | None] = mapped_column(Integer, info=labelled("棄権", sealed=True))

    conclusion: Mapped[ReviewConclusion] = relationship(back_populates="lines")
    proposal: Mapped[Proposal] = relationship()

    def __str__(self) -> str:
        return f"審査結果 {self.id or ''}"


class CityDecision(Keyed, Timestamped, Versioned, Base):
    """市の決定 on a proposal: a record of its own beside the conclusion. Entered with a confirmed conclusion only."""

    __tablename__ = "city_decision"
    __label__ = "市の決定"
    __audit_parent__ = "proposal"
    __table_args__ = (
        CheckConstraint("amount_yen >= 0", name="amount_is_not_negative"),
        CheckConstraint("outcome <> 'rejected' OR amount_yen = 0", name="rejected_gets_nothing"),
        CheckConstraint("reason <> ''", name="has_its_reason"),
        CheckConstraint("outcome <> 'adopted_with_conditions' OR conditions <> ''", name="conditions_are_written"),
        CheckConstraint("decided_at IS NULL OR decided_on IS NOT NULL", name="decided_has_its_day"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True, info=labelled("応募・提案"))
    outcome: Mapped[Outcome] = mapped_column(code_of(Outcome), info=labelled("決定", sealed=True))
    amount_yen: Mapped[int] = mapped_column(BigInteger, default=0, info=labelled("決定額", sealed=True))
    conditions: Mapped[str] = mapped_column(Text, default="", info=labelled("条件", sealed=True))
    reason: Mapped[str] = mapped_column(Text, info=labelled("理由", sealed=True))
    departure_reason: Mapped[str] = mapped_column(Text, default="", info=labelled("審査結果と異なる理由", sealed=True))
    drafted_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("起案日"))
    decided_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("決裁日"))
    #: 市長決裁, 部長専決 …: as the city's rules name them.
    decision_class: Mapped[str] = mapped_column(String(60), default="", info=labelled("決裁区分"))
    consulted: Mapped[str] = mapped_column(String(300), default="", info=labelled("合議"))
    document_number: Mapped[str] = mapped_column(String(100), default="", info=labelled("文書番号"))
    #: Set when the decision took effect (the proposal went on by it); then it is no longer changed.
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確定日時"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("入力者"))

    proposal: Mapped[Proposal] = relationship()
    decided_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"市の決定 {self.id or ''}"
