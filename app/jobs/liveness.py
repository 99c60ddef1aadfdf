"""Which workers live: each holds a lock on a file of its own; the kernel lets go of it when the process dies.

A worker on another machine whose lock file is not seen here is judged by its heartbeat alone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import secrets
from pathlib import Path

from models.base import utc_now
from models.exchange import Job

#: Without a heartbeat for so long a worker is taken for dead.
STALE_AFTER = dt.timedelta(seconds=60)


class WorkerLock:
    """A worker's sign of life: `name` is kept as the claim of its jobs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._path = folder / f"{self.name}.lock"
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def release(self) -> None:
        """Say that the worker ends."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._handle)


def _lock_state(path: Path) -> bool | None:
    """True: held, its worker lives. False: free, its worker is dead. None: no such file."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def is_dead(job: Job, folder: Path) -> bool:
    """Whether the worker of a running job is gone: its lock is free, or its heartbeat is old."""
    return is_holder_dead(job.claim, job.heartbeat_at, folder)


def is_holder_dead(
    claim: str | None, last_sign_at: dt.datetime | None, folder: Path, *, stale_after: dt.timedelta = STALE_AFTER
) -> bool:
    """Whether whoever holds `claim` (the name of a WorkerLock) is gone: its lock is free, or its last sign is old."""
    if claim is not None and "/" not in claim:
        state = _lock_state(folder / f"{claim}.lock")
        if state is not None:
            return not state
    return last_sign_at is None or utc_now() - last_sign_at > stale_after


def is_any_worker_alive(folder: Path) -> bool:
    """Whether some worker on this machine is at work or waiting for it."""
    return folder.is_dir() and any(_lock_state(path) for path in folder.glob("*.lock"))


def sweep(folder: Path) -> None:
    """Remove what the dead left: their locks, and how far they were."""
    for path in folder.glob("*.lock") if folder.is_dir() else ():
        if _lock_state(path) is False:
            for left in (path, path.with_suffix(".progress"), path.with_suffix(".draft")):
                with contextlib.suppress(OSError):
                    left.unlink()
