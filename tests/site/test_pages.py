"""Every page that a link leads to, for every role: found, well made, and within reach of the one who is shown it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from models.people import Role
from tests.support.pages import BadPage, CheckingClient, check_page

#: Pages of one kind (same endpoint, same names in the query) that are opened per role.
OF_A_KIND = 2
AT_MOST = 400


def _kind(app: Flask, address: str) -> tuple[str, ...]:
    """What makes two addresses pages of one kind."""
    parts = urlsplit(address)
    adapter = app.url_map.bind("localhost")
    try:
        endpoint, _ = adapter.match(parts.path)
    except Exception:
        endpoint = parts.path
    return (str(endpoint), *sorted({name for name, _ in parse_qsl(parts.query)}))


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_every_link_leads_to_a_good_page(
    app: Flask, client: CheckingClient, login: Callable[..., int], role: Role
) -> None:
    login(client, role)
    waiting, seen, opened, wrong = deque([("/", "the start")]), {"/"}, {}, []
    while waiting and sum(opened.values()) < AT_MOST:
        address, source = waiting.popleft()
        kind = _kind(app, address)
        if opened.get(kind, 0) >= OF_A_KIND:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        try:
            response = client.get(address)
        except BadPage as bad:
            wrong.append(f"{address} (from {source}): {bad}")
            continue
        if response.status_code not in {200, 302, 303}:
            wrong.append(f"{address} (from {source}): {response.status_code}")
            continue
        if response.mimetype != "text/html" or response.status_code != 200:
            continue
        tree = check_page(response.get_data(as_text=True))
        for link in (*tree.iter("a"), *tree.iter("img"), *tree.iter("link")):
            target = (link.get("href") or link.get("src") or "").split("#")[0]
            if target.startswith("?"):
                target = urlsplit(address).path + target
            if target.startswith("/") and target not in seen:
                seen.add(target)
                waiting.append((target, address))
    assert "\n".join(wrong) == ""
    assert len(opened) > 5


@pytest.mark.parametrize("path", ["/login", "/no/such/page"])
def test_pages_for_those_outside_are_good(client: CheckingClient, path: str) -> None:
    assert client.get(path).status_code in {200, 404}


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=99999999999999999999",
        "page=x",
        "size=10000000",
        "sort=nothing",
        "sort=name%27",
        "q=%00",
        "q=" + "あ" * 3000,
    ],
)
def test_odd_addresses_of_lists_are_answered(
    app: Flask, client: CheckingClient, login: Callable[..., int], query: str
) -> None:
    from tests.support.routes import guarded_views

    login(client, Role.OFFICE)
    with app.test_request_context():
        paths = [f"/{endpoint}/?{query}" for endpoint in guarded_views(app)]
    answers = {path: client.get(path).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in {200, 400, 404, 403}} == {}


@pytest.mark.parametrize("key", ["0", "-1", "x", "99999999999999999999999", "%00", "１", "1e3"])
def test_keys_that_are_none_find_nothing(
    app: Flask, client: CheckingClient, login: Callable[..., int], key: str
) -> None:
    from tests.support.routes import guarded_views

    login(client, Role.ADMINISTRATOR)
    views = sorted(guarded_views(app))
    answers = {f"/{view}/{key}/": client.get(f"/{view}/{key}/").status_code for view in views}
    assert {path: status for path, status in answers.items() if status not in {404, 403}} == {}
