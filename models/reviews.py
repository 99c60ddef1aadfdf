"""What a call's review is judged by, and by whom: settings, decision rule, criteria, the list of members (rules.md 26, 27)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.bodies import Membership
from models.calls import Call
from models.meetings import Meeting
from models.people import User


class ReviewStage(LabelledEnum):
    """The two stages in which sheets are filled in."""

    DOCUMENT = "document", "書類審査"
    INTERVIEW = "interview", "面接審査"


class MissingRule(LabelledEnum):
    """How members who do not score a proposal are treated (rules.md 27)."""

    DROP = "drop", "採点しない委員を除いて計算する"
    FILL_MEAN = "fill_mean", "採点した委員の平均点で補う(端数切捨て)"


class ReviewQuorum(LabelledEnum):
    """Present members without a conflict against all members of the list."""

    HALF_OR_MORE = "half_or_more", "半数以上"
    MAJORITY = "majority", "過半数"


class NextBestRule(LabelledEnum):
    """What happens at the first proposal that the rest of the budget does not cover."""

    PARTIAL = "partial", "残額の範囲での採択候補とし、以下は保留"
    PASS = "pass", "保留とし、次の順位へ進む"


class ReviewSetting(Keyed, Timestamped, Versioned, Base):
    """The review of one call: its dates, its meeting, and what is made public. Values not decided stay empty (未設定)."""

    __tablename__ = "review_setting"
    __label__ = "審査の設定"
    __audit_parent__ = "call"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), unique=True, info=labelled("募集"))
    declarations_due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("利害関係の申告の期限"))
    document_due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("書類審査の採点の期限"))
    interview_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("面接審査の日"))
    interview_due_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("面接審査の採点の期限"))
    #: The meeting at which the committee concludes: its attendance is the tally's.
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True, info=labelled("審査会の会議"))
    #: Per-criterion means in the notices, and single members' scores in public (rules.md 30): None is 未設定, meaning no.
    tells_criterion_means: Mapped[bool | None] = mapped_column(info=labelled("通知に項目別の平均点を載せる"))
    publishes_member_scores: Mapped[bool | None] = mapped_column(info=labelled("委員別の点数を公表する"))

    call: Mapped[Call] = relationship()
    meeting: Mapped[Meeting | None] = relationship()

    def due_on(self, stage: ReviewStage) -> dt.date | None:
        """By when sheets of that stage are to be sealed."""
        return self.document_due_on if stage is ReviewStage.DOCUMENT else self.interview_due_on

    def __str__(self) -> str:
        return "審査の設定"


class DecisionRule(Keyed, Timestamped, Versioned, Base):
    """決定の規則 of a call: frozen by the first sealed sheet, like the criteria. Empty is 未設定: then no tally is made."""

    __tablename__ = "decision_rule"
    __label__ = "審査の規則"
    __audit_parent__ = "call"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), unique=True, info=labelled("募集"))
    #: Exact decimal as text, 0 to 100: "66.67".
    minimum_percent: Mapped[str | None] = mapped_column(String(12), info=labelled("最低基準(満点に対する%)"))
    missing: Mapped[MissingRule | None] = mapped_column(code_of(MissingRule), info=labelled("採点しない委員の扱い"))
    quorum: Mapped[ReviewQuorum | None] = mapped_column(code_of(ReviewQuorum), info=labelled("定足数"))
    #: Codes in order: smaller_request, chair. None is 未設定; an empty list is "no rule, shared ranks".
    tie: Mapped[list[str] | None] = mapped_column(JSON, info=labelled("同率のときの順"))
    next_best: Mapped[NextBestRule | None] = mapped_column(code_of(NextBestRule), info=labelled("予算に達したとき"))
    #: Where the values came from: a preset's name, a decision.
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出どころ"))

    call: Mapped[Call] = relationship()

    @property
    def unset(self) -> list[str]:
        """Labels of what is 未設定."""
        columns = ("minimum_percent", "missing", "quorum", "tie", "next_best")
        return [self.__table__.c[name].info["label"] for name in columns if getattr(self, name) is None]

    def __str__(self) -> str:
        return "審査の規則"


class Criterion(Keyed, Timestamped, Versioned, Base):
    """One criterion of a call and stage. Frozen by the first sealed sheet of the call."""

    __tablename__ = "criterion"
    __label__ = "審査基準"
    __audit_parent__ = "call"
    __table_args__ = (
        UniqueConstraint("call_id", "stage", "label"),
        CheckConstraint("lowest >= 0 AND lowest < highest AND highest <= 1000", name="range_is_plausible"),
        CheckConstraint("veto_at IS NULL OR veto_at BETWEEN lowest AND highest", name="veto_lies_in_range"),
        CheckConstraint(
            "comment_below IS NULL OR comment_below BETWEEN lowest AND highest", name="comment_below_lies_in_range"
        ),
        CheckConstraint(
            "comment_above IS NULL OR comment_above BETWEEN lowest AND highest", name="comment_above_lies_in_range"
        ),
        Index("ix_criterion_call_id_stage_position", "call_id", "stage", "position"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    stage: Mapped[ReviewStage] = mapped_column(
        code_of(ReviewStage), default=ReviewStage.DOCUMENT, info=labelled("審査")
    )
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順"))
    label: Mapped[str] = mapped_column(String(100), info=labelled("項目"))
    description: Mapped[str] = mapped_column(Text, default="", info=labelled("説明"))
    lowest: Mapped[int] = mapped_column(Integer, default=0, info=labelled("最低点"))
    highest: Mapped[int] = mapped_column(Integer, default=5, info=labelled("満点"))
    #: Exact decimal as text, 0 or more: "1", "1.5".
    weight: Mapped[str] = mapped_column(String(12), default="1", info=labelled("重み"))
    #: At or below it a member is against, whatever the total (不採択基準).
    veto_at: Mapped[int | None] = mapped_column(Integer, info=labelled("不採択とする点(以下)"))
    comment_below: Mapped[int | None] = mapped_column(Integer, info=labelled("所見が要る点(以下)"))
    comment_above: Mapped[int | None] = mapped_column(Integer, info=labelled("所見が要る点(以上)"))

    call: Mapped[Call] = relationship()

    def needs_comment(self, value: int) -> bool:
        """Whether that score asks for a comment."""
        is_low = self.comment_below is not None and value <= self.comment_below
        return is_low or (self.comment_above is not None and value >= self.comment_above)


class ReviewPreset(Keyed, Base):
    """A rule and criteria that the office may start from: reference data of the city, none of it in force by itself."""

    __tablename__ = "review_preset"
    __label__ = "審査基準のひな形"

    code: Mapped[str] = mapped_column(String(40), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(200), info=labelled("名称"))
    source: Mapped[str] = mapped_column(String(300), default="", info=labelled("出どころ"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    #: {minimum_percent, missing, quorum, tie, next_best}: as in DecisionRule, what is not said stays 未設定.
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=labelled("規則"))
    #: [{stage, label, description, lowest, highest, weight, veto_at, comment_below, comment_above}].
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=labelled("審査基準"))


class ReviewMember(Keyed, Timestamped, Versioned, Base):
    """One member of a call's review: copied from the committee's membership, so that a later term changes nothing.

    The list is what quorum counts against. Without `user_id` a member works on paper.
    """

    __tablename__ = "review_member"
    __label__ = "審査の委員"
    __audit_parent__ = "call"
    __table_args__ = (
        UniqueConstraint("call_id", "membership_id"),
        UniqueConstraint("call_id", "user_id"),
        CheckConstraint("(left_on IS NULL) = (left_reason IS NULL)", name="left_has_its_reason"),
        Index(
            "uq_review_member_one_chair",
            "call_id",
            unique=True,
            sqlite_where=sql_text("is_chair AND left_on IS NULL"),
            postgresql_where=sql_text("is_chair AND left_on IS NULL"),
        ),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), info=labelled("構成員"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("利用者"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("氏名"))
    title: Mapped[str] = mapped_column(String(100), default="", info=labelled("選出区分"))
    is_chair: Mapped[bool] = mapped_column(default=False, info=labelled("委員長"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("順"))
    #: A member who left before the conclusion is no longer of the list.
    left_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("退任日"))
    left_reason: Mapped[str | None] = mapped_column(String(300), info=labelled("退任の理由"))

    call: Mapped[Call] = relationship()
    membership: Mapped[Membership | None] = relationship()
    user: Mapped[User | None] = relationship()


class StageAbsence(Keyed, Base):
    """A member who does not score in a stage (欠席): recorded by the office, so that the others need not wait."""

    __tablename__ = "stage_absence"
    __label__ = "採点の欠席"
    __audit_parent__ = "member"
    __table_args__ = (UniqueConstraint("member_id", "stage"), CheckConstraint("reason <> ''", name="has_its_reason"))

    member_id: Mapped[int] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    stage: Mapped[ReviewStage] = mapped_column(code_of(ReviewStage), info=labelled("審査"))
    reason: Mapped[str] = mapped_column(String(300), info=labelled("理由"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("記録日時"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("記録者"))

    member: Mapped[ReviewMember] = relationship()
    recorded_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return "採点の欠席"
