"""Runs the migrations of either database in one transaction, and puts the log's guards back after each run.

SQLite changes tables by copying them (batch mode). With foreign keys on, dropping the old copy would delete or refuse
rows of its children, so they are off meanwhile and checked before the commit. A copied table loses its triggers:
`create_guards` makes them again whatever the migration did.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, inspect, text

import models  # noqa: F401  (every table registers itself)
from app.audit import ddl as audit_ddl
from app.calls import ddl as call_ddl
from app.meetings import ddl as meeting_ddl
from app.reviews import ddl as review_ddl
from app.search import ddl as search_ddl
from models.base import UtcDateTime, db
from models.engine import writing

#: "kyodo" as a number: two migrations of one PostgreSQL at once take turns.
LOCK_KEY = 0x6B796F646F
#: Rooms whose rows stand still from some day on.
FROZEN = (meeting_ddl, call_ddl, review_ddl)


def engine() -> Engine:
    """The application's engine."""
    return current_app.extensions["migrate"].db.engine


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """The full-text tables, their shadow tables and the index of tokens belong to app/search/ddl.py: not compared."""
    return not search_ddl.is_own(name, kind)


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Own column types are written as what they are in the database: an old migration needs none of our classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "Enum":
        return f"sa.String(length={item.length})"
    return False


def configure(**more: Any) -> None:
    """The settings that online and offline runs share."""
    context.configure(
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=include_name,
        render_item=render_item,
        transactional_ddl=True,
        **more,
    )


def is_moving() -> bool:
    """Whether this run changes the database's revision; `check`, `current` and `revision` only look at it."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def restore_guards(connection: Connection) -> None:
    """Triggers that keep the log append-only; none to put back when a downgrade took its tables away."""
    if "audit_entry" not in inspect(connection).get_table_names():
        return
    audit_ddl.create_guards(connection)
    problems = audit_ddl.guard_problems(connection)
    if problems:
        raise RuntimeError(f"the log is not guarded: {problems}")
    for room in FROZEN:
        room.create_guards(connection)


def check_foreign_keys(connection: Connection) -> None:
    """Refuse to commit a migration that left a row without its parent (SQLite)."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"the migration breaks foreign keys of {sorted({row[0] for row in broken})}")


def run_online() -> None:
    """Migrate over a connection: all of it or nothing."""
    with writing(), engine().connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        driver: Any = connection.connection.dbapi_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")  # before the transaction: inside it says nothing
        try:
            configure(connection=connection)
            with context.begin_transaction():
                if not is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
                if not is_moving():
                    context.run_migrations()
                    return
                for room in FROZEN:
                    room.drop_guards(connection)
                audit_ddl.drop_guards(connection)  # SQLite renames no table that a trigger reads
                context.run_migrations()
                restore_guards(connection)
                if is_sqlite:
                    check_foreign_keys(connection)
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys = ON")


def run_offline() -> None:
    """Write the SQL instead of running it."""
    configure(url=str(engine().url), literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
