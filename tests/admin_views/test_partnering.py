"""Screens of choosing a partner: from a problem to a choice, as a department works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from models.directory import Organization
from models.partnering import PartnerSearch
from models.people import Role
from models.reference import Department, Program
from tests.app.partnering.support import a_search
from tests.factories import an_organization
from tests.support.forms import FilledForm, form_to
from tests.support.pages import CheckingClient, check_page


@pytest.fixture(autouse=True)
def _without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENT_VECTORS", "off")


def _form(client: CheckingClient, address: str) -> FilledForm:
    """The form of a page that posts to the page itself."""
    return form_to(check_page(client.get(address).get_data(as_text=True)), address)


def _own(app: Flask, **more: object) -> tuple[int, int]:
    """(id of a search, id of its department): of the department that a login without one gets."""
    with app.app_context():
        session = db.session()
        department = session.scalars(select(Department.id).order_by(Department.id).limit(1)).one()
        key = a_search(session, department, **more).id
        an_organization(session, name="架空れこーど鑑賞会", activities="蓄音機で古いレコードの鑑賞")
        db.session.rollback()
    return key, department


def test_a_department_goes_from_a_problem_to_a_choice(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    login(client, Role.DEPARTMENT)
    _, department = _own(app)
    form = _form(client, "/partner-search/new/")
    form.set("title", "蓄音機の会").set("department_id", str(department)).set(
        "problem", "蓄音機でレコードの鑑賞がしたい。担当者の番号は1234-5678-9018"
    )
    made = client.post(form.action, data=form.data())
    assert made.status_code == 303
    page = made.location
    assert "個人番号(マイナンバー)と思われる12桁の数字" in client.get(page).get_data(as_text=True)
    groups = client.get(f"{page}groups/").get_data(as_text=True)
    assert "架空れこーど鑑賞会" in groups and "言葉の一致だけで並べています" in groups
    with app.app_context():
        group = db.session.scalars(select(Organization.id).where(Organization.name == "架空れこーど鑑賞会")).one()
        db.session.rollback()
    client.post(f"{page}take/", data={"organization": str(group), "back": "groups"})
    assert client.post(f"{page}decide/", data={"version": "1"}).status_code == 422
    with app.app_context():
        search = db.session.scalars(select(PartnerSearch).where(PartnerSearch.title == "蓄音機の会")).one()
        candidate = search.candidates[0]
        keys = search.id, candidate.id
        assert candidate.rank_when_taken == 1
        db.session.rollback()
    judge = f"{page}candidates/{keys[1]}/"
    form = _form(client, judge)
    form.set("has_common_purpose", "yes").set("has_workable_method", "yes").set("purpose_note", "同じ思い")
    assert client.post(judge, data=form.data()).status_code == 303
    form = _form(client, f"{page}edit/")
    form.set("method", "話を聞く").set("criteria", "実績").set("supports", "money", "help").set("lead", "group")
    assert client.post(f"{page}edit/", data=form.data()).status_code == 303
    assert "補助・助成" in client.get(f"{page}edit/").get_data(as_text=True)
    assert "架空れこーど鑑賞会" in client.get(f"{page}compare/").get_data(as_text=True)
    form = _form(client, f"{page}decide/")
    form.set("candidates", str(keys[1])).set("reason", "同じ思いで続けている")
    assert client.post(f"{page}decide/", data=form.data()).status_code == 303
    told = client.get(page).get_data(as_text=True)
    assert "同じ思いで続けている" in told
    assert told.index("協働事業として登録する") < told.index("合う団体を見る</a>")  # what comes next stands first
    assert client.get(f"{page}edit/").status_code == 403
    assert client.get(f"{page}pdf/").data.startswith(b"%PDF-")
    project = client.post(f"{page}project/")
    assert project.status_code == 303 and "/project/" in project.location
    assert "蓄音機の会" in client.get(project.location).get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.CENTER, Role.AGENCY, Role.ADMINISTRATOR])
def test_others_find_nothing_here(app: Flask, client: CheckingClient, login: Callable[..., int], role: Role) -> None:
    key, _ = _own(app)
    login(client, role)
    for door in ("", f"{key}/", f"{key}/groups/", f"{key}/compare/", f"{key}/pdf/"):
        assert client.get(f"/partner-search/{door}").status_code == 403


def test_what_two_people_take_at_once_is_taken_once(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    key, _ = _own(app)
    login(client, Role.OFFICE)
    with app.app_context():
        group = db.session.scalars(select(Organization.id).where(Organization.name == "架空れこーど鑑賞会")).one()
        db.session.rollback()
    for _ in range(2):
        assert client.post(f"/partner-search/{key}/take/", data={"organization": str(group)}).status_code == 303
    assert "もう候補に入っています" in client.get(f"/partner-search/{key}/").get_data(as_text=True)
    assert client.post(f"/partner-search/{key}/take/", data={"organization": "x"}).status_code == 404
    assert client.post(f"/partner-search/{key}/drop/", data={"candidate": "999999"}).status_code == 404
    assert client.get(f"/partner-search/{key}/candidates/999999/").status_code == 404


def test_a_problem_becomes_a_challenge_of_a_program(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    key, _ = _own(app)
    login(client, Role.OFFICE)
    address = f"/partner-search/{key}/challenge/"
    form = _form(client, address)
    assert client.post(address, data=form.data()).status_code == 422
    with app.app_context():
        program = db.session.scalars(select(Program.id).where(Program.is_closed.is_(False)).limit(1)).one()
        db.session.rollback()
    made = client.post(address, data=form.set("program_id", str(program)).data())
    assert made.status_code == 303
    assert "続きを入力してください" in client.get(made.location).get_data(as_text=True)
    assert made.location in client.get(f"/partner-search/{key}/").get_data(as_text=True)
    page = client.get(f"/partner-search/{key}/").get_data(as_text=True)
    assert "課題・テーマにした" in page
    assert "相手を選定する" not in page
    assert "公募の課題・テーマの下書きにする" not in page
