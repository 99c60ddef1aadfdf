"""A row out of scope is refused at every door, of every model view, for every role: page, history, edit, delete,
restore, bulk action, export and lookup. A row in sight but not one's own opens for reading only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, not_, select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.access.permissions import ROLE_PERMISSIONS
from app.access.scopes import editable_by, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.extensions import db
from models.base import Base, SoftDeleted, utc_now
from models.people import Role, User
from tests import factories
from tests.site.access_table import MODEL_VIEWS
from tests.support.digests import READING_LEAVES_TRACES, digests
from tests.support.pages import CheckingClient
from tests.support.routes import guarded_views

HIDDEN = "秘匿の試験名"
OTHERS = "他課の試験名"


def _hide_rows(session: Session) -> None:
    """Rows that somebody may not see: unpublished, deleted, of another department, of nobody signed in."""
    elsewhere = factories.a_department(session, name="よその課")
    factories.a_project(session, name=f"{OTHERS}の事業", departments=[elsewhere])
    deleted = [
        factories.a_project(session, name=f"{HIDDEN}の事業"),
        factories.an_organization(session, name=f"{HIDDEN}の会"),
    ]
    with act(session, factories.SYSTEM, "test:delete", "試験の削除"):
        for row in deleted:
            row.deleted_at = utc_now()


def _first(session: Session, model: type[Base], rule: Any) -> int | None:
    primary = inspect(model).primary_key[0]
    found: int | None = session.scalar(select(primary).where(rule).order_by(primary.desc()).limit(1))
    return found


def _rows_of(app: Flask, user_id: int) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """({view: a key out of sight}, {view: a key in sight but not to be changed})."""
    hidden, read_only = {}, {}
    with app.app_context():
        session = db.session()
        actor: Actor = actor_of(session, session.get_one(User, user_id))
        for endpoint, view in guarded_views(app).items():
            seen = visible_to(view.model, actor)
            hidden[endpoint] = _first(session, view.model, not_(seen))
            read_only[endpoint] = _first(session, view.model, seen & not_(editable_by(view.model, actor)))
        session.rollback()
    return hidden, read_only


def _may(role: Role, view: str, verb: str) -> bool:
    permission = MODEL_VIEWS[view].get(verb)
    return permission is not None and permission in ROLE_PERMISSIONS[role]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_no_door_opens_for_a_row_out_of_scope(
    app: Flask, client: CheckingClient, login: Callable[..., int], role: Role
) -> None:
    user_id = login(client, role)
    with app.app_context():
        _hide_rows(db.session())
    hidden, read_only = _rows_of(app, user_id)
    before = digests(app, without=READING_LEAVES_TRACES)
    wrong = []

    def expect(method: str, path: str, data: dict[str, Any] | None, *wanted: int) -> None:
        status = client.open(path, method=method, data=data).status_code
        if status not in wanted:
            wrong.append(f"{method} {path}: {status} instead of {wanted}")

    for view, key in hidden.items():
        if key is None:
            continue
        for door in ("", "history/", "edit/", "delete/"):
            expect("GET", f"/{view}/{key}/{door}", None, 403, 404)
        for door in ("edit/", "delete/"):
            expect("POST", f"/{view}/{key}/{door}", {"version": "1"}, 403, 404)
        if not issubclass(guarded_views(app)[view].model, SoftDeleted):
            expect("POST", f"/{view}/{key}/restore/", {}, 403, 404)
        for name in ("any", *guarded_views(app)[view].bulk_actions):
            expect("POST", f"/{view}/action/", {"action": name, "rowid": str(key), "confirmed": "yes"}, 403, 404)
    for view, key in read_only.items():
        if key is None or not _may(role, view, "read"):
            continue
        expect("GET", f"/{view}/{key}/", None, 200)
        for door in ("edit/", "delete/"):
            expect("GET", f"/{view}/{key}/{door}", None, 403)
            expect("POST", f"/{view}/{key}/{door}", {"version": "1"}, 403)
    assert "\n".join(wrong) == ""
    after = digests(app, without=READING_LEAVES_TRACES)
    assert {table for table in after if after[table] != before[table]} == set()


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
@pytest.mark.parametrize("view", ["project", "organization"])
def test_lists_lookups_and_files_hold_nothing_out_of_scope(
    app: Flask, client: CheckingClient, login: Callable[..., int], role: Role, view: str
) -> None:
    login(client, role)
    with app.app_context():
        _hide_rows(db.session())
    sees_others = {Role.OFFICE, Role.CENTER, Role.DEPARTMENT}
    for path in (f"/{view}/", f"/{view}/?q={HIDDEN}", f"/{view}/?q=試験名", f"/{view}/lookup/?q=試験名"):
        found = client.get(path).get_data(as_text=True).replace(f'value="{HIDDEN}"', "")
        assert f"{HIDDEN}の" not in found, path
        if view == "project" and role not in sees_others:
            assert f"{OTHERS}の" not in found, path
    file = client.get(f"/{view}/export/csv/?q=試験名").get_data(as_text=True)
    assert f"{HIDDEN}の" not in file
    if view == "project":
        assert (f"{OTHERS}の" in file) == (role in sees_others)
