"""What the whole database holds, table by table, to say that nothing changed."""

from __future__ import annotations

import hashlib

from flask import Flask
from sqlalchemy import select

from app.extensions import db

#: A page may note that it was read (the note stands in the log's chain, too) and that its reader was there.
READING_LEAVES_TRACES = {"access_note"}
TOUCHED_COLUMNS = {("login_session", "last_seen_at")}


def digests(app: Flask, *, without: set[str] | frozenset[str] = frozenset()) -> dict[str, str]:
    """{table: digest of its rows}, without `without`."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in without:
                continue
            columns = [column for column in table.columns if (table.name, column.name) not in TOUCHED_COLUMNS]
            digest = hashlib.sha256()
            statement = select(*columns).order_by(*table.primary_key.columns)
            if without >= READING_LEAVES_TRACES:
                if table.name == "audit_head":
                    continue
                if table.name == "audit_entry":
                    statement = statement.where(table.c.verb.not_like("access:%"))
                if table.name == "audit_change":
                    statement = statement.where(table.c.table_name.not_in(READING_LEAVES_TRACES))
            for row in connection.execute(statement):
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
        connection.rollback()
    return found
