"""The queue: put a job in, claim the next, let go of it. Each is a short transaction of its own unless said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.jobs.kinds import find_job_kind, ranks
from app.jobs.liveness import is_dead
from app.problems import NotFound
from models.base import utc_now
from models.exchange import Job, JobStatus

ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)
_INTERRUPTED = "中断されました。何も反映されていません。もう一度実行できます。"


def workers_dir(settings: Settings) -> Path:
    """Where the workers' lock files lie."""
    return settings.data_dir / "workers"


def enqueue(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    subject_table: str = "",
    subject_key: object = "",
    payload: dict[str, Any] | None = None,
    total: int = 0,
) -> Job:
    """Add a job in the caller's transaction: it is there if and only if what the caller changes is."""
    if find_job_kind(kind) is None:
        raise NotFound(f"バックグラウンド処理「{kind}」は登録されていません。")
    job = Job(
        kind=kind,
        payload=payload or {},
        subject_table=subject_table,
        subject_key=str(subject_key),
        user_id=actor.user_id,
        actor_label=actor.label[:200],
        address=actor.address,
        progress_total=total,
    )
    session.add(job)
    session.flush()
    return job


def has_queued(session: Session) -> bool:
    """Whether something waits (asked before claiming: looking takes no write lock)."""
    return session.scalar(select(Job.id).where(Job.status == JobStatus.QUEUED).limit(1)) is not None


def claim_next(session: Session, claim: str) -> int | None:
    """Take the oldest queued job of the lowest rank, in one statement; two workers never get the same. Commits."""
    after = case(ranks(), value=Job.kind, else_=0)
    oldest = select(Job.id).where(Job.status == JobStatus.QUEUED).order_by(after, Job.id).limit(1)
    if session.get_bind().dialect.name == "postgresql":
        oldest = oldest.with_for_update(skip_locked=True)
    moment = utc_now()
    job_id = session.scalar(
        update(Job)
        .where(Job.id == oldest.scalar_subquery(), Job.status == JobStatus.QUEUED)
        .values(
            status=JobStatus.RUNNING,
            claim=claim,
            attempts=Job.attempts + 1,
            started_at=moment,
            heartbeat_at=moment,
            message="",
        )
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    return job_id


def settle(session: Session, job_id: int, claim: str, status: JobStatus, **values: Any) -> bool:
    """Set what became of a running job, in the caller's transaction. False: the claim is no longer ours."""
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.claim == claim, Job.status == JobStatus.RUNNING)
        .values(status=status, finished_at=utc_now(), **values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def reap(session: Session, folder: Path) -> list[int]:
    """Jobs whose worker died: queued again while their kind allows it, else 中断. Commits; returns their ids."""
    running = session.scalars(select(Job).where(Job.status == JobStatus.RUNNING).order_by(Job.id)).all()
    dead = [job for job in running if is_dead(job, folder)]
    for job in dead:
        kind = find_job_kind(job.kind)
        is_repeated = kind is not None and job.attempts < kind.max_attempts
        values: dict[str, Any] = {"status": JobStatus.QUEUED, "claim": None, "progress_done": 0}
        if not is_repeated:
            values = {"status": JobStatus.INTERRUPTED, "finished_at": utc_now(), "message": _INTERRUPTED}
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.claim == job.claim, Job.status == JobStatus.RUNNING)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    ids = [job.id for job in dead]
    session.commit()
    return ids


def shown_status(job: Job, settings: Settings) -> JobStatus:
    """The status as a page tells it now: a job whose worker died is 中断 even before somebody swept up."""
    if job.status is JobStatus.RUNNING and is_dead(job, workers_dir(settings)):
        return JobStatus.INTERRUPTED
    return job.status


def is_active(job: Job | None, settings: Settings) -> bool:
    """Whether the job waits or is being worked on by somebody alive."""
    return job is not None and shown_status(job, settings) in ACTIVE
