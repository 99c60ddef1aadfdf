"""Fixtures that all tests share. No session or application context may be open while the client makes a request:
whether a transaction may write is kept per context."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from app.config import Settings
from app.extensions import db
from app.factory import create_app
from tests.support import browser as browsers
from tests.support import databases, people, warm
from tests.support.databases import Template
from tests.support.pages import CheckingClient
from tests.support.postgres import PostgresServer, running_server
from tests.support.server import serving

_numbers = itertools.count(1)
# A failing test shows what went wrong, not a line for every request that went well.
logging.getLogger("app.request").setLevel(logging.WARNING)
# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile(
    "house",
    hypothesis.settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")
warm.remember_builders()
warm.collect_seldom()


def _missing(what: RuntimeError) -> None:
    """In CI a missing server or browser is a failure; elsewhere `make test` would have installed it."""
    if os.environ.get("CI"):
        pytest.fail(str(what))
    pytest.skip(str(what))


def _built(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.test_client_class = CheckingClient
    warm.share_templates(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# --- databases -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated and seeded SQLite database, made once per worker."""
    return databases.sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The same with the demonstration set, loaded once per worker."""
    return databases.demo_template(sqlite_template, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one per worker; its programs come first on the path (pg_dump fits the server)."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except RuntimeError as missing:
            _missing(missing)
            raise
        os.environ["PATH"] = f"{server.bin_dir}{os.pathsep}{os.environ['PATH']}"
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated and seeded PostgreSQL database, made once per worker."""
    return databases.postgres_template(postgres_server, tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def settings(sqlite_template: Template, tmp_path: Path) -> Settings:
    """Settings of the test's own SQLite database and data folder."""
    return databases.copy_sqlite(sqlite_template, tmp_path)


@pytest.fixture
def postgres_settings(
    postgres_server: PostgresServer, postgres_template: Template, tmp_path: Path
) -> Iterator[Settings]:
    """Settings of the test's own PostgreSQL database."""
    yield from databases.copy_postgres(postgres_server, postgres_template, tmp_path / "pg", f"test_{next(_numbers)}")


# --- applications ----------------------------------------------------------------------------------------------


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application over a fresh copy of the SQLite template."""
    yield from _built(settings)


@pytest.fixture
def demo_app(demo_template: Template, tmp_path: Path) -> Iterator[Flask]:
    """The application over a fresh copy of the demonstration set."""
    yield from _built(databases.copy_sqlite(demo_template, tmp_path / "demo"))


@pytest.fixture
def postgres_app(postgres_settings: Settings) -> Iterator[Flask]:
    """The application over a fresh copy of the PostgreSQL template."""
    yield from _built(postgres_settings)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request: pytest.FixtureRequest) -> Flask:
    """The application over either database: the test runs twice."""
    found: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
    return found


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of `app` within an application context, for tests of services. Not together with `client`."""
    with app.app_context():
        yield db.session()
        db.session.rollback()


@pytest.fixture
def any_session(any_app: Flask) -> Iterator[Session]:
    """Like `session`, over either database."""
    with any_app.app_context():
        yield db.session()
        db.session.rollback()


# --- people and clients ----------------------------------------------------------------------------------------


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser's stand-in, signed in as nobody, that checks every page it fetches."""
    found = app.test_client()
    assert isinstance(found, CheckingClient)
    return found


@pytest.fixture
def login() -> Callable[..., int]:
    """`login(client, role)` makes a user of the role and signs them in; returns the user's id."""
    return people.sign_in


# --- a real browser --------------------------------------------------------------------------------------------


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of `app`, served from a thread."""
    with serving(app) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once per worker."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(browsers.running_browser())
        except RuntimeError as missing:
            _missing(missing)


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page of a fresh profile on the live server."""
    with browsers.new_context(browser, live_server) as context:
        yield context.new_page()
