"""What the whole database holds, table by table, to say that nothing changed."""

from __future__ import annotations

import hashlib

from flask import Flask
from sqlalchemy import Connection, func, select

from app.extensions import db
from models.records import AccessNote, AuditChange, AuditEntry, AuditHead, ChangeKind

#: A GET is a reading transaction; what it leaves is one short transaction before it, that somebody read personal data
#: (domain.md 3: before the read, and in the chain, so that nobody can read and wipe the trace). That much is allowed
#: and not a row more: see `_only_notes_were_added`. And its reader was there.
READING_LEAVES_TRACES = {"access_note"}
TOUCHED_COLUMNS = {("login_session", "last_seen_at")}


def digests(app: Flask, *, without: set[str] | frozenset[str] = frozenset()) -> dict[str, str]:
    """{table: digest of its rows}, without `without`; with READING_LEAVES_TRACES, also without what tells of a reading."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        allows_notes = without >= READING_LEAVES_TRACES
        if allows_notes:
            _only_notes_were_added(connection)
        for table in db.metadata.sorted_tables:
            if table.name in without or (allows_notes and table.name == "audit_head"):
                continue
            columns = [column for column in table.columns if (table.name, column.name) not in TOUCHED_COLUMNS]
            digest = hashlib.sha256()
            statement = select(*columns).order_by(*table.primary_key.columns)
            if allows_notes and table.name == "audit_entry":
                # the links to the line before differ when a note came between: the chain's own check covers them
                statement = statement.where(table.c.verb.not_like("access:%"))
            if allows_notes and table.name == "audit_change":
                statement = statement.where(table.c.table_name.not_in(READING_LEAVES_TRACES))
            for row in connection.execute(statement):
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
        connection.rollback()
    return found


def _only_notes_were_added(connection: Connection) -> None:
    """Each access entry in the log is one note and nothing besides, each note has its entry, and the head counts all."""
    is_note = AuditChange.table_name == "access_note"
    noted = select(AuditChange.entry_id, func.count(), func.min(AuditChange.kind), func.max(AuditChange.record_key))
    changes = {row[0]: row[1:] for row in connection.execute(noted.where(is_note).group_by(AuditChange.entry_id))}
    entries = connection.execute(select(AuditEntry.id, AuditEntry.verb, AuditEntry.change_count)).all()
    of_access = {entry.id: entry.change_count for entry in entries if entry.verb.startswith("access:")}
    assert set(of_access.values()) <= {1}, "an act of looking holds more than its note"
    assert of_access.keys() == changes.keys(), "a note and its line in the log do not match"
    assert {(number, kind) for number, kind, _ in changes.values()} <= {(1, ChangeKind.CREATED)}
    notes = {str(key) for key in connection.scalars(select(AccessNote.id))}
    assert {key for _, _, key in changes.values()} == notes, "a note has no line in the log, or the other way round"
    assert connection.scalar(select(AuditHead.sequence)) in (len(entries), None), (
        "the chain's head is not its last line"
    )
