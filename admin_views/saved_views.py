"""Named views of a list: a name for filters, columns and order, each user's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.access.scopes import as_key
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Invalid, NotFound
from models.moment import remembered
from models.people import SavedView

MAX_VIEWS = 50

_VIEW = SavedView.__table__
#: Built once: it runs with every list.
_OF_USER = (
    select(_VIEW.c.id, _VIEW.c.name, _VIEW.c.query)
    .where(_VIEW.c.user_id == bindparam("user_id"), _VIEW.c.endpoint == bindparam("endpoint"))
    .order_by(_VIEW.c.position, _VIEW.c.id)
)


def of_user(
    session: Session, actor: Actor, endpoint: str, list_url: str, current: str
) -> list[tuple[str, str, bool, str]]:
    """(name, url, is_current, address that deletes it) of the actor's views of that list."""
    asked = {"user_id": actor.user_id, "endpoint": endpoint}
    key = ("saved views", actor.user_id, endpoint)
    rows = remembered(session, key, lambda: session.execute(_OF_USER, asked).all())
    return [
        (
            row.name,
            f"{list_url}?{row.query}" if row.query else list_url,
            row.query == current,
            f"{list_url}views/{row.id}/delete/",
        )
        for row in rows
    ]


def save(session: Session, actor: Actor, *, endpoint: str, name: str, query: str) -> tuple[str, str]:
    """Keep the view; the same name again replaces it. Returns its name and its query. Raises Invalid."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Invalid("表示に付ける名前を入力してください。")
    if len(name) > 60:
        raise Invalid("表示の名前は60文字以内で入力してください。")
    query = urlencode(parse_qsl(query.replace("\x00", "")[:4000]))
    with act(session, actor, "saved_view:save", f"一覧の表示「{name}」を保存"):
        mine: Any = select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.endpoint == endpoint)
        found = session.scalars(mine.where(SavedView.name == name)).first()
        if found is None:
            count = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
            if count >= MAX_VIEWS:
                raise Invalid(f"保存できる表示は{MAX_VIEWS}個までです。使わない表示を削除してください。")
            session.add(SavedView(user_id=actor.user_id, endpoint=endpoint, name=name, query=query, position=count))
        else:
            found.query = query
    return name, query


def remove(session: Session, actor: Actor, key: object) -> str:
    """Delete one of the actor's own views; returns its name. Raises NotFound."""
    found = session.get(SavedView, as_key(key) or 0)
    if found is None or found.user_id != actor.user_id:
        raise NotFound
    name = found.name
    with act(session, actor, "saved_view:delete", f"一覧の表示「{name}」を削除"):
        session.delete(found)
    return name
