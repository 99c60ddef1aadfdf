"""Registers the upkeep of SQLite's statistics; PostgreSQL's own housekeeping does as much by itself."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import Settings
from app.jobs.kinds import register_chore

#: So many rows of an index are looked at: enough to choose an index by, and a matter of milliseconds at any size.
_ANALYSED_ROWS = 1000


def renew_statistics(session: Session, settings: Settings) -> None:
    """Let SQLite look at the tables that have grown since, so that it goes on choosing the right index."""
    if session.get_bind().dialect.name != "sqlite":
        return
    session.execute(text(f"PRAGMA analysis_limit = {_ANALYSED_ROWS}"))
    session.execute(text("ANALYZE"))
    session.commit()


register_chore("statistics", renew_statistics, every_seconds=6 * 3600)
