"""Databases for tests: one template per worker, migrated and seeded once; each test gets a copy of its own."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import flask_migrate

from app.actor import system_actor
from app.config import Settings
from app.extensions import db
from app.factory import create_app
from seed import demo, loader
from tests.support import samples
from tests.support.postgres import PostgresServer

TEMPLATE = "kyodo_template"


@dataclasses.dataclass(frozen=True)
class Template:
    """What a test's database and data folder are copied from."""

    data_dir: Path
    database_url: str


def test_settings(data_dir: Path, database_url: str) -> Settings:
    """Settings for tests: everything in a folder of its own, secrets known."""
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        secret_key="s" * 64,
        audit_key="a" * 64,
        smtp_from=None,
        testing=True,
    )


def fill(data_dir: Path, database_url: str) -> Template:
    """Migrate an empty database and load the reference data into it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    app = create_app(test_settings(data_dir, database_url))
    with app.app_context():
        flask_migrate.upgrade()
        loader.load(db.session(), "kodaira", actor=system_actor("試験"))
        samples.load(db.session())
        db.session.remove()
        db.engine.dispose()
    return Template(data_dir, database_url)


def sqlite_template(folder: Path) -> Template:
    """The template as one SQLite file, its write-ahead log folded in."""
    file = folder / "template.sqlite3"
    template = fill(folder / "data", f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return template


def demo_template(template: Template, folder: Path) -> Template:
    """The SQLite template with the demonstration set in it."""
    settings = copy_sqlite(template, folder)
    app = create_app(settings)
    with app.app_context():
        demo.load(db.session())
        db.session.remove()
        db.engine.dispose()
    file = settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Template(settings.data_dir, settings.database_url)


def copy_sqlite(template: Template, folder: Path) -> Settings:
    """A copy of the SQLite template in `folder`."""
    data_dir = _copy_data(template, folder)
    file = data_dir / "kyodo.sqlite3"
    shutil.copyfile(template.database_url.removeprefix("sqlite:///"), file)
    return test_settings(data_dir, f"sqlite:///{file}")


def postgres_template(server: PostgresServer, folder: Path) -> Template:
    """The template as a database of the server."""
    return fill(folder / "data", server.create(TEMPLATE))


def copy_postgres(server: PostgresServer, template: Template, folder: Path, name: str) -> Iterator[Settings]:
    """A copy of the PostgreSQL template, dropped after the test."""
    url = server.create(name, TEMPLATE)
    try:
        yield test_settings(_copy_data(template, folder), url)
    finally:
        server.drop(name)


def _copy_data(template: Template, folder: Path) -> Path:
    data_dir = folder / "data"
    shutil.copytree(template.data_dir, data_dir)  # the anchor of the log goes with its database
    return data_dir
