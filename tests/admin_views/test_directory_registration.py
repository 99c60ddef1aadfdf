"""A group's registration and its people as the centre enters them: told as they are kept, nothing lost by the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.directory import registering, rows, services
from app.extensions import db
from models.directory import Organization
from models.directory_records import Affiliation, AffiliationRole, OrganizationOfficer
from models.people import Role, User
from tests.factories import save
from tests.support.forms import form_to, forms_of
from tests.support.pages import CheckingClient, check_page
from tests.support.registry import actor

Login = Callable[..., int]


@pytest.fixture
def group(app: Flask) -> int:
    """A group of its own."""
    with app.app_context():
        session = db.session()
        return services.create_organization(
            session, actor=actor(session, Role.CENTER), values={"name": "架空とうろくの会"}
        ).id


def _verb(client: CheckingClient, address: str, verb: str) -> Any:
    page = check_page(client.get(address).text)
    return next(form for form in forms_of(page) if form.get("verb") == verb)


def _act(client: CheckingClient, address: str, verb: str, **values: str) -> Any:
    form = _verb(client, address, verb)
    for name, value in values.items():
        form.set(name, value)
    return client.post(address, data=form.data(), follow_redirects=True)


def test_a_number_is_told_as_it_is_kept_and_set_right(
    app: Flask, client: CheckingClient, login: Login, group: int
) -> None:
    login(client, Role.CENTER)
    address = f"/organization/{group}/registration/"
    assert "半角にそろえて保存します" in client.get(address).text
    made = _act(client, address, "register", number="Ａ－１２３", issued_on="R8.5.1")
    assert "登録番号「A-123」で登録しました" in made.text
    refused = _act(client, address, "correct", number="A-124", valid_until="R8.4.1")
    assert refused.status_code == 422 and "有効期限が登録日より前です" in refused.text
    assert 'value="A-124"' in refused.text, "what was typed is still there"
    done = _act(client, address, "correct", number="Ａ－１２４")
    assert "登録番号「A-124」" in done.text and "登録番号: A-123 → A-124" in done.text, "the history tells both"
    stale = _verb(client, address, "correct").set("version", "1")
    assert client.post(address, data=stale.data()).status_code == 422
    assert "未確認: " in client.get(f"/organization/{group}/").text, "requirements that nobody looked at are named"


def test_who_left_this_system_still_belongs_to_the_group(
    app: Flask, client: CheckingClient, login: Login, group: int
) -> None:
    """Their row is kept by an editor who does not touch it: a conflict of interest hangs on it."""
    login(client, Role.CENTER)
    with app.app_context():
        session = db.session()
        center, organization = actor(session, Role.CENTER), session.get_one(Organization, group)
        user = session.scalars(select(User).where(User.id != center.user_id)).first()
        assert user is not None
        line = {"user_id": user.id, "role": AffiliationRole.OFFICER}
        rows.save_rows(session, actor=center, organization=organization, kind=rows.KINDS["affiliations"], rows=[line])
        user.is_active = False
        save(session, user)
        db.session.remove()
    address = f"/organization/{group}/rows/affiliations/"
    page = client.get(address)
    assert "(利用停止)" in page.text
    form = form_to(check_page(page.text), address)
    assert client.post(address, data=form.data()).status_code == 303
    with app.app_context():
        held = db.session.scalars(select(Affiliation).where(Affiliation.organization_id == group)).all()
        assert [row.role for row in held] == [AffiliationRole.OFFICER]


def test_two_of_one_name_are_told_apart(app: Flask, client: CheckingClient, login: Login, group: int) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        session = db.session()
        users = session.scalars(select(User).where(User.is_active.is_(True)).order_by(User.id).limit(2)).all()
        for user in users:
            user.display_name = "同姓 同名"
            save(session, user)
        ids = [user.id for user in users]
        db.session.remove()
    page = client.get(f"/organization/{group}/rows/affiliations/").text
    assert all(f"、利用者{key})" in page for key in ids)


def test_officers_are_entered_ended_and_taken_away_and_nobody_below_the_centre_reads_them(
    app: Flask, client: CheckingClient, login: Login, group: int
) -> None:
    address = f"/organization/{group}/rows/officers/"

    def post(**values: str) -> Any:
        form = form_to(check_page(client.get(address).text), address)
        for name, value in values.items():
            form.set(f"officers-0-{name}", value)
        return client.post(address, data=form.data(), follow_redirects=True)

    login(client, Role.CENTER)
    assert "架空 太郎" in post(name="架空 太郎", role="会長", from_on="R5.4.1").text
    assert "令和8年3月31日" in post(until_on="令和8年3月31日").text
    refused = post(until_on="R1.5.1")
    assert refused.status_code == 422 and "より前です" in refused.text
    for role, sees in ((Role.OFFICE, True), (Role.DEPARTMENT, False), (Role.COMMITTEE, False), (Role.AGENCY, False)):
        login(client, role)
        assert ("架空 太郎" in client.get(f"/organization/{group}/").text) is sees
        assert client.get(address).status_code in {403, 404}
    login(client, Role.CENTER)
    assert "架空 太郎" not in post(name="", role="", from_on="", until_on="").text.split("変更の記録")[0]
    with app.app_context():
        assert not db.session.scalars(
            select(OrganizationOfficer).where(OrganizationOfficer.organization_id == group)
        ).all()


def test_a_rule_that_the_city_changes_holds_for_what_is_registered_from_then_on(
    app: Flask, client: CheckingClient, login: Login, group: int
) -> None:
    login(client, Role.OFFICE)
    form = form_to(check_page(client.get("/registration-rule/1/edit/").text), "/registration-rule/1/edit/")
    form.set("valid_years", "3")
    assert client.post("/registration-rule/1/edit/", data=form.data()).status_code == 303
    login(client, Role.CENTER)
    address = f"/organization/{group}/registration/"
    assert "3年度後の年度末" in client.get(address).text
    _act(client, address, "register", number="1", issued_on="R8.5.1")
    with app.app_context():
        held = db.session.get_one(Organization, group).registration
        assert held is not None and held.valid_until == dt.date(2030, 3, 31)
        assert registering.rule_of(db.session())[0] == 3
