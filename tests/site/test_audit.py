"""Every form that saves leaves exactly one line in the log, naming who and what; one that is refused leaves none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.access.permissions import ROLE_PERMISSIONS
from app.audit.verify import verify
from app.extensions import db
from models.people import Role
from models.records import AccessNote, AuditChange, AuditEntry
from tests.site.access_table import MODEL_VIEWS
from tests.support.digests import READING_LEAVES_TRACES, digests
from tests.support.forms import FilledForm, form_to
from tests.support.pages import CheckingClient, check_page
from tests.support.routes import Sample, routes

EDITABLE = sorted(view for view, verbs in MODEL_VIEWS.items() if "edit" in verbs)


def _role_for(view: str) -> Role:
    return next(role for role in Role if MODEL_VIEWS[view]["edit"] in ROLE_PERMISSIONS[role])


def _edit_form(app: Flask, client: CheckingClient, sample: Sample, view: str) -> FilledForm | None:
    route = next(route for route in routes(app) if route.endpoint == f"{view}.edit_view" and route.method == "GET")
    if sample.is_out_of_reach(route):
        return None
    path = sample.address(route)
    response = client.get(path)
    return form_to(check_page(response.get_data(as_text=True)), path) if response.status_code == 200 else None


def _entries(app: Flask) -> list[tuple[str, int | None, int, str]]:
    """(id, who, how many changes, by which way) of each, in order."""
    with app.app_context():
        rows = db.session.execute(
            select(AuditEntry.id, AuditEntry.actor_id, AuditEntry.change_count, AuditEntry.channel).order_by(
                AuditEntry.sequence
            )
        ).all()
        db.session.rollback()
    return [(row.id, row.actor_id, row.change_count, row.channel) for row in rows]


def _longest_text(form: FilledForm) -> str | None:
    """The name of the shown text field that holds the most, and that is no date, number or lookup."""
    names = []
    for field in form.element.iter():
        is_text = field.tag == "textarea" or (field.tag == "input" and (field.get("type") or "text") == "text")
        is_plain = field.get("inputmode") is None and field.get("role") is None and field.get("list") is None
        name = field.get("name")
        if is_text and is_plain and name and not (form.get(name) or "0").isdecimal():
            names.append(name)
    return max(names, key=lambda name: len(form.get(name) or ""), default=None)


@pytest.mark.parametrize("view", EDITABLE)
def test_a_saved_form_is_one_line_in_the_log(
    app: Flask, client: CheckingClient, login: Callable[..., int], view: str
) -> None:
    user_id = login(client, _role_for(view))
    form = _edit_form(app, client, Sample(app, user_id), view)
    if form is None:
        pytest.fail("no row that may be edited: the view has no sample")
    name = _longest_text(form)
    if name is None:
        pytest.fail("no plain text in the form: change something else here")
    before = _entries(app)
    form.set(name, f"{form.get(name)}(改)")
    response = client.post(form.action, data=form.data())
    assert response.status_code == 303
    new = _entries(app)[len(before) :]
    assert [(actor_id, channel) for _, actor_id, _, channel in new] == [(user_id, "screen")]
    with app.app_context():
        changes = list(db.session.scalars(select(AuditChange).where(AuditChange.entry_id == new[0][0])))
        # A new name of an organisation keeps the old one as an alias: one act, two rows.
        assert len(changes) == new[0][2] >= 1
        assert all(change.values for change in changes)


@pytest.mark.parametrize("view", EDITABLE)
def test_a_refused_form_leaves_nothing(
    app: Flask, client: CheckingClient, login: Callable[..., int], view: str
) -> None:
    form = _edit_form(app, client, Sample(app, login(client, _role_for(view))), view)
    if form is None:
        pytest.fail("no row that may be edited: the view has no sample")
    before = digests(app, without=READING_LEAVES_TRACES)
    for name, _ in list(form.pairs):
        if name not in {"csrf_token", "version", "seen"}:
            form.set(name, "あ" * 100_000)
    assert client.post(form.action, data=form.data()).status_code in {400, 413, 422}
    assert digests(app, without=READING_LEAVES_TRACES) == before


@pytest.mark.parametrize("view", EDITABLE)
def test_saving_without_a_change_leaves_no_line(
    app: Flask, client: CheckingClient, login: Callable[..., int], view: str
) -> None:
    form = _edit_form(app, client, Sample(app, login(client, _role_for(view))), view)
    if form is None:
        pytest.fail("no row that may be edited: the view has no sample")
    before = digests(app, without=READING_LEAVES_TRACES)
    assert client.post(form.action, data=form.data()).status_code == 303
    after = digests(app, without=READING_LEAVES_TRACES)
    assert {table for table in after if after[table] != before[table]} == set()


def test_the_chain_is_whole_after_saving(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    login(client, Role.OFFICE)
    with app.app_context():
        engine = db.engine
        assert verify(engine).findings == []


def test_the_guard_of_readings_sees_a_note_that_the_log_does_not_know(app: Flask) -> None:
    digests(app, without=READING_LEAVES_TRACES)
    with app.app_context(), db.engine.begin() as connection:
        note = {
            "actor_label": "試験",
            "action": "display",
            "table_name": "talent",
            "record_count": 1,
            "purpose": "試験",
        }
        connection.execute(insert(AccessNote.__table__), note)
    with pytest.raises(AssertionError, match="no line in the log"):
        digests(app, without=READING_LEAVES_TRACES)
