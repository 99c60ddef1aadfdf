"""A small directory of its own on SQLite in memory and on a real PostgreSQL, indexed as the application would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from app.search import ddl, documents, index
from models.search import SearchDocument
from tests.app.search.groups import GROUP, Record
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgresql_engine(postgres_server: PostgresServer) -> Iterator[Engine]:
    """A database of its own on the worker's server."""
    engine = create_engine(postgres_server.create("search_tests"))
    _create(engine)
    yield engine
    engine.dispose()
    postgres_server.drop("search_tests")


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
