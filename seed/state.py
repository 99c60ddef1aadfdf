"""What the loaders have completed: SeedState rows, read by /healthz and by `make run`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.reference import SeedState

LOADING, COMPLETE, NONE = "loading", "complete", "none"


def state_of(session: Session, name: str) -> str:
    """ "none", "loading" or "complete" of "seed" or "demo"."""
    return session.scalar(select(SeedState.value).where(SeedState.name == name)) or NONE


def set_state(session: Session, name: str, value: str) -> None:
    """Write the state; commits nothing."""
    row = session.scalars(select(SeedState).where(SeedState.name == name)).one_or_none()
    if row is None:
        session.add(SeedState(name=name, value=value))
    elif row.value != value:
        row.value = value
    session.flush()
