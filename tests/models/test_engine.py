"""How connections are opened and taken from the pool."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from models import engine as engines


@pytest.mark.postgresql
def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(
    postgres_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "TRUSTED_SECONDS", 0.0)
    with postgres_app.app_context():
        with db.engine.connect() as connection:
            ended = connection.scalar(text("SELECT pg_backend_pid()"))
        address = db.engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as outside:
            outside.execute("SELECT pg_terminate_backend(%s)", [ended])
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) != ended
        db.engine.dispose()
