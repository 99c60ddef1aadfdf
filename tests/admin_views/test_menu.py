"""The menu of the one who asks."""

from __future__ import annotations

import re

from flask import Flask

from models.people import Role
from tests.support import people
from tests.support.pages import CheckingClient


def _menu(app: Flask, role: Role) -> list[str]:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    people.sign_in(client, role)
    menu = client.get("/").text.split('<nav aria-label="主なメニュー">')[1].split("</nav>")[0]
    return re.findall(r'<a [^>]*href="([^"]+)"', menu)


def test_everyone_has_their_own_menu_whoever_came_first(app: Flask) -> None:
    asked = [Role.AGENCY, Role.OFFICE, Role.COMMITTEE, Role.ADMINISTRATOR, Role.CENTER, Role.DEPARTMENT]
    in_turn = {role: _menu(app, role) for role in asked}
    for role in asked:
        app.extensions.pop("menu_addresses")
        assert _menu(app, role) == in_turn[role], role
    assert "/notice/" in in_turn[Role.OFFICE]
    assert "/notice/" not in in_turn[Role.AGENCY]
    assert len({tuple(menu) for menu in in_turn.values()}) == len(asked)


def test_every_address_of_a_menu_opens_and_no_other_menu_page_does(app: Flask) -> None:
    menus = {role: _menu(app, role) for role in Role}
    every = {address for menu in menus.values() for address in menu}
    for role, menu in menus.items():
        client = app.test_client()
        people.sign_in(client, role)
        opened = {address for address in every if client.get(address).status_code < 400}
        assert opened == set(menu), role
