"""A list costs the same number of queries for one row as for three."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app.extensions import db
from models.people import Role
from tests.site.access_table import MODEL_VIEWS
from tests.support.pages import CheckingClient
from tests.support.queries import counted_statements
from tests.support.routes import guarded_views

#: Each list asks for the session with user and roles, the count, a page of rows and the saved views; nothing else on a
#: plain one. What is remembered until the next change (models.moment) is counted: this is the cost after a change.
PLAIN = 4
#: And what it asks besides. A number that changes here is a decision, not an accident.
BESIDES: dict[str, int] = {
    # their meetings, the meetings' bodies, the filter's bodies
    "agenda-item": 3,
    # the filter's years
    "call": 1,
    # the filter's years
    "challenge": 1,
    # their talents, requests and groups; the note that personal data was seen, in the log (entry, change, note, head read and moved)
    "match": 8,
    # their bodies, the filter's bodies and years
    "meeting": 3,
    # their bodies
    "membership": 1,
    # the filter's templates and years
    "notice": 2,
    # their consents and fields, the rule of registration, the filters' fields, areas and audiences
    "organization": 4,
    # their candidates
    "partner-search": 1,
    # their departments and partners; the filters' years, departments, forms and categories
    "project": 6,
    # the filters' years, programs, calls and departments
    "proposal": 4,
    # their agenda items, meetings and bodies, the filter's bodies
    "resolution": 4,
    # their skills, the filter's fields
    "talent": 2,
    # their groups, the filter's fields
    "talent-request": 2,
    # their assignments with departments
    "user": 1,
}
#: Lists that are noted in the log when they are seen: every look is a change.
LOGGED = {"match"}
#: Lists that the office does not see.
ROLES = {"user": Role.ADMINISTRATOR, "match": Role.CENTER}


def _keep(app: Flask, model: type, count: int) -> None:
    """Leave `count` rows of the model's table, and of lines that name it, whatever else there is."""
    table = inspect(model).local_table
    with app.app_context():
        path = db.engine.url.database
        keys = list(db.session.scalars(select(inspect(model).primary_key[0]).order_by(inspect(model).primary_key[0])))
        db.session.rollback()
        db.engine.dispose()
    assert path is not None
    kept = ", ".join(str(key) for key in keys[:count]) or "NULL"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f'DELETE FROM "{table.name}" WHERE id NOT IN ({kept})')
        for other in db.metadata.sorted_tables:
            for column in other.columns:
                if any(key.column.table is table for key in column.foreign_keys) and not column.nullable:
                    connection.execute(f'DELETE FROM "{other.name}" WHERE "{column.name}" NOT IN ({kept})')
    connection.close()


@pytest.mark.parametrize("endpoint", sorted(MODEL_VIEWS))
def test_a_list_costs_the_same_for_one_row_as_for_three(
    app: Flask, client: CheckingClient, login: Callable[..., int], endpoint: str
) -> None:
    model = guarded_views(app)[endpoint].model
    login(client, ROLES.get(endpoint, Role.OFFICE))
    counts = {}
    for rows in (3, 1):
        _keep(app, model, rows)
        client.get(f"/{endpoint}/")  # caches of the process are warm for both
        with app.app_context():
            db.engine.dispose()  # a new connection has nothing remembered
        with counted_statements(app) as statements:
            response = client.get(f"/{endpoint}/")
        assert response.status_code == 200
        counts[rows] = len(statements)
        with counted_statements(app) as again:
            client.get(f"/{endpoint}/")
        assert len(again) < len(statements) or endpoint in LOGGED, again
    wanted = PLAIN + BESIDES.get(endpoint, 0)
    assert counts == {3: wanted, 1: wanted}, statements
