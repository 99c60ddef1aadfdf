"""The pages of the clock, and the secret address that needs no login."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask

from app.extensions import db
from models.people import Role
from tests.app.calls import support
from tests.support.pages import CheckingClient


def _call(app: Flask) -> str:
    with app.app_context():
        return support.a_call(db.session(), "ikiiki").name


def test_every_role_opens_the_clock_and_sees_its_own(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    name = _call(app)
    for role, is_seen in [
        (Role.OFFICE, True),
        (Role.DEPARTMENT, True),
        (Role.CENTER, False),
        (Role.ADMINISTRATOR, False),
    ]:
        login(client, role)
        for address in ("/clock/", f"/clock/{support.YEAR}/", f"/clock/{support.YEAR + 1}/", "/clock/years/"):
            assert (name in client.get(address).get_data(as_text=True)) == is_seen, (role, address)
        for picture in (f"/clock/{support.YEAR}/chart.svg", "/clock/years/chart.svg"):
            answer = client.get(picture)
            assert answer.mimetype == "image/svg+xml"
            assert (name in answer.get_data(as_text=True)) == is_seen


def test_years_out_of_reach_are_not_there(client: CheckingClient, login: Callable[..., int]) -> None:
    login(client, Role.OFFICE)
    assert [client.get(f"/clock/{year}/").status_code for year in (0, 1949, 2201, 10**18)] == [404] * 4
    assert client.get("/clock/?year=abcd").status_code == 200
    assert client.get("/clock/?year=0000").status_code == 200
    assert client.get("/clock/?year=9999").status_code == 404


def test_an_address_is_shown_once_works_without_login_and_can_be_stopped(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    name = _call(app)
    login(client, Role.OFFICE)
    made = client.post("/clock/feeds/create/", data={"name": "職場のOutlook"}).get_data(as_text=True)
    match = re.search(r"http://[^<]*/calendar/([A-Za-z0-9_-]{43})\.ics", made)
    assert match is not None
    page = client.get("/clock/feeds/").get_data(as_text=True)
    assert "職場のOutlook" in page and match[1] not in page
    outside = app.test_client()
    answer = outside.get(f"/calendar/{match[1]}.ics")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200,
        "text/calendar",
        "no-store",
    )
    assert name in answer.get_data(as_text=True).replace("\r\n ", "")
    assert "Set-Cookie" not in answer.headers
    revoke = re.search(r'action="(/clock/feeds/\d+/revoke/)"', page)
    assert revoke is not None
    login(client, Role.OFFICE)  # somebody else
    assert client.post(revoke[1]).status_code == 404
    assert outside.get(f"/calendar/{match[1]}.ics").status_code == 200


def test_a_stopped_address_is_gone_at_once(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    login(client, Role.COMMITTEE)
    made = client.post("/clock/feeds/create/", data={"name": "タブレット"}).get_data(as_text=True)
    address = re.search(r"/calendar/[A-Za-z0-9_-]{43}\.ics", made)
    revoke = re.search(r'action="(/clock/feeds/\d+/revoke/)"', made)
    assert address is not None and revoke is not None
    assert client.get(address[0]).status_code == 200
    assert client.post(revoke[1]).status_code == 303
    assert client.get(address[0]).status_code == 404


def test_a_feed_needs_a_name(client: CheckingClient, login: Callable[..., int]) -> None:
    login(client, Role.OFFICE)
    answer = client.post("/clock/feeds/create/", data={"name": " "})
    assert answer.status_code == 422
    assert "使いみちを入力してください" in answer.get_data(as_text=True)
