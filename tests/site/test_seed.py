"""Loading the reference data again gives the same rows, and leaves no line in the log."""

from __future__ import annotations

from flask import Flask

from app.actor import system_actor
from app.extensions import db
from seed import loader
from tests.support.digests import digests


def test_loading_twice_gives_the_same_rows(any_app: Flask) -> None:
    before = digests(any_app)
    with any_app.app_context():
        loader.load(db.session(), "kodaira", actor=system_actor())
    assert digests(any_app) == before
