"""What a list remembers while nothing changes: never for another person, never past a change."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.directory import services
from app.extensions import db
from models.base import utc_now
from models.directory import Organization
from models.directory_profile import ConsentLevel
from models.people import Role
from tests.support import people
from tests.support.directory import MARK, a_marked_group
from tests.support.pages import CheckingClient
from tests.support.queries import counted_statements
from tests.support.registry import actor

Login = Callable[..., int]
NAME = "架空しるしの会"
_PLACES = ("/organization/", f"/organization/?q={NAME}", f"/organization/?q={MARK}", "/organization/?sort=-name")


def _body(client: CheckingClient, address: str) -> str:
    """The lines of a list; addresses of an empty one have none."""
    return client.get(address).text.partition("<tbody")[2].partition("</tbody")[0]


def _signed_in(app: Flask, role: Role) -> CheckingClient:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    people.sign_in(client, role)
    return client


def test_what_one_person_was_shown_is_not_shown_to_another(any_app: Flask) -> None:
    with any_app.app_context():
        a_marked_group(db.session(), any_app.extensions["settings"], ConsentLevel.CENTER)
        db.session.remove()
    roles = (Role.CENTER, Role.DEPARTMENT, Role.AGENCY, Role.COMMITTEE)
    clients = {role: _signed_in(any_app, role) for role in roles}
    alone: dict[tuple[Role, str], str] = {}
    for role in roles:
        for address in _PLACES:
            with any_app.app_context():
                db.engine.dispose()  # with its connections goes what was remembered
            alone[role, address] = _body(clients[role], address)
    for turn in (roles, roles[::-1], roles):
        for address in _PLACES:
            for role in turn:
                assert _body(clients[role], address) == alone[role, address], (role, address)
    assert MARK in alone[Role.CENTER, _PLACES[2]]
    assert all(MARK not in alone[role, address] for role in roles[1:] for address in _PLACES)


def test_a_page_asked_again_reads_no_line_until_somebody_changes_one(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    monkeypatch.setattr("admin_views.columns.utc_now", lambda: now)  # the minute is a part of what is asked
    with any_app.app_context():
        a_marked_group(db.session(), any_app.extensions["settings"], ConsentLevel.PUBLIC)
        db.session.remove()
    client = _signed_in(any_app, Role.CENTER)
    places = ("/organization/?f-kind=civic_group", *_PLACES[1:3])
    for address in places:
        first = _body(client, address)
        assert NAME in first
        with counted_statements(any_app) as statements:
            assert _body(client, address) == first
        assert [one for one in statements if "FROM organization" in one or "search_document" in one] == []
    with any_app.app_context():
        session = db.session()
        group = session.scalars(select(Organization).where(Organization.name == NAME)).one()
        services.update_organization(
            session,
            actor=actor(session, Role.CENTER),
            organization=group,
            version=group.version,
            values={"name": "架空あらたな会", "reading": "かくうあらたなかい"},
            aliases=[],
        )
        session.commit()
        key = group.id
        db.session.remove()
    for address in places:
        body = _body(client, address)
        assert NAME not in body, address
    for address in (places[0], places[2]):
        body = _body(client, address)
        assert re.search(rf'href="/organization/{key}/">架空あらたな会<', body), address
