"""Every command where the database was never set up, is older than the code, or is not there: one sentence, no traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from app.cli import require_database
from app.config import PROJECT_ROOT
from app.extensions import db
from app.factory import create_app
from tests.support.databases import test_settings as settings_of

#: Commands that ask the database, with arguments that get them that far. {file}: a file, {folder}: a folder.
ASKING = {
    "audit anchor": "--reason 確認",
    "audit verify": "--json",
    "backup create": "--out {folder}",
    "calls check": "--proposal 1 --json",
    "directory completeness": "--json",
    "directory duplicates": "--json",
    "directory edition export": "--format json --out {folder}/out.json",
    "directory edition freeze": "--fiscal-year 2026",
    "directory edition list": "",
    "directory import": "{file} --json",
    "directory search": "公民館 --json",
    "imports purge": "",
    "imports run": "organizations {file} --json",
    "jobs list": "--json",
    "jobs work": "--burst",
    "registry list": "--fiscal-year 2018 --json",
    "registry summary": "--fiscal-year 2018 --json",
    "reviews tally": "--call 1 --json",
    "reviews verify": "1 --json",
    "seed demo": "",
    "seed export": "--out {folder}/seed",
    "seed load": "",
    "users assign": "x@example.jp office",
    "users create": "--name 名前 --email x@example.jp",
    "users list": "--json",
    "users reset-password": "x@example.jp",
    "users unassign": "x@example.jp office",
}
#: Commands that need no tables, or make them.
OTHERS = {
    "access matrix",
    "backup restore",
    "backup verify",
    "calls workflow",
    "imports kinds",
    "setup",
    "talents rank",
}


def _names(group: click.Group, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _names(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def _app(folder: Path, url: str) -> Iterator[Flask]:
    found = create_app(settings_of(folder, url))
    yield found
    with found.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def never_set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over a database without a table."""
    folder = tmp_path_factory.mktemp("never")
    (folder / "groups.csv").write_text("団体名\n例の会\n", encoding="utf-8")
    yield from _app(folder, f"sqlite:///{folder}/kyodo.sqlite3")


def _sentence(app: Flask, command: str) -> str:
    folder = app.extensions["settings"].data_dir
    words = [*command.split(), *ASKING[command].format(file=folder / "groups.csv", folder=folder).split()]
    result = app.test_cli_runner().invoke(args=words)
    assert (result.exit_code, result.stdout) == (1, ""), (result.output, result.exception)
    return result.stderr.removeprefix("Error: ").rstrip("\n")


def test_every_command_stands_in_one_of_the_two_lists(never_set_up: Flask) -> None:
    ours = {name for name in _names(never_set_up.cli) if not name.startswith("db ")}
    assert ours == ASKING.keys() | OTHERS
    assert not ASKING.keys() & OTHERS


@pytest.mark.parametrize("command", ASKING)
def test_a_database_that_was_never_set_up_is_told_in_a_sentence(never_set_up: Flask, command: str) -> None:
    expected = (
        "データベースがまだ用意されていません。先に `make run` または `flask --app wsgi setup` を実行してください。"
    )
    assert _sentence(never_set_up, command) == expected


def test_a_database_of_an_older_version_is_told_in_a_sentence(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kyodo.sqlite3") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    for app in _app(tmp_path, f"sqlite:///{tmp_path}/kyodo.sqlite3"):
        assert "`flask --app wsgi setup` で移行してください" in _sentence(app, "users list")
        assert "`flask --app wsgi setup` で移行してください" in _sentence(app, "jobs work")


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    for app in _app(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/nothing"):
        assert _sentence(app, "users list").startswith("データベースに接続できません。")
        assert _sentence(app, "jobs work").startswith("データベースに接続できません。")


def test_a_database_that_is_busy_is_told_in_a_sentence(app: Flask) -> None:
    with app.app_context():
        path = db.engine.url.database
        assert path is not None
    with sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with app.app_context(), db.engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
        result = app.test_cli_runner().invoke(args=["users", "create", "--name", "名前", "--email", "x@example.jp"])
    assert "ほかの処理が使っています" in result.stderr


def test_asking_whether_the_database_is_ready_holds_no_lock(app: Flask) -> None:
    with app.app_context():
        path = db.engine.url.database
        assert path is not None
        require_database()
        with sqlite3.connect(path, timeout=0.1) as other:
            other.execute("BEGIN IMMEDIATE")


def test_a_backup_is_taken_of_an_older_version_too(app: Flask) -> None:
    with app.app_context():
        path = db.engine.url.database
        assert path is not None
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = '0001'")
    with app.app_context():
        require_database(of_any_version=True)
        with pytest.raises(click.ClickException):
            require_database()


def test_the_lists_know_the_modules() -> None:
    """A new module of commands cannot be forgotten: its group is in the lists."""
    modules = {path.stem for path in (PROJECT_ROOT / "app" / "cli").glob("*.py")} - {"__init__", "directory_editions"}
    assert modules == {name.split()[0] for name in ASKING.keys() | OTHERS}
