"""What an administrator does to users and their roles. Every change that touches rights ends the user's sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import passwords, second_factor, sessions
from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.access.user_rules import checked, clean, reason_of, refuse_taken, wrong
from app.actor import Actor
from app.audit.recorder import Act, act
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotFound, check_version
from models.base import utc_now
from models.people import Role, RoleAssignment, RoleSetting, User
from models.reference import Department

ONE_DAY = dt.timedelta(days=1)
#: First and last day.
Term = tuple[dt.date, dt.date]


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
    values = checked(display_name, email, staff_number, notice_email)
    if password is not None and not is_demo:
        passwords.check_password(password, about=[text for text in values.values() if text])
    password_hash = passwords.hash_password(password) if password is not None else None
    with _changing(session, actor, "user:create", "利用者の登録"):
        refuse_taken(session, values, None)
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
    """Change who the user is. `version`: what the form was filled from; StaleRecord when somebody saved since."""
    _require_editable(session, actor, user)
    values = checked(display_name, email, staff_number, notice_email)
    check_version(user, version)
    with _changing(session, actor, "user:update", "利用者の修正"):
        refuse_taken(session, values, user.id)
        for name, value in values.items():
            setattr(user, name, value)
        session.flush()


def deactivate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Nobody signs in as this user any more, at once. What they did stays under their name."""
    _require_editable(session, actor, user)
    if user.id == actor.user_id:
        raise Invalid("自分自身を無効にすることはできません。ほかのシステム管理者に依頼してください。")
    with _changing(session, actor, "user:deactivate", "利用者の無効化", reason=reason_of(reason)):
        user.is_active = False
        session.flush()
        today = today_in_tokyo()
        for assignment in user.assignments:
            end = assignment.until_on or dt.date.max
            if assignment.role is Role.ADMINISTRATOR and end >= today:
                _require_an_administrator(session, actor, user, (max(today, assignment.from_on), end))
        sessions.end_sessions(session, [user.id])


def activate(session: Session, *, actor: Actor, user: User, reason: str) -> None:
    """Let the user sign in again."""
    _require_editable(session, actor, user)
    with _changing(session, actor, "user:activate", "利用者の有効化", reason=reason_of(reason)):
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
        raise wrong("department", "担当課・関連課の役割では、課を選んでください。")
    if role is not Role.DEPARTMENT and department is not None:
        raise wrong("department", f"「{role.label}」には課を付けられません。課の欄を空にしてください。")
    if until_on is not None and until_on < start:
        raise wrong("until_on", "終了日は開始日以後の日にしてください。")
    if role is Role.COMMITTEE and until_on is None:
        raise wrong("until_on", "選考審査会委員には任期があります。終了日を入力してください。")
    with _changing(session, actor, "user:assign", "役割の追加"):
        for known in user.assignments:
            same = known.role is role and known.department_id == (department.id if department else None)
            if same and known.from_on <= (until_on or dt.date.max) and start <= (known.until_on or dt.date.max):
                raise Invalid("同じ役割が、重なる期間ですでに割り当てられています。期間を確認してください。")
        assignment = RoleAssignment(
            user=user, role=role, department=department, from_on=start, until_on=until_on, note=clean(note)
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
    is_handed_over: bool = False,
) -> None:
    """End a role after `last_day`; without one it ends at once (a role that began today, or has not yet, is removed).

    `is_handed_over`: somebody else has been given it, so that one may end even one's own administrator role.

    Raises:
        Invalid: the last administrator, or one's own administrator role, would go.
    """
    user = assignment.user
    _require_editable(session, actor, user)
    today = today_in_tokyo()
    end = last_day if last_day is not None else today - ONE_DAY
    with _changing(session, actor, "user:unassign", "役割の終了", reason=clean(reason)):
        was_in_force, was_until = assignment.is_in_force(today), assignment.until_on or dt.date.max
        start = max(today, end + ONE_DAY, assignment.from_on)
        if assignment.from_on > end:
            user.assignments.remove(assignment)
        elif assignment.until_on is not None and assignment.until_on <= end:
            raise Invalid("この役割は、その日より前に終了します。")
        else:
            assignment.until_on = end
        session.flush()
        if assignment.role is Role.ADMINISTRATOR and was_until >= start:
            _require_an_administrator(session, actor, user, (start, was_until), is_handed_over=is_handed_over)
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
    with _changing(session, actor, "user:reset_second_factor", "二段階認証の解除", reason=reason_of(reason)):
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


def _require_an_administrator(
    session: Session, actor: Actor, changed: User, term: Term, *, is_handed_over: bool = False
) -> None:
    """Somebody must still be an administrator all the time that `changed` would have been one: from `term[0]` to `term[1]`.

    Raises:
        Invalid: nobody would be, or it is one's own role (unless a successor has been given it).
    """
    # Locked in one order, so that two administrators who remove each other at once wait for one another; who is left
    # is then asked in a statement of its own, which sees what the other committed.
    is_administrator = RoleAssignment.role == Role.ADMINISTRATOR
    session.execute(select(RoleAssignment.id).where(is_administrator).order_by(RoleAssignment.id).with_for_update())
    left = session.execute(
        select(User.id, RoleAssignment.from_on, RoleAssignment.until_on)
        .join(RoleAssignment)
        .where(is_administrator, User.is_active)
    ).all()
    start, end = term
    keepers = {row.id for row in left if row.from_on <= start and (row.until_on or dt.date.max) >= start}
    if changed.id == actor.user_id and changed.id not in keepers and not is_handed_over:
        raise Invalid("自分自身のシステム管理者の役割は終了できません。ほかのシステム管理者に依頼してください。")
    if not keepers or max(row.until_on or dt.date.max for row in left) < end:
        raise Invalid(
            "最後のシステム管理者です。先に、ほかの利用者を、終了日の同じか後のシステム管理者にしてください。"
        )
