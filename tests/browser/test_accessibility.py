"""axe in a real browser: every kind of page that a role can reach by links, without a violation."""

from __future__ import annotations

from collections import deque
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Error, Page, expect

from app.extensions import db
from models.people import Role
from tests import factories
from tests.support import people
from tests.support.browser import axe_violations
from tests.support.pages import CheckingClient

pytestmark = pytest.mark.browser


def _enter(app: Flask, context: BrowserContext, address: str, role: Role) -> None:
    """Carry a session of a new user of the role over into the browser."""
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    people.sign_in(client, role)
    cookie = client.get_cookie("kyodo_session")
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def _kind(app: Flask, address: str) -> tuple[str, ...]:
    parts = urlsplit(address)
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path)
    except Exception:
        endpoint = parts.path
    # One page with a filter is like the other; forms, lists and records are told apart by their endpoint.
    return (str(endpoint), "query" if dict(parse_qsl(parts.query)) else "")


def _open(page: Page, path: str) -> bool:
    """Go there; whether it is a page. A file the browser puts away instead, a picture or a calendar it shows by itself."""
    try:
        response = page.goto(path)
    except Error as instead:
        if "Download is starting" in instead.message:
            return False
        raise
    assert response is not None
    assert response.status < 400, path
    return "text/html" in response.headers.get("content-type", "")


#: Every kind of element of a page: its name, classes, and which attributes it has besides.
_ELEMENTS = """() => [...new Set([...document.querySelectorAll("body *")].map(one =>
    [one.parentElement.tagName, one.tagName, one.className, ...one.getAttributeNames().sort()].join(" ")))]"""


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_no_page_has_a_violation(app: Flask, page: Page, live_server: str, role: Role) -> None:
    with app.app_context():
        factories.a_project(db.session())
        factories.an_organization(db.session())
    _enter(app, page.context, live_server, role)
    waiting, seen, opened, wrong = deque(["/"]), {"/"}, set(), []
    known: dict[str, frozenset[str]] = {}
    while waiting:
        path = waiting.popleft()
        kind = _kind(app, path)
        if kind in opened:
            continue
        opened.add(kind)
        if not _open(page, path):
            continue
        elements = frozenset(page.evaluate(_ELEMENTS))
        if not elements <= known.get(kind[0], frozenset()):  # a filtered list of nothing new is like the whole one
            wrong += axe_violations(page)
            known[kind[0]] = known.get(kind[0], frozenset()) | elements
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            target = str(link).split("#")[0]
            if target.startswith("?"):
                target = urlsplit(path).path + target
            if target.startswith("/") and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert "\n".join(dict.fromkeys(wrong)) == ""
    assert len(opened) > 5


def test_what_is_wrong_with_a_page_is_told_element_by_element(page: Page) -> None:
    page.goto("/login")
    page.locator("main").evaluate(
        "main => { main.insertAdjacentHTML('beforeend',"
        ' \'<img src="/a"><img src="/b"><p class="pale">淡い</p>\');'
        " main.querySelector('.pale').style.color = '#eeeeee' }"
    )
    rules = [line.split(": ")[1].split(" ")[0] for line in axe_violations(page)]
    assert sorted(rules) == ["color-contrast", "image-alt", "image-alt"]


@pytest.mark.parametrize("path", ["/login", "/no/such/page"])
def test_pages_for_those_outside_have_no_violation(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    assert axe_violations(page) == []
