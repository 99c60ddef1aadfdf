"""What the tests of the log share: rows to change, the log as told, an attacker."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit import ddl
from app.audit.recorder import act
from models.base import db
from models.records import AuditChange, AuditEntry
from models.reference import Area

ACTOR = system_actor("試験")
_numbers = itertools.count(1)


def told(session: Session, after: int) -> list[tuple[str, list[tuple[str, str, str, dict[str, Any]]]]]:
    """The log after a place: [(verb, [(kind, table, record label, values)])]."""
    session.rollback()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.sequence > after).order_by(AuditEntry.sequence))
    found = [
        (
            entry.verb,
            [(change.kind, change.table_name, change.record_label, change.values) for change in entry.changes],
        )
        for entry in entries
    ]
    session.rollback()
    return found


def last_place(session: Session) -> int:
    """The last place in the chain."""
    found = session.scalar(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(1)) or 0
    session.rollback()
    return found


def all_text(session: Session) -> str:
    """Everything that the log tables hold, as one text."""
    rows = [
        *session.connection().execute(select(AuditEntry.__table__)).all(),
        *session.connection().execute(select(AuditChange.__table__)).all(),
    ]
    session.rollback()
    return "\n".join(str(tuple(row)) for row in rows)


def write_entries(session: Session, count: int, actor: Actor = ACTOR) -> list[int]:
    """`count` acts of two changes each; returns the keys of the areas made."""
    keys = []
    for number in range(count):
        with act(session, actor, "area:create", f"町名の登録 {number}"):
            unique = f"{os.getpid()}-{next(_numbers)}"
            first = Area(name=f"甲町{unique}")
            session.add_all([first, Area(name=f"乙町{unique}")])
            session.flush()
            keys.append(first.id)
    return keys


@pytest.fixture
def attack(any_app: Flask) -> Iterator[Callable[[Callable[[Connection], None]], None]]:
    """Runs a function as somebody who owns the database: the triggers are lifted and put back afterwards."""

    def run(doing: Callable[[Connection], None]) -> None:
        db.session.remove()
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                ddl.drop_guards(connection)
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET session_replication_role = replica")  # foreign keys are off
                doing(connection)
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET session_replication_role = origin")
                ddl.create_guards(connection)
            if connection.dialect.name == "sqlite":
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")

    with any_app.app_context():
        yield run
        db.session.remove()
