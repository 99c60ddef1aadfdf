"""Consent over the whole application: every address, as everybody below the centre, looked through for a marked group.

`tests/admin_views/test_directory_consent.py` asks the directory's own ways out in depth; here are all the others: jobs,
files, imports and their wrong rows, yearly forms, lookups, other rooms' pages.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.directory import rounds, rounds_jobs, rounds_queries, services
from app.directory.rounds_form import write_group_form
from app.exchange import services as exchange
from app.extensions import db
from app.jobs.worker import run_pending
from models.directory import Organization
from models.directory_profile import ConsentLevel
from models.directory_rounds import ConfirmationForm
from models.exchange import ImportRun, Job
from models.people import Role, User
from models.records import AuditEntry, StoredFile
from tests.support import people, secrecy
from tests.support.databases import Template
from tests.support.directory import MARK, NUMBERS, a_marked_group
from tests.support.registry import actor

_BELOW = [Role.DEPARTMENT, Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR]


@dataclasses.dataclass(frozen=True)
class Marked:
    """What the walk asks for: ids by table. As `tests.support.secrecy.World`, for a group."""

    ids: Mapping[str, list[int]]
    hidden: int = 1
    #: Stands behind the mark in a text of the group: where it is found, the mark is shown beside it, unbroken.
    asked: str = "の内容"
    tokens: Mapping[int, str] = dataclasses.field(default_factory=dict)


@pytest.fixture(scope="module")
def app(sqlite_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all: the walks only read."""
    yield from secrecy.one_app(sqlite_template, tmp_path_factory.mktemp("consent"))


@pytest.fixture(scope="module")
def marked(app: Flask) -> Marked:
    """A group that closed everything; its yearly form went out and came back; an import names it in a wrong row."""
    with app.app_context():
        session, settings = db.session(), app.extensions["settings"]
        key = a_marked_group(session, settings, ConsentLevel.CENTER)
        center = actor(session, Role.CENTER)
        one = rounds.open_round(
            session, actor=center, fiscal_year=2026, due_on=dt.date(2031, 7, 31), message="記入してください。"
        )
        form = session.scalars(select(ConfirmationForm).where(ConfirmationForm.organization_id == key)).one()
        choices = rounds_queries.field_choices(session)
        _, request = next(rounds_queries.request_of(session, center, one.id, [form.id], choices))
        sent = [rounds.Sent("届いた様式.xlsx", write_group_form(request, settings.secret_key))]
        [upload] = rounds.receive(session, actor=center, settings=settings, round_id=one.id, files=sent)
        group = session.get_one(Organization, key)
        services.confirm_organization(session, actor=center, organization=group, on=dt.date(2026, 6, 1), by="団体")
        rounds_jobs.request_forms(session, actor=center, round_id=one.id)
        cells = f"団体名,活動目的,会員数\n架空しるしの会,{MARK}の目的,{MARK}人\n"
        run = exchange.start_import(
            session, actor=center, settings=settings, spec_name="organizations", content=cells.encode(), name="a.csv",
            options={},
        )  # fmt: skip
        ids = {"organization": [key], "confirmation_round": [one.id], "confirmation_form": [form.id]}
        ids |= {"confirmation_upload": [upload.id], "import_run": [run.id]}
        db.session.remove()
        run_pending(app)
        session = db.session()
        assert session.get_one(ImportRun, run.id).wrong_count == 1
        for model, column in ((StoredFile, StoredFile.id), (Job, Job.id), (User, User.id)):
            ids[model.__tablename__] = list(session.scalars(select(column)))
        ids["audit_entry"] = list(
            session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(12))
        )
        db.session.remove()
    return Marked(collections.defaultdict(lambda: [1], ids))


@pytest.mark.parametrize("role", _BELOW, ids=lambda role: role.value)
def test_what_the_centre_keeps_for_itself_is_found_nowhere(app: Flask, marked: Marked, role: Role) -> None:
    browser = FlaskClient(app, app.response_class)
    people.sign_in(browser, role)
    found = secrecy.finds(app, browser, marked, (MARK, *NUMBERS))
    if role is Role.ADMINISTRATOR:  # the log keeps the names of stored files
        found = {address: hits for address, hits in found.items() if not address.startswith("/audit/")}
    assert found == {}


def test_the_centre_finds_it_so_that_it_can_be_found_at_all(app: Flask, marked: Marked) -> None:
    browser = FlaskClient(app, app.response_class)
    people.sign_in(browser, Role.CENTER)
    key, upload, run = (marked.ids[name][0] for name in ("organization", "confirmation_upload", "import_run"))
    for address in (
        f"/organization/{key}/", f"/organization-compare/?organization={key}", f"/organization/?q={marked.asked}",
        f"/confirmation-uploads/{upload}/file/", f"/registration/?q={marked.asked}",
    ):  # fmt: skip
        assert MARK in secrecy.text_of(browser.get(address)), address
    assert browser.get(f"/imports/{run}/wrong.xlsx").status_code == 404, "a file is its own sender's"
