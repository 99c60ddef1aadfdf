"""The command line: one module a domain, each with `register(app)`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.extensions import db
from app.health import health
from models.engine import reading


class CommandGroup(AppGroup):
    """Commands that tell in a sentence what to do where the database is missing, unfinished, older or busy."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; ClickException (exit code 1, nothing on stdout) instead of a driver's error of that kind."""
        try:
            return super().invoke(ctx)
        except SQLAlchemyError as error:
            with ctx.ensure_object(ScriptInfo).load_app().app_context():
                sentence = _what_to_do(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from None


def require_database(*, of_any_version: bool = False) -> None:
    """ClickException unless the tables are there, and are those of the code: for commands that would not meet a
    driver's error. A backup is taken of an older version, too: before it is migrated."""
    sentence = _what_to_do(None, of_any_version=of_any_version)
    if sentence is not None:
        raise click.ClickException(sentence)


def _what_to_do(error: SQLAlchemyError | None, *, of_any_version: bool = False) -> str | None:
    with reading():  # else it would wait for, and then hold, SQLite's write lock
        state = health()
        db.session.remove()
    found = state["database"]
    assert isinstance(found, dict)
    if state["status"] == "unavailable":
        return "データベースに接続できません。DATABASE_URL(SQLite なら DATA_DIR)とサーバーの状態を確認してください。"
    if found["migration"] == "missing":
        return (
            "データベースがまだ用意されていません。先に `make run` または `flask --app wsgi setup` を実行してください。"
        )
    if found["migration"] == "behind" and not of_any_version:
        return "データベースの表がこのプログラムの版と合いません。`flask --app wsgi setup` で移行してください。"
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        return "データベースをほかの処理が使っています。しばらくしてから、もう一度実行してください。"
    return None


def register_commands(app: Flask) -> None:
    """Attach every group in this package. A command is a writing transaction, like a POST."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"app.cli.{module.name}").register(app)
