"""Who signs in: users, what they are (role assignments), and their sessions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.reference import Department


class Role(LabelledEnum):
    """The roles of domain.md 1."""

    OFFICE = "office", "推進担当"
    CENTER = "center", "あすぴあ(指定管理者)"
    DEPARTMENT = "department", "担当課・関連課"
    COMMITTEE = "committee", "選考審査会委員"
    AGENCY = "agency", "関係機関(AKVS)"
    ADMINISTRATOR = "administrator", "システム管理者"


class User(Keyed, Timestamped, Versioned, Base):
    """A person who signs in."""

    __tablename__ = "user"
    __label__ = "利用者"
    __table_args__ = (
        CheckConstraint("email IS NOT NULL OR staff_number IS NOT NULL", name="has_a_name_to_sign_in_by"),
    )

    #: Signs in by it, so nobody else may have it. None where a section shares one mailbox: see notice_email.
    email: Mapped[str | None] = mapped_column(String(254), unique=True, info=labelled("メールアドレス", personal=True))
    #: Where notices go when `email` is missing; several users may share it.
    notice_email: Mapped[str | None] = mapped_column(String(254), info=labelled("通知先(共用)", personal=True))
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True, info=labelled("職員番号", personal=True))
    display_name: Mapped[str] = mapped_column(String(100), info=labelled("氏名"))
    password_hash: Mapped[str | None] = mapped_column(String(200), info=labelled("パスワード", secret=True))
    password_changed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("パスワード変更日時"))
    must_change_password: Mapped[bool] = mapped_column(default=True, info=labelled("次回ログイン時の変更"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("有効"))
    is_demo: Mapped[bool] = mapped_column(default=False, info=labelled("デモ用"))
    totp_secret: Mapped[str | None] = mapped_column(String(200), info=labelled("二段階認証の鍵", secret=True))
    totp_enabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("二段階認証の設定日時"))
    #: The last accepted time step, so that a code is good once (RFC 6238 5.2).
    totp_last_step: Mapped[int | None] = mapped_column(info={"label": "二段階認証の時刻", "unlogged": True})

    assignments: Mapped[list[RoleAssignment]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="RoleAssignment.id"
    )

    def __str__(self) -> str:
        return self.display_name


class RoleAssignment(Keyed, Timestamped, Base):
    """One role of one user, from/until (both days included; 1 April changes many at once)."""

    __tablename__ = "role_assignment"
    __label__ = "役割"
    __audit_parent__ = "user"
    __table_args__ = (
        CheckConstraint(
            "(role = 'department') = (department_id IS NOT NULL)", name="department_role_names_its_department"
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_not_before_from"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("利用者"))
    role: Mapped[Role] = mapped_column(code_of(Role), info=labelled("役割"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("課"))
    from_on: Mapped[dt.date] = mapped_column(Date, info=labelled("開始日"))
    until_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("終了日"))
    note: Mapped[str | None] = mapped_column(String(200), info=labelled("備考"))

    user: Mapped[User] = relationship(back_populates="assignments")
    department: Mapped[Department | None] = relationship()

    def __str__(self) -> str:
        return f"{self.role.label}({self.department.name})" if self.department else self.role.label

    def is_in_force(self, on: dt.date) -> bool:
        """Whether the assignment holds on that day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


class RoleSetting(Keyed, Versioned, Base):
    """What an administrator requires of a role."""

    __tablename__ = "role_setting"
    __label__ = "役割の設定"

    role: Mapped[Role] = mapped_column(code_of(Role), unique=True, info=labelled("役割"))
    requires_second_factor: Mapped[bool] = mapped_column(default=False, info=labelled("二段階認証を必須にする"))

    def __str__(self) -> str:
        return self.role.label


class LoginSession(Keyed, Base):
    """One signed-in browser. Deleting the row ends the session at once, on every worker."""

    __tablename__ = "login_session"
    __audited__ = False

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    #: Signed in by password, but the second factor is still to come.
    is_pending: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)

    user: Mapped[User] = relationship()


class RecoveryCode(Keyed, Base):
    """A one-time code for the day when the telephone is lost; kept as a hash."""

    __tablename__ = "recovery_code"
    __audited__ = False

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class LoginAttempt(Keyed, Base):
    """A failed sign-in, counted per account and per address; outlives restarts and is seen by every worker."""

    __tablename__ = "login_attempt"
    __audited__ = False
    __table_args__ = (Index("ix_login_attempt_subject_attempted_at", "subject", "attempted_at"),)

    #: "account:<hash>" or "address:<hash>"
    subject: Mapped[str] = mapped_column(String(100))
    attempted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now)


class SavedView(Keyed, Timestamped, Versioned, Base):
    """A named list view (filters, columns, order) of one user."""

    __tablename__ = "saved_view"
    __label__ = "保存した表示"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True, info=labelled("利用者"))
    endpoint: Mapped[str] = mapped_column(String(100), info=labelled("画面"))
    name: Mapped[str] = mapped_column(String(80), info=labelled("名前"))
    query: Mapped[str] = mapped_column(String(4000), info=labelled("条件"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("順"))
