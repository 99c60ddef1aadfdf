"""What is kept of a review for later: the sealed record, its corrections, what was disclosed and what is public (rules.md 28, 30)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, Timestamped, UtcDateTime, Versioned, labelled, utc_now
from models.calls import Call
from models.people import User
from models.proposals import Proposal


class SealedRecord(Keyed, Base):
    """Everything the conclusion rests on, as one canonical JSON (RFC 8785) with its SHA-256. Never changed nor deleted."""

    __tablename__ = "sealed_record"
    __label__ = "審査の封印記録"
    __audit_parent__ = "call"
    __table_args__ = (UniqueConstraint("call_id", "number"), CheckConstraint("number > 0", name="number_is_positive"))

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("番号"))
    content: Mapped[str] = mapped_column(Text, info=labelled("内容", sealed=True))
    sha256: Mapped[str] = mapped_column(String(64), info=labelled("SHA-256"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("作成日時"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("作成者"))

    call: Mapped[Call] = relationship()
    made_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"審査の封印記録 第{self.number}号"


class ReviewCorrection(Keyed, Base):
    """訂正 after the conclusion: a signed entry beside what was sealed, which stays as it is. Never changed nor deleted."""

    __tablename__ = "review_correction"
    __label__ = "審査記録の訂正"
    __audit_parent__ = "call"
    __table_args__ = (CheckConstraint("text <> '' AND reason <> ''", name="has_text_and_reason"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True, info=labelled("募集"))
    #: None: about the whole record.
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True, info=labelled("応募・提案"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("review_member.id"), info=labelled("委員"))
    text: Mapped[str] = mapped_column(Text, info=labelled("訂正の内容", sealed=True))
    reason: Mapped[str] = mapped_column(Text, info=labelled("訂正の理由", sealed=True))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), info=labelled("添付"))
    #: SHA-256 of the sealed record that it stands beside, and of this entry's canonical JSON.
    record_sha256: Mapped[str] = mapped_column(String(64), info=labelled("封印記録のSHA-256"))
    sha256: Mapped[str] = mapped_column(String(64), info=labelled("SHA-256"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("訂正日時"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("訂正者"))
    made_by_label: Mapped[str] = mapped_column(String(200), info=labelled("訂正した人"))

    call: Mapped[Call] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    made_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"審査記録の訂正 {self.id or ''}"


class PublicationRecord(Keyed, Timestamped, Versioned, Base):
    """What of a review is public, from when: one row a part, of the whole call or of one proposal alone.

    Means over fewer than two members never are, whatever stands here.
    """

    __tablename__ = "publication_record"
    __label__ = "審査結果の公表"
    __audit_parent__ = "call"
    __table_args__ = (
        Index(
            "uq_publication_record_one_in_force",
            "call_id",
            "part",
            unique=True,
            sqlite_where=sql_text("ended_at IS NULL AND proposal_id IS NULL"),
            postgresql_where=sql_text("ended_at IS NULL AND proposal_id IS NULL"),
        ),
        Index(
            "uq_publication_record_one_a_proposal",
            "proposal_id",
            "part",
            unique=True,
            sqlite_where=sql_text("ended_at IS NULL AND proposal_id IS NOT NULL"),
            postgresql_where=sql_text("ended_at IS NULL AND proposal_id IS NOT NULL"),
        ),
        CheckConstraint("ended_at IS NULL OR end_reason <> ''", name="ended_has_its_reason"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    #: None: of all proposals of the call.
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), info=labelled("応募・提案"))
    #: A code of `app.reviews.publication`'s list of parts.
    part: Mapped[str] = mapped_column(String(40), info=labelled("公表するもの"))
    public_from_on: Mapped[dt.date] = mapped_column(Date, info=labelled("公表日"))
    place: Mapped[str] = mapped_column(String(200), default="", info=labelled("公表の場所"))
    note: Mapped[str] = mapped_column(String(300), default="", info=labelled("備考"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("取りやめた日時"))
    end_reason: Mapped[str] = mapped_column(String(300), default="", info=labelled("取りやめた理由"))

    call: Mapped[Call] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    def __str__(self) -> str:
        return f"審査結果の公表({self.part})"


class ReviewDisclosure(Keyed, Base):
    """開示: which parts of a sealed record were given to whom, and what was masked for which reason. Never changed nor deleted.

    The copy itself is not kept: it is made again from the sealed record and the marks, and has the same SHA-256.
    """

    __tablename__ = "review_disclosure"
    __label__ = "審査記録の開示"
    __audit_parent__ = "call"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        CheckConstraint("recipient <> ''", name="has_its_recipient"),
        CheckConstraint("basis <> ''", name="has_its_basis"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), info=labelled("募集"))
    record_id: Mapped[int] = mapped_column(ForeignKey("sealed_record.id"), index=True, info=labelled("封印記録"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("番号"))
    recipient: Mapped[str] = mapped_column(String(200), info=labelled("開示の相手", personal=True))
    #: The request that is answered: 受付番号, 請求の日.
    basis: Mapped[str] = mapped_column(String(300), info=labelled("請求の番号・内容"))
    disclosed_on: Mapped[dt.date] = mapped_column(Date, info=labelled("開示日"))
    #: [{part, reason, text}] and {"part": "words", "words": [...], ...}: `app.reviews.redaction`.
    marks: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, info=labelled("非開示とした部分", sealed=True)
    )
    record_sha256: Mapped[str] = mapped_column(String(64), info=labelled("封印記録のSHA-256"))
    copy_sha256: Mapped[str] = mapped_column(String(64), info=labelled("写しのSHA-256"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("作成日時"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("作成者"))

    call: Mapped[Call] = relationship()
    record: Mapped[SealedRecord] = relationship()
    made_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"審査記録の開示 第{self.number}号"
