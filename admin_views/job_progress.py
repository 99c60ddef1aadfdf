"""How far a job is, as a page and its polled fragment show it."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import current_app

from app.jobs.beside import told_of
from app.jobs.liveness import is_any_worker_alive
from app.jobs.queue import ACTIVE, shown_status, workers_dir
from models.exchange import Job, JobStatus


@dataclasses.dataclass(frozen=True)
class Progress:
    """State of a job for `jobs/progress.html`. `trouble`: why it stopped; `result`: what it left."""

    label: str
    is_busy: bool
    done: int
    total: int
    note: str
    has_no_worker: bool
    trouble: str
    result: dict[str, Any]


def progress_of(job: Job | None, label: str, unit: str = "団体") -> Progress | None:
    """None when there was no such job."""
    if job is None:
        return None
    settings = current_app.extensions["settings"]
    status = shown_status(job, settings)
    is_waiting = status is JobStatus.QUEUED
    told = told_of(job, workers_dir(settings))
    total, done = told.total, min(told.done, told.total)
    counted = f"{done:,} / {total:,}{unit}" if total else ""
    note = "順番を待っています" if is_waiting else " ".join(part for part in (told.message, counted) if part)
    return Progress(
        label=label,
        is_busy=status in ACTIVE,
        done=done,
        total=total,
        note=note or "準備しています",
        has_no_worker=is_waiting and not is_any_worker_alive(workers_dir(settings)),
        trouble=job.message if status in (JobStatus.FAILED, JobStatus.INTERRUPTED) else "",
        result=job.result or {},
    )
