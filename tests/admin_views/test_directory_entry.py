"""What helps the centre to keep the directory: what is missing leads to its field, the rule, likenesses, facets, papers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from admin_views.directory_columns import COLUMNS
from app.directory import services
from app.directory.completeness import CRITERIA
from app.extensions import db
from models.directory import Organization
from models.people import Role
from models.reference import ActivityField
from tests.support.directory import PDF
from tests.support.pages import CheckingClient
from tests.support.registry import actor

Login = Callable[..., int]


def _group(app: Flask, name: str, **values: Any) -> int:
    with app.app_context():
        session = db.session()
        key = services.create_organization(
            session, actor=actor(session, Role.CENTER), values={"name": name, **values}
        ).id
        db.session.remove()
    return key


def test_each_thing_that_is_missing_leads_to_the_very_field(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    page = client.get(f"/organization/{_group(app, '架空からっぽの会')}/").text
    missing = "".join(re.findall(r"足りないもの:</strong>(.*?)</p>", page, re.DOTALL))
    links = re.findall(r'href="([^"#]+)#([^"]+)">([^<]+)</a>', missing)
    assert sorted(label for _, _, label in links) == sorted(one.label for one in CRITERIA)
    texts = {address: client.get(address).text for address in {address for address, _, _ in links}}
    lost = [(address, anchor) for address, anchor, _ in links if f'id="{anchor}' not in texts[address]]
    assert lost == []


def test_the_rule_of_completeness_is_shown_as_it_is(client: CheckingClient, login: Login) -> None:
    login(client, Role.COMMITTEE)
    page = client.get("/organization/completeness/").text
    assert all(one.wording in page for one in CRITERIA)


def test_what_is_alike_is_told_while_it_is_typed(app: Flask, client: CheckingClient, login: Login) -> None:
    _group(app, "特定非営利活動法人架空にている会", phone="042-000-8888", web="https://niteiru.example.jp/")
    login(client, Role.CENTER)
    for typed, reason in (
        ({"name": "(特非)架空ニテイル会"}, None),
        ({"name": "NPO法人 架空にている会"}, "名称が同じ"),
        ({"name": "架空にている　会々"}, "名称が似ている"),
        ({"name": "x", "phone": "０４２０００８８８８"}, "電話番号が同じ"),
        ({"name": "x", "web": "http://www.niteiru.example.jp"}, "ウェブサイトが同じ"),
        ({"name": ""}, ""),
    ):
        told = client.post("/organization/likely/", data=typed).text
        if reason is None:
            reason = "名称が同じ"
        assert (reason in told) if reason else (told.strip() == ""), typed
    login(client, Role.DEPARTMENT)
    assert client.post("/organization/likely/", data={"name": "架空にている会"}).status_code == 403


def test_hits_fall_into_facets_that_count_and_narrow(app: Flask, client: CheckingClient, login: Login) -> None:
    with app.app_context():
        field = db.session.scalars(select(ActivityField).order_by(ActivityField.number)).first()
        assert field is not None
        number, name = field.id, field.name
        db.session.remove()
    for place in range(3):
        _group(app, f"架空ふぁせっと{place}の会", fields=[number] if place else [])
    login(client, Role.CENTER)
    page = client.get("/organization/?q=架空ふぁせっと&facets=1").text
    found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(name)}<span class="facet-count">(\d+)</span>', page)
    assert found is not None and found[2] == "2"
    assert "2件中" in client.get(found[1].replace("&amp;", "&")).text
    for title in ("活動分野", "種別", "あすぴあの登録", "情報の充実度", "内容の確認"):
        assert re.search(rf'<h3 class="facet-title"[^>]*>{title}</h3>', page), title


@pytest.mark.parametrize(
    ("content", "name", "taken"),
    [
        (PDF, "規約.pdf", True),
        (b"MZ\x90\x00" + b"\x00" * 200, "規約.pdf", False),
        (b"<html><script>1</script></html>", "規約.pdf", False),
        (b"", "規約.pdf", False),
        (b"%PDF-1.4\n" + b"0" * (20 * 1024 * 1024 + 1), "大.pdf", False),
    ],
    ids=["pdf", "program", "page", "empty", "too large"],
)
def test_a_paper_is_what_it_holds_not_what_it_is_called(
    app: Flask, client: CheckingClient, login: Login, content: bytes, name: str, taken: bool
) -> None:
    key = _group(app, "架空しょるいの会")
    login(client, Role.CENTER)
    address = f"/organization/{key}/papers/"
    data = {"field": "bylaws_file", "file": (io.BytesIO(content), name)}
    answer = client.post(address, data=data, content_type="multipart/form-data")
    assert answer.status_code == (303 if taken else 422)
    page = client.get(address).text if taken else answer.text
    assert (name in page) is taken
    assert taken or "。" in page.split("field-error", 1)[-1] or "error-summary" in page


def test_home_names_groups_whose_consent_nobody_noted(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    before = client.get("/organization/?f-consent=missing").text
    key = _group(app, "架空どういなしの会", purpose="試す。", is_confirmed=True)
    assert "公開範囲の同意の記録" in client.get("/").text
    assert f"/organization/{key}/" in client.get("/organization/?f-consent=missing").text
    assert f"/organization/{key}/" not in before
    with app.app_context():
        assert db.session.get_one(Organization, key).consents == []
    login(client, Role.DEPARTMENT)
    assert "公開範囲の同意の記録" not in client.get("/").text


def test_whether_likenesses_are_taken_is_chosen_not_typed(client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    page = client.get("/imports/new/organizations/").text
    assert re.search(r'<select[^>]*name="allows_similar">\s*<option value="">いいえ</option>', page)


def test_no_list_is_sorted_by_what_a_group_may_close() -> None:
    assert {column.key for column in COLUMNS if column.sort} == {"name", "reading"}
