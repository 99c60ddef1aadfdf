"""The attached papers of a proposal in a member's scroll: what each is, where it opens, which are shown as pictures."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls.file_services import readable_files
from app.files.kinds import IMAGES, SHOWN_INLINE, label_of
from models.proposals import Proposal

_SHOWN = frozenset(kind.media_type for kind in SHOWN_INLINE)
_PICTURES = frozenset(kind.media_type for kind in IMAGES)


def paper_files(session: Session, actor: Actor, proposal: Proposal) -> list[dict[str, Any]]:
    """What the template draws of the files that the actor may read."""
    return [
        {
            "name": one.name,
            "kind": label_of(one.media_type),
            "size": size_text(one.size),
            "url": url_for("score-sheet.file_view", proposal=proposal.id, file=one.id),
            "is_shown": one.media_type in _SHOWN,
            "is_picture": one.media_type in _PICTURES,
        }
        for one in readable_files(session, actor, proposal)
    ]


def size_text(size: int) -> str:
    """「120KB」「3.4MB」 of a number of bytes."""
    return f"{size / 1024 / 1024:.1f}MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024)):,}KB"
