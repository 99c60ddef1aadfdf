"""引継ぎ: what one user has, given to a successor in one step and one entry of the log.

Work that belongs to a role or a department follows the role by itself. What belongs to a person (drafts, things
entrusted by name, saved views) is moved by hooks, which domains register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.roles import ONE_DAY, assign, unassign
from app.access.user_rules import wrong
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Invalid
from models.people import RoleAssignment, SavedView, User

#: (session, actor, predecessor, successor) -> sentences of what was moved. Runs inside the act; must not commit.
Hook = Callable[[Session, Actor, User, User], list[str]]
_hooks: list[Hook] = []


def register_handover(hook: Hook) -> Hook:
    """Add a hook (each domain's `hooks.py`). Usable as a decorator."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def assignments_to_hand_over(session: Session, user: User, last_day: dt.date) -> list[RoleAssignment]:
    """The user's roles that would still hold after that day."""
    return [one for one in user.assignments if one.until_on is None or one.until_on > last_day]


def hand_over(
    session: Session,
    *,
    actor: Actor,
    from_user: User,
    to_user: User,
    last_day: dt.date,
    assignments: Sequence[RoleAssignment] | None = None,
    reason: str | None = None,
) -> list[str]:
    """End the predecessor's roles after `last_day`, begin them for the successor the day after, and move at once what
    belongs to the person. Returns what was done, in sentences.

    Args:
        assignments: of the predecessor; without them all that would still hold after that day.
    Raises:
        Invalid: the same person, an inactive successor, a day before yesterday, or nothing to hand over.
    """
    actor.require(Permission.USER_MANAGE)
    if from_user.id == to_user.id:
        raise wrong("to_user", "前任者と後任者が同じです。別の利用者を選んでください。")
    if not to_user.is_active:
        raise wrong("to_user", "後任者が無効になっています。先に有効にしてください。")
    if last_day < today_in_tokyo() - ONE_DAY:
        raise wrong("last_day", "前任者の最終日は、昨日以後の日にしてください。")
    known = assignments_to_hand_over(session, from_user, last_day)
    chosen = known if assignments is None else [one for one in assignments if one in known]
    told: list[str] = []
    with act(session, actor, "user:hand_over", "引継ぎ", reason=reason, keep_when_empty=True):
        for assignment in chosen:
            told.append(_pass_on(session, actor, assignment, to_user, last_day))
        for hook in _hooks:
            told += hook(session, actor, from_user, to_user)
        if not told:
            raise Invalid("引き継ぐものがありません。")
    return told


def _pass_on(session: Session, actor: Actor, assignment: RoleAssignment, to_user: User, last_day: dt.date) -> str:
    role, department, until = assignment.role, assignment.department, assignment.until_on
    name, start = str(assignment), max(assignment.from_on, last_day + ONE_DAY)
    has_it = any(
        one.role is role
        and one.department_id == assignment.department_id
        # It must hold all the time that the predecessor's would have.
        and one.from_on <= start
        and (one.until_on is None or (until is not None and one.until_on >= until))
        for one in to_user.assignments
    )
    if not has_it:
        assign(session, actor=actor, user=to_user, role=role, department=department, from_on=start, until_on=until)
    unassign(session, actor=actor, assignment=assignment, last_day=last_day, is_handed_over=True)
    return f"役割「{name}」を{format_date(start)}から引き継ぎます。"


@register_handover
def _move_saved_views(session: Session, actor: Actor, from_user: User, to_user: User) -> list[str]:
    views = session.scalars(select(SavedView).where(SavedView.user_id == from_user.id).order_by(SavedView.id)).all()
    known = session.execute(select(SavedView.endpoint, SavedView.name).where(SavedView.user_id == to_user.id))
    taken = {(endpoint, name) for endpoint, name in known}
    for view in views:
        if (view.endpoint, view.name) in taken:
            view.name = f"{view.name}({from_user.display_name}から)"[:80]
        view.user_id = to_user.id
    session.flush()
    return [f"保存した表示{len(views)}件を移しました。"] if views else []
