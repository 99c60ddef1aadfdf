"""What is remembered between two changes of the database, and that no change of anybody is overseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.extensions import db
from models.engine import reading, writing
from models.moment import BELIEVED_SECONDS, MOST, recalled, remembered
from models.reference import SeedState


class _Book:
    """Asks for the names of the table again and again, and counts how often the table was really read."""

    def __init__(self) -> None:
        self.readings = 0

    def names(self, session: Session, key: str = "names") -> tuple[str, ...]:
        def read() -> tuple[str, ...]:
            self.readings += 1
            return tuple(session.scalars(select(SeedState.name).where(SeedState.name.like("m-%")).order_by("name")))

        return remembered(session, key, read)


def _change(engine_session: Callable[[], Session], name: str) -> None:
    with writing(), engine_session() as session:
        session.add(SeedState(name=name, value="1"))
        session.commit()


def test_what_was_read_is_known_in_later_transactions_until_anybody_commits(any_app: Flask) -> None:
    book = _Book()
    with any_app.app_context():
        make = lambda: Session(db.engine)  # noqa: E731
        own = db.engine.connect()
        with reading(), Session(own) as session:
            assert book.names(session) == ()
            assert book.names(session) == ()
            session.rollback()
            assert book.names(session) == ()
            assert book.readings == 1
            session.rollback()
            _change(make, "m-1")  # on another connection
            assert book.names(session) == ("m-1",)
            assert book.readings == 2
            session.rollback()
        with Session(own) as session:  # on the very same connection
            session.add(SeedState(name="m-2", value="1"))
            session.commit()
        with reading(), Session(own) as session:
            assert book.names(session) == ("m-1", "m-2")
            session.rollback()
        own.close()


def test_a_change_while_a_page_is_read_is_seen_by_the_next_page(any_app: Flask) -> None:
    book = _Book()
    with any_app.app_context():
        own = db.engine.connect()
        with reading(), Session(own) as session:
            assert book.names(session, "before") == ()
            _change(lambda: Session(db.engine), "m-1")
            seen = book.names(session, "during")
            assert seen in {(), ("m-1",)}  # SQLite keeps the page's own moment, PostgreSQL reads committed rows
            session.rollback()
            assert book.names(session, "before") == ("m-1",)
            assert book.names(session, "during") == ("m-1",)
            session.rollback()
        own.close()


def test_a_writing_transaction_remembers_nothing(any_app: Flask) -> None:
    book = _Book()
    with any_app.app_context():
        own = db.engine.connect()
        with Session(own) as session:
            session.add(SeedState(name="m-1", value="1"))
            session.flush()
            assert book.names(session) == ("m-1",)
            session.rollback()
        with reading(), Session(own) as session:
            assert book.names(session) == ()
            session.rollback()
        own.close()


def test_answers_do_not_pile_up_without_end(any_app: Flask) -> None:
    with any_app.app_context():
        own = db.engine.connect()
        with reading(), Session(own) as session:
            for number in range(3 * MOST):
                remembered(session, number, lambda: "")
            assert len(own.info["remembered"][1]) <= MOST
            session.rollback()
        own.close()


def test_an_estimate_is_believed_for_a_while_whatever_changes(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("models.moment.time.monotonic", lambda: clock[0])
    asked = []

    def many(session: Session) -> bool:
        def read() -> bool:
            asked.append(clock[0])
            return bool(session.scalar(select(SeedState.name).where(SeedState.name == "m-1")))

        return recalled(session, "many", read)

    with any_app.app_context(), reading(), Session(db.engine) as session:
        assert not many(session)
        session.rollback()
        _change(lambda: Session(db.engine), "m-1")
        assert many(session)  # what was not worth keeping is asked again
        session.rollback()
        _change(lambda: Session(db.engine), "m-2")
        clock[0] += BELIEVED_SECONDS - 1
        assert many(session)
        session.rollback()
        assert asked == [1_000.0, 1_000.0]
        clock[0] += 2
        assert many(session)
        assert asked == [1_000.0, 1_000.0, clock[0]]
        session.rollback()
    with any_app.app_context(), Session(db.engine) as session:
        assert many(session)  # a writing transaction believes nothing
        assert len(asked) == 4
        session.rollback()
    with any_app.app_context():
        other = create_engine(db.engine.url)
        with reading(), Session(other) as session:
            assert many(session)
        other.dispose()
        assert len(asked) == 5
