"""Triggers that keep rows from being changed, in the database itself, whoever writes. Rooms say which rows.

SQLite and PostgreSQL refuse in the same words; on PostgreSQL the triggers fire ALWAYS. Made after each migration by
migrations/env.py, which takes them off before one copies a table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Connection


@dataclasses.dataclass(frozen=True)
class RowGuard:
    """Refuse `moment` on `table` where `condition` holds (SQL over the row NEW or OLD; None: always)."""

    room: str
    table: str
    rule: str
    moment: str
    condition: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the trigger, and of its function."""
        return f"trg_{self.room}_{self.table}_{self.rule}_{self.moment.lower()}"


def both_ways(room: str, table: str, rule: str, condition: str) -> list[RowGuard]:
    """No row comes, changes or goes where the condition over {row} holds before or after."""
    new, old = condition.replace("{row}", "NEW"), condition.replace("{row}", "OLD")
    return [
        RowGuard(room, table, rule, "INSERT", new),
        RowGuard(room, table, rule, "UPDATE", f"{old} OR {new}"),
        RowGuard(room, table, rule, "DELETE", old),
    ]


def append_only(room: str, table: str) -> list[RowGuard]:
    """Rows are written once."""
    return [RowGuard(room, table, "append_only", moment) for moment in ("UPDATE", "DELETE")]


def differs(columns: Sequence[str]) -> str:
    """SQL: one of the columns has another value afterwards."""
    return "(" + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns) + ")"


def create(connection: Connection, guards: Sequence[RowGuard], *, anchor: str) -> None:
    """Make the triggers; those that exist are made anew. Nothing to do where a downgrade took `anchor` away."""
    drop(connection, guards)
    is_sqlite = connection.dialect.name == "sqlite"
    if not _has_table(connection, anchor):
        return
    for guard in guards:
        if not _has_table(connection, guard.table):
            continue  # of a later revision than the one that is migrated to
        for statement in _sqlite(guard) if is_sqlite else _postgresql(guard):
            connection.exec_driver_sql(statement)


def drop(connection: Connection, guards: Sequence[RowGuard]) -> None:
    """Take the triggers off."""
    for guard in guards:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE")


def problems(connection: Connection, guards: Sequence[RowGuard]) -> list[str]:
    """Names of triggers that are missing or switched off; empty when all stand."""
    wanted = {guard.name for guard in guards}
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        rows = connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'")
    return sorted(wanted - {row[0] for row in rows})


def _has_table(connection: Connection, table: str) -> bool:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{table}'")
    else:
        found = connection.exec_driver_sql(f"SELECT 1 WHERE to_regclass('{table}') IS NOT NULL")
    return found.first() is not None


def _moment(guard: RowGuard) -> str:
    return f"{guard.moment} OF {', '.join(guard.columns)}" if guard.columns else guard.moment


def _sqlite(guard: RowGuard) -> list[str]:
    when = f" WHEN {guard.condition}" if guard.condition else ""
    refusal = f"BEGIN SELECT RAISE(ABORT, '{guard.table} stands still: {guard.rule}'); END"
    return [f"CREATE TRIGGER {guard.name} BEFORE {_moment(guard)} ON {guard.table} FOR EACH ROW{when} {refusal}"]


def _postgresql(guard: RowGuard) -> list[str]:
    refusal = f"RAISE EXCEPTION USING MESSAGE = '{guard.table} stands still: {guard.rule}', ERRCODE = '42501';"
    row = "OLD" if guard.moment == "DELETE" else "NEW"
    body = f"BEGIN IF {guard.condition or 'TRUE'} THEN {refusal} END IF; RETURN {row}; END"
    return [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
        f"CREATE TRIGGER {guard.name} BEFORE {_moment(guard)} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
        f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}",
    ]
