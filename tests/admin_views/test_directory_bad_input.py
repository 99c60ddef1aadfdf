"""What people send that is not as it should be, posted as they post it: a sentence each, nothing lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.directory.finding import search_groups
from app.directory.services import create_organization
from app.extensions import db
from models.directory import Organization
from models.directory_records import FinancialStatement
from models.people import Role
from tests.admin_views.test_directory_rounds import ids, returned  # noqa: F401
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page
from tests.support.registry import actor

Login = Callable[..., int]


def _edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _number(book: Any, change: Callable[[str], str]) -> None:
    """Change the signed number on every sheet."""
    for name in ("登録内容", "活動の記録", "決算", "会員数"):
        book[name]["B2"].value = change(str(book[name]["B2"].value))


def _moved(book: Any) -> None:
    sheet = book["登録内容"]
    sheet.protection.sheet = False
    for row in sheet.iter_rows(min_row=1):
        if row[0].value == "活動目的":
            row[1].value = "動かした様式。"
    sheet.insert_cols(1)


def test_forms_that_were_tampered_with(
    app: Flask,
    client: CheckingClient,
    login: Login,
    ids: dict[str, int],  # noqa: F811
) -> None:
    login(client, Role.CENTER)
    good = returned(client, ids, "一つ目。")
    with_picture = io.BytesIO(returned(client, ids, "写真つき。"))
    with zipfile.ZipFile(with_picture, "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n")

    mine, other = str(ids["form"]), str(ids["form"] + 1)
    sent = {
        "一つ目.xlsx": good,
        "同じ団体の二つ目.xlsx": with_picture.getvalue(),
        "番号を書き換え.xlsx": _edited(good, lambda book: _number(book, lambda text: text.replace(mine, other))),
        "署名が欠けた.xlsx": _edited(good, lambda book: _number(book, lambda text: text[:-2])),
        "列を動かした.xlsx": _edited(good, _moved),
    }
    files = {"files": [(io.BytesIO(content), name) for name, content in sent.items()]}
    address = f"/confirmation-rounds/{ids['round']}/"
    assert client.post(f"{address}upload/", data=files, content_type="multipart/form-data").status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert all(name in page for name in sent), "nothing is lost"
    assert page.count("様式番号が正しくありません") == 2
    assert "同じ団体の様式がもう1つ届いています" in page
    with app.app_context():
        group = db.session.get(Organization, ids["organization"])
        assert group is not None
        assert group.purpose == "試す。", "nothing is taken before somebody looks"


@pytest.fixture
def group(app: Flask) -> int:
    """A group of its own."""
    with app.app_context():
        session = db.session()
        return create_organization(session, actor=actor(session, Role.CENTER), values={"name": "架空ためしの会"}).id


def _edit(client: CheckingClient, group: int, **values: str) -> Any:
    address = f"/organization/{group}/edit/"
    form = form_to(check_page(client.get(address).get_data(as_text=True)), address)
    for name, value in values.items():
        form.set(name, value)
    return client.post(address, data=form.data())


def test_long_and_odd_texts_of_a_group(app: Flask, client: CheckingClient, login: Login, group: int) -> None:
    login(client, Role.CENTER)
    name = "葛\U000e0100城🌸の会" + "あ" * 294
    assert len(name) == 300
    assert _edit(client, group, name=name).status_code == 303
    refused = _edit(client, group, name="い" * 301)
    assert refused.status_code == 422 and "300文字以内" in refused.get_data(as_text=True)
    huge = _edit(client, group, purpose="うみべのながいことば" * 350_000)  # ten megabytes
    assert huge.status_code in {413, 422}
    assert "文字以内" in huge.get_data(as_text=True) or "大きすぎ" in huge.get_data(as_text=True)
    with app.app_context():
        session = db.session()
        held = session.get(Organization, group)
        assert held is not None
        assert held.name == name and held.purpose is None
        center = actor(session, Role.CENTER)
        assert [one.id for one in search_groups(session, center, "葛城🌸の会").organizations] == [group]
        assert not search_groups(session, center, "うみべのながい").organizations


def test_statements_that_cannot_be_and_one_that_may(
    app: Flask, client: CheckingClient, login: Login, group: int
) -> None:
    login(client, Role.CENTER)
    address = f"/organization/{group}/rows/statements/"

    def post(*lines: tuple[str, str, str]) -> Any:
        data = {"seen": ""}
        for place, line in enumerate(lines):
            names = ("fiscal_year", "income_yen", "expenditure_yen")
            data |= {f"statements-{place}-{name}": value for name, value in zip(names, line, strict=True)}
        return client.post(address, data=data)

    twice = post(("R7", "100", "90"), ("令和7年度", "200", "100"))
    assert twice.status_code == 422 and "1行目にもあります" in twice.get_data(as_text=True)
    assert 'value="200"' in twice.get_data(as_text=True), "what was typed is still there"
    negative = post(("R7", "-100", "90"))
    assert negative.status_code == 422 and "0円より小さい" in negative.get_data(as_text=True)
    assert post(("R7", "100", "190")).status_code == 303
    page = client.get(f"/organization/{group}/").get_data(as_text=True)
    assert "支出が収入を" in page or "赤字" in page or "超" in page
    with app.app_context():
        held = db.session.scalars(select(FinancialStatement).where(FinancialStatement.organization_id == group)).all()
        assert [(row.income_yen, row.expenditure_yen, row.is_deficit) for row in held] == [(100, 190, True)]
