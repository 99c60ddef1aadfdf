"""`flask setup`: what `make run` does before it serves. Creates or migrates the database, loads the reference data and,
into an empty database only, the demonstration set. An interrupted run is taken up where it stopped; a finished one
is left alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import create_engine, delete, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.actor import system_actor
from app.config import Settings
from app.extensions import db
from app.health import head_revision
from app.problems import Problem
from models.people import Role, RoleAssignment, User
from models.reference import SeedState
from seed import loader
from seed.state import COMPLETE, LOADING, NONE, set_state, state_of

#: The demonstration set was promised to a database while it was empty, and is still to be loaded.
PLANNED = "planned"


def register(app: Flask) -> None:
    """Attach `flask setup`."""
    app.cli.add_command(setup)


@click.command("setup", help="データベースの作成・移行、参照データとデモデータの読み込み(何度実行しても同じ)")
@with_appcontext
def setup() -> None:
    """Make the installation ready and say how to sign in. DEMO=0: no demonstration data."""
    settings: Settings = current_app.extensions["settings"]
    wants_demo = os.environ.get("DEMO", "1").strip().lower() not in {"0", "no", "false"}
    with _alone(settings.data_dir / "setup.lock"):
        create_database(settings.database_url)
        migrate()
        plan_demo(wants_demo)
        load_reference_data(settings.city)
        load_demo(wants_demo)
    greet()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two setups of one DATA_DIR take turns (PostgreSQL's migrations have a lock of their own besides)."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def create_database(url: str) -> None:
    """PostgreSQL: create the database when it is missing and the role may. SQLite makes its file by itself."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        return
    try:
        with db.engine.connect():
            return
    except OperationalError as error:
        if "does not exist" not in str(error.orig) or target.database is None:
            raise click.ClickException(
                f"データベースに接続できません。DATABASE_URL を確認してください: {error.orig}"
            ) from None
    engine = create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            quoted = connection.dialect.identifier_preparer.quote(target.database)
            connection.execute(text(f"CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0"))
    except OperationalError as error:
        raise click.ClickException(f"データベースを作成できません。先に作成してください: {error.orig}") from None
    finally:
        engine.dispose()


def migrate() -> None:
    """Bring the tables to the code's revision; nothing is touched when they are there."""
    tables = set(inspect(db.engine).get_table_names())
    if tables and "alembic_version" not in tables:
        raise click.ClickException(
            "このデータベースには別のシステムの表があります。空のデータベースを指定してください。"
        )
    if tables:
        with db.engine.connect() as connection:
            known = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if known == [head_revision()]:
            return
    click.echo("データベースを移行しています…", err=True)
    flask_migrate.upgrade()


def is_empty() -> bool:
    """Whether nothing has been put into the migrated database, by loaders or by persons."""
    session = db.session()
    found = state_of(session, "seed") == NONE and not session.scalar(select(func.count()).select_from(User))
    session.rollback()
    return found


def plan_demo(wants_demo: bool) -> None:
    """Decide while the database is empty, and keep the decision: whatever happens later, others get no demo data."""
    if wants_demo and is_empty():
        session = db.session()
        set_state(session, "demo", PLANNED)
        set_state(session, "seed", LOADING)
        session.commit()


def load_reference_data(city: str) -> None:
    """Load the city's files unless that was completed before (`flask seed load` renews them by hand)."""
    session = db.session()
    state = state_of(session, "seed")
    session.rollback()
    if state != COMPLETE:
        click.echo("参照データを読み込んでいます…", err=True)
        loader.load(session, city, actor=system_actor())


def load_demo(wants_demo: bool) -> None:
    """Load the demonstration set where it was planned or interrupted."""
    session = db.session()
    state = state_of(session, "demo")
    session.rollback()
    if state == PLANNED and not wants_demo:
        session.execute(delete(SeedState).where(SeedState.name == "demo"))
        session.commit()
    elif state in {PLANNED, LOADING}:
        if not wants_demo:
            raise click.ClickException(
                "このデータベースにはデモデータの作成が途中まで済んでいます。実データ用には別の空のデータベース"
                "(DATA_DIR または DATABASE_URL)を指定してください。"
            )
        from seed import demo

        click.echo("デモデータを作成しています…", err=True)
        try:
            demo.load(session)
        except Problem as problem:
            raise click.ClickException(problem.message) from problem


def greet() -> None:
    """Say the address and how to sign in: fixed logins only where the demonstration loader made them."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    click.echo(f"\n協働バックオフィス: http://{host}:{port}/")
    session = db.session()
    if state_of(session, "demo") == COMPLETE:
        from seed.demo import LOGINS

        click.echo("デモ用のデータベースです。次の利用者でログインできます(実データを入れないでください)。")
        for login in LOGINS:
            click.echo(f"  {login.role_label}: {login.email}  パスワード: {login.password}")
    elif not session.scalar(
        select(func.count())
        .select_from(RoleAssignment)
        .join(User)
        .where(RoleAssignment.role == Role.ADMINISTRATOR, User.is_active)
    ):
        click.echo(
            "まだシステム管理者がいません。次のコマンドで最初の1人を登録してください(仮パスワードが表示されます)。"
        )
        click.echo(
            "  .venv/bin/flask --app wsgi users create --email 管理者のメールアドレス --name 氏名 --role administrator"
        )
    session.rollback()
    click.echo("終了するには Ctrl-C を押してください。\n")
