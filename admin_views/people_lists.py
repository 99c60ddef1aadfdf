"""The list of users: its columns and its filters, which ask what people are today."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from admin_views.base import resolver
from admin_views.columns import Column, Filter
from app.access.scopes import as_key
from app.japanese.dates import today_in_tokyo
from app.staff import criteria
from models.people import Role, RoleAssignment, User
from models.reference import Department


def _by_role(value: str) -> ColumnElement[bool]:
    today = today_in_tokyo()
    return User.assignments.any(
        (RoleAssignment.role == Role(value))
        & (RoleAssignment.from_on <= today)
        & (RoleAssignment.until_on.is_(None) | (RoleAssignment.until_on >= today))
    )


def _by_department(value: str) -> ColumnElement[bool]:
    key = as_key(value)
    if key is None:
        raise ValueError("課の条件を読み取れません。")
    return User.assignments.any(RoleAssignment.department_id == key)


def _by_state(value: str) -> ColumnElement[bool]:
    today = today_in_tokyo()
    choices = {
        "active": User.is_active.is_(True),
        "inactive": User.is_active.is_(False),
        "second_factor": User.totp_enabled_at.is_not(None),
        "no_second_factor": User.totp_enabled_at.is_(None),
        "no_password": criteria.without_password(),
        "no_role": criteria.without_role(today),
        "ending": criteria.ending(today),
        "must_change": User.must_change_password.is_(True),
    }
    if value not in choices:
        raise ValueError("状態の条件を読み取れません。")
    return choices[value]


def _by_words(value: str) -> ColumnElement[bool]:
    columns = (User.display_name, User.email, User.staff_number)
    return or_(*(column.icontains(value.replace("\x00", ""), autoescape=True) for column in columns))


def _roles_in_force(user: User) -> str:
    today = today_in_tokyo()
    return "、".join(str(one) for one in user.assignments if one.is_in_force(today))


STATES = [
    ("no_password", "パスワードが未発行"),
    ("no_role", "役割がない"),
    ("ending", "役割が30日以内に終わる"),
    ("active", "有効"),
    ("inactive", "無効"),
    ("second_factor", "二段階認証を設定済み"),
    ("no_second_factor", "二段階認証が未設定"),
    ("must_change", "パスワードの変更待ち"),
]

COLUMNS = (
    Column("name", "氏名", lambda user: user.display_name, sort=(User.display_name,)),
    Column("email", "メールアドレス", lambda user: user.email, sort=(User.email,), attribute="email"),
    Column(
        "staff_number",
        "職員番号",
        lambda user: user.staff_number,
        sort=(User.staff_number,),
        attribute="staff_number",
    ),
    Column("roles", "現在の役割", _roles_in_force),
    Column("active", "状態", lambda user: "有効" if user.is_active else "無効"),
    Column("second_factor", "二段階認証", lambda user: "設定済み" if user.totp_enabled_at else "未設定"),
    Column("demo", "デモ用", lambda user: user.is_demo, is_default=False),
)

FILTERS = (
    Filter("who", "氏名・メール・職員番号", _by_words, kind="text"),
    Filter("role", "役割", _by_role, options=lambda session, actor: Role.choices()),
    Filter(
        "department",
        "課",
        _by_department,
        kind="lookup",
        lookup="department.lookup_view",
        words=lambda session, actor, value: resolver(Department)([as_key(value) or 0]).get(as_key(value) or 0, ""),
    ),
    Filter("state", "状態", _by_state, options=lambda session, actor: STATES),
)
