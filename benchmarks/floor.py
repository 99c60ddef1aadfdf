"""What our pages are measured against: (a) the floor, a bare Flask route with the least SQL and a plain Jinja table;
(b) a stock Flask-Admin view of the same table. Neither has login, scope, log or Japanese search."""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from flask import Flask, Response, redirect, render_template_string, request
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy

from app.config import Settings

LIST = """<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>list</title></head><body><table>
<tr><th>name</th><th>reading</th><th>kind</th></tr>
{% for row in rows %}<tr><td><a href="/{{ row[0] }}">{{ row[1] }}</a></td><td>{{ row[2] }}</td><td>{{ row[3] }}</td></tr>
{% endfor %}</table></body></html>"""
FORM = """<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>form</title></head><body><form method="post">
{% for value in row %}<label>x <input name="v{{ loop.index }}" value="{{ value or '' }}"></label>{% endfor %}
<button>save</button></form></body></html>"""
_COLUMNS = "id, name, reading, kind"


def connector(settings: Settings) -> Callable[[], Any]:
    """Opens one connection for good; both drivers bare."""
    if settings.is_sqlite:
        path = settings.database_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        return lambda: connection
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    server = psycopg.connect(url, autocommit=True)
    return lambda: server


def floor_app(settings: Settings) -> Flask:
    """The floor over the same database."""
    app = Flask("floor")
    connect = connector(settings)
    mark = "?" if settings.is_sqlite else "%s"

    def rows(sql: str, *values: Any) -> list[Any]:
        return list(connect().execute(sql.replace("?", mark), values).fetchall())

    @app.get("/")
    def listing() -> str:
        order = "name" if request.args.get("sort") else "id"
        where, values = "", []
        if request.args.get("kind"):
            where, values = "WHERE kind = ?", [request.args["kind"]]
        offset = int(request.args.get("offset", 0))
        found = rows(f"SELECT {_COLUMNS} FROM organization {where} ORDER BY {order} LIMIT 50 OFFSET ?", *values, offset)
        return render_template_string(LIST, rows=found)

    @app.get("/<int:key>")
    def form(key: int) -> str:
        return render_template_string(FORM, row=rows("SELECT * FROM organization WHERE id = ?", key)[0])

    @app.post("/<int:key>")
    def save(key: int) -> Any:
        rows("UPDATE organization SET note = ? WHERE id = ? RETURNING id", request.form["note"], key)
        return redirect("/")

    @app.get("/export")
    def export() -> Response:
        def lines() -> Iterator[str]:
            cursor = connect().execute(f"SELECT {_COLUMNS} FROM organization ORDER BY id")
            while chunk := cursor.fetchmany(1000):
                buffer = io.StringIO()
                csv.writer(buffer).writerows(chunk)
                yield buffer.getvalue()

        return Response(lines(), mimetype="text/csv")

    return app


class StockView(ModelView):  # type: ignore[misc]
    """Flask-Admin as it comes, with search and a filter."""

    page_size = 50
    can_export = True
    export_max_rows = 0
    column_list = ("name", "reading", "kind")
    column_searchable_list = ("name", "purpose")
    column_filters = ("kind",)
    form_columns = ("name", "reading", "legal_form", "purpose", "activities", "web", "note")


@contextlib.contextmanager
def stock_app(settings: Settings) -> Iterator[Flask]:
    """Stock Flask-Admin over the same database, with a plain model of the table that our log knows nothing of."""
    app = Flask("stock")
    app.config.update(SQLALCHEMY_DATABASE_URI=settings.database_url, SECRET_KEY="x")
    db = SQLAlchemy()
    db.init_app(app)
    Babel(app)
    with app.app_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = db.Table("organization", db.metadata, autoload_with=db.engine)
        model = type("StockOrganization", (db.Model,), {"__table__": table})
        Admin(app, name="stock", url="/").add_view(StockView(model, db, endpoint="organization"))
    yield app
    with app.app_context():
        db.engine.dispose()
