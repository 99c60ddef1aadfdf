"""What an attacker sends besides what the screens offer: spellings, forged headers, fields that no form has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.test import TestResponse

from app.access import passwords, throttle
from app.extensions import db
from app.factory import create_app
from models.people import LoginSession, Role, User
from models.registry import Project
from tests import factories
from tests.support import people
from tests.support.pages import CheckingClient
from tests.support.registry_forms import fields_of

PASSWORD = "brisk-otter-lamp-42"
EMAIL = "hanako@example.jp"


def _known_user(app: Flask) -> None:
    with app.app_context():
        hashed = passwords.hash_password(PASSWORD)
        people.make_user(db.session(), Role.OFFICE, email=EMAIL, password_hash=hashed)
        db.session.remove()


def _sign_in(client: FlaskClient, identifier: str, password: str, **more: object) -> TestResponse:
    return client.post("/login", data={"identifier": identifier, "password": password}, **more)  # type: ignore[arg-type]


def _spellings(address: str) -> list[str]:
    """Twelve ways to type one address: case, widths, blanks, signs that are not seen."""
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in address)
    kinds = (address, address.upper(), address.title(), wide, wide.upper(), address.replace("@", "＠"))
    return [form.format(kind) for kind in kinds for form in ("{}", " {} ")]


@pytest.mark.parametrize("address", [EMAIL, "nobody@example.jp"])
def test_another_spelling_wins_no_further_guess_and_tells_not_who_is_known(
    app: Flask, client: CheckingClient, address: str
) -> None:
    _known_user(app)
    spelled = _spellings(address)
    answers = [_sign_in(client, one, "wrong-password-1").status_code for one in spelled]
    assert answers == [422] * throttle.LIMITS["account"] + [429] * (len(spelled) - throttle.LIMITS["account"])


# --- headers ----------------------------------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
    "X-Forwarded-Proto": "https, https",
    "X-Forwarded-Host": "evil.example, kyodo.example",
}


@pytest.fixture
def behind(app: Flask) -> Iterator[Callable[[int], Flask]]:
    """`behind(n)`: the application as it stands behind so many proxies."""
    made: list[Flask] = []

    def build(count: int) -> Flask:
        found = create_app(dataclasses.replace(app.extensions["settings"], trusted_proxies=count))
        made.append(found)
        return found

    yield build
    for one in made:
        with one.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.1")])
def test_only_what_the_trusted_proxies_say_is_believed(
    app: Flask, behind: Callable[[int], Flask], proxies: int, address: str
) -> None:
    _known_user(app)
    server = behind(proxies)
    client = server.test_client()
    page = client.get("/login", headers=FORGED)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    headers = FORGED | {"Referer": "https://evil.example/", "X-CSRFToken": token}
    if proxies:
        headers["Referer"] = "https://kyodo.example/login" if proxies == 1 else "https://evil.example/login"
    answer = _sign_in(client, EMAIL, PASSWORD, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert ("Secure" in cookie, "Strict-Transport-Security" in answer.headers) == (bool(proxies), bool(proxies))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    with app.app_context():
        assert db.session.scalars(select(LoginSession.address)).all() == [address]


def test_a_forged_address_wins_no_further_guess(
    app: Flask, behind: Callable[[int], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, "address", 3)
    server = behind(1)
    server.config["WTF_CSRF_ENABLED"] = False
    answers = [
        _sign_in(
            server.test_client(),
            f"{number}@example.jp",
            "wrong-password-1",
            headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"},
        ).status_code
        for number in range(5)
    ]
    assert answers == [422] * 3 + [429] * 2


def test_a_forged_host_stands_on_no_page(client: CheckingClient) -> None:
    people.sign_in(client, Role.OFFICE)
    for path in ("/", "/project/", "/project/new/", "/imports/", "/account/", "/login?next=/project/"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.get_data(as_text=True), path
        assert "evil.example" not in answer.headers.get("Location", ""), path


# --- fields that the form does not have --------------------------------------------------------------------------


def _row(app: Flask, model: type, key: int) -> dict[str, object]:
    with app.app_context():
        record = db.session.get_one(model, key)
        found = {column.key: getattr(record, column.key) for column in inspect(model).column_attrs}
        db.session.remove()
    return found


def test_fields_that_the_form_does_not_have_change_nothing(app: Flask, client: CheckingClient) -> None:
    user_id = people.sign_in(client, Role.DEPARTMENT)
    with app.app_context():
        user = db.session.get_one(User, user_id)
        department = user.assignments[0].department
        assert department is not None
        key = factories.a_project(db.session(), departments=[department]).id
        db.session.remove()
    before = _row(app, Project, key)
    fields = fields_of(client.get(f"/project/{key}/edit/").text) | {"summary": ["新しい概要"]}
    columns = {column.key for column in inspect(Project).column_attrs} - set(fields)
    forged = {name: ["1"] for name in columns} | {"source": ["published"], "deleted_at": ["2026-01-01"]}
    assert {"id", "number", "source", "deleted_at", "names_a_person"} & columns
    assert client.post(f"/project/{key}/edit/", data=forged | fields).status_code == 303
    after = _row(app, Project, key)
    assert {name for name in after if after[name] != before[name]} <= {"summary", "version", "updated_at"}
    assert after["summary"] == "新しい概要"


def test_a_user_form_sets_neither_password_nor_flags(app: Flask, client: CheckingClient) -> None:
    people.sign_in(client, Role.ADMINISTRATOR)
    other = people.sign_in(app.test_client(), Role.OFFICE)
    before = _row(app, User, other)
    fields = fields_of(client.get(f"/user/{other}/edit/").text) | {"display_name": ["別の名前"]}
    columns = {column.key for column in inspect(User).column_attrs} - set(fields)
    assert {"password_hash", "totp_secret", "is_demo", "is_active", "must_change_password"} <= columns
    forged = {name: ["1"] for name in columns}
    assert client.post(f"/user/{other}/edit/", data=forged | fields).status_code == 303
    after = _row(app, User, other)
    assert {name for name in after if after[name] != before[name]} <= {"display_name", "version", "updated_at"}
    assert after["display_name"] == "別の名前"
