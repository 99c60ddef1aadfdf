"""Role assignments: who is what, from when until when; and what is required of a role. Somebody always administers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import sessions
from app.access.permissions import Permission
from app.access.user_rules import changing, clean, require_editable, wrong
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from app.problems import Invalid
from models.people import Role, RoleAssignment, RoleSetting, User
from models.reference import Department

ONE_DAY = dt.timedelta(days=1)
#: First and last day.
Term = tuple[dt.date, dt.date]
OVERLAP = "同じ役割が、重なる期間ですでに割り当てられています。期間を確認してください。"


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
    require_editable(session, actor, user)
    today = today_in_tokyo()
    start = from_on or today
    department_id = department.id if department is not None else None
    for field, sentence in faults_of(role, department_id, start, until_on):
        raise wrong(field, sentence)
    with changing(session, actor, "user:assign", "役割の追加"):
        if is_overlapping(user, role, department_id, start, until_on):
            raise Invalid(OVERLAP)
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
    require_editable(session, actor, user)
    today = today_in_tokyo()
    end = last_day if last_day is not None else today - ONE_DAY
    with changing(session, actor, "user:unassign", "役割の終了", reason=clean(reason)):
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
            require_an_administrator(session, actor, user, (start, was_until), is_handed_over=is_handed_over)
        if was_in_force and end < today:
            sessions.end_sessions(session, [user.id])


def change_term(
    session: Session,
    *,
    actor: Actor,
    assignment: RoleAssignment,
    from_on: dt.date,
    until_on: dt.date | None,
) -> None:
    """Give a role other first and last days (an import). Raises Invalid like `assign` and `unassign`."""
    user = assignment.user
    require_editable(session, actor, user)
    today = today_in_tokyo()
    for field, sentence in faults_of(assignment.role, assignment.department_id, from_on, until_on):
        raise wrong(field, sentence)
    if is_overlapping(user, assignment.role, assignment.department_id, from_on, until_on, besides=assignment):
        raise Invalid(OVERLAP)
    with changing(session, actor, "user:change_term", "役割の期間の変更"):
        was_in_force, was_until = assignment.is_in_force(today), assignment.until_on or dt.date.max
        start = max(today, assignment.from_on)
        assignment.from_on, assignment.until_on = from_on, until_on
        session.flush()
        if assignment.role is Role.ADMINISTRATOR and was_until >= start:
            require_an_administrator(session, actor, user, (start, was_until))
        if was_in_force is not assignment.is_in_force(today):
            sessions.end_sessions(session, [user.id])


def withdraw(session: Session, *, actor: Actor, assignment: RoleAssignment) -> None:
    """Take a role away as if it had never been given (an import undone). Raises Invalid like `unassign`."""
    user = assignment.user
    require_editable(session, actor, user)
    today = today_in_tokyo()
    with changing(session, actor, "user:withdraw", "役割の取消し"):
        was_in_force = assignment.is_in_force(today)
        term = (max(today, assignment.from_on), assignment.until_on or dt.date.max)
        user.assignments.remove(assignment)
        session.flush()
        if assignment.role is Role.ADMINISTRATOR and term[1] >= term[0]:
            require_an_administrator(session, actor, user, term)
        if was_in_force:
            sessions.end_sessions(session, [user.id])


def require_second_factor(session: Session, *, actor: Actor, role: Role, is_required: bool = True) -> None:
    """Whether everybody with the role must have a second factor: asked for at their next page."""
    actor.require(Permission.USER_MANAGE)
    with changing(session, actor, "role_setting:update", f"役割の設定({role.label})"):
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


def faults_of(
    role: Role, department_id: int | None, from_on: dt.date, until_on: dt.date | None
) -> list[tuple[str, str]]:
    """(field, sentence) of what does not go together."""
    faults = []
    if role is Role.DEPARTMENT and department_id is None:
        faults.append(("department", "担当課・関連課の役割では、課を選んでください。"))
    if role is not Role.DEPARTMENT and department_id is not None:
        faults.append(("department", f"「{role.label}」には課を付けられません。課の欄を空にしてください。"))
    if until_on is not None and until_on < from_on:
        faults.append(("until_on", "終了日は開始日以後の日にしてください。"))
    if role is Role.COMMITTEE and until_on is None:
        faults.append(("until_on", "選考審査会委員には任期があります。終了日を入力してください。"))
    return faults


def is_overlapping(
    user: User,
    role: Role,
    department_id: int | None,
    from_on: dt.date,
    until_on: dt.date | None,
    *,
    besides: RoleAssignment | None = None,
) -> bool:
    """Whether the user holds the same role already on a day of that term."""
    return any(
        known.role is role
        and known.department_id == department_id
        and known is not besides
        and known.from_on <= (until_on or dt.date.max)
        and from_on <= (known.until_on or dt.date.max)
        for known in user.assignments
    )


def require_an_administrator(
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
