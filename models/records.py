"""The change log, the log of accesses to personal data, and stored files (domain.md 2.9, 3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, Timestamped, UtcDateTime, labelled, utc_now


class AuditEntry(Base):
    """One act: who, when, from where, on whose behalf, why. Append-only, linked in a hash chain."""

    __tablename__ = "audit_entry"
    __audited__ = False
    __label__ = "操作記録"
    # Each filter of the log's reader has an index in the reader's order (newest first, by keyset).
    __table_args__ = (
        Index("ix_audit_entry_at_sequence", "at", "sequence"),
        Index("ix_audit_entry_actor_id_at_sequence", "actor_id", "at", "sequence"),
        Index("ix_audit_entry_verb_at_sequence", "verb", "at", "sequence"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: Place in the chain, from 1, without gaps.
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True, info=labelled("番号"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=labelled("日時"))
    #: No foreign key: the log outlives the user.
    actor_id: Mapped[int | None] = mapped_column(Key, info=labelled("利用者番号"))
    actor_label: Mapped[str] = mapped_column(String(200), info=labelled("だれが"))
    channel: Mapped[str] = mapped_column(String(20), info=labelled("経路"))
    address: Mapped[str | None] = mapped_column(String(64), info=labelled("どこから"))
    on_behalf_of: Mapped[str | None] = mapped_column(String(200), info=labelled("だれの代わりに"))
    #: `resource:action` of the service.
    verb: Mapped[str] = mapped_column(String(80), info=labelled("操作の種類"))
    label: Mapped[str] = mapped_column(String(300), info=labelled("操作"))
    reason: Mapped[str | None] = mapped_column(Text, info=labelled("理由"))
    change_count: Mapped[int] = mapped_column(Integer, info=labelled("変更数"))
    #: SHA-256 over the canonical JSON of the changes, in order.
    body_digest: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    #: HMAC-SHA-256 over previous_hash and everything above.
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    changes: Mapped[list[AuditChange]] = relationship(back_populates="entry", order_by="AuditChange.position")


class ChangeKind(LabelledEnum):
    """What happened to the row."""

    CREATED = "created", "登録"
    UPDATED = "updated", "変更"
    DELETED = "deleted", "削除"


class AuditChange(Base):
    """What one act did to one row: {column: [old, new]} or [old, new, old label, new label]."""

    __tablename__ = "audit_change"
    __audited__ = False
    __label__ = "操作記録の変更"
    __table_args__ = (
        UniqueConstraint("entry_id", "position"),
        Index("ix_audit_change_table_name_record_key", "table_name", "record_key"),
        Index("ix_audit_change_root_table_root_key", "root_table", "root_key"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: Checked at the commit: the changes are written before their entry (`app.audit.chain`).
    entry_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("audit_entry.id", deferrable=True, initially="DEFERRED")
    )
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    table_name: Mapped[str] = mapped_column(String(60))
    record_key: Mapped[str] = mapped_column(String(60))
    record_label: Mapped[str] = mapped_column(String(300))
    #: The record on whose page this change is told (itself, or the parent of a line).
    root_table: Mapped[str] = mapped_column(String(60))
    root_key: Mapped[str] = mapped_column(String(60))
    values: Mapped[dict[str, Any]] = mapped_column("change_values", JSON)

    entry: Mapped[AuditEntry] = relationship(back_populates="changes")


class AuditHead(Base):
    """The last link of the chain (one row). Locked last, just before the commit."""

    __tablename__ = "audit_head"
    __audited__ = False
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class AccessNote(Base):
    """A view, search, export or print of personal data: who, when, what, why. Append-only."""

    __tablename__ = "access_note"
    __audited__ = False
    __label__ = "閲覧記録"

    __table_args__ = (
        Index("ix_access_note_at_id", "at", "id"),
        Index("ix_access_note_actor_id_at_id", "actor_id", "at", "id"),
        Index("ix_access_note_table_name_record_key_at", "table_name", "record_key", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("日時"))
    actor_id: Mapped[int | None] = mapped_column(Key, info=labelled("利用者番号"))
    actor_label: Mapped[str] = mapped_column(String(200), info=labelled("だれが"))
    address: Mapped[str | None] = mapped_column(String(64), info=labelled("どこから"))
    #: "display", "export", "print" …
    action: Mapped[str] = mapped_column(String(40), info=labelled("操作の種類"))
    table_name: Mapped[str] = mapped_column(String(60), info=labelled("対象"))
    record_key: Mapped[str | None] = mapped_column(String(60), info=labelled("対象番号"))
    record_count: Mapped[int] = mapped_column(Integer, default=1, info=labelled("件数"))
    purpose: Mapped[str] = mapped_column(String(300), info=labelled("目的"))


class StoredFile(Keyed, Timestamped, Base):
    """A file outside the web root, kept under its SHA-256; several rows may share one content."""

    __tablename__ = "stored_file"
    __label__ = "ファイル"

    sha256: Mapped[str] = mapped_column(String(64), index=True, info=labelled("SHA-256"))
    #: As the person called it: it may hold a name, so the log says only that there is one.
    name: Mapped[str] = mapped_column(String(300), info=labelled("ファイル名", personal=True))
    media_type: Mapped[str] = mapped_column(String(120), info=labelled("種類"))
    size: Mapped[int] = mapped_column(BigInteger, info=labelled("大きさ"))
    #: What it belongs to: "project", "import_run" …: the row scope of that record decides who reads it.
    owner_table: Mapped[str] = mapped_column(String(60), index=True, info=labelled("所属"))
    owner_key: Mapped[str] = mapped_column(String(60), info=labelled("所属番号"))
    purpose: Mapped[str] = mapped_column(String(60), default="", info=labelled("用途"))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("登録者"))
