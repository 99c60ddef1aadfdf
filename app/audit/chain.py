"""The hash chain of the log: every entry takes the next place under a lock that is taken last.

How concurrent writers take their place: an act first flushes its changes and writes its AuditChange rows, and
reckons their digest; none of that takes part in the lock. Then it locks the one AuditHead row
(`SELECT … FOR UPDATE`), reads the last hash, inserts its AuditEntry, moves the head and commits at once. What happens
under the lock is one HMAC over a few hundred bytes, one insert, one update and the commit, so a long import does not
block a login: its 10,000 changes cost the others only the commit itself and the check of its deferred foreign keys
(some 30 ms). That holds on PostgreSQL. On SQLite there is one writer at a time whatever we do: the writing
transaction excludes others from its first statement to its end, a long import therefore does block a login (up to
the busy timeout), and the chain adds no wait of its own. `benchmarks/audit.py` measures entries a second on both.

hash = HMAC-SHA-256(audit key, canonical JSON of [previous_hash, sequence, entry columns, body_digest]).
The key lies outside the database, so somebody with the database alone cannot make a chain that verifies.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from app.audit import anchor
from app.audit.ddl import GENESIS
from models.records import AuditEntry, AuditHead

ENTRY_COLUMNS = (
    "id",
    "at",
    "actor_id",
    "actor_label",
    "channel",
    "address",
    "on_behalf_of",
    "verb",
    "label",
    "reason",
    "change_count",
    "body_digest",
)
CHANGE_COLUMNS = (
    "position",
    "kind",
    "table_name",
    "record_key",
    "record_label",
    "root_table",
    "root_key",
    "change_values",
)

_key: bytes = b""


def configure(key: str, anchor_file: Path | None) -> None:
    """Set the key and the anchor file (from the settings, once at start)."""
    global _key
    _key = key.encode()
    anchor.configure(_key, anchor_file)


def sign(body: bytes) -> str:
    """HMAC-SHA-256 of `body` with the audit key, in hex."""
    if not _key:
        raise RuntimeError("the audit key is not set")
    return hmac.new(_key, body, hashlib.sha256).hexdigest()


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, moments as ISO text in UTC. NaN has none."""

    def default(item: Any) -> Any:
        if isinstance(item, dt.datetime):
            return item.astimezone(dt.UTC).isoformat(timespec="microseconds")
        raise TypeError(f"cannot be canonical: {type(item).__name__}")

    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=default
    )
    return text.encode()


class BodyDigest:
    """SHA-256 over the canonical JSON of each change, in order; takes one at a time."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take the next change (CHANGE_COLUMNS)."""
        self._digest.update(canonical([row[name] for name in CHANGE_COLUMNS]))
        self._digest.update(b"\n")
        self.count += 1

    def hexdigest(self) -> str:
        """The digest of what was taken so far."""
        return self._digest.hexdigest()


def digest_of_changes(rows: Iterable[Mapping[str, Any]]) -> str:
    """`body_digest` of an entry with these changes."""
    digest = BodyDigest()
    for row in rows:
        digest.add(row)
    return digest.hexdigest()


def hash_of(previous_hash: str, sequence: int, entry: Mapping[str, Any]) -> str:
    """The link: HMAC over the previous hash, the place and the entry's columns."""
    return sign(canonical([previous_hash, sequence, *[entry[name] for name in ENTRY_COLUMNS]]))


_HEAD = AuditHead.__table__
_LOCK_HEAD = select(_HEAD.c.sequence, _HEAD.c.hash).where(_HEAD.c.id == 1).with_for_update()


def append(where: Session | Connection, entry: dict[str, Any]) -> tuple[int, str]:
    """Take the next place in the chain for `entry` (ENTRY_COLUMNS): call last, just before the commit.

    Returns (sequence, hash), for `write_anchor` after the commit.
    """
    connection = where.connection() if isinstance(where, Session) else where
    head = connection.execute(_LOCK_HEAD).one_or_none()
    if head is None:
        raise RuntimeError("audit_head is empty: run the migrations (app.audit.ddl.create_guards)")
    sequence = head.sequence + 1
    link = hash_of(head.hash, sequence, entry)
    connection.execute(
        insert(AuditEntry.__table__),  # type: ignore[arg-type]
        {**entry, "sequence": sequence, "previous_hash": head.hash, "hash": link},
    )
    connection.execute(update(_HEAD).where(_HEAD.c.id == 1).values(sequence=sequence, hash=link))  # type: ignore[arg-type]
    return sequence, link


write_anchor = anchor.write

__all__ = [
    "CHANGE_COLUMNS",
    "ENTRY_COLUMNS",
    "GENESIS",
    "BodyDigest",
    "append",
    "canonical",
    "configure",
    "digest_of_changes",
    "hash_of",
    "sign",
    "write_anchor",
]
