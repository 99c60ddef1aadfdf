"""What waits for whom: each domain registers a function that tells it, home lists them in order."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from app.actor import Actor


@dataclasses.dataclass(frozen=True)
class Waiting:
    """One line of 「対応待ち一覧」. `kind` tells home which page to link to, `key` which record."""

    kind: str
    key: str
    label: str
    due_on: dt.date | None = None
    detail: str = ""


Teller = Callable[[Session, Actor], Iterable[Waiting]]
_tellers: list[Teller] = []


def register_waiting(teller: Teller) -> Teller:
    """Add a function (session, actor) -> Waiting lines. Usable as a decorator."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def waiting_for(session: Session, actor: Actor) -> list[Waiting]:
    """Everything that waits for the actor: what is due first comes first, what has no date last."""
    lines = [line for teller in _tellers for line in teller(session, actor)]
    return sorted(lines, key=lambda line: (line.due_on is None, line.due_on or dt.date.max, line.kind, line.label))
