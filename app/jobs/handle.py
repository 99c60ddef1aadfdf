"""What a running job holds: its payload, its progress, and the fence that keeps a lost worker from committing."""

from __future__ import annotations

import time
from typing import Any

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.jobs import beside
from app.jobs.queue import settle, workers_dir
from models.base import db, utc_now
from models.exchange import Job, JobStatus

_PROGRESS_EVERY = 0.5
#: Seconds; longer than the longest pause between two tries of a writer that waits for SQLite.
_GIVE_WAY = 0.12
_GIVE_WAY_EVERY = 1.0


class JobLost(Exception):
    """The claim went to somebody else (the worker was taken for dead): roll back and stop."""


class JobHandle:
    """Passed to the function that does the job."""

    def __init__(self, job: Job) -> None:
        assert job.claim is not None
        self.id: int = job.id
        self.kind: str = job.kind
        self.payload: dict[str, Any] = dict(job.payload)
        self.subject_key: str = job.subject_key
        self.attempts: int = job.attempts
        self.claim: str = job.claim
        self.is_settled = False
        self._told_at = 0.0
        self._gave_way_at = time.monotonic()

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far it is, twice a second at most, in a transaction of its own.

        Only outside of a writing transaction of the job: on SQLite the two would wait for each other.
        """
        if time.monotonic() - self._told_at < _PROGRESS_EVERY:
            return
        self._told_at = time.monotonic()
        with Session(db.engine) as own:
            self.note_progress(own, done, total, message)
            own.commit()

    def progress_beside(self, session: Session, done: int, total: int | None = None, message: str = "") -> None:
        """`progress` while `session` holds a writing transaction: on SQLite, where nobody else can write then, in a file."""
        if session.get_bind().dialect.name != "sqlite":
            self.progress(done, total, message)
        elif time.monotonic() - self._told_at >= _PROGRESS_EVERY:
            self._told_at = time.monotonic()
            folder = workers_dir(current_app.extensions["settings"])
            beside.tell(folder, self.claim, self.id, beside.Told(done, total or 0, message))

    def note_progress(self, session: Session, done: int, total: int | None = None, message: str = "") -> None:
        """The same inside the caller's transaction: data and progress are committed together. Raises JobLost."""
        values: dict[str, Any] = {"progress_done": done, "heartbeat_at": utc_now(), "message": message}
        if total is not None:
            values["progress_total"] = total
        self._update(session, values)

    def end_chunk(self, session: Session, done: int, total: int | None = None, message: str = "") -> None:
        """Commit one of many short transactions, and let others write in between. Raises JobLost.

        SQLite keeps no queue: whoever waits asks again every tenth of a second, and would never find the place free.
        """
        self.note_progress(session, done, total, message)
        session.commit()
        session.expunge_all()
        if session.get_bind().dialect.name == "sqlite" and time.monotonic() - self._gave_way_at > _GIVE_WAY_EVERY:
            time.sleep(_GIVE_WAY)
            self._gave_way_at = time.monotonic()

    def finish(self, session: Session, result: dict[str, Any] | None = None, message: str = "") -> None:
        """Mark the job finished inside the caller's transaction, so that neither is without the other.

        The last statement before the commit: it locks the job's row. Raises JobLost when the claim is gone.
        """
        if not settle(session, self.id, self.claim, JobStatus.FINISHED, result=result, message=message):
            raise JobLost
        self.is_settled = True

    def _update(self, session: Session, values: dict[str, Any]) -> None:
        result = session.execute(
            update(Job)
            .where(Job.id == self.id, Job.claim == self.claim, Job.status == JobStatus.RUNNING)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if not result.rowcount:  # type: ignore[attr-defined]
            raise JobLost
