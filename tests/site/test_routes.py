"""Every endpoint by real requests: each role gets exactly what the table says, and no GET changes anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.access.permissions import ROLE_PERMISSIONS
from models.people import Role
from tests.site import access_table
from tests.support import people
from tests.support.digests import READING_LEAVES_TRACES, digests
from tests.support.pages import BadPage, CheckingClient
from tests.support.routes import Route, Sample, routes

#: Done: opened, sent on, or refused for what was (not) entered. Never 401, 403 or a failure.
OPENED = {200, 302, 303, 304, 400, 404, 409, 413, 422}
ROLES = [*Role, None]


def _name(role: Role | None) -> str:
    return role.value if role else "no-role"


def _may(role: Role | None, endpoint: str) -> bool:
    match access_table.classes_of(endpoint):
        case ["public"] | ["signed in"]:
            return True
        case _:
            permission = access_table.permission_of(endpoint)
            return role is not None and permission is not None and permission in ROLE_PERMISSIONS[role]


def _ordered(app: Flask, method: str) -> list[Route]:
    """The routes of the method; what ends the session comes last."""
    return sorted(
        (route for route in routes(app) if route.method == method and not route.endpoint.endswith("static")),
        key=lambda route: (route.endpoint.startswith(("auth.", "account.")), str(route)),
    )


def test_every_endpoint_stands_in_exactly_one_access_class(app: Flask) -> None:
    endpoints = {route.endpoint for route in routes(app)}
    misplaced = {endpoint: classes for endpoint in endpoints if len(classes := access_table.classes_of(endpoint)) != 1}
    assert misplaced == {}


def test_the_table_names_no_endpoint_that_is_not_there(app: Flask) -> None:
    endpoints = {route.endpoint for route in routes(app)}
    named = access_table.PUBLIC | access_table.SIGNED_IN | set(access_table.PERMISSION)
    named |= {f"{view}.index_view" for view in access_table.MODEL_VIEWS}
    assert named - endpoints == set()


def _status(client: CheckingClient, sample: Sample, route: Route) -> int | str:
    """The status of the answer, or what is wrong with its page."""
    address = sample.address(route)
    try:
        return client.open(address, method=route.method, data={} if route.method == "POST" else None).status_code
    except BadPage as bad:
        return f"{address}: {bad}"


def _is_right(status: int | str, sample: Sample, route: Route, role: Role | None) -> bool:
    if not _may(role, route.endpoint):
        return status == 403
    return status in OPENED or (status == 403 and sample.is_out_of_reach(route))


def _wrong(found: dict[Route, int | str], sample: Sample, role: Role | None) -> str:
    return "\n".join(
        f"{route}: {status}" for route, status in found.items() if not _is_right(status, sample, route, role)
    )


@pytest.mark.parametrize("role", ROLES, ids=_name)
def test_a_role_gets_what_the_table_says_and_reading_changes_nothing(
    app: Flask, client: CheckingClient, role: Role | None
) -> None:
    sample = Sample(app, people.sign_in(client, role))
    before = digests(app, without=READING_LEAVES_TRACES)
    found = {route: _status(client, sample, route) for route in _ordered(app, "GET")}
    assert _wrong(found, sample, role) == ""
    after = digests(app, without=READING_LEAVES_TRACES)
    assert {table for table in after if after[table] != before[table]} == set()


@pytest.mark.parametrize("role", ROLES, ids=_name)
def test_a_role_posts_only_what_the_table_says(app: Flask, client: CheckingClient, role: Role | None) -> None:
    user_id = people.sign_in(client, role)
    sample = Sample(app, user_id)
    open_routes = [route for route in _ordered(app, "POST") if _may(role, route.endpoint)]
    before = digests(app, without=READING_LEAVES_TRACES)
    found = {route: _status(client, sample, route) for route in _ordered(app, "POST") if not _may(role, route.endpoint)}
    after = digests(app, without=READING_LEAVES_TRACES)
    assert {table for table in after if after[table] != before[table]} == set()
    for route in open_routes:
        people.sign_in_as(client, user_id)  # the one before may have ended the session
        found[route] = _status(client, sample, route)
    assert _wrong(found, sample, role) == ""


def test_nobody_gets_in_without_signing_in(app: Flask, client: CheckingClient) -> None:
    sample = Sample(app, None)
    wrong = []
    for route in routes(app):
        if route.endpoint in access_table.PUBLIC:
            continue
        response = client.open(sample.address(route), method=route.method)
        is_right = (
            response.status_code == 303 and response.location.startswith("/login")
            if route.method == "GET"
            else response.status_code == 401
        )
        if not is_right:
            wrong.append(f"{route}: {response.status_code} {response.location}")
    assert wrong == []


def test_every_post_needs_the_csrf_token(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    sample = Sample(app, login(client, Role.ADMINISTRATOR))
    before = digests(app, without=READING_LEAVES_TRACES)
    wrong = []
    for route in routes(app):
        if route.method == "GET":
            continue
        status = client.open(sample.address(route), method=route.method, data={}, csrf=False).status_code
        if status != 400:
            wrong.append(f"{route}: {status}")
    assert wrong == []
    assert digests(app, without=READING_LEAVES_TRACES) == before


def test_an_unknown_address_is_404_for_everybody(client: CheckingClient, login: Callable[..., int]) -> None:
    assert client.get("/no/such/page").status_code == 404
    login(client, Role.OFFICE)
    assert client.get("/no/such/page").status_code == 404
