"""Interests 利害関係: what members declare, what stands against them, equal names to be looked at (rules.md 24, 25)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, Timestamped, UtcDateTime, code_of, labelled, utc_now
from models.people import User
from models.proposals import Proposal
from models.records import StoredFile
from models.reviews import ReviewMember


class InterestKind(LabelledEnum):
    """What ties a member to an applicant."""

    OFFICER = "officer", "応募団体の役員である"
    MEMBER = "member", "応募団体の会員・職員である"
    FAMILY = "family", "親族が応募団体の役員・職員である"
    TRADE = "trade", "応募団体と取引・報酬の関係がある"
    ADVICE = "advice", "応募の準備に助言・協力をした"
    OTHER = "other", "その他"


class ConflictSource(LabelledEnum):
    """How a conflict came to be known."""

    DERIVED = "derived", "団体データから判明"
    DECLARED = "declared", "本人の申告"
    OFFICE = "office", "事務局が設定"
    CONFIRMED_NAME = "confirmed_name", "同姓の役員を本人と確認"


class SuspicionState(LabelledEnum):
    """What became of an equal name."""

    OPEN = "open", "確認待ち"
    CONFIRMED = "confirmed", "本人と確認"
    DISMISSED = "dismissed", "別人(同姓同名)"


class ConflictDeclaration(Keyed, Base):
    """利害関係の申告 of one member for one proposal: signed, dated, never changed; a later one replaces it.

    A declared interest is lifted by the office alone, so that no later "none" opens the papers again.
    """

    __tablename__ = "conflict_declaration"
    __label__ = "利害関係の申告"
    __audit_parent__ = "member"
    __table_args__ = (
        CheckConstraint("has_interest = (kind IS NOT NULL)", name="interest_has_its_kind"),
        CheckConstraint("NOT is_on_behalf OR scan_file_id IS NOT NULL", name="paper_declaration_has_its_scan"),
        Index(
            "uq_conflict_declaration_one_in_force",
            "member_id",
            "proposal_id",
            unique=True,
            sqlite_where=sql_text("replaced_at IS NULL"),
            postgresql_where=sql_text("replaced_at IS NULL"),
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True, info=labelled("応募・提案"))
    has_interest: Mapped[bool] = mapped_column(info=labelled("利害関係がある", sealed=True))
    kind: Mapped[InterestKind | None] = mapped_column(code_of(InterestKind), info=labelled("区分", sealed=True))
    text: Mapped[str] = mapped_column(Text, default="", info=labelled("内容", sealed=True))
    signed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("署名日時"))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("署名した利用者"))
    #: Entered by the office from a signed paper.
    is_on_behalf: Mapped[bool] = mapped_column(default=False, info=labelled("代理入力"))
    scan_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), info=labelled("申告書の写し"))
    replaced_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("置き換えた日時"))

    member: Mapped[ReviewMember] = relationship()
    proposal: Mapped[Proposal] = relationship()
    signed_by: Mapped[User | None] = relationship()
    scan: Mapped[StoredFile | None] = relationship()

    def __str__(self) -> str:
        return f"申告 {self.id or ''}"


class Conflict(Keyed, Timestamped, Base):
    """A conflict of interest of a member with a proposal. In force until the office lifts it with a reason."""

    __tablename__ = "conflict"
    __label__ = "利害関係"
    __audit_parent__ = "member"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lift_reason IS NULL)", name="lifted_has_its_reason"),
        CheckConstraint("source <> 'office' OR reason <> ''", name="set_by_the_office_has_its_reason"),
        CheckConstraint("source <> 'derived' OR affiliation_id IS NOT NULL", name="derived_has_its_origin"),
        UniqueConstraint("member_id", "proposal_id", "source", "affiliation_id"),
        Index("ix_conflict_proposal_id_member_id", "proposal_id", "member_id"),
        Index(
            "uq_conflict_one_in_force",
            "member_id",
            "proposal_id",
            "source",
            unique=True,
            sqlite_where=sql_text("lifted_at IS NULL AND affiliation_id IS NULL"),
            postgresql_where=sql_text("lifted_at IS NULL AND affiliation_id IS NULL"),
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    source: Mapped[ConflictSource] = mapped_column(code_of(ConflictSource), info=labelled("判明の経緯"))
    kind: Mapped[InterestKind] = mapped_column(
        code_of(InterestKind), default=InterestKind.OTHER, info=labelled("区分", sealed=True)
    )
    reason: Mapped[str] = mapped_column(Text, default="", info=labelled("内容", sealed=True))
    #: The affiliation it was derived from; no foreign key: the conflict outlives it.
    affiliation_id: Mapped[int | None] = mapped_column(Key, info=labelled("所属の番号"))
    found_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("判明日時"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("設定者"))
    lifted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("解除日時"))
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("解除者"))
    lift_reason: Mapped[str | None] = mapped_column(Text, info=labelled("解除の理由"))

    member: Mapped[ReviewMember] = relationship()
    proposal: Mapped[Proposal] = relationship()
    set_by: Mapped[User | None] = relationship(foreign_keys=[set_by_id])
    lifted_by: Mapped[User | None] = relationship(foreign_keys=[lifted_by_id])

    def __str__(self) -> str:
        return f"利害関係 {self.id or ''}"


class ConflictSuspicion(Keyed, Timestamped, Base):
    """A member's name equals that of somebody of the applicant: a question to the office, never a decision."""

    __tablename__ = "conflict_suspicion"
    __label__ = "同姓同名の確認"
    __audit_parent__ = "member"
    __table_args__ = (
        UniqueConstraint("member_id", "proposal_id", "origin"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_has_its_moment"),
        CheckConstraint("state = 'open' OR settle_reason <> ''", name="settled_has_its_reason"),
        Index("ix_conflict_suspicion_state", "state"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True, info=labelled("応募・提案"))
    #: Where the equal name stands, without the name: "officer:12", "representative", "contact".
    origin: Mapped[str] = mapped_column(String(40), info=labelled("名前の出どころ"))
    state: Mapped[SuspicionState] = mapped_column(
        code_of(SuspicionState), default=SuspicionState.OPEN, info=labelled("状況")
    )
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確認日時"))
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確認者"))
    settle_reason: Mapped[str] = mapped_column(String(500), default="", info=labelled("確認の方法・理由"))

    member: Mapped[ReviewMember] = relationship()
    proposal: Mapped[Proposal] = relationship()
    settled_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"同姓同名の確認 {self.id or ''}"
