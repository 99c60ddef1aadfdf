"""The upkeep of statistics."""

from __future__ import annotations

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.jobs.kinds import chores


def test_the_worker_keeps_the_databases_statistics_fresh(any_session: Session) -> None:
    chore, every_seconds = chores()["statistics"]
    assert every_seconds <= 24 * 3600
    with Session(db.engine) as session:
        chore(session, None)  # type: ignore[arg-type]
        if session.get_bind().dialect.name == "sqlite":
            assert inspect(session.get_bind()).has_table("activity_field")
            told = dict(session.execute(text("SELECT tbl, min(stat) FROM sqlite_stat1 GROUP BY tbl")).all())
            assert told["activity_field"].startswith("20")
