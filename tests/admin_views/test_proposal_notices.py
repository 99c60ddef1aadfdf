"""Notices of proposals, one and many at once, with what is missing told by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.recorder import act
from app.extensions import db
from models.coordination import DepartmentOpinion
from models.notices import Honorific, Notice, NoticeState
from models.people import Role
from models.proposal_story import PaperState, ProposalPaper
from models.proposals import ProposalState, ReceiptNumber
from tests import factories
from tests.app.calls import support
from tests.support.pages import CheckingClient


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Two received proposals; the first lacks its bylaws and its mail is known."""
    with app.app_context():
        session = db.session()
        call = support.a_call(session)
        rows = [
            support.a_proposal(
                session,
                call,
                title=f"試験の事業{number}",
                organization=factories.an_organization(session, name=f"架空の会{number}"),
                contact_email="kai@example.jp" if number == 1 else None,
            )
            for number in (1, 2)
        ]
        with act(session, support.SYSTEM, "test:receipt", "試験"):
            for number, row in enumerate(rows, start=1):
                row.receipt = ReceiptNumber(call_id=call.id, number=number)
            paper = session.scalars(
                select(ProposalPaper).where(ProposalPaper.proposal_id == rows[0].id, ProposalPaper.key == "bylaws")
            ).one()
            paper.state, paper.received_on = PaperState.MISSING, None
        for row in rows:
            support.put_into(session, row, ProposalState.COORDINATING)
        return [row.id for row in rows]


def _notices(app: Flask) -> list[Notice]:
    with app.app_context():
        rows = list(db.session.scalars(select(Notice).where(Notice.subject_kind == "proposal").order_by(Notice.id)))
        for row in rows:
            db.session.expunge(row)
        db.session.rollback()
    return rows


def _make(client: CheckingClient, code: str, ids: list[int], **values: str) -> int:
    return client.post(
        "/proposal-notices/make/", data={"template": code, "proposal": [str(one) for one in ids], **values}
    ).status_code


def test_receipts_for_many_are_drafts_each_to_its_group(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: list[int]
) -> None:
    login(client, Role.OFFICE)
    page = client.get(f"/proposal-notices/?template=receipt&proposal={ids[0]}").get_data(as_text=True)
    assert f'value="{ids[0]}" checked' in page and f'value="{ids[1]}">' in page
    assert _make(client, "receipt", [*ids, ids[0]]) == 303
    made = _notices(app)
    assert [(one.recipient_name, one.honorific, one.recipient_email, one.state, one.subject_id) for one in made] == [
        ("架空の会1", Honorific.GROUP, "kai@example.jp", NoticeState.DRAFT, ids[0]),
        ("架空の会2", Honorific.GROUP, None, NoticeState.DRAFT, ids[1]),
    ]
    assert "受付番号 2" in made[1].body


def test_what_is_missing_is_told_by_itself_and_a_due_date_moves_to_an_open_day(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: list[int]
) -> None:
    login(client, Role.OFFICE)
    assert _make(client, "incomplete", ids[:1], v0="", v1="2026-12-29") == 303
    [made] = _notices(app)
    assert "・会則・規約が提出されていません。" in made.body and "令和9年1月4日(月)まで" in made.body
    assert _make(client, "incomplete", ids[1:], v0="", v1="2026-12-01") == 422  # nothing is missing there
    assert _make(client, "incomplete", ids, v0="様式の押印", v1="") == 422
    assert _make(client, "incomplete", ids, v0="様式の押印", v1="らいしゅう") == 422
    assert len(_notices(app)) == 1


def test_departments_are_asked_each_by_its_name(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: list[int]
) -> None:
    login(client, Role.OFFICE)
    assert _make(client, "opinion_request", ids, v0="") == 422  # nobody has been asked yet
    with app.app_context(), act(db.session(), support.SYSTEM, "test:opinion", "試験"):
        for department in support.departments(db.session())[3:5]:
            db.session.add(
                DepartmentOpinion(proposal_id=ids[0], department=department, due_on=dt.date(2026, 12, 1), questions=[])
            )
    assert _make(client, "opinion_request", ids[:1], v0="よろしくお願いします") == 303
    made = _notices(app)
    assert len(made) == 2
    assert {one.honorific for one in made} == {Honorific.GROUP}
    assert all("令和8年12月1日(火)までに" in one.body for one in made)


def test_a_notice_of_another_state_a_strange_one_and_strangers_are_refused(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: list[int]
) -> None:
    login(client, Role.OFFICE)
    assert client.get("/proposal-notices/").status_code == 200
    assert _make(client, "interview", ids, v0="x", v1="y") == 422
    assert _make(client, "receipt", []) == 422
    assert _make(client, "adopted", ids) == 404
    assert _make(client, "receipt", [10**9]) == 422
    assert _notices(app) == []
    for role in (Role.DEPARTMENT, Role.CENTER, Role.COMMITTEE):
        login(client, role)
        assert client.get("/proposal-notices/").status_code == 403
        assert _make(client, "receipt", ids) == 403


def test_only_departments_that_are_late_are_reminded(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: list[int]
) -> None:
    with app.app_context():
        session = db.session()
        late, waits = support.departments(session)[:2]
        names = (late.name, waits.name)
        with act(session, support.SYSTEM, "test:opinions", "試験"):
            for department, day in ((late, support.TODAY - support.DAY), (waits, support.TODAY)):
                questions = [{"key": "need", "label": "必要性"}]
                session.add(
                    DepartmentOpinion(proposal_id=ids[0], department_id=department.id, due_on=day, questions=questions)
                )
    login(client, Role.OFFICE)
    page = client.get("/proposal-notices/?template=opinion_reminder").get_data(as_text=True)
    assert "試験の事業1" in page and "試験の事業2" not in page  # nobody was asked about the second
    data = {"template": "opinion_reminder", "proposal": [str(ids[0])]}
    assert client.post("/proposal-notices/make/", data=data).status_code == 303
    (notice,) = _notices(app)
    assert notice.recipient_name == names[0]
    assert "試験の事業1の所見書が、まだ提出されていません" in notice.body
