"""How both databases are opened: pragmas of SQLite, and which transactions may write.

A transaction is a writing one unless `reading()` is in force (GET requests). On SQLite a writing transaction
begins with BEGIN IMMEDIATE: one that reads first and writes later is refused at once, whatever the timeout.
A reading transaction cannot write on either database, so that no GET changes anything.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

_is_reading: contextvars.ContextVar[bool] = contextvars.ContextVar("is_reading", default=False)


def set_reading(value: bool) -> contextvars.Token[bool]:
    """Say whether transactions begun from now on in this context only read. `reset_reading` undoes it."""
    return _is_reading.set(value)


def reset_reading(token: contextvars.Token[bool]) -> None:
    """Put back what was in force before `set_reading`."""
    _is_reading.reset(token)


def is_reading() -> bool:
    """Whether transactions begun now only read."""
    return _is_reading.get()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside may write (a short transaction of its own within a GET)."""
    token = _is_reading.set(False)
    try:
        yield
    finally:
        _is_reading.reset(token)


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside cannot write."""
    token = _is_reading.set(True)
    try:
        yield
    finally:
        _is_reading.reset(token)


@contextlib.contextmanager
def hurried(connection: Connection, milliseconds: int = 50) -> Iterator[None]:
    """What begins inside waits so long at most for SQLite's one writer; then OperationalError. Use before the first statement."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    usual = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual}")


def lock(session: Session, record: object) -> None:
    """Read a row anew and lock it until the commit; what was changed on it in this act so far is written first."""
    session.flush()
    session.refresh(record, with_for_update=True)


def prepare_engine(engine: Engine, busy_timeout_ms: int = 15_000) -> None:
    """Attach the listeners that make connections of `engine` behave as the module says."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, busy_timeout_ms)
    else:
        _prepare_postgresql(engine)


def _prepare_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # what was confirmed on screen survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA recursive_triggers = ON")  # INSERT OR REPLACE fires delete triggers
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, however this SQLite was built
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.execute("PRAGMA mmap_size = 268435456")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_reading_now = _is_reading.get()
        driver, info = connection.connection.dbapi_connection, connection.connection.info
        assert driver is not None
        if info.get("query_only") is not is_reading_now:
            driver.execute(f"PRAGMA query_only = {'ON' if is_reading_now else 'OFF'}")
            info["query_only"] = is_reading_now
        if is_reading_now:
            driver.execute("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # through SQLAlchemy: it may find the database locked


#: A connection given back so short a time ago is taken for alive: asking costs a round trip a request.
TRUSTED_SECONDS = 1.0


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "checkin")
    def _checkin(dbapi_connection: Any, record: Any) -> None:
        record.info["given_back"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(dbapi_connection: Any, record: Any, proxy: Any) -> None:
        """Raise DisconnectionError, upon which the pool opens another, when the server has gone meanwhile."""
        given_back = record.info.get("given_back")
        if given_back is None or time.monotonic() - given_back < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        wanted = True if _is_reading.get() else None
        if driver.read_only is not wanted:
            driver.read_only = wanted
