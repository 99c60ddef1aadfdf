"""What imports leave behind — files, cells, what undo needs — goes when its time is over, or when a person is erased."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.config import Settings
from app.exchange.services import KEPT_FOR
from app.files.services import remove_orphans, store_of
from app.jobs.queue import ACTIVE, is_active
from models.base import utc_now
from models.exchange import ImportRow, ImportRun, Job
from models.records import StoredFile


def purge_expired(session: Session, settings: Settings) -> int:
    """Purge imports whose period is over, and contents that no row names. Returns how many imports."""
    statement = select(ImportRun).where(ImportRun.expires_at < utc_now(), ImportRun.is_purged.is_(False))
    runs = session.scalars(statement.order_by(ImportRun.id).limit(200)).all()
    purge_runs(session, actor=system_actor("保存期限", channel="job"), settings=settings, runs=runs)
    remove_orphans(session, settings)
    old = (Job.finished_at < utc_now() - KEPT_FOR, Job.status.not_in(ACTIVE))
    session.execute(delete(Job).where(*old).execution_options(synchronize_session=False))
    session.commit()
    return len(runs)


def purge_records(
    session: Session, *, actor: Actor, settings: Settings, spec_names: Sequence[str], record_key: object
) -> int:
    """Erasure (個人情報の消去): purge every import that touched this record, uploads included. Returns how many."""
    touched = select(ImportRow.run_id).where(ImportRow.record_key == str(record_key))
    statement = select(ImportRun).where(
        ImportRun.spec_name.in_(spec_names), ImportRun.id.in_(touched), ImportRun.is_purged.is_(False)
    )
    runs = session.scalars(statement.order_by(ImportRun.id)).all()
    purge_runs(session, actor=actor, settings=settings, runs=runs)
    return len(runs)


def purge_runs(session: Session, *, actor: Actor, settings: Settings, runs: Sequence[ImportRun]) -> None:
    """Forget the files and cells of these imports; that they were, and what they did, stays told. One act."""
    idle = [run for run in runs if not is_active(run.job, settings)]
    if not idle:
        return
    digests: set[str] = set()
    with act(session, actor, "import:purge", f"取込{len(idle):,}件のファイルと内容を消去しました"):
        for run in idle:
            session.execute(delete(ImportRow).where(ImportRow.run_id == run.id))
            of_run = (Job.subject_table == "import_run", Job.subject_key == str(run.id))
            session.execute(update(Job).where(*of_run).values(message=""))  # it may name rows
            file = run.file
            run.file, run.is_purged, run.message = None, True, ""
            session.flush()
            if file is not None:
                digests.add(file.sha256)
                session.delete(file)
        session.flush()
        shared = set(session.scalars(select(StoredFile.sha256).where(StoredFile.sha256.in_(digests))))
    if not session.in_transaction():  # inside a larger act the contents are cleared away as orphans later
        for digest in digests - shared:
            store_of(settings).remove(digest)
