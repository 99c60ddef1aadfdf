"""Notices 通知: templates kept as data, what was written to whom, and the outbox of mail."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.people import Role
from models.years import year_name


class Honorific(LabelledEnum):
    """How the addressee is called: persons 様, groups and offices 御中."""

    PERSON = "person", "様"
    GROUP = "group", "御中"


class NoticeState(LabelledEnum):
    """A draft can be changed; what was issued is what was written, for good."""

    DRAFT = "draft", "下書き"
    ISSUED = "issued", "発出済み"
    WITHDRAWN = "withdrawn", "取消し"


class OutboxState(LabelledEnum):
    """Where a mail stands."""

    TO_COPY = "to_copy", "写して送る"
    WAITING = "waiting", "送信待ち"
    SENDING = "sending", "送信中"
    SENT = "sent", "送信済み"
    COPIED = "copied", "写して送った"
    FAILED = "failed", "送信できません"
    UNKNOWN = "unknown", "送信結果不明"
    CANCELLED = "cancelled", "取りやめ"


class NoticeSender(Keyed, Timestamped, Versioned, Base):
    """Who writes, as it stands on the paper; one for each role that writes. Empty fields print as 未設定 on drafts."""

    __tablename__ = "notice_sender"
    __label__ = "差出人の設定"

    issuer: Mapped[Role] = mapped_column(code_of(Role), unique=True, info=labelled("発信者"))
    #: 「小平市長」…: the name over the seal.
    name: Mapped[str] = mapped_column(String(200), default="", info=labelled("差出人"))
    office: Mapped[str] = mapped_column(String(200), default="", info=labelled("担当"))
    contact: Mapped[str] = mapped_column(Text, default="", info=labelled("問合せ先"))
    #: 「{年}小市協第{番号}号」. Empty: numbers are not given (未設定), or typed by hand.
    number_pattern: Mapped[str] = mapped_column(String(100), default="", info=labelled("文書番号の形"))

    def __str__(self) -> str:
        return f"差出人({self.issuer.label})" if self.issuer else "差出人"


class NumberSeries(Keyed, Base):
    """The last number given, by writer and fiscal year."""

    __tablename__ = "number_series"
    __label__ = "文書番号の控え"
    __table_args__ = (UniqueConstraint("issuer", "fiscal_year"),)

    issuer: Mapped[Role] = mapped_column(code_of(Role), info=labelled("発信者"))
    fiscal_year: Mapped[int] = mapped_column(Integer, info=labelled("年度"))
    last_number: Mapped[int] = mapped_column(Integer, default=0, info=labelled("最後の番号"))

    def __str__(self) -> str:
        return f"{year_name(self.fiscal_year)}の文書番号"


class NoticeTemplate(Keyed, Timestamped, Versioned, Base):
    """The words of a kind of notice, with {placeholders}."""

    __tablename__ = "notice_template"
    __label__ = "通知のひな形"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    issuer: Mapped[Role] = mapped_column(code_of(Role), index=True, info=labelled("発信者"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("名称"))
    purpose: Mapped[str] = mapped_column(String(300), default="", info=labelled("使うとき"))
    title: Mapped[str] = mapped_column(String(300), info=labelled("件名"))
    body: Mapped[str] = mapped_column(Text, info=labelled("本文"))
    #: 教示: what can be done against a decision, and where (行政不服審査法, 行政事件訴訟法).
    instruction: Mapped[str] = mapped_column(Text, default="", info=labelled("教示"))
    is_numbered: Mapped[bool] = mapped_column(default=True, info=labelled("文書番号を付ける"))
    #: Placeholders that may be used, one a line: 「name: what it stands for」.
    placeholders: Mapped[str] = mapped_column(Text, default="", info=labelled("差込み項目"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("使用中"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    #: Rises with each change of the words.
    edition: Mapped[int] = mapped_column(Integer, default=1, info=labelled("文面の版"))

    editions: Mapped[list[NoticeTemplateEdition]] = relationship(
        back_populates="template", order_by="NoticeTemplateEdition.edition.desc()", cascade="all, delete-orphan"
    )


class NoticeTemplateEdition(Keyed, Base):
    """The words as they once were."""

    __tablename__ = "notice_template_edition"
    __label__ = "ひな形の版"
    __audit_parent__ = "template"
    __table_args__ = (UniqueConstraint("template_id", "edition"),)

    template_id: Mapped[int] = mapped_column(
        ForeignKey("notice_template.id", ondelete="CASCADE"), info=labelled("ひな形")
    )
    edition: Mapped[int] = mapped_column(Integer, info=labelled("文面の版"))
    title: Mapped[str] = mapped_column(String(300), info=labelled("件名"))
    body: Mapped[str] = mapped_column(Text, info=labelled("本文"))
    instruction: Mapped[str] = mapped_column(Text, default="", info=labelled("教示"))
    ended_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("改めた日時"))
    ended_by: Mapped[str] = mapped_column(String(200), default="", info=labelled("改めた人"))

    template: Mapped[NoticeTemplate] = relationship(back_populates="editions")

    def __str__(self) -> str:
        return f"第{self.edition}版"


class Notice(Keyed, Timestamped, Versioned, Base):
    """One notice to one addressee about one subject. Its words hold names: they are personal."""

    __tablename__ = "notice"
    __label__ = "通知"
    __table_args__ = (
        CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name="subject_is_whole"),
        CheckConstraint("state = 'draft' OR issued_at IS NOT NULL", name="issued_has_its_moment"),
        CheckConstraint("state <> 'withdrawn' OR withdrawn_reason <> ''", name="withdrawn_has_its_reason"),
        UniqueConstraint("issuer", "fiscal_year", "document_number"),
        Index("ix_notice_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_notice_dated_on_id", "dated_on", "id"),
    )

    template_id: Mapped[int] = mapped_column(ForeignKey("notice_template.id"), index=True, info=labelled("ひな形"))
    template_edition: Mapped[int] = mapped_column(Integer, info=labelled("ひな形の版"))
    issuer: Mapped[Role] = mapped_column(code_of(Role), index=True, info=labelled("発信者"))
    state: Mapped[NoticeState] = mapped_column(
        code_of(NoticeState), default=NoticeState.DRAFT, index=True, info=labelled("状態")
    )
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    dated_on: Mapped[dt.date] = mapped_column(Date, info=labelled("日付"))
    #: None: not given (未設定), or not numbered.
    document_number: Mapped[str | None] = mapped_column(String(100), info=labelled("文書番号"))
    recipient_name: Mapped[str] = mapped_column(String(200), info=labelled("宛名", personal=True))
    honorific: Mapped[Honorific] = mapped_column(code_of(Honorific), info=labelled("敬称"))
    recipient_address: Mapped[str] = mapped_column(Text, default="", info=labelled("宛先住所", personal=True))
    recipient_email: Mapped[str | None] = mapped_column(String(254), info=labelled("宛先メール", personal=True))
    title: Mapped[str] = mapped_column(String(300), info=labelled("件名", personal=True))
    body: Mapped[str] = mapped_column(Text, info=labelled("本文", personal=True))
    instruction: Mapped[str] = mapped_column(Text, default="", info=labelled("教示"))
    is_numbered: Mapped[bool] = mapped_column(default=True, info=labelled("文書番号を付ける"))
    #: The sender as it stood when the notice was issued.
    sender_name: Mapped[str] = mapped_column(String(200), default="", info=labelled("差出人"))
    sender_office: Mapped[str] = mapped_column(String(200), default="", info=labelled("担当"))
    sender_contact: Mapped[str] = mapped_column(Text, default="", info=labelled("問合せ先"))
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=labelled("対象の種類"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=labelled("対象の番号"))
    issued_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("発出日時"))
    withdrawn_reason: Mapped[str] = mapped_column(String(500), default="", info=labelled("取消しの理由"))
    #: When its words and address were erased on request.
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("消去日時"))

    template: Mapped[NoticeTemplate] = relationship()
    messages: Mapped[list[OutboxMessage]] = relationship(back_populates="notice", order_by="OutboxMessage.id")

    def __str__(self) -> str:
        return f"{self.template.name}(番号{self.id})" if self.template else "通知"


class OutboxMessage(Keyed, Timestamped, Base):
    """One mail to one address. The worker moves it on; what a person decides is logged by the service that does it."""

    __tablename__ = "outbox_message"
    __label__ = "メール"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name="sending_has_its_claim"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_its_moment"),
        Index("ix_outbox_message_state_next_attempt_at_id", "state", "next_attempt_at", "id"),
        Index("ix_outbox_message_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True, info=labelled("通知"))
    issuer: Mapped[Role] = mapped_column(code_of(Role), info=labelled("発信者"))
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=labelled("対象の種類"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=labelled("対象の番号"))
    to_name: Mapped[str] = mapped_column(String(200), info=labelled("宛名", personal=True))
    to_address: Mapped[str] = mapped_column(String(254), index=True, info=labelled("宛先", personal=True))
    title: Mapped[str] = mapped_column(String(300), info=labelled("件名", personal=True))
    body: Mapped[str] = mapped_column(Text, info=labelled("本文", personal=True))
    #: Send the notice's paper along as a PDF.
    has_paper: Mapped[bool] = mapped_column(default=False, info=labelled("PDFを添付"))
    state: Mapped[OutboxState] = mapped_column(code_of(OutboxState), index=True, info=labelled("状態"))
    #: Given once, at the first attempt, and kept: receivers can tell a mail that comes twice.
    message_id: Mapped[str | None] = mapped_column(String(200), unique=True, info=labelled("Message-ID"))
    attempts: Mapped[int] = mapped_column(Integer, default=0, info=labelled("送信の回数"))
    next_attempt_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("次に送る日時"))
    claim: Mapped[str | None] = mapped_column(String(100), info=labelled("送信中の処理"))
    claimed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("送信を始めた日時"))
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("送信日時"))
    last_error: Mapped[str] = mapped_column(String(500), default="", info=labelled("最後の結果"))
    decided_by: Mapped[str] = mapped_column(String(200), default="", info=labelled("判断した人"))
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("消去日時"))

    notice: Mapped[Notice | None] = relationship(back_populates="messages")

    def __str__(self) -> str:
        return f"メール(番号{self.id})"
