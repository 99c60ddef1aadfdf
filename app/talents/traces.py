"""What an erasure leaves below SQLite's rows: words in old parts of the search index, pages in the write-ahead log.

The background worker clears both soon after; rows themselves are overwritten as they go (models/engine.py).
PostgreSQL: autovacuum and the recycling of its log do as much.
"""

from __future__ import annotations

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.search.ddl import optimize_search_index
from models.talents import Talent


def clear_traces(session: Session, settings: Settings) -> bool:
    """Once after each erasure. Returns whether there was something to clear, and it is gone."""
    last = session.scalar(select(func.max(Talent.erased_at)))
    session.rollback()
    told = last.isoformat() if last is not None else ""
    mark = settings.data_dir / "vectors" / "erased"
    if not told or (mark.exists() and mark.read_text(encoding="utf-8") == told):
        return False
    optimize_search_index(session.connection())
    session.commit()
    engine = session.get_bind()
    if isinstance(engine, Engine) and engine.dialect.name == "sqlite" and not _is_log_emptied(engine):
        return False  # somebody reads on; the worker comes round again
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(told, encoding="utf-8")
    return True


def _is_log_emptied(engine: Engine) -> bool:
    connection = engine.raw_connection()  # outside of any transaction
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = cursor.fetchone()  # (whether somebody was in the way, pages, pages written back)
        cursor.close()
    finally:
        connection.close()
    return told is not None and bool(told[0] == 0)
