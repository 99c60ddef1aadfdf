"""The directory's year on both databases, and its command line."""

import datetime as dt
import io
import json

from flask import current_app
from openpyxl import load_workbook
from sqlalchemy import select

from app.directory import edition_views, rounds, rounds_queries, rounds_taking
from app.directory.edition_erasure import erase_group
from app.directory.editions import Frame, freeze
from app.directory.registering import register_group
from app.directory.rounds_form import write_group_form
from app.directory.services import confirm_organization, create_organization, record_consents
from app.extensions import db
from models.directory_profile import ConsentLevel, ConsentWay
from models.directory_rounds import ConfirmationForm
from models.people import Role
from tests.factories import SYSTEM
from tests.support.registry import actor


def test_from_the_form_to_the_edition_and_to_erasure(any_session):
    session, center = any_session, actor(any_session, Role.CENTER)
    made = create_organization(
        session, actor=center, values={"name": "架空試験の会", "reading": "しけん", "purpose": "前。"}
    )
    register_group(session, actor=center, organization=made, number="試験-1", issued_on=dt.date.today())
    one = rounds.open_round(session, actor=center, fiscal_year=2026, due_on=dt.date(2031, 7, 31))
    form = session.scalars(select(ConfirmationForm)).one()
    settings = current_app.extensions["settings"]
    choices = rounds_queries.field_choices(session)
    _, request = next(rounds_queries.request_of(session, center, one.id, [form.id], choices))
    book = load_workbook(io.BytesIO(write_group_form(request, settings.secret_key)))
    for row in book["登録内容"].iter_rows():
        if row[0].value == "活動目的":
            row[1].value, row[2].value = "後。", "公開"
    target = io.BytesIO()
    book.save(target)
    sent = [rounds.Sent("a.xlsx", target.getvalue())]
    [upload] = rounds.receive(session, actor=center, settings=settings, round_id=one.id, files=sent)
    keys = {item.key for item in rounds_taking.differences_of(session, upload).items}
    assert keys == {"field:purpose", "consent:purpose"}
    seen = rounds_taking.fingerprint(upload)
    rounds_taking.take(session, actor=center, upload_id=upload.id, chosen=keys, seen=seen)
    edition = freeze(session, actor=center, frame=Frame(2026))
    found = edition_views.printable(session, center, edition)
    assert [(entry.name, entry.values["purpose"]) for entry in found.entries] == [("架空試験の会", "後。")]
    assert edition_views.is_intact(session, edition)
    assert erase_group(session, actor=center, organization_id=made.id, reason="求めによる") == (1, 1)
    assert edition_views.printable(session, center, edition).entries == []
    assert edition_views.is_intact(session, edition)
    rounds.close_round(session, actor=center, round_id=one.id)


def test_the_command_line_freezes_once_and_writes_every_format(app, tmp_path):
    run = app.test_cli_runner().invoke
    freezing = ["directory", "edition", "freeze", "--fiscal-year", "R7"]
    assert run(args=["directory", "edition", "export", "--format", "csv", "--out", str(tmp_path / "x")]).exit_code == 1
    assert "掲載できる団体がありません" in run(args=freezing).output
    with app.app_context():
        session = db.session()
        made = create_organization(session, actor=SYSTEM, values={"name": "架空試験の会", "purpose": "試す。"})
        confirm_organization(session, actor=SYSTEM, organization=made, on=dt.date(2025, 6, 1), by="団体")
        record_consents(
            session, actor=SYSTEM, organization=made, levels={"purpose": ConsentLevel.PUBLIC},
            given_on=dt.date(2025, 6, 1), way=ConsentWay.PAPER,
        )  # fmt: skip
        db.session.remove()
    done = run(args=[*freezing, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["groups"] == 1
    again = run(args=freezing)
    assert again.exit_code == 1 and "すでに確定" in again.output
    starts = {"pdf": b"%PDF-", "xlsx": b"PK", "csv": b"\xef\xbb\xbf", "json": b"{"}
    for kind, start in starts.items():
        path = tmp_path / f"musubu.{kind}"
        result = run(args=["directory", "edition", "export", "--format", kind, "--out", str(path)])
        assert result.exit_code == 0, result.output
        assert path.read_bytes().startswith(start)
    assert run(args=["directory", "edition", "export", "--format", "exe", "--out", "x"]).exit_code == 2
    assert run(args=["directory", "edition", "freeze", "--fiscal-year", "むかし"]).exit_code == 2
    listed = json.loads(run(args=["directory", "edition", "list", "--json"]).stdout)
    assert [(one["fiscal_year"], one["is_intact"]) for one in listed] == [(2025, True)]
