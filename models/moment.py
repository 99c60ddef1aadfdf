"""What was read stays known until the database changes: counts and options that every page of a list asks again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from models.engine import is_reading

Found = TypeVar("Found")

#: More answers than this at one moment of the database are forgotten together.
MOST = 1_000
_KEPT = "remembered"


def remembered(session: Session, key: Hashable, read: Callable[[], Found]) -> Found:
    """What `read` found for this key at this moment of the database, on this connection; else what it finds now.

    key: everything that the answer depends on besides the database (who asks, the day). The answer is shared: it must
    be plain values that nobody changes. Only a reading transaction remembers: in a writing one the answer may be
    rolled back. Any commit, by whomever, ends the moment; an answer may be newer than its moment, never older.
    """
    if not is_reading():
        return read()
    connection = session.connection()
    moment = _moment_of(connection)
    known: dict[Hashable, Any] = {}
    earlier, answers = connection.info.get(_KEPT, (None, known))
    if earlier != moment or len(answers) >= MOST:
        answers = known
        connection.info[_KEPT] = (moment, answers)
    if key not in answers:
        answers[key] = read()
    found: Found = answers[key]
    return found


def _moment_of(connection: Connection) -> Hashable:
    """A name for what the transaction sees: two transactions of this connection with the same name see the same."""
    transaction = connection.get_transaction()
    known = connection.info.get("moment")
    if known is not None and known[0] is transaction:
        found: Hashable = known[1]
        return found
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        # The first tells commits of others apart, the second those of this connection.
        moment = (driver.execute("PRAGMA data_version").fetchone()[0], driver.total_changes)
    else:
        moment = driver.execute("SELECT pg_current_snapshot()::text").fetchone()[0]
    connection.info["moment"] = (transaction, moment)
    return moment
