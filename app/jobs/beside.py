"""How far a job is while it holds SQLite's one place for a writer: told in a file beside the workers' locks.

The job's own row cannot be written then. The file is not kept: what the job did is in its row when it ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from pathlib import Path

from models.exchange import Job, JobStatus


@dataclasses.dataclass(frozen=True)
class Told:
    """How far a job is."""

    done: int
    total: int
    message: str


def tell(folder: Path, claim: str, job_id: int, told: Told) -> None:
    """Write it whole or not at all. A full disk must not end the job for it."""
    path = _path(folder, claim)
    draft = path.with_suffix(".draft")
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps([job_id, told.done, told.total, told.message]), encoding="utf-8")
        os.replace(draft, path)


def told_of(job: Job, folder: Path) -> Told:
    """How far the job is: by its file while there is one, else by its row."""
    if job.status is JobStatus.RUNNING and job.claim is not None and "/" not in job.claim:
        with contextlib.suppress(OSError, ValueError, TypeError):
            job_id, done, total, message = json.loads(_path(folder, job.claim).read_text(encoding="utf-8"))
            if job_id == job.id:
                return Told(int(done), int(total), str(message))
    return Told(job.progress_done, job.progress_total, job.message)


def forget(folder: Path, claim: str) -> None:
    """Remove what the worker of that claim told."""
    with contextlib.suppress(OSError):
        _path(folder, claim).unlink()


def _path(folder: Path, claim: str) -> Path:
    return folder / f"{claim}.progress"
