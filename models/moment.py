"""What was read stays known until the database changes: counts and options that every page of a list asks again."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from models.engine import is_reading

Found = TypeVar("Found")

#: More answers than this at one moment of the database are forgotten together: a page of a list is one of 100 KB.
MOST = 500
_KEPT = "remembered"
#: So long what `recalled` keeps is believed without looking.
BELIEVED_SECONDS = 300.0
_RECALLED: weakref.WeakKeyDictionary[Engine, dict[Hashable, tuple[float, Any]]] = weakref.WeakKeyDictionary()


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


def recalled(
    session: Session, key: Hashable, read: Callable[[], Found], is_worth: Callable[[Found], bool] = bool
) -> Found:
    """Like `remembered`, but what `is_worth` keeping is believed for BELIEVED_SECONDS, whatever changes meanwhile.

    Only for estimates on which nothing hangs but the way to the answer: that a word is frequent, that there are more rows
    than are counted. Never for what is shown of a record, nor for who may see it.
    """
    if not is_reading():
        return read()
    engine = session.connection().engine
    answers = _RECALLED.setdefault(engine, {})
    now = time.monotonic()
    at, found = answers.get(key, (-BELIEVED_SECONDS, None))
    if now - at < BELIEVED_SECONDS:
        known: Found = found
        return known
    answer = remembered(session, key, read)
    if is_worth(answer):
        if len(answers) >= MOST:
            answers.clear()
        answers[key] = (now, answer)
    return answer


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
