"""The pages of a proposal's Excel form: download, upload, differences, taking; and hostile files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from models.calls import CallState
from models.people import Role
from models.proposals import Proposal, ProposalState
from models.records import AccessNote
from tests import factories
from tests.app.calls import support
from tests.support.pages import CheckingClient


@pytest.fixture
def ids(app: Flask) -> tuple[int, int, int]:
    """(call, proposal with a contact, group)."""
    with app.app_context():
        call = support.a_call(db.session())
        proposal = support.a_proposal(db.session(), call, contact_name="小平花子", state=ProposalState.SUBMITTED)
        return call.id, proposal.id, factories.an_organization(db.session(), name="試験の新しい会").id


def _upload(client: CheckingClient, content: bytes, name: str = "様式.xlsx") -> tuple[int, str]:
    answer = client.post("/proposal-forms/upload/", data={"file": (io.BytesIO(content), name)})
    return answer.status_code, answer.headers.get("Location", "") or answer.get_data(as_text=True)


def _entered(content: bytes, label: str, value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book["応募書"].iter_rows():
        if str(row[0].value).removesuffix("(必須)") == label:
            row[1].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _take(client: CheckingClient, address: str) -> int:
    page = client.get(address).get_data(as_text=True)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    return client.post(address.replace("differences", "take"), data={"seen": seen[1]}).status_code


def test_a_new_application_comes_in_by_the_form(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: tuple[int, int, int]
) -> None:
    call_id, _, group_id = ids
    login(client, Role.OFFICE)
    form = client.get(f"/proposal-forms/form.xlsx?call={call_id}&organization={group_id}").data
    status, address = _upload(client, _entered(form, "事業名", "みどりの学校"))
    assert status == 303
    assert "新しい応募(下書き)を作ります。" in client.get(address).get_data(as_text=True)
    assert "様式.xlsx" in client.get("/proposal-forms/").get_data(as_text=True)
    assert _take(client, address) == 303
    assert client.get(address).status_code == 404
    with app.app_context():
        made = db.session.scalars(select(Proposal).where(Proposal.title == "みどりの学校")).one()
        assert (made.organization_id, made.state) == (group_id, ProposalState.DRAFT)


def test_contacts_go_out_with_a_note_and_changes_come_back(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: tuple[int, int, int]
) -> None:
    login(client, Role.OFFICE)
    form = client.get(f"/proposal-forms/{ids[1]}/form.xlsx").data
    with app.app_context():
        notes = select(func.count()).select_from(AccessNote).where(AccessNote.record_key == str(ids[1]))
        assert db.session.scalar(notes) == 1
        db.session.rollback()
    status, address = _upload(client, _entered(form, "実施場所", "中央公民館"))
    assert status == 303
    assert "中央公民館" in client.get(address).get_data(as_text=True)
    assert client.post(address.replace("differences", "take"), data={"seen": "x"}).status_code == 303
    assert "変更されました" in client.get(address).get_data(as_text=True)
    assert _take(client, address) == 303
    with app.app_context():
        found = db.session.get(Proposal, ids[1])
        assert found is not None
        assert (found.place, found.state) == ("中央公民館", ProposalState.SUBMITTED)


@pytest.mark.parametrize(
    ("content", "name", "status", "told"),
    [
        (b"", "x.xlsx", 422, "0バイト"),
        (b"MZ" + bytes(1000), "様式.pdf", 422, "Excel"),
        (b"%PDF-1.7", "../../etc/passwd", 422, "Excel"),
        (b"PK\x03\x04" + bytes(50), "あ" * 300 + ".xlsx", 422, "取り込めませんでした"),
        (bytes(6 * 1024 * 1024), "x.xlsx", 422, "大きすぎます"),
        (bytes(51 * 1024 * 1024), "x.xlsx", 413, "大きすぎます"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(
    client: CheckingClient, login: Callable[..., int], content: bytes, name: str, status: int, told: str
) -> None:
    login(client, Role.OFFICE)
    found, text = _upload(client, content, name)
    assert (found, told in text) == (status, True), text[:2000]


def test_without_a_choice_or_a_file_the_page_says_so(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: tuple[int, int, int]
) -> None:
    login(client, Role.OFFICE)
    assert client.get("/proposal-forms/form.xlsx").status_code == 422
    assert "団体を選んでください" in client.get(f"/proposal-forms/form.xlsx?call={ids[0]}").get_data(as_text=True)
    typed = client.get(f"/proposal-forms/form.xlsx?call={ids[0]}&organization__text=試験の新しい会")
    assert typed.status_code == 200
    assert client.post("/proposal-forms/upload/").status_code == 422
    with app.app_context():
        number = support.a_call(db.session(), state=CallState.PREPARING, opened_at=None).id
    assert client.get(f"/proposal-forms/form.xlsx?call={number}&organization={ids[2]}").status_code == 200


def test_nobody_else_comes_near(client: CheckingClient, login: Callable[..., int], ids: tuple[int, int, int]) -> None:
    login(client, Role.OFFICE)
    _, address = _upload(client, client.get(f"/proposal-forms/{ids[1]}/form.xlsx").data)
    for role in (Role.DEPARTMENT, Role.COMMITTEE, Role.CENTER, Role.ADMINISTRATOR):
        login(client, role)
        for path in ("/proposal-forms/", f"/proposal-forms/{ids[1]}/form.xlsx", address):
            assert client.get(path).status_code == 403
