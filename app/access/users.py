"""What an administrator does to users and their roles. Every change that touches rights ends the user's sessions."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import passwords, second_factor, sessions
from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.access.sign_in import normalise_email, normalise_staff_number
from app.actor import Actor
from app.audit.recorder import Act, act
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotFound
from models.base import utc_now
from models.people import Role, RoleAssignment, RoleSetting, User
from models.reference import Department

_EMAIL = re.compile(r"[^@\s,;<>\"'\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ONE_DAY = dt.timedelta(days=1)


def create_user(
    session: Session,
    *,
    actor: Actor,
    display_name: str,
    email: str | None = None,
    staff_number: str | None = None,
    notice_email: str | None = None,
    password: str | None = None,
    is_demo: bool = False,
) -> User:
    """Add a user. Without a password nobody can sign in as them until `reset_password`; with one it must be changed
    at the first login, unless the user is a demonstration's.

    Raises:
        NotAllowed, Invalid (fields display_name, email, staff_number, notice_email, password).
    """
    actor.require(Permission.USER_MANAGE)
    if is_demo and not actor.is_system:
        raise Invalid("デモ用の利用者は、デモデータの読込みだけが登録できます。")
    values = _checked(display_name, email, staff_number, notice_email)
    if password is not None and not is_demo:
        passwords.check_password(password, about=_about(values))
    password_hash = passwords.hash_password(password) if password is not None else None
    with _changing(session, actor, "user:create", "利用者の登録"):
        _refuse_taken(session, values, None)
        user = User(
            **values,
            password_hash=password_hash,
            password_changed_at=utc_now() if password_hash else None,
            must_change_password=not is_demo,
            is_demo=is_demo,
        )
        session.add(user)
        session.flush()
    return user


def update_user(
    session: Session,
    *,
    actor: Actor,
    user: User,
    display_name: str,
    email: str | None,
    staff_number: str | None,
    notice_email: str | None,
    version: int | None = None,
) -> None:
    """Change who the user is. `version`: what the form was filled from; Conflict when somebody saved since."""
    _require_editable(session, actor, user)
    values = _checked(display_name, email, staff_number, notice_email)
    if version is not None and version != user.version:
        raise Conflict("ほかの人がこの利用者を先に変更しました。最新の内容を確認してから、もう一度変更してください。")
    with _changing(session, actor, "user:update", "利用者の修正"):
        _refuse_taken(session, values, user.id)
        for name, value in values.items():
            setattr(user, name, value)
        session.flush()


def deactivate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Nobody signs in as this user any more, at once. What they did stays under their name."""
    _require_editable(session, actor, user)
    if user.id == actor.user_id:
        raise Invalid("自分自身を無効にすることはできません。ほかのシステム管理者に依頼してください。")
    with _changing(session, actor, "user:deactivate", "利用者の無効化", reason=_reason(reason)):
        user.is_active = False
        session.flush()
        _require_an_administrator(session, actor, user, today_in_tokyo())
        sessions.end_sessions(session, [user.id])


def activate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Let the user sign in again."""
    _require_editable(session, actor, user)
    with _changing(session, actor, "user:activate", "利用者の有効化", reason=_reason(reason)):
        user.is_active = True


def assign(
    session: Session,
    *,
    actor: Actor,
    user: User,
    role: Role,
    department: Department | None = None,
    from_on: dt.date | None = None,
    until_on: dt.date | None = None,
    note: str | None = None,
) -> RoleAssignment:
    """Give a role from/until (both days included; from today when nothing is said).

    Raises:
        Invalid: a department role without its department (or another with one), a committee role without its term,
            dates the wrong way round, or the same role in an overlapping period.
    """
    _require_editable(session, actor, user)
    today = today_in_tokyo()
    start = from_on or today
    if role is Role.DEPARTMENT and department is None:
        raise _wrong("department", "担当課・関連課の役割では、課を選んでください。")
    if role is not Role.DEPARTMENT and department is not None:
        raise _wrong("department", f"「{role.label}」には課を付けられません。課の欄を空にしてください。")
    if until_on is not None and until_on < start:
        raise _wrong("until_on", "終了日は開始日以後の日にしてください。")
    if role is Role.COMMITTEE and until_on is None:
        raise _wrong("until_on", "選考審査会委員には任期があります。終了日を入力してください。")
    with _changing(session, actor, "user:assign", "役割の追加"):
        for known in user.assignments:
            same = known.role is role and known.department_id == (department.id if department else None)
            if same and known.from_on <= (until_on or dt.date.max) and start <= (known.until_on or dt.date.max):
                raise Invalid("同じ役割が、重なる期間ですでに割り当てられています。期間を確認してください。")
        assignment = RoleAssignment(
            user=user, role=role, department=department, from_on=start, until_on=until_on, note=_clean(note)
        )
        session.add(assignment)
        session.flush()
        if assignment.is_in_force(today):
            sessions.end_sessions(session, [user.id])
    return assignment


def unassign(
    session: Session,
    *,
    actor: Actor,
    assignment: RoleAssignment,
    last_day: dt.date | None = None,
    reason: str | None = None,
) -> None:
    """End a role after `last_day`; without one it ends at once (a role that began today, or has not yet, is removed).

    Raises:
        Invalid: the last administrator, or one's own administrator role, would go.
    """
    user = assignment.user
    _require_editable(session, actor, user)
    today = today_in_tokyo()
    end = last_day if last_day is not None else today - ONE_DAY
    with _changing(session, actor, "user:unassign", "役割の終了", reason=_clean(reason)):
        was_in_force = assignment.is_in_force(today)
        is_administrator = assignment.role is Role.ADMINISTRATOR
        if assignment.from_on > end:
            user.assignments.remove(assignment)
        elif assignment.until_on is not None and assignment.until_on <= end:
            raise Invalid("この役割は、その日より前に終了します。")
        else:
            assignment.until_on = end
        session.flush()
        if is_administrator:
            _require_an_administrator(session, actor, user, max(today, end + ONE_DAY))
        if was_in_force and end < today:
            sessions.end_sessions(session, [user.id])


def reset_password(session: Session, *, actor: Actor, user_id: int) -> str:
    """Set a one-time password and return it (shown once, kept nowhere); it must be changed at the next login."""
    actor.require(Permission.USER_MANAGE)
    password = passwords.temporary_password()
    password_hash = passwords.hash_password(password)
    user = get_user(session, user_id)
    _require_editable(session, actor, user)
    with _changing(session, actor, "user:reset_password", "パスワードの再設定"):
        user.password_hash = password_hash
        user.password_changed_at = utc_now()
        user.must_change_password = True
        sessions.end_sessions(session, [user.id])
    return password


def reset_second_factor(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Take away a lost second factor, so that the user signs in by password and sets it up again."""
    _require_editable(session, actor, user)
    with _changing(session, actor, "user:reset_second_factor", "二段階認証の解除", reason=_reason(reason)):
        second_factor.clear(session, user)
        sessions.end_sessions(session, [user.id])


def require_second_factor(session: Session, *, actor: Actor, role: Role, is_required: bool = True) -> None:
    """Whether everybody with the role must have a second factor: asked for at their next page."""
    actor.require(Permission.USER_MANAGE)
    with _changing(session, actor, "role_setting:update", f"役割の設定({role.label})"):
        setting = session.scalars(select(RoleSetting).where(RoleSetting.role == role)).one_or_none()
        if setting is None:
            session.add(RoleSetting(role=role, requires_second_factor=is_required))
        else:
            setting.requires_second_factor = is_required
        session.flush()


def is_second_factor_required(session: Session, actor: Actor) -> bool:
    """Whether one of the actor's roles in force asks for a second factor."""
    if not actor.roles:
        return False
    wanted = select(RoleSetting.id).where(RoleSetting.role.in_(actor.roles), RoleSetting.requires_second_factor)
    return session.scalar(wanted.limit(1)) is not None


def get_user(session: Session, user_id: int) -> User:
    """The user with that key, as stored now. Raises NotFound."""
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound
    return user


# --- checks ----------------------------------------------------------------------------------------------------


@contextmanager
def _changing(session: Session, actor: Actor, verb: str, label: str, reason: str | None = None) -> Iterator[Act]:
    try:
        with act(session, actor, verb, label, reason=reason) as current:
            yield current
    except IntegrityError as error:  # two at once: what the checks saw was no longer true
        raise Conflict("ほかの操作と重なったため、保存できませんでした。もう一度お試しください。") from error


def _require_editable(session: Session, actor: Actor, user: User) -> None:
    actor.require(Permission.USER_MANAGE)
    if not is_editable(session, user, actor):
        raise NotFound


def _require_an_administrator(session: Session, actor: Actor, changed: User, day: dt.date) -> None:
    """Somebody else, and on one's own change oneself, must still be an administrator on that day."""
    # Locked in one order, so that two administrators who remove each other at once wait for one another; who is left
    # is then asked in a statement of its own, which sees what the other committed.
    is_administrator = RoleAssignment.role == Role.ADMINISTRATOR
    session.execute(select(RoleAssignment.id).where(is_administrator).order_by(RoleAssignment.id).with_for_update())
    keepers = set(
        session.scalars(
            select(User.id)
            .join(RoleAssignment)
            .where(
                is_administrator,
                User.is_active,
                RoleAssignment.from_on <= day,
                or_(RoleAssignment.until_on.is_(None), RoleAssignment.until_on >= day),
            )
        )
    )
    if changed.id == actor.user_id and changed.id not in keepers:
        raise Invalid("自分自身のシステム管理者の役割は終了できません。ほかのシステム管理者に依頼してください。")
    if not keepers:
        raise Invalid("最後のシステム管理者です。先に、ほかの利用者をシステム管理者にしてください。")


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: sentence})


def _clean(text: str | None) -> str | None:
    return unicodedata.normalize("NFC", text).strip() or None if text else None


def _reason(text: str) -> str:
    reason = _clean(text)
    if reason is None:
        raise _wrong("reason", "理由を入力してください。")
    return reason


def _checked(
    display_name: str, email: str | None, staff_number: str | None, notice_email: str | None
) -> dict[str, str | None]:
    """The values in their normal forms. Raises Invalid with every fault found."""
    name = _clean(display_name)
    values = {
        "display_name": name,
        "email": normalise_email(email or "") or None,
        "staff_number": normalise_staff_number(staff_number or "") or None,
        "notice_email": normalise_email(notice_email or "") or None,
    }
    faults: dict[str, str] = {}
    if name is None or len(name) > 100 or any(unicodedata.category(sign) == "Cc" for sign in name):
        faults["display_name"] = "氏名を100文字以内で入力してください。"
    for field, label in (("email", "メールアドレス"), ("notice_email", "通知先のメールアドレス")):
        address = values[field]
        if address is not None and (len(address) > 254 or not _EMAIL.fullmatch(address)):
            faults[field] = f"{label}の形が正しくありません(例: hanako@city.example.jp)。"
    number = values["staff_number"]
    if number is not None and not re.fullmatch(r"[0-9A-Z_.-]{1,40}", number):
        faults["staff_number"] = "職員番号は、半角の英数字とハイフンで40文字以内にしてください。"
    if values["email"] is None and number is None:
        faults["email"] = "メールアドレスか職員番号のどちらかを入力してください。"
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)
    return values


def _refuse_taken(session: Session, values: dict[str, str | None], own_id: int | None) -> None:
    faults = {}
    for field, label in (("email", "メールアドレス"), ("staff_number", "職員番号")):
        if values[field] is None:
            continue
        column = getattr(User, field)
        query = select(User.id).where(column == values[field], or_(own_id is None, User.id != own_id))
        if session.scalar(query) is not None:
            faults[field] = f"この{label}は、ほかの利用者が使っています。"
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def _about(values: dict[str, str | None]) -> list[str]:
    """What a password of the user must not contain."""
    return [value for value in values.values() if value]


def about(user: User) -> list[str]:
    """What a password of this user must not contain: names, addresses before the @, numbers."""
    return [text for text in (user.display_name, user.email, user.staff_number) if text]
