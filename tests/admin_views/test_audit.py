"""The administrator's reader of the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from admin_views import MODULES
from admin_views.audit_filters import _HEADINGS, record_filters_of
from app.actor import system_actor
from app.audit.access_notes import note_access
from app.audit.plans import model_of_table
from app.audit.queries import LogFilter
from app.audit.recorder import act
from app.audit.verify import verify
from app.problems import Invalid
from models.base import db
from models.people import Role
from models.records import AccessNote, AuditEntry
from models.reference import Area
from models.registry import Project

Login = Callable[..., int]
ACTOR = system_actor("コマンドライン(試験)")


def fill(app: Flask, count: int) -> int:
    """`count` entries, and one with a long text and a person's e-mail; returns its place."""
    with app.app_context():
        session = db.session()
        for number in range(count):
            with act(session, ACTOR, "area:create", f"町名の登録 {number}", reason="住居表示"):
                session.add(Area(name=f"記録町{number}"))
        with act(session, ACTOR, "project:create", "事業の登録"):
            project = Project(fiscal_year=2024, name="<b>花</b>", cost_yen=5000, summary="公園の清掃を行う。" * 20)
            session.add(project)
        with act(session, ACTOR, "project:edit", "事業の変更"):
            project.summary = "公園の植栽を行う。" + "公園の清掃を行う。" * 19
            project.cost_yen = None
        place = session.scalar(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(1))
        db.session.remove()
        assert place is not None
        return place


@pytest.fixture
def client(any_app: Flask) -> FlaskClient:
    """A client over either database."""
    return any_app.test_client()


@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.ADMINISTRATOR)])
def test_the_log_is_closed_to_all_but_administrators(client: FlaskClient, login: Login, role: Role | None) -> None:
    login(client, role)
    for address in ("/audit/", "/audit/1/", "/audit/accesses/", "/audit/export/"):
        assert client.get(address).status_code in (302, 303, 403, 404), address
    assert client.post("/audit/export/", data={"kind": "csv", "purpose": "x"}).status_code in (302, 303, 400, 403, 404)


def test_the_pages_of_the_list_join_without_gap_or_repetition(
    any_app: Flask, client: FlaskClient, login: Login
) -> None:
    login(client, Role.ADMINISTRATOR)
    last = fill(any_app, 115)
    seen: list[int] = []
    address: str | None = "/audit/"
    pages = []
    while address:
        page = client.get(address).text
        pages.append(page)
        seen += _sequences(page)
        address = _link(page, "next")
    assert seen == list(range(last, 0, -1))
    back: list[int] = []
    address = _link(pages[-1], "prev")
    while address:
        page = client.get(address).text
        back = _sequences(page) + back
        address = _link(page, "prev")
    assert back == seen[: len(back)] and len(back) >= 50


def _sequences(page: str) -> list[int]:
    import re

    return [int(found) for found in re.findall(r'href="/audit/(\d+)/"', page)]


def _link(page: str, rel: str) -> str | None:
    import html
    import re

    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return html.unescape(found[1]) if found else None


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"verb": "area"}, True),
        ({"verb": "area:create"}, True),
        ({"verb": "are"}, False),
        ({"who": "コマンドライン"}, True),
        ({"who": "いない人"}, False),
        ({"who": "%"}, False),
        ({"table": "area"}, True),
        ({"table": "area", "key": "999999"}, False),
        ({"table": "project"}, False),
        ({"day_from": "令和元年5月1日", "day_to": "R90.1.1"}, True),
        ({"day_from": "2000-01-01"}, True),
        ({"day_to": "2000-01-01"}, False),
        ({"day_from": "2/30"}, None),
        ({"who": "\x00" + "長" * 500, "verb": "'; --", "table": "x" * 200, "key": "\x00"}, False),
    ],
)
def test_filters(
    any_app: Flask, client: FlaskClient, login: Login, query: dict[str, str], is_found: bool | None
) -> None:
    login(client, Role.ADMINISTRATOR)
    fill(any_app, 2)
    answer = client.get(f"/audit/?{urlencode(query)}")
    assert answer.status_code == 200
    if is_found is None:
        assert "条件を読み取れません" in answer.text
    else:
        assert ("町名の登録 1" in answer.text) is is_found


@pytest.mark.parametrize("place", ["x", "AAAA", "44CB44CC", "MjAyNg==", "-", "9" * 300])
def test_what_is_no_place_is_not_found(client: FlaskClient, login: Login, place: str) -> None:
    login(client, Role.ADMINISTRATOR)
    assert client.get(f"/audit/?before={place}").status_code == 404
    assert client.get(f"/audit/accesses/?after={place}").status_code == 404


def test_an_entry_with_its_changes_and_the_difference_of_texts(
    any_app: Flask, client: FlaskClient, login: Login
) -> None:
    login(client, Role.ADMINISTRATOR)
    place = fill(any_app, 1)
    page = client.get(f"/audit/{place}/").text
    assert "<del>" in page and "清掃" in page and "<ins>" in page and "植栽" in page
    assert "¥5,000" in page and "(なし)" in page
    assert "&lt;b&gt;花&lt;/b&gt;" in client.get(f"/audit/{place - 1}/").text
    for missing in (place + 1000, 0, 10**30):
        assert client.get(f"/audit/{missing}/").status_code == 404
    assert client.get(f"/audit/{place}/?start=-1").status_code == 404


def test_an_entry_of_many_changes_is_paged(any_app: Flask, client: FlaskClient, login: Login) -> None:
    login(client, Role.ADMINISTRATOR)
    with any_app.app_context():
        with act(db.session(), ACTOR, "area:create", "まとめて登録"):
            db.session.add_all(Area(name=f"記録町{number:03}") for number in range(120))
        place = db.session.scalar(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(1))
        db.session.remove()
    seen = 0
    address: str | None = f"/audit/{place}/"
    while address:
        page = client.get(address).text
        seen += page.count("<h3>")
        address = _link(page, "next")
    assert seen == 120


def test_a_list_takes_the_same_queries_however_long(any_app: Flask, client: FlaskClient, login: Login) -> None:
    login(client, Role.ADMINISTRATOR)
    client.get("/audit/")  # what is asked once a process is asked here
    counts: list[int] = []
    statements: list[str] = []
    with any_app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for count in (1, 30):
        fill(any_app, count) if not counts else _more(any_app, count)
        statements.clear()
        client.get("/audit/")
        counts.append(len([statement for statement in statements if statement.startswith("SELECT")]))
    assert counts[0] == counts[1]


def _more(app: Flask, count: int) -> None:
    with app.app_context():
        for number in range(count):
            with act(db.session(), ACTOR, "area:create", "登録"):
                db.session.add(Area(name=f"別の町{number}"))
        db.session.remove()


# --- export --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "csv-cp932", "xlsx"])
def test_the_export_is_whole_and_itself_logged(any_app: Flask, client: FlaskClient, login: Login, kind: str) -> None:
    login(client, Role.ADMINISTRATOR)
    place = fill(any_app, 3)
    asked = {"kind": kind, "purpose": "監査への回答", "verb": "area"}
    answer = client.post("/audit/export/", data=asked)
    assert answer.status_code == 200
    if kind == "xlsx":
        from openpyxl import load_workbook

        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert sheet is not None
        lines = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    else:
        text = answer.data.decode("utf-8-sig" if kind == "csv" else "cp932")
        lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 4 and lines[0][0] == "番号"
    assert [line[7] for line in lines[1:]] == ["町名の登録 2", "町名の登録 1", "町名の登録 0"]
    assert all("町名: (なし) → 記録町" in line[13] for line in lines[1:])
    with any_app.app_context():
        note = db.session.scalars(select(AccessNote)).one()
        assert (note.action, note.table_name, note.record_count, note.purpose) == (
            "export",
            "audit_entry",
            3,
            "監査への回答",
        )
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.sequence == place + 1)).one()
        assert (entry.verb, entry.reason) == ("access:export", "監査への回答")
        db.session.remove()
        assert verify(db.engine).is_ok
        db.session.remove()
    assert "監査への回答" in client.get("/audit/accesses/").text


@pytest.mark.parametrize("data", [{"kind": "csv", "purpose": "  "}, {"kind": "pdf", "purpose": "x"}, {}])
def test_an_export_without_purpose_or_of_another_kind_is_refused(
    any_app: Flask, client: FlaskClient, login: Login, data: dict[str, str]
) -> None:
    login(client, Role.ADMINISTRATOR)
    answer = client.post("/audit/export/", data=data)
    assert answer.status_code == 422 and "書き出せません" in answer.text
    with any_app.app_context():
        assert db.session.scalars(select(AccessNote)).all() == []
        db.session.remove()


# --- notes of access -----------------------------------------------------------------------------------------------


def test_if_the_note_cannot_be_written_nothing_is_read(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.audit import chain

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(chain, "append", fail)
    with any_app.app_context():
        with pytest.raises(OSError, match="disk full"):
            note_access(ACTOR, "display", "area", 1, 1, "確認")
        assert db.session.scalars(select(AccessNote)).all() == []
        db.session.remove()


def test_a_note_needs_a_purpose_and_comes_before_any_change(any_app: Flask) -> None:
    with any_app.app_context():
        with pytest.raises(Invalid):
            note_access(ACTOR, "display", "area", 1, 1, " \x00 ")
        db.session.add(Area(name="x"))
        with pytest.raises(RuntimeError):
            note_access(ACTOR, "display", "area", 1, 1, "確認")
        db.session.rollback()
        db.session.scalars(select(Area)).first()  # the request has read already: its transaction is in the way
        note_access(ACTOR, "display", "area", 1, 1, "確認")
        note = db.session.scalars(select(AccessNote)).one()
        assert (note.record_key, note.purpose, note.actor_label) == ("1", "確認", ACTOR.label)
        db.session.remove()


def test_no_two_choices_of_the_log_read_alike(app: Flask) -> None:
    with app.test_request_context("/audit/"):
        groups = record_filters_of(LogFilter())[0].groups
    labels = [label for _, choices in groups for _, label in choices]
    assert len(set(labels)) == len(labels)
    assert "団体の活動分野" in labels and "活動分野" in labels


def test_the_choices_of_the_log_stand_as_in_the_menu(app: Flask) -> None:
    with app.test_request_context("/audit/"):
        groups = record_filters_of(LogFilter())[0].groups
    headings = [heading for heading, _ in groups]
    assert headings == list(dict.fromkeys(group for _, group in MODULES))
    tables = {heading: [table for table, _ in choices] for heading, choices in groups}
    assert tables["会議"][:2] == ["body", "membership"] and tables["会議"].index("meeting") < tables["会議"].index(
        "minutes"
    )
    known = {name for _, modules in _HEADINGS for name in modules}
    modules = {model_of_table(table).__module__.removeprefix("models.") for of in tables.values() for table in of}  # type: ignore[union-attr]
    assert modules <= known
