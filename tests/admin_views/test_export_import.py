"""What a list gives out, with every column that it has, its import takes in again and finds nothing changed."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from admin_views.base import GuardedView
from app.exchange.specs import get_import
from app.jobs.worker import run_pending
from models.base import db
from models.engine import reading
from models.exchange import ImportRow, ImportRun, ImportStatus, RowKind
from models.people import Role
from tests.support import people
from tests.support.pages import CheckingClient
from tests.support.routes import guarded_views

#: List → the import of the same table, and what its upload page asks. A list without these columns cannot come in again.
PAIRS: dict[str, tuple[str, Role, dict[str, str]]] = {
    "project": ("projects", Role.OFFICE, {"fiscal_year": "2018"}),
    "organization": ("organizations", Role.CENTER, {}),
    "user": ("staff", Role.ADMINISTRATOR, {}),
}


def _taken_in(app: Flask, client: CheckingClient, spec: str, content: bytes, kind: str, asked: dict[str, str]) -> int:
    name = f"一覧.{'xlsx' if kind == 'xlsx' else 'csv'}"
    data = {"file": (io.BytesIO(content), name), **asked}
    answer = client.post(f"/imports/new/{spec}/", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with app.app_context():
        run_pending(app)
    return int(urlsplit(answer.headers["Location"]).path.strip("/").rpartition("/")[2])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("view", PAIRS)
def test_an_exported_list_comes_in_again_unchanged(demo_app: Flask, view: str, kind: str) -> None:
    spec, role, asked = PAIRS[view]
    client = demo_app.test_client()
    assert isinstance(client, CheckingClient)
    people.sign_in(client, role)
    screen: GuardedView = guarded_views(demo_app)[view]
    columns = ",".join(column.key for column in screen.columns)
    file = client.get(f"/{view}/export/{kind}/?columns={columns}")
    assert file.status_code == 200
    run_id = _taken_in(demo_app, client, spec, file.data, kind, asked)
    with demo_app.app_context(), reading():
        run = db.session.get_one(ImportRun, run_id)
        assert run.status is ImportStatus.READY, run.message
        wrong = db.session.scalars(
            select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.kind != RowKind.UNCHANGED).limit(5)
        ).all()
        assert [(one.label, one.kind, one.old, one.values, one.problems) for one in wrong] == []
        count = db.session.scalar(select(func.count()).select_from(screen.model)) or 0
        assert 3 <= (run.unchanged_count or 0) <= count
        read = set(run.column_keys)
        db.session.remove()
    labels = {name for column in get_import(spec).columns for name in (column.label, *column.aliases)}
    named = {column.label for column in screen.columns} & labels
    assert len(read) == len(named), "a column that the import knows was not read"
