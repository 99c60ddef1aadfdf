"""Score sheets 採点票: drafts logged nowhere, sealed versions that are never changed, and when a stage was opened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.calls import Call
from models.people import User
from models.proposals import Proposal
from models.records import StoredFile
from models.reviews import Criterion, ReviewMember, ReviewStage


class SheetState(LabelledEnum):
    """Where a sheet stands."""

    DRAFT = "draft", "記入中"
    SEALED = "sealed", "確定"
    VOIDED = "voided", "無効(利害関係)"


class ScoreSheet(Keyed, Timestamped, Versioned, Base):
    """採点票: one per member, proposal and stage. What was given stands in its versions, what is being written in its draft."""

    __tablename__ = "score_sheet"
    __label__ = "採点票"
    __audit_parent__ = "member"
    __table_args__ = (
        UniqueConstraint("member_id", "proposal_id", "stage"),
        CheckConstraint("(state = 'voided') = (voided_at IS NOT NULL)", name="voided_has_its_moment"),
        CheckConstraint("state <> 'voided' OR void_reason IS NOT NULL", name="voided_has_its_reason"),
        Index("ix_score_sheet_proposal_id_stage_state", "proposal_id", "stage", "state"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    stage: Mapped[ReviewStage] = mapped_column(code_of(ReviewStage), info=labelled("審査"))
    state: Mapped[SheetState] = mapped_column(code_of(SheetState), default=SheetState.DRAFT, info=labelled("状況"))
    #: Who of the office is entering it from paper just now: the only one beside the member who sees the draft.
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("代理入力者"))
    voided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("無効とした日時"))
    void_reason: Mapped[str | None] = mapped_column(String(300), info=labelled("無効とした理由"))

    member: Mapped[ReviewMember] = relationship()
    proposal: Mapped[Proposal] = relationship()
    entered_by: Mapped[User | None] = relationship()
    versions: Mapped[list[ScoreSheetVersion]] = relationship(
        back_populates="sheet", order_by="ScoreSheetVersion.number"
    )

    def __str__(self) -> str:
        return f"採点票 {self.id or ''}"


class ScoreDraft(Keyed, Versioned, Base):
    """What is being written on a sheet: saved by itself, logged nowhere, gone when the sheet is sealed."""

    __tablename__ = "score_draft"
    __label__ = "採点票の下書き"
    __audited__ = False

    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheet.id", ondelete="CASCADE"), unique=True)
    #: {"scores": {criterion id: int}, "comments": {criterion id: text}, "comment": text}; may lack anything.
    values: Mapped[dict[str, Any]] = mapped_column("draft_values", JSON, default=dict)
    saved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)

    sheet: Mapped[ScoreSheet] = relationship()


class ScoreSheetVersion(Keyed, Base):
    """One sealing (確定) of a sheet. Never changed but by the one note that ends it: unsealing, with its reason."""

    __tablename__ = "score_sheet_version"
    __label__ = "採点票の版"
    __audit_parent__ = "sheet"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        CheckConstraint("number > 0", name="number_is_positive"),
        CheckConstraint("(unsealed_at IS NULL) = (unseal_reason IS NULL)", name="unsealed_has_its_reason"),
        CheckConstraint("NOT is_on_behalf OR scan_file_id IS NOT NULL", name="paper_sheet_has_its_scan"),
        Index(
            "uq_score_sheet_version_one_in_force",
            "sheet_id",
            unique=True,
            sqlite_where=sql_text("unsealed_at IS NULL"),
            postgresql_where=sql_text("unsealed_at IS NULL"),
        ),
    )

    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheet.id"), info=labelled("採点票"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("版"))
    comment: Mapped[str] = mapped_column(Text, default="", info=labelled("全体の所見", sealed=True))
    sealed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("確定日時"))
    sealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確定した利用者"))
    is_on_behalf: Mapped[bool] = mapped_column(default=False, info=labelled("代理入力"))
    scan_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), info=labelled("採点票の写し"))
    #: Sealed again after the others' sheets could be read.
    is_after_opening: Mapped[bool] = mapped_column(default=False, info=labelled("他の委員の採点を見られた後の確定"))
    unsealed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確定解除日時"))
    unsealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確定解除者"))
    unseal_reason: Mapped[str | None] = mapped_column(Text, info=labelled("確定解除の理由"))

    sheet: Mapped[ScoreSheet] = relationship(back_populates="versions")
    sealed_by: Mapped[User | None] = relationship(foreign_keys=[sealed_by_id])
    unsealed_by: Mapped[User | None] = relationship(foreign_keys=[unsealed_by_id])
    scan: Mapped[StoredFile | None] = relationship()
    scores: Mapped[list[Score]] = relationship(back_populates="sheet_version", order_by="Score.id")

    def __str__(self) -> str:
        return f"採点票の版 {self.id or ''}"


class Score(Keyed, Base):
    """The score of one criterion in one sealed version. Never changed nor deleted."""

    __tablename__ = "score"
    __label__ = "点数"
    __audit_parent__ = "sheet_version"
    __table_args__ = (UniqueConstraint("version_id", "criterion_id"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("score_sheet_version.id"), info=labelled("採点票の版"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True, info=labelled("審査基準"))
    value: Mapped[int] = mapped_column(Integer, info=labelled("点数", sealed=True))
    comment: Mapped[str] = mapped_column(Text, default="", info=labelled("所見", sealed=True))

    sheet_version: Mapped[ScoreSheetVersion] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()

    def __str__(self) -> str:
        return f"点数 {self.id or ''}"


class StageOpening(Keyed, Base):
    """All members of a stage have sealed: from then on they, and the office, read each other's sheets. Ends by an unsealing."""

    __tablename__ = "stage_opening"
    __label__ = "採点の公開"
    __audit_parent__ = "call"
    __table_args__ = (
        Index(
            "uq_stage_opening_one_in_force",
            "call_id",
            "stage",
            unique=True,
            sqlite_where=sql_text("ended_at IS NULL"),
            postgresql_where=sql_text("ended_at IS NULL"),
        ),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    stage: Mapped[ReviewStage] = mapped_column(code_of(ReviewStage), info=labelled("審査"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("全員が確定した日時"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("閉じた日時"))

    call: Mapped[Call] = relationship()

    def __str__(self) -> str:
        return f"{self.stage.label}の採点の公開"
