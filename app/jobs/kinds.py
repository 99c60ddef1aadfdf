"""The kinds of job that domains register by name, so that a worker that starts later finds them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.actor import Actor

if TYPE_CHECKING:
    from app.config import Settings
    from app.jobs.handle import JobHandle

#: Does the work; what it returns is kept as the job's result (JSON).
Run = Callable[[Session, Actor, "JobHandle"], dict[str, Any] | None]


@dataclasses.dataclass(frozen=True)
class JobKind:
    """`max_attempts`: how often a job whose worker died is run again by itself; then it is 中断.

    `rank`: 0 somebody sits before the screen and waits; what follows from others' work by itself comes after that.
    """

    name: str
    run: Run
    title: str
    max_attempts: int = 1
    rank: int = 0


_kinds: dict[str, JobKind] = {}


def register_job_kind(name: str, run: Run, *, title: str = "", max_attempts: int = 1, rank: int = 0) -> None:
    """Say how jobs called `name` are done. `max_attempts` > 1 only for work that may be repeated from the start."""
    _kinds[name] = JobKind(name, run, title or name, max_attempts, rank)


def ranks() -> dict[str, int]:
    """Name → rank of the kinds that are not of rank 0."""
    return {kind.name: kind.rank for kind in _kinds.values() if kind.rank}


def find_job_kind(name: str) -> JobKind | None:
    """The registered kind, None when nobody registered it."""
    return _kinds.get(name)


#: Housekeeping: (session, settings) -> whatever.
Chore = Callable[[Session, "Settings"], object]
_chores: dict[str, tuple[Chore, float]] = {}


def register_chore(name: str, chore: Chore, *, every_seconds: float) -> None:
    """Let every worker do this now and then, in a session of its own (clearing away what expired)."""
    _chores[name] = (chore, every_seconds)


def chores() -> dict[str, tuple[Chore, float]]:
    """Name → (what to do, how often in seconds)."""
    return dict(_chores)


def title_of(name: str) -> str:
    """The Japanese title of a kind."""
    kind = _kinds.get(name)
    return kind.title if kind else name
