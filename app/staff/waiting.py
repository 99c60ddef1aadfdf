"""What waits for the administrator: people who cannot sign in yet, who have left, or whose role ends soon."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from app.staff import criteria
from app.work import Waiting, register_waiting
from models.people import Role, RoleAssignment, User


@register_waiting
def users_to_look_after(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kind `users`, whose key is the state by which the list of users is filtered, and `first_users`."""
    if actor.is_system or not actor.may(Permission.USER_MANAGE):
        return
    today = today_in_tokyo()
    counts = session.execute(
        select(
            func.count().filter(criteria.without_password()),
            func.count().filter(criteria.without_role(today)),
            func.count().filter(criteria.ending(today)),
        ).select_from(User)
    ).one()
    locked_out, without_role, ending = counts
    if not session.scalar(select(func.count()).select_from(User).where(criteria.holding(Role.OFFICE, today))):
        yield Waiting(
            "first_users",
            "office",
            "利用者を登録する",
            detail="推進担当の利用者がまだいません。名簿の取込みもできます。",
        )
    if locked_out:
        yield Waiting(
            "users",
            "no_password",
            "仮のパスワードを発行する",
            detail=f"まだログインできない利用者が{locked_out}人います。",
        )
    if without_role:
        yield Waiting(
            "users",
            "no_role",
            "役割のない利用者を確かめる",
            detail=f"{without_role}人います。異動・退職した人は無効にし、残る人には役割を追加します。",
        )
    if ending:
        last = select(func.max(RoleAssignment.until_on)).where(RoleAssignment.user_id == User.id).scalar_subquery()
        first_day = session.scalar(select(func.min(last)).select_from(User).where(criteria.ending(today)))
        yield Waiting(
            "users",
            "ending",
            "役割の終わる利用者の引継ぎ",
            due_on=first_day,
            detail=f"後に続く役割のない人が{ending}人います。",
        )
