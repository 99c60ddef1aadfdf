"""The worker: claims jobs, runs each as the actor who asked for it, sweeps up after workers that died."""

from __future__ import annotations

import logging
import signal
import threading
import time
import traceback
from types import FrameType

from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor, system_actor
from app.jobs import beside, queue
from app.jobs.handle import JobHandle, JobLost
from app.jobs.kinds import chores, find_job_kind
from app.jobs.liveness import WorkerLock, sweep
from app.problems import NotAllowed, Problem
from models.base import db, utc_now
from models.engine import reading, writing
from models.exchange import Job, JobStatus
from models.people import User

HEARTBEAT_SECONDS = 10.0
POLL_SECONDS = 1.0
REAP_SECONDS = 15.0
_FIRST_CHORE_SECONDS = 60.0
_UNEXPECTED = (
    "予期しない不具合で止まりました。何も反映されていません。もう一度実行しても同じときは、"
    "システム管理者に「処理番号{id}」を伝えてください。"
)
logger = logging.getLogger(__name__)


class Worker:
    """One process (or thread) that does jobs. Use inside an application context."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._folder = queue.workers_dir(app.extensions["settings"])
        self._stopping = threading.Event()
        self._chores_due: dict[str, float] = {}

    def stop(self, signum: int | None = None, frame: FrameType | None = None) -> None:
        """End after the job at hand."""
        self._stopping.set()

    def run(self, *, once: bool = False, burst: bool = False) -> int:
        """Work until stopped; `once`: at most one job; `burst`: until none waits. Returns how many were done."""
        lock = WorkerLock(self._folder)
        done, next_reap = 0, 0.0
        is_lasting = not (once or burst)
        try:
            while not self._stopping.is_set():
                if time.monotonic() >= next_reap:
                    self._reap()
                    next_reap = time.monotonic() + REAP_SECONDS
                if is_lasting:
                    self._do_chores()
                is_done = self._work_once(lock.name)
                done += is_done
                if once or (burst and not is_done):
                    break
                if not is_done:
                    self._stopping.wait(POLL_SECONDS)
        finally:
            lock.release()
        return done

    def _reap(self) -> None:
        with writing(), Session(db.engine) as session:
            for job_id in queue.reap(session, self._folder):
                logger.warning("job %s: its worker died", job_id)
        sweep(self._folder)

    def _do_chores(self) -> None:
        for name, (chore, every_seconds) in chores().items():
            due = self._chores_due.setdefault(name, time.monotonic() + _FIRST_CHORE_SECONDS)
            if time.monotonic() < due:
                continue
            self._chores_due[name] = time.monotonic() + every_seconds
            try:
                with writing(), Session(db.engine) as session:
                    chore(session, self._app.extensions["settings"])
            except Exception as error:  # a chore must not end the worker; it comes round again
                logger.error("chore %s broke: %s", name, type(error).__name__)

    def _work_once(self, claim: str) -> bool:
        try:
            with reading(), Session(db.engine) as session:
                if not queue.has_queued(session):
                    return False
            with writing(), Session(db.engine) as session:
                job_id = queue.claim_next(session, claim)
        except SQLAlchemyError as error:  # the database is away or locked: try again later
            logger.warning("queue could not be read: %s", type(error).__name__)
            return False
        if job_id is None:
            return False
        stopped = threading.Event()
        beat = threading.Thread(target=self._beat, args=(job_id, claim, stopped), daemon=True)
        beat.start()
        try:
            with writing():
                run_claimed(job_id)
        finally:
            stopped.set()
            beside.forget(self._folder, claim)
        return True

    def _beat(self, job_id: int, claim: str, stopped: threading.Event) -> None:
        with self._app.app_context():
            while not stopped.wait(HEARTBEAT_SECONDS):
                try:
                    with Session(db.engine) as session:
                        session.execute(
                            update(Job)
                            .where(Job.id == job_id, Job.claim == claim, Job.status == JobStatus.RUNNING)
                            .values(heartbeat_at=utc_now())
                            .execution_options(synchronize_session=False)
                        )
                        session.commit()
                except SQLAlchemyError:
                    # SQLite: the job itself holds the write lock. Nobody else can reap it meanwhile either.
                    logger.debug("heartbeat of job %s had to wait", job_id)


def run_claimed(job_id: int) -> None:
    """Do a job that this worker has claimed. Never raises for what the job does wrong."""
    with Session(db.engine, expire_on_commit=False) as session:
        job = session.get_one(Job, job_id)
        handle = JobHandle(job)
        session.commit()
        started = time.monotonic()
        try:
            kind = find_job_kind(handle.kind)
            if kind is None:
                raise Problem(f"処理「{handle.kind}」は、このサーバーでは実行できません。")
            actor = _actor_of_job(session, job)
            session.commit()
            result = kind.run(session, actor, handle)
            if not handle.is_settled:
                handle.finish(session, result)
                session.commit()
            outcome = "finished"
        except JobLost:
            session.rollback()
            outcome = "lost"
        except Problem as problem:
            session.rollback()
            _fail(handle, problem.message)
            outcome = "refused"
        except Exception as error:
            session.rollback()
            _log_unexpected(handle, error)
            _fail(handle, _UNEXPECTED.format(id=handle.id))
            outcome = "failed"
        logger.info("job %s %s: %s in %.1fs", handle.id, handle.kind, outcome, time.monotonic() - started)


def _actor_of_job(session: Session, job: Job) -> Actor:
    """The person who asked, with what is in force now: permissions are checked again."""
    if job.user_id is None:
        return system_actor(job.actor_label, channel="job")
    user = session.get(User, job.user_id)
    if user is None or not user.is_active:
        raise NotAllowed("依頼した利用者が無効になっているため、実行できません。")
    return actor_of(session, user, address=job.address, channel="job")


def _fail(handle: JobHandle, message: str) -> None:
    with Session(db.engine) as session:
        queue.settle(session, handle.id, handle.claim, JobStatus.FAILED, message=message)
        session.commit()


def _log_unexpected(handle: JobHandle, error: Exception) -> None:
    """Log where it broke, not what it said: an error's own text may hold cells or a statement's parameters."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("job %s %s broke: %s\n%s", handle.id, handle.kind, type(error).__name__, frames)


def run_pending(app: Flask) -> int:
    """Do everything that waits, in this process (tests, small command-line imports)."""
    return Worker(app).run(burst=True)


def install_signals(worker: Worker) -> None:
    """Let SIGTERM and SIGINT end the worker after the job at hand."""
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
