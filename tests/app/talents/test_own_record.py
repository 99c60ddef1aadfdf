"""What is held of one talent, whole: every value, consent, step, call and view of it; nobody but the centre gets it."""

from __future__ import annotations

import io
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import permissions_of
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from app.problems import NotAllowed
from app.talents import contacts, own_record, services
from models.base import db
from models.matches import ContactResult, ContactWay, Side
from models.people import Role
from models.records import AccessNote
from models.talents import ConsentWay, Talent
from tests.app.talents.rows import a_match, a_request, a_talent
from tests.factories import SYSTEM
from tests.support.pages import CheckingClient

VALUES = {
    "name": "記録 太郎", "reading": "きろくたろう", "contact_person": "窓口 花子", "phone": "042-000-7777",
    "email": "kiroku@example.jp", "address": "架空町9-9", "contact_note": "夜に電話", "description": "戸を直す記録。",
    "free_skills": ["建具の記録"], "reward_note": "実費だけ", "note": "職員の記録の覚え書き",
}  # fmt: skip


def _person(app: Flask) -> int:
    session = db.session()
    person = a_talent(session, **VALUES)
    match = a_match(session, person, a_request(session, title="記録の依頼"), "approach")
    contacts.log_contact(
        session, actor=SYSTEM, match_id=match.id, side=Side.TALENT, way=next(iter(ContactWay)),
        result=next(iter(ContactResult)), summary="電話で話した記録",
    )  # fmt: skip
    services.renew_consent(
        session, actor=SYSTEM, talent=person, version=None, consent_on=today_in_tokyo(),
        consent_way=ConsentWay.PAPER, valid_until=today_in_tokyo(),
    )  # fmt: skip
    session.commit()
    return person.id


def test_every_value_consent_step_and_call_stands_in_it(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        person = session.get_one(Talent, _person(app))
        lines = own_record.lines_of(session, SYSTEM, person)
        told = "\n".join(f"{line.part} {line.what} {line.text}" for line in lines)
        wanted = [word for value in VALUES.values() for word in (value if isinstance(value, list) else [value])]
        assert [
            word for word in (*wanted, "記録の依頼", "打診中", "電話で話した記録", "同意の更新") if word not in told
        ] == []
        personal = {name for name, column in Talent.__mapper__.columns.items() if column.info.get("personal")}
        assert personal <= set(own_record._KEPT)
        with pytest.raises(NotAllowed):
            own_record.lines_of(session, Actor(1, "試験", permissions=permissions_of([Role.OFFICE])), person)
        session.rollback()


def test_the_centre_takes_it_as_paper_and_as_excel_and_both_are_noted(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        key = _person(app)
        db.session.remove()
    login(client, Role.CENTER)
    paper = client.post(f"/talent/{key}/record/pdf/")
    book = client.post(f"/talent/{key}/record/xlsx/")
    assert (paper.status_code, paper.data[:4]) == (200, b"%PDF")
    words = ZipFile(io.BytesIO(book.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "電話で話した記録" in words
    assert "本人からの問合せ・開示請求" in words
    with app.app_context():
        notes = db.session.scalars(select(AccessNote.action).where(AccessNote.record_key == str(key)))
        assert {"print", "export"} <= set(notes)
        db.session.rollback()
