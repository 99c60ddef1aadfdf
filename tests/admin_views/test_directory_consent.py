"""A marker in every field of a group, looked for in every way out: what is closed to a reader tells nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from admin_views.directory_columns import COLUMNS, FILTERS
from app.cli.directory import acting_as
from app.directory import services
from app.directory.editions import Frame, freeze
from app.directory.finding import search_groups
from app.extensions import db
from models.directory import Organization
from models.directory_profile import Audience, ConsentLevel, ConsentWay
from models.people import Role
from models.records import AuditEntry, StoredFile
from models.reference import ActivityField, Area
from tests.support.directory import MARK, NUMBERS, a_marked_group
from tests.support.pages import CheckingClient
from tests.support.registry import actor
from tests.support.secrecy import text_of as told_by

Login = Callable[..., int]
BELOW_CENTER = [Role.DEPARTMENT, Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR]
NAME = "架空しるしの会"


def _made(app: Flask, level: ConsentLevel | None) -> tuple[int, list[int]]:
    with app.app_context():
        key = a_marked_group(db.session(), app.extensions["settings"], level)
        files = list(db.session.scalars(select(StoredFile.id).where(StoredFile.owner_key == str(key))))
        db.session.rollback()
    return key, files


def _addresses(key: int) -> Iterator[str]:
    """Every page, file and answer in which something of the group could stand."""
    columns = ",".join(column.key for column in COLUMNS)
    yield f"/organization/?columns={columns}"
    yield f"/organization/?columns={columns}&q={NAME}"
    yield f"/organization/?q={MARK}"
    yield f"/organization/?q={MARK}祭"
    yield f"/organization/?q={MARK}&facets=1"
    yield f"/organization/lookup/?query={MARK}"
    yield f"/organization/lookup/?query={NAME}"
    for kind in ("xlsx", "csv", "csv-cp932"):
        yield f"/organization/export/{kind}/?columns={columns}&q={NAME}"
    yield f"/organization/{key}/"
    yield f"/organization/{key}/history/"
    yield f"/organization/{key}/contact/"
    yield f"/organization/{key}/consent-record/"
    yield f"/organization/{key}/papers/"
    yield f"/organization/{key}/registration/"
    yield f"/organization/{key}/rows/statements/"
    yield f"/organization/{key}/edit/"
    yield f"/organization-compare/?organization={key}"
    yield f"/registration/?q={MARK}"
    yield "/duplicate/"
    yield "/editions/"
    yield f"/project/?q={MARK}"
    yield "/audit/"
    yield "/"


def _leaks(client: CheckingClient, key: int) -> list[str]:
    found = []
    for address in _addresses(key):
        response = client.get(address)
        assert response.status_code in {200, 303, 403, 404}, (address, response.status_code)
        # A list, a file or a page of its own is there for everybody or refused; only the group may be out of sight.
        assert response.status_code != 404 or f"/{key}/" in address, address
        text = told_by(response)
        asked = (address.partition("q=")[2] or address.partition("query=")[2]).partition("&")[0]
        if MARK in asked:
            text = text.replace(asked, "")  # the box shows what was asked for
        if MARK in text or any(number in text for number in NUMBERS):
            found.append(address)
    return found


@pytest.mark.parametrize("role", BELOW_CENTER, ids=str)
def test_what_the_centre_keeps_for_itself_is_nowhere(
    app: Flask, client: CheckingClient, login: Login, role: Role
) -> None:
    key, files = _made(app, ConsentLevel.CENTER)
    login(client, role)
    assert _leaks(client, key) == []
    for number in files:
        assert client.get(f"/organization/{key}/papers/{number}/").status_code == 404
    for field in ("fields", "areas", "audiences"):
        options = next(one for one in FILTERS if one.key == field)
        assert options.options is not None
        with app.app_context():
            first = next(iter(options.options(db.session(), acting_as(role.value))))[0]
            db.session.rollback()
        page = client.get(f"/organization/?f-{field}={first}&q={NAME}").get_data(as_text=True)
        assert "0件" in page and f"/organization/{key}/" not in page
    posted = client.post(f"/organization/{key}/contact/", data={"purpose": "確認のため"})
    assert MARK not in posted.get_data(as_text=True)


@pytest.mark.parametrize("level", [ConsentLevel.CENTER, ConsentLevel.STAFF, None], ids=str)
def test_an_edition_prints_nothing_that_is_not_public(
    app: Flask, client: CheckingClient, login: Login, level: ConsentLevel | None
) -> None:
    key, _ = _made(app, level)
    with app.app_context():
        session = db.session()
        center = actor(session, Role.CENTER)
        group = session.get(Organization, key)
        assert group is not None
        services.confirm_organization(session, actor=center, organization=group, on=dt.date(2026, 6, 1), by="団体")
        other = services.create_organization(session, actor=center, values={"name": "架空よその会", "purpose": "花。"})
        services.confirm_organization(session, actor=center, organization=other, on=dt.date(2026, 6, 1), by="団体")
        services.record_consents(
            session,
            actor=center,
            organization=other,
            levels={"purpose": ConsentLevel.PUBLIC},
            given_on=dt.date(2026, 4, 1),
            way=ConsentWay.PAPER,
        )
        _, edition = [freeze(session, actor=center, frame=Frame(year)).id for year in (2025, 2026)]
        db.session.remove()
    pages = [f"/editions/{edition}/", f"/editions/{edition}/difference/", "/editions/"]
    files = [f"/editions/{edition}/file/{kind}/" for kind in ("xlsx", "csv", "json")]
    for role in (Role.CENTER, Role.AGENCY):
        login(client, role)
        for address in (*pages, *files):
            response = client.get(address)
            assert response.status_code == 200, address
            text = told_by(response)
            assert MARK not in text and not any(number in text for number in NUMBERS), address
            assert address not in files or "架空よその会" in text


@pytest.mark.parametrize("role", BELOW_CENTER, ids=str)
def test_the_command_line_finds_and_shows_what_the_role_may_read(app: Flask, role: Role) -> None:
    key, _ = _made(app, ConsentLevel.CENTER)
    run = app.test_cli_runner().invoke
    with app.app_context():
        hidden, named = (run(args=["directory", "search", word, "--json", "--as", role.value]) for word in (MARK, NAME))
    assert (hidden.exit_code, named.exit_code) == (0, 0)
    assert json.loads(hidden.stdout)["hits"] == []
    assert [one["id"] for one in json.loads(named.stdout)["hits"]] == [key]
    assert MARK not in named.stdout


@pytest.mark.parametrize("role", BELOW_CENTER, ids=str)
def test_the_log_tells_nobody_below_the_centre_what_stood_there(
    app: Flask, client: CheckingClient, login: Login, role: Role
) -> None:
    key, _ = _made(app, ConsentLevel.PUBLIC)
    login(client, role)
    page = client.get(f"/organization/{key}/history/").get_data(as_text=True)
    assert MARK not in page
    if role is Role.ADMINISTRATOR:
        for entry in range(1, 40):
            told = client.get(f"/audit/{entry}/").get_data(as_text=True)
            assert MARK not in told.replace(f"{MARK}.pdf", ""), "but for the names of stored files, which the log keeps"
        assert MARK.encode() not in client.get("/audit/export/csv/").get_data()


@pytest.mark.parametrize("role", BELOW_CENTER, ids=str)
def test_the_log_names_no_field_audience_or_area_that_is_closed(
    app: Flask, client: CheckingClient, login: Login, role: Role
) -> None:
    key, _ = _made(app, ConsentLevel.CENTER)
    models: tuple[Any, ...] = (ActivityField, Audience, Area)
    with app.app_context():
        session = db.session()
        first, second = ([session.scalars(select(m).order_by(m.id)).all()[at] for m in models] for at in (0, 1))
        names = [one.name for one in (*first, *second)]
        group = session.get(Organization, key)
        assert group is not None
        before = session.scalar(select(func.max(AuditEntry.sequence)))
        values = {name: [one.id] for name, one in zip(("fields", "audiences", "areas"), second, strict=True)}
        center = actor(session, Role.CENTER)
        services.update_organization(session, actor=center, organization=group, version=None, values=values)
        entries = session.scalars(select(AuditEntry.sequence).where(AuditEntry.sequence > before)).all()
        db.session.remove()
    login(client, role)
    pages = [f"/organization/{key}/", f"/organization/{key}/history/"]
    if role is Role.ADMINISTRATOR:
        pages += [f"/audit/{entry}/" for entry in entries]
    told = [(page, name) for page in pages for name in names if name in client.get(page).get_data(as_text=True)]
    assert entries and told == []


def test_staff_read_what_is_open_to_staff_and_others_do_not(app: Flask, client: CheckingClient, login: Login) -> None:
    key, files = _made(app, ConsentLevel.STAFF)
    login(client, Role.DEPARTMENT)
    page = client.get(f"/organization/{key}/").get_data(as_text=True)
    assert f"{MARK}purpose新" in page and f"{MARK}祭" in page and "9,876,543" in page
    assert f"{MARK}phone" not in page  # a step of its own
    assert f"{MARK}note" not in page and f"{MARK}太郎" not in page and f"{MARK}番号" not in page
    assert client.get(f"/organization/{key}/papers/{files[0]}/").status_code == 200
    shown = client.post(f"/organization/{key}/contact/", data={"purpose": "事業の相談"}).get_data(as_text=True)
    assert f"{MARK}phone新" in shown
    login(client, Role.COMMITTEE)
    assert _leaks(client, key) == []


def test_everybody_reads_what_is_public(app: Flask, client: CheckingClient, login: Login) -> None:
    key, _ = _made(app, ConsentLevel.PUBLIC)
    login(client, Role.AGENCY)
    page = client.get(f"/organization/{key}/").get_data(as_text=True)
    assert f"{MARK}purpose新" in page and f"{MARK}phone新" in page and "9,876,543" in page
    assert f"{MARK}note" not in page and f"{MARK}太郎" not in page and f"{MARK}番号" not in page


def test_the_centre_finds_and_reads_everything_but_contacts_take_a_purpose(
    app: Flask, client: CheckingClient, login: Login
) -> None:
    key, files = _made(app, ConsentLevel.CENTER)
    login(client, Role.CENTER)
    page = client.get(f"/organization/{key}/").get_data(as_text=True)
    for text in (f"{MARK}purpose新", f"{MARK}note新", f"{MARK}太郎", f"{MARK}番号", f"{MARK}祭"):
        assert text in page
    assert f"{MARK}phone" not in page
    assert client.post(f"/organization/{key}/contact/", data={"purpose": " "}).status_code == 422
    shown = client.post(f"/organization/{key}/contact/", data={"purpose": "依頼の連絡"}).get_data(as_text=True)
    assert f"{MARK}phone新" in shown
    assert client.get(f"/organization/{key}/papers/{files[0]}/").headers["Content-Disposition"].startswith("attachment")


def test_search_knows_the_readers_level(app: Flask) -> None:
    key, _ = _made(app, ConsentLevel.STAFF)
    with app.app_context():
        found = {
            role: [one.id for one in search_groups(db.session(), acting_as(role.value), MARK).organizations]
            for role in Role
        }
        db.session.rollback()
    staff = {Role.OFFICE, Role.CENTER, Role.DEPARTMENT}
    assert found == {role: [key] if role in staff else [] for role in Role}


def test_consent_withdrawn_takes_effect_at_once(app: Flask, client: CheckingClient, login: Login) -> None:
    key, _ = _made(app, ConsentLevel.PUBLIC)
    with app.app_context():
        session = db.session()
        group = session.get(Organization, key)
        assert group is not None
        services.record_consents(
            session,
            actor=actor(session, Role.CENTER),
            organization=group,
            levels={"purpose": ConsentLevel.CENTER},
            given_on=dt.date(2026, 6, 1),
            way=ConsentWay.PHONE,
        )
        assert not search_groups(session, acting_as("committee"), f"{MARK}purpose").organizations
        session.rollback()
    login(client, Role.COMMITTEE)
    page = client.get(f"/organization/{key}/").get_data(as_text=True)
    assert f"{MARK}purpose" not in page and f"{MARK}activities新" in page
