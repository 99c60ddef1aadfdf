"""A list costs the same number of queries for one row as for three."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app.extensions import db
from models.people import Role
from tests.support.pages import CheckingClient
from tests.support.queries import counted_statements
from tests.support.routes import guarded_views

#: Queries of a plain list: session and user (1 and 2), their assignments with departments, what the role must still
#: do, departments that succeeded others, saved views, the count, the ids of the page, the rows, and the banner.
#: Lists with collections take one more for each (selectinload).
AT_MOST = 20


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


def _endpoints() -> list[str]:
    from tests.site.access_table import MODEL_VIEWS

    return sorted(MODEL_VIEWS)


@pytest.mark.parametrize("endpoint", _endpoints())
def test_a_list_costs_the_same_for_one_row_as_for_three(
    app: Flask, client: CheckingClient, login: Callable[..., int], endpoint: str
) -> None:
    model = guarded_views(app)[endpoint].model
    login(client, Role.ADMINISTRATOR if endpoint in {"user"} else Role.OFFICE)
    counts = {}
    for rows in (3, 1):
        _keep(app, model, rows)
        client.get(f"/{endpoint}/")  # caches of the process are warm for both
        with counted_statements(app) as statements:
            response = client.get(f"/{endpoint}/")
        if response.status_code == 403:
            pytest.skip("not for this role")
        assert response.status_code == 200
        counts[rows] = len(statements)
    assert counts[1] == counts[3], statements
    assert counts[3] <= AT_MOST
