"""`flask setup`: what `make run` does to a database that is empty, half done, done, or somebody else's."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.config import PROJECT_ROOT
from app.extensions import db
from app.factory import create_app
from app.health import health
from models.people import User
from models.reference import SeedState
from seed.state import state_of
from tests import factories
from tests.support.databases import test_settings as settings_of
from tests.support.digests import digests
from tests.support.postgres import PostgresServer


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Flask]:
    """The application over a database that does not exist yet."""
    app = create_app(settings_of(tmp_path, f"sqlite:///{tmp_path}/kyodo.sqlite3"))
    yield app
    with app.app_context():
        db.engine.dispose()


def _setup(app: Flask, **environment: str) -> str:
    result = app.test_cli_runner().invoke(args=["setup"], env={"DEMO": "0", "PORT": "8000", **environment})
    assert result.exit_code == 0, result.output
    return result.output


def _state(app: Flask) -> tuple[str, str, int]:
    with app.app_context():
        found = (
            state_of(db.session(), "seed"),
            state_of(db.session(), "demo"),
            db.session.scalar(select(func.count()).select_from(User)) or 0,
        )
        db.session.rollback()
    return found


def test_a_real_database_has_reference_data_and_no_users(empty_app: Flask) -> None:
    output = _setup(empty_app, PORT="8123")
    assert "http://127.0.0.1:8123/" in output
    assert "users create" in output
    assert "パスワード:" not in output
    assert _state(empty_app) == ("complete", "none", 0)
    with empty_app.app_context():
        assert health()["status"] == "ok"


def test_a_second_setup_changes_nothing(empty_app: Flask) -> None:
    _setup(empty_app)
    before = digests(empty_app)
    _setup(empty_app, DEMO="1")
    assert digests(empty_app) == before


def test_demonstration_logins_are_told_and_survive_a_second_setup(empty_app: Flask) -> None:
    from seed.demo import LOGINS

    output = _setup(empty_app, DEMO="1")
    assert _state(empty_app)[1] == "complete"
    assert [login.email for login in LOGINS if login.email not in output] == []
    before = digests(empty_app)
    assert _setup(empty_app, DEMO="0").count("@") == output.count("@")
    assert digests(empty_app) == before


def test_a_database_with_users_never_gets_demonstration_data(empty_app: Flask) -> None:
    _setup(empty_app)
    with empty_app.app_context():
        factories.a_user(db.session())
        db.session.execute(SeedState.__table__.delete())  # even if somebody lost the notes of the loaders
        db.session.commit()
    output = _setup(empty_app, DEMO="1")
    assert _state(empty_app) == ("complete", "none", 1)
    assert "デモ" not in output


def test_an_unfinished_demonstration_is_not_turned_into_a_real_database(empty_app: Flask) -> None:
    _setup(empty_app)
    with empty_app.app_context():
        db.session.add(SeedState(name="demo", value="loading"))
        db.session.commit()
    result = empty_app.test_cli_runner().invoke(args=["setup"], env={"DEMO": "0"})
    assert result.exit_code == 1
    assert "途中まで" in result.output


def test_somebody_elses_database_is_refused(tmp_path: Path, empty_app: Flask) -> None:
    with sqlite3.connect(tmp_path / "kyodo.sqlite3") as connection:
        connection.execute("CREATE TABLE ledger (id INTEGER)")
    connection.close()
    result = empty_app.test_cli_runner().invoke(args=["setup"], env={"DEMO": "0"})
    assert result.exit_code == 1
    assert "別のシステムの表" in result.output


def test_a_missing_postgresql_database_is_created(postgres_server: PostgresServer, tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, postgres_server.url("made_by_setup")))
    try:
        _setup(app)
        assert _state(app) == ("complete", "none", 0)
    finally:
        with app.app_context():
            db.engine.dispose()
        postgres_server.drop("made_by_setup")


@pytest.mark.parametrize("after", [0.8, 1.6, 2.4])
def test_a_killed_first_run_is_taken_up_again(tmp_path: Path, after: float) -> None:
    """Whenever it is killed, the next run finishes the work."""
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": "", "DEMO": "0"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "setup"]
    process = subprocess.Popen(
        command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    connection = sqlite3.connect(tmp_path / "kyodo.sqlite3")
    assert connection.execute("SELECT value FROM seed_state WHERE name = 'seed'").fetchall() == [("complete",)]
    assert connection.execute("SELECT count(*) FROM project WHERE fiscal_year = 2018").fetchone() == (168,)
    connection.close()
