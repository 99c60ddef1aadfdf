"""What the rooms below tell the calls: 引継ぎ moves drafts of opinions; stored files belong to proposals."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.handover import register_handover
from app.actor import Actor
from app.calls import door, record_guards
from app.calls.file_services import register_files
from models.coordination import OpinionDraft
from models.people import User


@register_handover
def move_drafts(session: Session, actor: Actor, from_user: User, to_user: User) -> list[str]:
    """Drafts of 所見書 are the department's; the name of the one who writes moves to the successor."""
    moved = session.execute(update(OpinionDraft).where(OpinionDraft.user_id == from_user.id).values(user_id=to_user.id))
    number = int(getattr(moved, "rowcount", 0))
    return [f"所見書の下書き{number}件を引き継ぎました。"] if number else []


register_files()
door.install()
record_guards.register()
