"""A worker killed (SIGKILL) in the middle of an apply leaves nothing half done, and the import can be started again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.config import PROJECT_ROOT
from app.exchange import services
from app.exchange.queries import get_run
from app.jobs.queue import reap, workers_dir
from app.jobs.worker import run_pending
from models.base import db
from models.directory import Organization
from models.engine import reading
from models.exchange import ImportStatus, Job, JobStatus
from models.people import Role
from models.records import AuditEntry
from tests.app.exchange import slow_worker
from tests.app.exchange.conftest import actor_for, load_run, make_xlsx, user_of

ROWS = [["団体名"], *[[f"止まる団体{number}"] for number in range(1_500)]]


def imported(app: Flask) -> tuple[int, int]:
    """(organisations, log entries) of the import."""
    with app.app_context():
        found = db.session.scalar(
            select(func.count()).select_from(Organization).where(Organization.name.like("止まる団体%"))
        )
        entries = db.session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "import:apply")
        )
        db.session.remove()
    return int(found or 0), int(entries or 0)


def test_a_killed_worker_leaves_nothing_half_applied(
    any_app: Flask, run_import: Callable[..., int], tmp_path: Path
) -> None:
    settings = any_app.extensions["settings"]
    with any_app.app_context():
        center = user_of(db.session(), Role.CENTER)
        db.session.remove()
    run_id = run_import(any_app, center, slow_worker.SlowOrganizationTable.name, make_xlsx(ROWS), folder=str(tmp_path))
    with any_app.app_context():
        session = db.session()
        services.request_apply(session, actor=actor_for(session, center), settings=settings, run_id=run_id)
        db.session.remove()
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.app.exchange.slow_worker", str(settings.data_dir), settings.database_url],
        cwd=PROJECT_ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 90
        while not (tmp_path / "reached").exists():
            assert worker.poll() is None and time.monotonic() < until, "the worker did not reach the middle"
            time.sleep(0.1)
        with reading():
            run = load_run(any_app, run_id)
        assert run.job is not None and run.job.status is JobStatus.RUNNING
    finally:
        worker.kill()
        worker.wait()

    assert imported(any_app) == (0, 0)
    with any_app.app_context():
        session = db.session()
        state = get_run(session, actor=actor_for(session, center), run_id=run_id, settings=settings)
        assert (state.run.status, state.job_status, state.may_apply) == (
            ImportStatus.READY,
            JobStatus.INTERRUPTED,
            True,
        )
        assert state.trouble == "中断されました。何も反映されていません。もう一度実行できます。"
        db.session.remove()
        assert reap(db.session(), workers_dir(settings)) != []
        assert db.session.scalars(select(Job.status).order_by(Job.id.desc())).first() is JobStatus.INTERRUPTED
        db.session.remove()

    (tmp_path / "go_on").touch()
    with any_app.app_context():
        session = db.session()
        services.request_apply(session, actor=actor_for(session, center), settings=settings, run_id=run_id)
        db.session.remove()
        run_pending(any_app)
    assert imported(any_app) == (1_500, 1)
    assert load_run(any_app, run_id).status is ImportStatus.APPLIED
