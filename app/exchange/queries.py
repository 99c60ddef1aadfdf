"""Reads of imports: runs, their rows by kind, and what a page may offer next."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, exists, func, not_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.access.scopes import editable_by, scoped, visible_to
from app.actor import Actor
from app.config import Settings
from app.exchange.specs import PlannedRow
from app.jobs.queue import is_active, shown_status
from app.problems import NotFound
from models.base import utc_now
from models.exchange import ImportRow, ImportRun, ImportStatus, Job, JobStatus, RowKind

CHUNK = 1_000


@dataclasses.dataclass(frozen=True)
class RunState:
    """An import as a page tells it now."""

    run: ImportRun
    job: Job | None
    job_status: JobStatus | None
    is_own: bool
    #: What went wrong with the last job, as a sentence.
    trouble: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether a job waits or works."""
        return self.job_status in {JobStatus.QUEUED, JobStatus.RUNNING}

    @property
    def may_apply(self) -> bool:
        """Previewed, without wrong rows, and with something to write."""
        run = self.run
        return (
            self.is_own
            and not self.is_busy
            and run.status is ImportStatus.READY
            and not run.wrong_count
            and bool(run.new_count + run.changed_count)
            and not run.is_purged
        )

    @property
    def may_preview(self) -> bool:
        """The preview broke off and can be done again."""
        return self.is_own and not self.is_busy and self.run.status is ImportStatus.RECEIVED and not self.run.is_purged

    @property
    def may_discard(self) -> bool:
        """Not applied yet."""
        unfinished = {ImportStatus.RECEIVED, ImportStatus.READY, ImportStatus.REFUSED}
        return self.is_own and not self.is_busy and self.run.status in unfinished

    @property
    def may_undo(self) -> bool:
        """Applied, and what undo needs is still there."""
        return (
            self.is_own
            and not self.is_busy
            and self.run.status is ImportStatus.APPLIED
            and not self.run.is_purged
            and self.run.expires_at > utc_now()
        )


def get_run(session: Session, *, actor: Actor, run_id: int, settings: Settings) -> RunState:
    """An import that the actor may see, with its job. Raises NotFound."""
    statement = scoped(ImportRun, actor).where(ImportRun.id == run_id).options(joinedload(ImportRun.job))
    run = session.scalars(statement).one_or_none()
    if run is None:
        raise NotFound
    return state_of(run, actor, settings)


def state_of(run: ImportRun, actor: Actor, settings: Settings) -> RunState:
    """What a page tells of a run whose job is loaded."""
    job = run.job
    status = shown_status(job, settings) if job is not None else None
    trouble = ""
    if job is not None and status is JobStatus.FAILED:
        trouble = job.message
    elif status is JobStatus.INTERRUPTED:
        trouble = "中断されました。何も反映されていません。もう一度実行できます。"
    is_own = actor.is_system or (actor.user_id is not None and run.user_id == actor.user_id)
    return RunState(run, job, status, is_own, trouble)


def list_runs(session: Session, *, actor: Actor, page: int = 1, per_page: int = 30) -> tuple[Sequence[ImportRun], int]:
    """(runs of the page, newest first; how many there are)."""
    total = session.scalar(select(func.count()).select_from(ImportRun).where(visible_to(ImportRun, actor))) or 0
    statement = (
        scoped(ImportRun, actor)
        .options(joinedload(ImportRun.job))
        .order_by(ImportRun.id.desc())
        .limit(per_page)
        .offset((max(page, 1) - 1) * per_page)
    )
    return session.scalars(statement).all(), total


def rows_page(
    session: Session, *, actor: Actor, run: ImportRun, kind: RowKind, page: int = 1, per_page: int = 50
) -> Sequence[ImportRow]:
    """Rows of one kind, in the order of the file; nothing for who did not bring the file."""
    statement = (
        scoped(ImportRow, actor)
        .where(ImportRow.run_id == run.id, ImportRow.kind == kind)
        .order_by(ImportRow.row_number, ImportRow.id)
        .limit(per_page)
        .offset((max(page, 1) - 1) * per_page)
    )
    return session.scalars(statement).all()


def wrong_rows(session: Session, *, actor: Actor, run: ImportRun) -> Iterator[ImportRow]:
    """All wrong rows, a chunk at a time."""
    last = 0
    while True:
        statement = (
            scoped(ImportRow, actor)
            .where(ImportRow.run_id == run.id, ImportRow.kind == RowKind.WRONG, ImportRow.row_number > last)
            .order_by(ImportRow.row_number)
            .limit(CHUNK)
        )
        rows = session.scalars(statement).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].row_number


def planned_rows(session: Session, run_id: int) -> Iterator[list[tuple[int, PlannedRow]]]:
    """Chunks of (import row id, row to write) in the order of the file. For the jobs, which have checked who asks."""
    last = 0
    columns = (
        ImportRow.id,
        ImportRow.row_number,
        ImportRow.kind,
        ImportRow.label,
        ImportRow.values,
        ImportRow.old,
        ImportRow.record_key,
        ImportRow.record_version,
    )
    wanted = (ImportRow.run_id == run_id, ImportRow.kind.in_([RowKind.NEW, RowKind.CHANGED]))
    while True:
        statement = select(*columns).where(*wanted, ImportRow.id > last).order_by(ImportRow.id).limit(CHUNK)
        found = session.execute(statement).all()
        if not found:
            return
        yield [
            (key, PlannedRow(number, kind is RowKind.NEW, label, values, old, record, version))
            for key, number, kind, label, values, old, record, version in found
        ]
        last = found[-1][0]


def unfinished_runs(session: Session, actor: Actor) -> Sequence[ImportRun]:
    """Own imports that wait for a decision or broke off.

    One with wrong rows waits no more when the same person has since applied another of its kind: the corrected file.
    """
    later = aliased(ImportRun)
    is_replaced = exists().where(
        later.spec_name == ImportRun.spec_name,
        later.user_id == ImportRun.user_id,
        later.id > ImportRun.id,
        later.status == ImportStatus.APPLIED,
    )
    statement = (
        scoped(ImportRun, actor)
        .where(
            editable_by(ImportRun, actor),
            ImportRun.status.in_([ImportStatus.RECEIVED, ImportStatus.READY]),
            ImportRun.is_purged.is_(False),
            not_(and_(ImportRun.wrong_count > 0, is_replaced)),
        )
        .options(joinedload(ImportRun.job))
        .order_by(ImportRun.id)
        .limit(50)
    )
    return session.scalars(statement).all()


__all__ = [
    "RunState",
    "get_run",
    "is_active",
    "list_runs",
    "planned_rows",
    "rows_page",
    "state_of",
    "unfinished_runs",
    "wrong_rows",
]
