"""The anchor: the head of the chain noted in a file outside the database, so that missing last rows are seen.

One line, sealed with the audit key: `sequence hash since seal`. `since` is the entry with which this file began: 1,
unless it was lost or broken and begun anew, which the verifier reports until somebody says why (`flask audit anchor`).

What it cannot see: somebody who can write the database *and* this file, and kept an old copy of the file, can take
off the last entries and put the old copy back; the two then agree. Against that only what left the machine helps:
the place and hash that `flask audit verify` prints and every write on screen logs to stderr, given back by `--expect`, or the
anchor inside a backup. Whoever has the key as well can write any chain: on a real installation the key belongs in the
environment (AUDIT_KEY), not in a file beside the database.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

_LENGTH = 220
_key: bytes = b""
_file: Path | None = None


@dataclasses.dataclass(frozen=True)
class Anchor:
    """The head as the file knows it."""

    sequence: int
    hash: str
    since: int

    @property
    def is_restarted(self) -> bool:
        """Whether the file does not go back to the first entry."""
        return self.since > 1


class BrokenAnchor(ValueError):
    """The file is there, but it is not what we wrote."""


def configure(key: bytes, file: Path | None) -> None:
    """Set the key and the file; without a file nothing is noted."""
    global _key, _file
    _key = key
    _file = file


def path() -> Path | None:
    """Where the anchor is kept."""
    return _file


def line_of(anchor: Anchor) -> bytes:
    """The sealed line."""
    return f"{anchor.sequence} {anchor.hash} {anchor.since} {_seal(anchor)}\n".encode()


def parse(data: bytes) -> Anchor:
    """The anchor of a sealed line; BrokenAnchor when the seal does not fit."""
    parts = data.decode("ascii", "replace").split()
    if len(parts) != 4 or not parts[0].isdecimal() or not parts[2].isdecimal():
        raise BrokenAnchor("not an anchor")
    found = Anchor(int(parts[0]), parts[1], int(parts[2]))
    if not hmac.compare_digest(parts[3].encode(), _seal(found).encode()):
        raise BrokenAnchor("the seal does not fit")
    return found


def read() -> Anchor | None:
    """The anchor; None when there is no file. Raises BrokenAnchor."""
    if _file is None or not _file.exists():
        return None
    return parse(_file.read_bytes())


def write(sequence: int, link: str) -> None:
    """Note the head after a commit, unless a later one stands there already. Never fails: the change is committed."""
    if _file is None:
        return
    try:
        _file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(_file) as handle:
            data = os.read(handle, _LENGTH)
            try:
                known = parse(data) if data else None
            except BrokenAnchor:
                _keep_broken(data)
                known = None
            if known is not None and known.sequence >= sequence:
                return
            since = known.since if known is not None else sequence
            os.pwrite(handle, line_of(Anchor(sequence, link, since)).ljust(_LENGTH), 0)
        if known is None and sequence > 1:
            logger.error("audit anchor was missing or broken; begun anew", extra={"fields": {"sequence": sequence}})
    except OSError:
        logger.exception("audit anchor could not be written")  # the verifier will say that it lags


def renew(anchor: Anchor) -> None:
    """Put `anchor` in place whatever stands there (after a restore; after an administrator gave a reason)."""
    if _file is None:
        return
    _file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(_file) as handle:
        os.ftruncate(handle, 0)
        os.pwrite(handle, line_of(anchor).ljust(_LENGTH), 0)
        os.fsync(handle)


def _keep_broken(data: bytes) -> None:
    assert _file is not None
    _file.with_name(f"{_file.name}.broken-{time.time_ns()}").write_bytes(data)


def _seal(anchor: Anchor) -> str:
    body = f"anchor:{anchor.sequence}:{anchor.hash}:{anchor.since}".encode()
    return hmac.new(_key, body, hashlib.sha256).hexdigest()


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[int]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
