"""Who is told of a conflict that is confirmed after the conclusion: `late_conflicts`, which stands above, registers."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.actor import Actor
from models.review_conflicts import ConflictSuspicion

#: Told of an equal name that proved to be the member's after the conclusion: it becomes a correction there.
_late_tellers: list[Callable[[Session, Actor, ConflictSuspicion], object]] = []


def register_late_teller(teller: Callable[[Session, Actor, ConflictSuspicion], object]) -> None:
    """Let `late_conflicts`, which stands above, be told."""
    if teller not in _late_tellers:
        _late_tellers.append(teller)


def tell_late(session: Session, actor: Actor, suspicion: ConflictSuspicion) -> None:
    """Inside the caller's act."""
    for teller in _late_tellers:
        teller(session, actor, suspicion)
