"""The triggers: what the database itself refuses, whoever writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit import ddl
from app.audit.recorder import act
from models.base import db, utc_now
from models.records import AccessNote
from models.reference import Area

ENTRY = (
    "INSERT INTO audit_entry (id, sequence, at, actor_label, channel, verb, label, change_count, body_digest,"
    " previous_hash, hash) VALUES ('{id}', {sequence}, '2026-01-01 00:00:00', 'x', 'x', 'x', 'x', 0, 'x', '{previous}', '{hash}')"
)
CHANGE = (
    "INTO audit_change (entry_id, position, kind, table_name, record_key, record_label, root_table, root_key,"
    " change_values) VALUES ('{entry}', {position}, 'created', 'x', '1', 'x', 'x', '1', '{{}}')"
)


@pytest.fixture
def connection(any_app: Flask) -> Iterator[Connection]:
    """A connection to a database with entries, changes and a note of access in its log."""
    with any_app.app_context():
        session: Session = db.session()
        for number in range(3):
            with act(session, system_actor("試験"), "area:create", "町名の登録"):
                session.add(Area(name=f"試験町{number}"))
        session.close()
        with db.engine.begin() as opened:
            opened.execute(
                insert(AccessNote.__table__),  # type: ignore[arg-type]
                {"actor_label": "x", "action": "display", "table_name": "x", "purpose": "x", "at": utc_now()},
            )
        with db.engine.connect() as opened:
            yield opened
            opened.rollback()


def refused(connection: Connection, statement: str) -> str:
    """Run a statement that must be refused; returns the refusal."""
    with pytest.raises(DBAPIError) as caught, connection.begin_nested():
        connection.execute(text(statement))
    return str(caught.value.orig)


def test_guards_stand_after_every_migration(connection: Connection) -> None:
    assert ddl.guard_problems(connection) == []


@pytest.mark.parametrize("table", ["audit_entry", "audit_change", "access_note"])
def test_rows_of_the_log_are_neither_updated_nor_deleted(connection: Connection, table: str) -> None:
    before = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    assert before >= 1
    assert f"{table} is append-only" in refused(connection, f"UPDATE {table} SET id = id")
    assert f"{table} is append-only" in refused(connection, f"DELETE FROM {table}")
    if connection.dialect.name == "postgresql":
        assert f"{table} is append-only" in refused(connection, f"TRUNCATE {table} CASCADE")
    assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == before


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_insert_or_replace_replaces_nothing(app: Flask, recursive: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        head = connection.execute(text("SELECT sequence, hash FROM audit_head")).one()
        entry = connection.execute(text("SELECT id, sequence, hash FROM audit_entry LIMIT 1")).one()
        change = connection.execute(text("SELECT id, entry_id, position FROM audit_change LIMIT 1")).one()
        for id_, sequence, link in (
            (entry.id, head.sequence + 1, "new"),
            ("new", entry.sequence, "new"),
            ("new", head.sequence + 1, entry.hash),
        ):
            statement = ENTRY.format(id=id_, sequence=sequence, previous=head.hash, hash=link)
            refused(connection, statement.replace("INSERT", "INSERT OR REPLACE"))
            refused(connection, statement.replace("INSERT", "REPLACE"))
        closed = CHANGE.format(entry=change.entry_id, position=change.position)
        refused(connection, f"INSERT OR REPLACE {closed}")
        by_id = (
            CHANGE.format(entry="new", position=0)
            .replace("(entry_id", "(id, entry_id")
            .replace("('", f"({change.id}, '", 1)
        )
        assert "no_replace" in refused(connection, f"INSERT OR REPLACE {by_id}")
        assert "one_row" in refused(connection, "INSERT OR REPLACE INTO audit_head VALUES (1, 0, 'x')")
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA recursive_triggers = ON")


def test_an_entry_takes_only_the_next_place(connection: Connection) -> None:
    head = connection.execute(text("SELECT sequence, hash FROM audit_head")).one()
    for sequence, previous in ((head.sequence + 2, head.hash), (head.sequence, head.hash), (head.sequence + 1, "fork")):
        statement = ENTRY.format(id="forged", sequence=sequence, previous=previous, hash="forged")
        assert "append-only" in refused(connection, statement)


def test_nothing_is_added_to_an_entry_that_is_closed(connection: Connection) -> None:
    entry = connection.execute(text("SELECT id FROM audit_entry LIMIT 1")).scalar_one()
    assert "append-only" in refused(connection, f"INSERT {CHANGE.format(entry=entry, position=999)}")


def test_the_head_moves_by_one_onto_an_entry_and_stays_one_row(connection: Connection) -> None:
    head = connection.execute(text("SELECT sequence, hash FROM audit_head")).one()
    for values in (
        f"sequence = {head.sequence - 1}",
        f"sequence = {head.sequence + 1}",
        "hash = 'x'",
        f"sequence = 0, hash = '{ddl.GENESIS}'",
    ):
        assert "append-only" in refused(connection, f"UPDATE audit_head SET {values}")
    assert "append-only" in refused(connection, "DELETE FROM audit_head")
    refused(connection, "INSERT INTO audit_head VALUES (2, 0, 'x')")
    if connection.dialect.name == "postgresql":
        assert "append-only" in refused(connection, "TRUNCATE audit_head")


def test_replica_mode_of_postgresql_passes_no_guard(postgres_app: Flask) -> None:
    with postgres_app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        assert "append-only" in refused(connection, "DELETE FROM audit_entry")
        connection.execute(text("RESET session_replication_role"))
        connection.rollback()


def test_what_is_missing_changed_or_switched_off_is_named(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    on = "" if is_sqlite else " ON audit_entry"
    connection.execute(text(f"DROP TRIGGER trg_audit_entry_no_delete{on}"))
    assert ddl.guard_problems(connection) == ["trg_audit_entry_no_delete: missing"]
    if is_sqlite:
        connection.execute(text("DROP TRIGGER trg_audit_change_no_update"))
        connection.execute(
            text("CREATE TRIGGER trg_audit_change_no_update BEFORE UPDATE ON audit_change BEGIN SELECT 1; END")
        )
        changed = ["trg_audit_change_no_update: changed"]
    else:
        connection.execute(text("ALTER TABLE audit_change DISABLE TRIGGER trg_audit_change_no_update"))
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION audit_head_one_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            )
        )
        changed = ["trg_audit_change_no_update: switched off", "trg_audit_head_one_row: changed"]
    assert ddl.guard_problems(connection) == sorted(["trg_audit_entry_no_delete: missing", *changed], key=_order)
    ddl.create_guards(connection)
    assert ddl.guard_problems(connection) == []


def _order(line: str) -> int:
    return ["audit_entry_no_delete", "audit_change_no_update", "audit_head_one_row"].index(
        line.split(":")[0].removeprefix("trg_")
    )


def test_making_the_guards_again_keeps_the_head(connection: Connection) -> None:
    head = connection.execute(text("SELECT id, sequence, hash FROM audit_head")).all()
    ddl.create_guards(connection)
    ddl.create_guards(connection)
    assert connection.execute(text("SELECT id, sequence, hash FROM audit_head")).all() == head
