"""What of the directory waits for whom: あすぴあ confirms what was taken from a published list."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by
from app.actor import Actor
from app.work import Waiting, register_waiting
from models.directory import Organization

CAP = 1_000


@register_waiting
def directory_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Organisations that nobody has asked yet, for those who keep the directory."""
    if not actor.may(Permission.ORGANIZATION_EDIT):
        return
    some = (
        select(Organization.id)
        .where(editable_by(Organization, actor), Organization.is_confirmed.is_(False))
        .limit(CAP)
        .subquery()
    )
    number = session.scalar(select(func.count()).select_from(some)) or 0
    if number:
        count = f"{CAP:,}件以上" if number >= CAP else f"{number}件"
        yield Waiting(
            "organization_list",
            "f-confirmed=0",
            "公表された一覧から登録した団体の確認",
            detail=f"まだ確認していない団体が{count}あります。",
        )
