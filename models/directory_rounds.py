"""The yearly confirmation round and the frozen editions of むすぶ (domain.md 2.2)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.directory import Organization
from models.people import User
from models.records import StoredFile
from models.years import year_name


class ConfirmationState(LabelledEnum):
    """Where a group's form stands."""

    WAITING = "waiting", "未回答"
    RETURNED = "returned", "確認待ち"
    ACCEPTED = "accepted", "確認済み"


class UploadState(LabelledEnum):
    """What became of a file that came back."""

    PENDING = "pending", "確認待ち"
    TAKEN = "taken", "取込み済み"
    SET_ASIDE = "set_aside", "使わない"
    UNREADABLE = "unreadable", "読み取れない"


class ConfirmationRound(Keyed, Timestamped, Versioned, Base):
    """登録内容の年次確認: every registered group is asked once a fiscal year."""

    __tablename__ = "confirmation_round"
    __label__ = "登録内容の年次確認"
    __table_args__ = (CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),)

    fiscal_year: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("年度"))
    due_on: Mapped[dt.date] = mapped_column(Date, info=labelled("回答期限"))
    message: Mapped[str] = mapped_column(Text, default="", info=labelled("団体への案内"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("開始日時"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("終了日時"))

    forms: Mapped[list[ConfirmationForm]] = relationship(back_populates="round", order_by="ConfirmationForm.id")

    def __str__(self) -> str:
        return f"登録内容の年次確認({year_name(self.fiscal_year)})"


class ConfirmationForm(Keyed, Timestamped, Versioned, Base):
    """One group's form of a round. Its signed number is made of the round's id and its own."""

    __tablename__ = "confirmation_form"
    __label__ = "年次確認の様式"
    __audit_parent__ = "organization"
    __table_args__ = (
        UniqueConstraint("round_id", "organization_id"),
        Index("ix_confirmation_form_round_id_state", "round_id", "state"),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_has_its_moment"),
        CheckConstraint("state <> 'returned' OR returned_at IS NOT NULL", name="returned_has_its_moment"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("confirmation_round.id"), info=labelled("年次確認"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("団体"))
    state: Mapped[ConfirmationState] = mapped_column(
        code_of(ConfirmationState), default=ConfirmationState.WAITING, info=labelled("状況")
    )
    returned_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("受領日時"))
    #: Who filled it in, for the group, as written on the form.
    answered_by: Mapped[str | None] = mapped_column(String(100), info=labelled("記入者", personal=True))
    answered_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("記入日"))
    #: What the group said about staying registered; None: it said nothing.
    stays_registered: Mapped[bool | None] = mapped_column(info=labelled("登録の継続"))
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確認日時"))
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確認者"))
    #: Labels of what the group wrote and the centre did not take over.
    left_out: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("取り入れなかった項目"))
    #: How it was confirmed when no form came back (a call, a visit).
    note: Mapped[str | None] = mapped_column(Text, info=labelled("確認のしかた"))

    round: Mapped[ConfirmationRound] = relationship(back_populates="forms")
    organization: Mapped[Organization] = relationship()
    accepted_by: Mapped[User | None] = relationship()
    uploads: Mapped[list[ConfirmationUpload]] = relationship(
        back_populates="form", order_by="ConfirmationUpload.id", cascade="all, delete-orphan"
    )
    reminders: Mapped[list[ConfirmationReminder]] = relationship(
        back_populates="form", order_by="ConfirmationReminder.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return f"{self.organization}の年次確認" if self.organization else "年次確認の様式"


class ConfirmationReminder(Keyed, Base):
    """That a group was reminded, when, by whom and with which words."""

    __tablename__ = "confirmation_reminder"
    __label__ = "年次確認の督促"
    __audit_parent__ = "form"

    form_id: Mapped[int] = mapped_column(
        ForeignKey("confirmation_form.id", ondelete="CASCADE"), index=True, info=labelled("年次確認の様式")
    )
    reminded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("督促日時"))
    reminded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("督促した人"))
    text: Mapped[str] = mapped_column(Text, info=labelled("文面"))
    #: Put into the outbox; otherwise the words were shown to be copied.
    is_mailed: Mapped[bool] = mapped_column(default=False, info=labelled("メールで送る"))

    form: Mapped[ConfirmationForm] = relationship(back_populates="reminders")
    reminded_by: Mapped[User | None] = relationship()


class ConfirmationUpload(Keyed, Base):
    """A file that came back, as read. Its cells go when the round is closed, or when the group is erased."""

    __tablename__ = "confirmation_upload"
    __audited__ = False
    __label__ = "届いた様式"
    __table_args__ = (
        Index("ix_confirmation_upload_round_id_state", "round_id", "state"),
        CheckConstraint(
            "state IN ('unreadable', 'set_aside') OR form_id IS NOT NULL", name="readable_upload_has_its_form"
        ),
        CheckConstraint("state <> 'unreadable' OR problem <> ''", name="unreadable_upload_says_why"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("confirmation_round.id"), info=labelled("年次確認"))
    form_id: Mapped[int | None] = mapped_column(
        ForeignKey("confirmation_form.id", ondelete="CASCADE"), index=True, info=labelled("様式")
    )
    file_name: Mapped[str] = mapped_column(String(300), info=labelled("ファイル名"))
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), info=labelled("ファイル")
    )
    state: Mapped[UploadState] = mapped_column(code_of(UploadState), info=labelled("状態"))
    #: Why it cannot be read, or what is odd about it: one sentence.
    problem: Mapped[str] = mapped_column(Text, default="", info=labelled("説明"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("受領日時"))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("登録者"))
    #: What was read, as `app.directory.rounds_reading` writes it; {} once purged.
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    round: Mapped[ConfirmationRound] = relationship()
    form: Mapped[ConfirmationForm | None] = relationship(back_populates="uploads")
    file: Mapped[StoredFile | None] = relationship()
    uploaded_by: Mapped[User | None] = relationship()


class EditionOrder(LabelledEnum):
    """How the booklet is ordered."""

    FIELD = "field", "活動分野ごと(分野の中は五十音順)"
    READING = "reading", "五十音順"


class Edition(Keyed, Timestamped, Versioned, Base):
    """むすぶ of one fiscal year, frozen. `content_hash` seals its entries; only erasure changes them."""

    __tablename__ = "edition"
    __label__ = "むすぶの版"
    __table_args__ = (
        CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),
        CheckConstraint("entry_count >= 0 AND erased_count >= 0", name="counts_are_not_negative"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("年度"))
    title: Mapped[str] = mapped_column(String(200), info=labelled("表題"))
    order: Mapped[EditionOrder] = mapped_column("entry_order", code_of(EditionOrder), info=labelled("並べ方"))
    foreword: Mapped[str] = mapped_column(Text, default="", info=labelled("はじめに"))
    #: Lines of the last page: [[label, text], …].
    colophon: Mapped[list[list[str]]] = mapped_column(JSON, default=list, info=labelled("奥付"))
    #: The columns at the moment of freezing: [[key, label], …] in their order.
    columns: Mapped[list[list[str]]] = mapped_column("entry_columns", JSON, default=list, info=labelled("項目"))
    frozen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("確定日時"))
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確定した人"))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), info=labelled("前の版"))
    entry_count: Mapped[int] = mapped_column(Integer, default=0, info=labelled("掲載団体数"))
    #: Confirmed and registered groups that were left out, and why: [[reason, number], …].
    left_out: Mapped[list[list[Any]]] = mapped_column(JSON, default=list, info=labelled("載らない団体"))
    #: Entries emptied since, on request of a group or a person.
    erased_count: Mapped[int] = mapped_column(Integer, default=0, info=labelled("消去した掲載"))
    content_hash: Mapped[str] = mapped_column(String(64), info=labelled("内容の照合値"))

    previous: Mapped[Edition | None] = relationship(remote_side="Edition.id")
    frozen_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"むすぶ {year_name(self.fiscal_year)}版"


class EditionEntry(Keyed, Base):
    """One group as the edition prints it: only what it had agreed to publish. Sealed by the edition's hash."""

    __tablename__ = "edition_entry"
    __audited__ = False
    __label__ = "むすぶの掲載"
    __table_args__ = (
        UniqueConstraint("edition_id", "position"),
        UniqueConstraint("edition_id", "organization_id"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), info=labelled("版"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True, info=labelled("団体"))
    position: Mapped[int] = mapped_column(Integer, info=labelled("順"))
    #: {"name", "reading", "fields": [number, …], "values": {key: text}}, as `app.directory.editions` writes it.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: SHA-256 of the content as frozen (RFC 8785); stays when the content is erased.
    hash: Mapped[str] = mapped_column(String(64), info=labelled("照合値"))
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("消去日時"))

    edition: Mapped[Edition] = relationship()
    organization: Mapped[Organization] = relationship()
