"""Users and roles by Excel: new people, changed people, second roles, what is refused, and taking it back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import roles, users
from app.access.actors import actor_of
from app.actor import Actor, system_actor
from app.exchange import services
from app.jobs.worker import run_pending
from app.problems import Problem
from models.base import db
from models.exchange import ImportRow, ImportRun, ImportStatus
from models.people import Role, User
from models.records import AuditEntry
from models.reference import Department
from tests.support.people import make_user

SYSTEM = system_actor("試験")
HEAD = ["氏名", "メールアドレス", "職員番号", "通知先", "役割", "課", "開始日", "終了日"]


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEAD, *rows]):
            sheet.write_row(number, 0, list(row))
    return target.getvalue()


@pytest.fixture
def chief_id(any_app: Flask) -> int:
    with any_app.app_context():
        user_id = make_user(db.session(), Role.ADMINISTRATOR, name="管理 者").id
        db.session.commit()
    return user_id


def actor(session: Session, user_id: int) -> Actor:
    found = actor_of(session, session.get_one(User, user_id))
    session.rollback()
    return found


def upload(app: Flask, chief_id: int, rows: Sequence[Sequence[Any]]) -> int:
    with app.app_context():
        session = db.session()
        run = services.start_import(
            session,
            actor=actor(session, chief_id),
            settings=app.extensions["settings"],
            spec_name="staff",
            content=workbook(rows),
            name="jinji.xlsx",
        )
        run_id = run.id
        db.session.remove()
        run_pending(app)
    return run_id


def follow(app: Flask, chief_id: int, run_id: int, verb: str) -> ImportStatus:
    with app.app_context():
        session = db.session()
        do = {"apply": services.request_apply, "undo": services.request_undo}[verb]
        do(session, actor=actor(session, chief_id), run_id=run_id, settings=app.extensions["settings"])
        db.session.remove()
        run_pending(app)
        status = db.session.get_one(ImportRun, run_id).status
        db.session.remove()
    return status


def counts(app: Flask, run_id: int) -> tuple[int, int, int, int]:
    with app.app_context():
        run = db.session.get_one(ImportRun, run_id)
        return run.new_count, run.changed_count, run.unchanged_count, run.wrong_count


def problems(app: Flask, run_id: int) -> list[list[str]]:
    with app.app_context():
        rows = db.session.scalars(select(ImportRow).where(ImportRow.run_id == run_id).order_by(ImportRow.id)).all()
        return [problem for row in rows for problem in row.problems or []]


def people(app: Flask) -> dict[str, list[tuple[str, dt.date, dt.date | None]]]:
    """{name: [(role in words, from, until)]}, without the administrator."""
    with app.app_context():
        found = db.session.scalars(select(User).where(User.display_name != "管理 者").order_by(User.id)).all()
        return {
            user.display_name: [(str(one), one.from_on, one.until_on) for one in user.assignments] for user in found
        }


@pytest.fixture
def department(any_app: Flask) -> str:
    with any_app.app_context():
        return db.session.scalars(select(Department.name).order_by(Department.id)).first() or ""


def test_the_first_of_april(any_app: Flask, chief_id: int, department: str) -> None:
    with any_app.app_context():
        session = db.session()
        old = users.create_user(session, actor=SYSTEM, display_name="旧 姓", email="kyu@example.jp", staff_number="A1")
        roles.assign(session, actor=SYSTEM, user=old, role=Role.OFFICE, from_on=dt.date(2024, 4, 1))
        same = users.create_user(session, actor=SYSTEM, display_name="同じ 人", email="onaji@example.jp")
        roles.assign(session, actor=SYSTEM, user=same, role=Role.AGENCY, from_on=dt.date(2024, 4, 1))
        before = session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc())).first() or 0
        session.commit()
    as_before = people(any_app)
    rows = [
        ["新 人", "", "ｂ２", "ka@example.jp", "担当課・関連課", department, "R9.4.1", ""],
        ["新 人", "", "B2", "", "あすぴあ(指定管理者)", "", "令和9年4月1日", "2028/3/31"],
        ["新 姓", "", "A1", "", "推進担当", "", "", "令和9年3月31日"],
        ["同じ 人", "ONAJI@example.jp", "", "", "関係機関(AKVS)", "", "", ""],
    ]
    run_id = upload(any_app, chief_id, rows)
    assert problems(any_app, run_id) == []
    assert counts(any_app, run_id) == (2, 1, 1, 0)
    assert people(any_app) == as_before
    assert follow(any_app, chief_id, run_id, "apply") is ImportStatus.APPLIED
    first_of_april = dt.date(2027, 4, 1)
    assert people(any_app) == {
        "新 姓": [("推進担当", dt.date(2024, 4, 1), dt.date(2027, 3, 31))],
        "同じ 人": [("関係機関(AKVS)", dt.date(2024, 4, 1), None)],
        "新 人": [
            (f"担当課・関連課({department})", first_of_april, None),
            ("あすぴあ(指定管理者)", first_of_april, dt.date(2028, 3, 31)),
        ],
    }
    with any_app.app_context():
        entries = db.session.scalars(
            select(AuditEntry.verb).where(AuditEntry.sequence > before, AuditEntry.verb != "import:upload")
        ).all()
        assert "import:apply" in entries
        assert not any(verb.startswith("user:") for verb in entries)  # one act
    assert follow(any_app, chief_id, run_id, "undo") is ImportStatus.UNDONE
    assert people(any_app) == as_before


def test_what_is_wrong_is_said_at_its_cell_and_nothing_is_written(
    any_app: Flask, chief_id: int, department: str
) -> None:
    with any_app.app_context():
        session = db.session()
        for number in ("1", "2"):
            users.create_user(
                session, actor=SYSTEM, display_name=number, email=f"{number}@example.jp", staff_number=number
            )
        session.commit()
    as_before = people(any_app)
    rows = [
        ["名なし", "", "", "", "", "", "", ""],
        ["", "x1@example.jp", "", "", "", "", "", ""],
        ["あて先", "not-an-address", "", "", "", "", "", ""],
        ["番号", "x2@example.jp", "番号", "", "", "", "", ""],
        ["課なし", "x3@example.jp", "", "", "担当課・関連課", "", "", ""],
        ["課あり", "x4@example.jp", "", "", "推進担当", department, "", ""],
        ["知らない課", "x5@example.jp", "", "", "担当課・関連課", "ない課", "", ""],
        ["任期なし", "x6@example.jp", "", "", "選考審査会委員", "", "", ""],
        ["逆", "x7@example.jp", "", "", "推進担当", "", "R9.4.1", "R8.4.1"],
        ["役割なし", "x8@example.jp", "", "", "", department, "", ""],
        ["二人", "1@example.jp", "2", "", "", "", "", ""],
        ["重複", "x9@example.jp", "", "", "推進担当", "", "", ""],
        ["重複", "x9@example.jp", "", "", "推進担当", "", "", ""],
        ["知らない役割", "x10@example.jp", "", "", "王様", "", "", ""],
    ]
    run_id = upload(any_app, chief_id, rows)
    places = [place for place, _, _ in problems(any_app, run_id)]
    assert places == [
        "B2", "A3", "B4", "C5", "F6", "F7", "F8", "H9", "H10", "F11", "B12", "14行目", "E15",
    ]  # fmt: skip
    with pytest.raises(Problem):
        follow(any_app, chief_id, run_id, "apply")
    assert people(any_app) == as_before


def test_an_import_does_not_remove_the_last_administrator(any_app: Flask, chief_id: int) -> None:
    with any_app.app_context():
        email = db.session.get_one(User, chief_id).email
    run_id = upload(any_app, chief_id, [["管理 者", email, "", "", "システム管理者", "", "", "2021-03-31"]])
    assert counts(any_app, run_id)[1] == 1
    assert follow(any_app, chief_id, run_id, "apply") is not ImportStatus.APPLIED
    with any_app.app_context():
        assert db.session.get_one(User, chief_id).assignments[0].until_on is None


def test_what_was_used_since_is_not_taken_back(any_app: Flask, chief_id: int) -> None:
    run_id = upload(any_app, chief_id, [["新 人", "shin@example.jp", "", "", "推進担当", "", "", ""]])
    follow(any_app, chief_id, run_id, "apply")
    with any_app.app_context():
        session = db.session()
        user_id = session.scalars(select(User.id).where(User.email == "shin@example.jp")).one()
        session.commit()
        users.reset_password(session, actor=SYSTEM, user_id=user_id)
    assert follow(any_app, chief_id, run_id, "undo") is ImportStatus.APPLIED
    assert list(people(any_app)) == ["新 人"]


def test_only_administrators_import_users(any_app: Flask) -> None:
    with any_app.app_context():
        user_id = make_user(db.session(), Role.OFFICE).id
        db.session.commit()
    with pytest.raises(Problem):
        upload(any_app, user_id, [["新 人", "shin@example.jp", "", "", "システム管理者", "", "", ""]])
