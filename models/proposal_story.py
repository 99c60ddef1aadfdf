"""A proposal's story: its frozen versions, papers, events, and rules that the office set aside with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, code_of, labelled, utc_now
from models.people import User
from models.proposals import Proposal, ProposalState


class PaperState(LabelledEnum):
    """Whether a paper of the checklist is there."""

    MISSING = "missing", "未提出"
    RECEIVED = "received", "受領"
    NOT_NEEDED = "not_needed", "不要"


class ProposalVersion(Keyed, Base):
    """What was handed in, frozen: never changed nor deleted. Holds no personal data (contacts stay on the proposal)."""

    __tablename__ = "proposal_version"
    __label__ = "提出内容の版"
    __audit_parent__ = "proposal"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number"),
        CheckConstraint("number > 0", name="number_is_positive"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("版"))
    #: What it was frozen for: 受付, 調整後 …
    label: Mapped[str] = mapped_column(String(100), info=labelled("区分"))
    #: app.calls.versions.snapshot_of(proposal)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON, info=labelled("内容"))
    #: SHA-256 over the canonical JSON (RFC 8785) of the snapshot.
    sha256: Mapped[str] = mapped_column(String(64), info=labelled("SHA-256"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("確定日時"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確定者"))

    proposal: Mapped[Proposal] = relationship()
    made_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"第{self.number}版({self.label})"


class ProposalPaper(Keyed, Timestamped, Base):
    """One paper of the completeness checklist."""

    __tablename__ = "proposal_paper"
    __label__ = "提出書類"
    __audit_parent__ = "proposal"
    __table_args__ = (
        UniqueConstraint("proposal_id", "key"),
        CheckConstraint("(state = 'received') = (received_on IS NOT NULL)", name="received_has_its_day"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    #: The paper's key in the call's rules (`papers`).
    key: Mapped[str] = mapped_column(String(60), info=labelled("書類のキー"))
    label: Mapped[str] = mapped_column(String(200), info=labelled("書類"))
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("順"))
    is_required: Mapped[bool] = mapped_column(default=True, info=labelled("必須"))
    state: Mapped[PaperState] = mapped_column(code_of(PaperState), default=PaperState.MISSING, info=labelled("状況"))
    received_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("受領日"))
    note: Mapped[str | None] = mapped_column(String(300), info=labelled("備考"))

    proposal: Mapped[Proposal] = relationship()

    def __str__(self) -> str:
        return self.label


class ProposalEvent(Keyed, Base):
    """A dated line of the proposal's history; each change of state has one. Never changed nor deleted."""

    __tablename__ = "proposal_event"
    __label__ = "経過"
    __audit_parent__ = "proposal"
    __table_args__ = (Index("ix_proposal_event_proposal_id_id", "proposal_id", "id"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("日時"))
    #: The day it happened, where that is not the day of the entry (a decision on paper).
    happened_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("日付"))
    #: The step's code in app.calls.workflow, or "note".
    step: Mapped[str] = mapped_column(String(60), info=labelled("手続"))
    from_state: Mapped[ProposalState | None] = mapped_column(code_of(ProposalState), info=labelled("前の状況"))
    to_state: Mapped[ProposalState | None] = mapped_column(code_of(ProposalState), info=labelled("後の状況"))
    label: Mapped[str] = mapped_column(String(300), info=labelled("できごと"))
    reason: Mapped[str | None] = mapped_column(Text, info=labelled("理由"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("利用者"))
    actor_label: Mapped[str] = mapped_column(String(200), info=labelled("だれが"))

    proposal: Mapped[Proposal] = relationship()

    def __str__(self) -> str:
        return self.label


class RuleOverride(Keyed, Base):
    """A broken rule, or a missing condition of a step, that the office set aside with a reason. On the review papers."""

    __tablename__ = "rule_override"
    __label__ = "規則の例外"
    __audit_parent__ = "proposal"
    __table_args__ = (
        Index("ix_rule_override_proposal_id_id", "proposal_id", "id"),
        CheckConstraint("reason <> ''", name="has_its_reason"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    #: The step that was taken in spite of it.
    step: Mapped[str] = mapped_column(String(60), info=labelled("手続"))
    #: app.calls.rules.Finding.rule, or the guard's name.
    rule: Mapped[str] = mapped_column(String(60), info=labelled("規則"))
    clause: Mapped[str] = mapped_column(String(200), default="", info=labelled("根拠"))
    message: Mapped[str] = mapped_column(Text, info=labelled("内容"))
    reason: Mapped[str] = mapped_column(Text, info=labelled("例外とした理由"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("日時"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("利用者"))

    proposal: Mapped[Proposal] = relationship()
    made_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return self.message
