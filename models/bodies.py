"""Bodies 会議体 and their members by term (domain.md 2.7)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, Versioned, code_of, labelled
from models.people import Role, User
from models.reference import Department


class QuorumKind(LabelledEnum):
    """How many must be there."""

    HALF_OR_MORE = "half_or_more", "半数以上の出席"
    MAJORITY = "majority", "過半数の出席"


class MemberRole(LabelledEnum):
    """What a member is in the body. Substitutes count only in another's place, the secretariat never."""

    CHAIR = "chair", "会長・委員長"
    DEPUTY = "deputy", "副会長・職務代理"
    MEMBER = "member", "委員"
    SUBSTITUTE = "substitute", "補欠委員"
    SECRETARIAT = "secretariat", "事務局"


class Body(Keyed, Timestamped, Versioned, Base):
    """A body. Rule values that the handbook does not give stay empty (未設定) until the office enters them."""

    __tablename__ = "body"
    __label__ = "会議体"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(200), info=labelled("名称"))
    short_name: Mapped[str] = mapped_column(String(60), info=labelled("略称"))
    purpose: Mapped[str] = mapped_column(Text, default="", info=labelled("役割"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("根拠"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("使用中"))
    #: None: not decided yet; then nothing says that a meeting has its quorum.
    quorum_kind: Mapped[QuorumKind | None] = mapped_column(code_of(QuorumKind), info=labelled("定足数"))
    #: Whether somebody sent in a member's stead counts as that member.
    counts_representatives: Mapped[bool] = mapped_column(default=False, info=labelled("代理出席を出席に数える"))
    is_closed_by_default: Mapped[bool] = mapped_column(default=False, info=labelled("原則非公開"))
    closed_reason: Mapped[str] = mapped_column(String(300), default="", info=labelled("非公開とする理由"))
    #: Members whose seats follow the list of departments (協働推進庁内検討会議).
    is_of_departments: Mapped[bool] = mapped_column(default=False, info=labelled("課を単位とする"))

    memberships: Mapped[list[Membership]] = relationship(back_populates="body", order_by="Membership.id")


class Membership(Keyed, Timestamped, Versioned, Base):
    """A seat for a term: held by a person, a department's head or whoever works for a partner.

    Who may read the body's meetings follows from the link: that user, users of that department, users of that role.
    """

    __tablename__ = "membership"
    __label__ = "構成員"
    __audit_parent__ = "body"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_not_before_from"),
        CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="nobody_replaces_themselves"),
        Index("ix_membership_body_id_from_on_id", "body_id", "from_on", "id"),
    )

    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), info=labelled("会議体"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("氏名・課名"))
    #: 「学識経験者」「公募市民」, 「課長」…
    title: Mapped[str] = mapped_column(String(100), default="", info=labelled("肩書・選出区分"))
    role: Mapped[MemberRole] = mapped_column(code_of(MemberRole), default=MemberRole.MEMBER, info=labelled("役"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("利用者"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("課"))
    user_role: Mapped[Role | None] = mapped_column(code_of(Role), info=labelled("利用者の役割"))
    email: Mapped[str | None] = mapped_column(String(254), info=labelled("通知先メールアドレス", personal=True))
    from_on: Mapped[dt.date] = mapped_column(Date, info=labelled("任期の開始日"))
    until_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("任期の終了日"))
    #: Whose seat it was before, or (補欠委員) whose it would be.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), index=True, info=labelled("前任者"))
    note: Mapped[str] = mapped_column(String(300), default="", info=labelled("備考"))

    body: Mapped[Body] = relationship(back_populates="memberships")
    user: Mapped[User | None] = relationship()
    department: Mapped[Department | None] = relationship()
    replaces: Mapped[Membership | None] = relationship(remote_side="Membership.id")

    def is_in_force(self, on: dt.date) -> bool:
        """Whether the term covers that day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)
