"""Jobs: claimed once, told honestly, done as the one who asked, swept up when their worker dies."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.jobs import kinds, queue
from app.jobs.handle import JobHandle
from app.jobs.liveness import WorkerLock, is_any_worker_alive, sweep
from app.jobs.worker import run_claimed, run_pending
from app.problems import Invalid, NotFound
from models.base import db, utc_now
from models.exchange import Job, JobStatus
from models.people import Role, User
from tests.support.people import make_user

SEEN: list[tuple[str, str]] = []


def note(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any]:
    SEEN.append((actor.label, actor.channel))
    job.progress(1, 2, "半分")
    return {"seen": job.payload["word"]}


def refuse(session: Session, actor: Actor, job: JobHandle) -> None:
    raise Invalid("できません。理由はこうです。")


def break_down(session: Session, actor: Actor, job: JobHandle) -> None:
    raise ZeroDivisionError("secret cell")


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    SEEN.clear()
    kinds.register_job_kind("test_note", note)
    kinds.register_job_kind("test_refuse", refuse)
    kinds.register_job_kind("test_break", break_down)
    kinds.register_job_kind("test_again", note, max_attempts=2)
    yield
    for name in ("test_note", "test_refuse", "test_break", "test_again"):
        kinds._kinds.pop(name, None)


def add(app: Flask, kind: str, actor: Actor | None = None) -> int:
    with app.app_context():
        job = queue.enqueue(db.session(), actor or system_actor("試験"), kind, payload={"word": "語"})
        db.session.commit()
        job_id = job.id
        db.session.remove()
    return job_id


def state(app: Flask, job_id: int) -> tuple[JobStatus, str, dict[str, Any] | None]:
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        found = (job.status, job.message, job.result)
        db.session.remove()
    return found


def work(app: Flask) -> int:
    with app.app_context():
        return run_pending(app)


def test_a_job_runs_as_the_one_who_asked(any_app: Flask) -> None:
    with any_app.app_context():
        user_id = make_user(db.session(), Role.CENTER, name="試験 花子").id
        db.session.remove()
    job_id = add(any_app, "test_note", Actor(user_id=user_id, label="試験 花子"))
    assert work(any_app) == 1
    assert SEEN == [("試験 花子", "job")]
    assert state(any_app, job_id) == (JobStatus.FINISHED, "", {"seen": "語"})


def test_a_job_of_a_user_who_left_is_refused(app: Flask) -> None:
    with app.app_context():
        user_id = make_user(db.session(), Role.CENTER).id
        with act(db.session(), system_actor("試験"), "user:edit", "無効"):
            db.session.get_one(User, user_id).is_active = False
        db.session.remove()
    job_id = add(app, "test_note", Actor(user_id=user_id, label="x"))
    work(app)
    assert state(app, job_id)[0] is JobStatus.FAILED
    assert SEEN == []


def test_refusals_and_breakdowns_are_told_apart(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    refused, broken = add(app, "test_refuse"), add(app, "test_break")
    assert work(app) == 2
    assert state(app, refused) == (JobStatus.FAILED, "できません。理由はこうです。", None)
    status, message, _ = state(app, broken)
    assert status is JobStatus.FAILED
    assert f"処理番号{broken}" in message and "ZeroDivision" not in message
    assert "secret cell" not in capfd.readouterr().err


def test_a_kind_that_nobody_registered_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotFound):
        queue.enqueue(db.session(), system_actor("試験"), "nothing")


def test_two_workers_never_claim_the_same_job(any_app: Flask) -> None:
    wanted = {add(any_app, "test_note") for _ in range(12)}
    claimed: list[int] = []

    def claim(name: str) -> None:
        with any_app.app_context():
            while True:
                with Session(db.engine) as session:
                    found = queue.claim_next(session, name)
                if found is None:
                    return
                claimed.append(found)

    threads = [threading.Thread(target=claim, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(wanted)


def test_whoever_waits_at_a_screen_goes_before_what_follows_by_itself(any_app: Flask) -> None:
    kinds.register_job_kind("test_after", note, rank=2)
    kinds.register_job_kind("test_soon", note, rank=1)
    try:
        late, soon, first, second = (add(any_app, f"test_{name}") for name in ("after", "soon", "note", "note"))
        with any_app.app_context():
            found = [queue.claim_next(db.session(), "worker") for _ in range(5)]
    finally:
        for name in ("test_after", "test_soon"):
            kinds._kinds.pop(name, None)
    assert found == [first, second, soon, late, None]


@pytest.mark.parametrize(("kind", "then"), [("test_note", JobStatus.INTERRUPTED), ("test_again", JobStatus.QUEUED)])
def test_a_dead_workers_job_is_interrupted_or_done_again(any_app: Flask, kind: str, then: JobStatus) -> None:
    job_id = add(any_app, kind)
    folder = queue.workers_dir(any_app.extensions["settings"])
    with any_app.app_context():
        lock = WorkerLock(folder)
        session = db.session()
        assert queue.claim_next(session, lock.name) == job_id
        assert queue.reap(session, folder) == []
        assert is_any_worker_alive(folder)
        import os

        os.close(lock._handle)  # what the kernel does for a killed process
        assert queue.shown_status(session.get_one(Job, job_id), any_app.extensions["settings"]) is JobStatus.INTERRUPTED
        session.rollback()
        assert queue.reap(session, folder) == [job_id]
        sweep(folder)
        assert list(folder.iterdir()) == [] and not is_any_worker_alive(folder)
        db.session.remove()
    assert state(any_app, job_id)[0] is then


def test_an_old_heartbeat_from_elsewhere_counts_as_dead(app: Flask, tmp_path: Path) -> None:
    job_id = add(app, "test_note")
    with app.app_context():
        session = db.session()
        queue.claim_next(session, "other-machine")
        assert queue.reap(session, tmp_path) == []
        session.execute(update(Job).values(heartbeat_at=utc_now() - dt.timedelta(minutes=5)))
        session.commit()
        assert queue.reap(session, tmp_path) == [job_id]
        db.session.remove()


def test_who_lost_the_claim_cannot_commit(any_app: Flask) -> None:
    job_id = add(any_app, "test_note")
    with any_app.app_context():
        session = db.session()
        queue.claim_next(session, "first")
        handle = JobHandle(session.get_one(Job, job_id))
        session.execute(update(Job).where(Job.id == job_id).values(claim="second"))
        session.commit()
        assert not queue.settle(session, job_id, handle.claim, JobStatus.FINISHED)
        session.rollback()
        db.session.remove()
    assert state(any_app, job_id)[0] is JobStatus.RUNNING


def test_a_claimed_job_of_an_unknown_kind_fails_in_words(app: Flask) -> None:
    job_id = add(app, "test_note")
    kinds._kinds.pop("test_note")
    with app.app_context():
        queue.claim_next(db.session(), "here")
        db.session.remove()
        run_claimed(job_id)
    assert "実行できません" in state(app, job_id)[1]


def test_the_list_as_json_is_json_alone(app: Flask) -> None:
    job_id = add(app, "test_note")
    result = app.test_cli_runner().invoke(args=["jobs", "list", "--json"])
    found = json.loads(result.stdout)
    assert [(job["id"], job["kind"], job["status"]) for job in found] == [(job_id, "test_note", "queued")]
    assert app.test_cli_runner().invoke(args=["jobs", "work", "--burst"]).exit_code == 0
    with app.app_context():
        assert db.session.scalars(select(Job.status)).all() == [JobStatus.FINISHED]
        db.session.remove()
