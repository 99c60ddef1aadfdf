"""The hash chain of the log: append under a lock that is taken last, verify, and the anchor outside the database.

Concurrent writers: an act first flushes its changes and its AuditChange rows (which take no part in the lock), then
locks the one AuditHead row (`SELECT … FOR UPDATE` on PostgreSQL; on SQLite the writing transaction holds the only
write lock anyway), reads the last hash, inserts its AuditEntry, moves the head and commits at once. What happens
under the lock is one HMAC over a few hundred bytes, one insert, one update and the commit: a long import computes
its digest before it, so it does not block a login. `benchmarks/` measures entries a second.

hash = HMAC-SHA-256(audit key, canonical JSON of [previous_hash, sequence, entry columns, body_digest]).
The key lies outside the database, so somebody with the database alone cannot make a chain that verifies. The head,
too, is written to an anchor file outside the database after each commit: missing last rows are seen.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.records import AuditChange, AuditEntry, AuditHead

GENESIS = "0" * 64
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
CHANGE_COLUMNS = ("position", "kind", "table_name", "record_key", "record_label", "root_table", "root_key", "values")
logger = logging.getLogger(__name__)

_key: bytes = b""
_anchor: Path | None = None


def configure(key: str, anchor: Path | None) -> None:
    """Set the key and the anchor file (from the settings, once at start)."""
    global _key, _anchor
    _key = key.encode()
    _anchor = anchor


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, moments as ISO text in UTC."""

    def default(item: Any) -> Any:
        if isinstance(item, dt.datetime):
            return item.astimezone(dt.UTC).isoformat(timespec="microseconds")
        raise TypeError(f"cannot be canonical: {type(item).__name__}")

    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=default).encode()


def digest_of_changes(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the canonical JSON of each change, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical([row[name] for name in CHANGE_COLUMNS]))
        digest.update(b"\n")
    return digest.hexdigest()


def hash_of(previous_hash: str, sequence: int, entry: Mapping[str, Any]) -> str:
    """The link: HMAC over the previous hash, the place and the entry's columns."""
    body = canonical([previous_hash, sequence, *[entry[name] for name in ENTRY_COLUMNS]])
    return hmac.new(_key, body, hashlib.sha256).hexdigest()


def append(session: Session, entry: dict[str, Any]) -> tuple[int, str]:
    """Take the next place in the chain for `entry` (ENTRY_COLUMNS): call last, just before the commit."""
    head = session.execute(select(AuditHead.sequence, AuditHead.hash).where(AuditHead.id == 1).with_for_update()).one()
    sequence = head.sequence + 1
    link = hash_of(head.hash, sequence, entry)
    session.execute(insert(AuditEntry).values(**entry, sequence=sequence, previous_hash=head.hash, hash=link))
    session.execute(
        update(AuditHead).where(AuditHead.id == 1).values(sequence=sequence, hash=link),
        execution_options={"synchronize_session": False},
    )
    return sequence, link


# --- the anchor ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def write_anchor(sequence: int, link: str) -> None:
    """Note the head outside the database, unless a later one stands there already."""
    if _anchor is None:
        return
    seal = hmac.new(_key, f"anchor:{sequence}:{link}".encode(), hashlib.sha256).hexdigest()
    line = f"{sequence} {link} {seal}\n".encode()
    try:
        _anchor.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(_anchor) as handle:
            known = _parse(os.read(handle, 400))
            if known is None or known[0] < sequence:
                os.pwrite(handle, line.ljust(200), 0)
    except OSError:
        # The change is committed; the verifier will say that the anchor lags.
        logger.exception("audit anchor could not be written")


def read_anchor() -> tuple[int, str] | None:
    """(sequence, hash) of the anchor; None when there is none. Raises ValueError when its seal is broken."""
    if _anchor is None or not _anchor.exists():
        return None
    data = _anchor.read_bytes()
    parsed = _parse(data)
    if parsed is None:
        raise ValueError("anchor")
    return parsed


def _parse(data: bytes) -> tuple[int, str] | None:
    parts = data.decode("ascii", "replace").split()
    if len(parts) != 3 or not parts[0].isdecimal():
        return None
    sequence, link, seal = int(parts[0]), parts[1], parts[2]
    wanted = hmac.new(_key, f"anchor:{sequence}:{link}".encode(), hashlib.sha256).hexdigest()
    return (sequence, link) if hmac.compare_digest(seal, wanted) else None


__all__ = ["GENESIS", "AuditChange", "append", "configure", "digest_of_changes", "hash_of", "read_anchor", "write_anchor"]
