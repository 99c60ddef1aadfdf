"""`flask users`: create, assign, unassign, reset-password, list. Every change is logged as the command line's."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access import roles, users
from app.access.passwords import temporary_password
from app.access.sign_in import normalise_email, normalise_staff_number
from app.actor import system_actor
from app.audit.recorder import act
from app.cli import CommandGroup
from app.japanese.dates import parse_date, today_in_tokyo
from app.problems import Problem
from models.base import db
from models.engine import reading
from models.people import Role, RoleAssignment, User
from models.reference import Department

P = ParamSpec("P")
R = TypeVar("R")

group = CommandGroup("users", help="利用者と役割")


class JapaneseDate(click.ParamType[dt.date]):
    """A date typed as 2026-04-01, 2026/4/1, R8.4.1 or 令和8年4月1日."""

    name = "日付"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return parse_date(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


DATE = JapaneseDate()
ROLE = click.Choice([role.value for role in Role])


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal into a sentence on stderr and exit code 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            raise click.ClickException(problem.message) from None

    return run


def found_user(session: Session, text: str) -> User:
    """The user with that address or number; ClickException when there is none."""
    column = User.email == normalise_email(text) if "@" in text else User.staff_number == normalise_staff_number(text)
    user = session.scalars(select(User).where(column)).one_or_none()
    if user is None:
        raise click.ClickException(
            f"利用者「{text}」が見つかりません。`flask users list` で登録されている利用者を確認してください。"
        )
    return user


def found_department(session: Session, text: str | None) -> Department | None:
    """The department with that code or name; ClickException when there is none or several."""
    if text is None:
        return None
    rows = session.scalars(
        select(Department).where((Department.code == text) | (Department.name == text)).order_by(Department.id)
    ).all()
    exact = [row for row in rows if row.code == text] or list(rows)
    if len(exact) != 1:
        why = "見つかりません" if not exact else "複数あります。コードで指定してください"
        raise click.ClickException(f"課「{text}」が{why}。")
    return exact[0]


@group.command("create")
@click.option("--name", "display_name", required=True, help="氏名")
@click.option("--email", help="メールアドレス(ログインに使う)")
@click.option("--staff-number", help="職員番号(ログインに使う)")
@click.option("--notice-email", help="通知先(課で共用のメールアドレスなど)")
@click.option("--role", type=ROLE, help="あわせて割り当てる役割")
@click.option("--department", help="課のコードまたは名称(--role department のとき)")
@click.option("--from", "from_on", type=DATE, help="役割の開始日(省略すると今日)")
@click.option("--until", "until_on", type=DATE, help="役割の終了日")
@told
def create(
    display_name: str,
    email: str | None,
    staff_number: str | None,
    notice_email: str | None,
    role: str | None,
    department: str | None,
    from_on: dt.date | None,
    until_on: dt.date | None,
) -> None:
    """利用者を登録し、仮のパスワードを表示します(最初のログインで変更します)。"""
    session, actor = db.session(), system_actor()
    password = temporary_password()
    with act(session, actor, "user:create", "利用者の登録"):
        user = users.create_user(
            session,
            actor=actor,
            display_name=display_name,
            email=email,
            staff_number=staff_number,
            notice_email=notice_email,
            password=password,
        )
        given = _assign(session, user, role, department, from_on, until_on) if role is not None else None
    click.echo(f"登録しました: {user.display_name}(ログイン名: {user.email or user.staff_number})")
    if given is not None:
        click.echo(given)
    click.echo(f"仮のパスワード: {password}")


@group.command("assign")
@click.argument("user")
@click.argument("role", type=ROLE)
@click.option("--department", help="課のコードまたは名称(department のとき)")
@click.option("--from", "from_on", type=DATE, help="開始日(省略すると今日)")
@click.option("--until", "until_on", type=DATE, help="終了日")
@click.option("--note", help="備考")
@told
def assign(
    user: str, role: str, department: str | None, from_on: dt.date | None, until_on: dt.date | None, note: str | None
) -> None:
    """USER(メールアドレスか職員番号)に役割を割り当てます。"""
    session = db.session()
    click.echo(_assign(session, found_user(session, user), role, department, from_on, until_on, note))


def _assign(
    session: Session,
    user: User,
    role: str,
    department: str | None,
    from_on: dt.date | None,
    until_on: dt.date | None,
    note: str | None = None,
) -> str:
    assignment = roles.assign(
        session,
        actor=system_actor(),
        user=user,
        role=Role(role),
        department=found_department(session, department),
        from_on=from_on,
        until_on=until_on,
        note=note,
    )
    term = f"{assignment.from_on} 〜 {assignment.until_on or ''}".strip()
    return f"割り当てました: {user.display_name} {assignment}({term})"


@group.command("unassign")
@click.argument("user")
@click.argument("role", type=ROLE)
@click.option("--department", help="課のコードまたは名称(department のとき)")
@click.option("--last-day", type=DATE, help="最終日(省略すると、ただちに終了)")
@click.option("--reason", help="理由")
@told
def unassign(user: str, role: str, department: str | None, last_day: dt.date | None, reason: str | None) -> None:
    """USER の役割を終了します。"""
    session = db.session()
    person = found_user(session, user)
    wanted = found_department(session, department)
    today = today_in_tokyo()
    matching = [
        one
        for one in person.assignments
        if one.role == role
        and (wanted is None or one.department_id == wanted.id)
        and (one.until_on is None or one.until_on >= today)
    ]
    if len(matching) != 1:
        why = "ありません" if not matching else "複数あります。--department で課を指定してください"
        raise click.ClickException(f"{person.display_name}に、終了できる役割「{Role(role).label}」が{why}。")
    name = str(matching[0])
    roles.unassign(session, actor=system_actor(), assignment=matching[0], last_day=last_day, reason=reason)
    click.echo(f"終了しました: {person.display_name} {name}({f'{last_day}まで' if last_day else 'ただちに'})")


@group.command("reset-password")
@click.argument("user")
@told
def reset_password(user: str) -> None:
    """仮のパスワードを発行します。いまのログインはすべて終了します。"""
    session = db.session()
    with reading():
        user_id = found_user(session, user).id
        session.rollback()
    click.echo(f"仮のパスワード: {users.reset_password(session, actor=system_actor(), user_id=user_id)}")


@group.command("list")
@click.option("--role", type=ROLE, help="今日この役割にある利用者だけ")
@click.option("--json", "is_json", is_flag=True, help="JSONだけを標準出力に書く")
def list_users(role: str | None, is_json: bool) -> None:
    """利用者と役割を表示します。"""
    today = today_in_tokyo()
    with reading():
        rows = db.session.scalars(
            select(User)
            .options(selectinload(User.assignments).options(joinedload(RoleAssignment.department)))
            .order_by(User.id)
        ).all()
        told_rows = [_told(user, today) for user in rows]
    if role is not None:
        told_rows = [
            row for row in told_rows if any(one["role"] == role and one["in_force"] for one in row["assignments"])
        ]
    if is_json:
        click.echo(json.dumps(told_rows, ensure_ascii=False, indent=2))
        return
    for row in told_rows:
        roles = "、".join(one["label"] for one in row["assignments"] if one["in_force"]) or "役割なし"
        state = "" if row["is_active"] else " [無効]"
        click.echo(f"{row['id']}\t{row['email'] or row['staff_number']}\t{row['display_name']}{state}\t{roles}")
    click.echo(f"{len(told_rows)}人", err=True)


def _told(user: User, today: dt.date) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "staff_number": user.staff_number,
        "display_name": user.display_name,
        "is_active": user.is_active,
        "is_demo": user.is_demo,
        "second_factor": user.totp_enabled_at is not None,
        "assignments": [
            {
                "role": one.role.value,
                "label": str(one),
                "department": one.department.code if one.department else None,
                "from_on": one.from_on.isoformat(),
                "until_on": one.until_on.isoformat() if one.until_on else None,
                "in_force": one.is_in_force(today),
            }
            for one in user.assignments
        ],
    }


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(group)
