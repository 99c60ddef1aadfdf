"""While an import holds SQLite's one place for a writer, its page still tells how far it is; and other pages open."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from admin_views.job_progress import progress_of
from app.actor import Actor, system_actor
from app.jobs import beside, kinds, queue
from app.jobs.handle import JobHandle
from app.jobs.liveness import WorkerLock, sweep
from app.jobs.worker import run_pending
from models.base import db, utc_now
from models.engine import reading
from models.exchange import Job, JobStatus
from models.people import LoginAttempt, LoginSession, Role
from tests.support import people
from tests.support.pages import CheckingClient

SEEN: list[Any] = []


def _as_a_page_sees_it(job_id: int) -> Any:
    with reading(), Session(db.engine) as session:
        return progress_of(session.get_one(Job, job_id), "反映しています", unit="行")


def write_long(session: Session, actor: Actor, job: JobHandle) -> None:
    """Write, and look from outside how far it is, before the commit."""
    session.add(LoginAttempt(subject="address:x", attempted_at=utc_now()))
    session.flush()
    SEEN.append(_as_a_page_sees_it(job.id))
    job.progress_beside(session, 3, 10, "反映しています")
    SEEN.append(_as_a_page_sees_it(job.id))
    job.finish(session)
    session.commit()


def test_a_job_that_holds_the_writers_place_tells_how_far_it_is(any_app: Flask) -> None:
    SEEN.clear()
    kinds.register_job_kind("test_long", write_long)
    try:
        with any_app.app_context():
            job_id = queue.enqueue(db.session(), system_actor("試験"), "test_long", total=10).id
            db.session.commit()
            db.session.remove()
            run_pending(any_app)
            assert [(one.done, one.total) for one in SEEN] == [(0, 10), (3, 10)]
            assert SEEN[1].note == "反映しています 3 / 10行" and SEEN[1].is_busy
            assert db.session.get_one(Job, job_id).status is JobStatus.FINISHED
            folder = queue.workers_dir(any_app.extensions["settings"])
            assert list(folder.glob("*.progress")) == []
    finally:
        kinds._kinds.pop("test_long", None)


def test_what_a_dead_worker_told_is_swept_away_and_never_taken_for_anothers(app: Flask) -> None:
    folder = queue.workers_dir(app.extensions["settings"])
    lock = WorkerLock(folder)
    beside.tell(folder, lock.name, 7, beside.Told(3, 10, "反映しています"))
    job = Job(id=7, kind="x", status=JobStatus.RUNNING, claim=lock.name, progress_done=1, progress_total=9, message="")
    assert beside.told_of(job, folder) == beside.Told(3, 10, "反映しています")
    job.id = 8
    assert beside.told_of(job, folder) == beside.Told(1, 9, "")
    for text in ("", "[8]", '{"a": 1}', "[8, [], 2, 3]"):
        (folder / f"{lock.name}.progress").write_text(text)
        assert beside.told_of(job, folder) == beside.Told(1, 9, "")
    sweep(folder)
    assert list(folder.glob("*.progress")) != []
    os.close(lock._handle)  # as when the process dies
    sweep(folder)
    assert list(folder.iterdir()) == []


def test_a_long_job_of_short_transactions_lets_others_write_in_between(app: Flask) -> None:
    waited: list[float] = []

    def save_a_form(engine: Engine) -> None:
        started = time.monotonic()
        with engine.begin() as other:  # BEGIN IMMEDIATE, as every POST
            other.exec_driver_sql("UPDATE job SET message = message")
        waited.append(time.monotonic() - started)

    with app.app_context():
        job_id = queue.enqueue(db.session(), system_actor("試験"), "search_refresh", payload={"ids": []}).id
        db.session.commit()
        claimed = queue.claim_next(db.session(), "nobody")
        assert claimed == job_id
        handle = JobHandle(db.session.get_one(Job, job_id))
        db.session.commit()
        form = threading.Thread(target=save_a_form, args=(db.engine,))
        until = time.monotonic() + 10
        while not waited and time.monotonic() < until:
            db.session.execute(update(Job).where(Job.id == job_id).values(attempts=1))
            if form.ident is None:
                form.start()
            time.sleep(0.4)
            handle.end_chunk(db.session(), 1, 2)
        ended = time.monotonic()
        form.join()
        db.session.remove()
    assert waited and waited[0] < 5 and ended < until


def test_pages_open_while_a_long_import_is_written(app: Flask, client: CheckingClient) -> None:
    people.sign_in(client, Role.OFFICE)
    with app.app_context():
        key = db.session.scalars(select(LoginSession.id)).one()
        db.session.execute(
            update(LoginSession).where(LoginSession.id == key).values(last_seen_at=utc_now() - dt.timedelta(minutes=5))
        )
        db.session.commit()
        engine = db.engine
        db.session.remove()
    with engine.connect() as importing:
        importing.exec_driver_sql("UPDATE job SET message = message")  # BEGIN IMMEDIATE: nobody else writes now
        started = time.monotonic()
        assert client.get("/project/").status_code == 200
        assert time.monotonic() - started < 5
        importing.rollback()
    assert client.get("/").status_code == 200
    with app.app_context():
        seen = db.session.scalars(select(LoginSession.last_seen_at)).one()
        assert utc_now() - seen < dt.timedelta(minutes=1)
        db.session.remove()
