"""The papers of a call as pages and PDF: what is set, what is 未設定, and who sees a call that is not open yet."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask import Flask
from pypdf import PdfReader

from app.audit.recorder import act
from app.calls import call_services
from app.extensions import db
from models.calls import CallBriefing, CallQuestion, CallState
from models.people import Role
from tests.app.calls import support
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page

KINDS = ("entry-dates", "entry-texts")
PAPERS = ("guide", "briefings", "questions", "criteria", "processing")


@pytest.fixture
def call_id(app: Flask) -> int:
    """An open call with a briefing, a public and a closed question, and nothing else written."""
    with app.app_context():
        call = support.a_call(
            db.session(), "suggested", decision_on=dt.date(2027, 1, 20), closes_on=dt.date(2026, 12, 21)
        )
        with act(db.session(), support.SYSTEM, "test:papers", "試験"):
            call.briefings = [CallBriefing(held_on=dt.date(2026, 12, 1), hours="14:00〜15:30", place="市民会館")]
            call.questions = [
                CallQuestion(
                    asked_on=support.TODAY,
                    question=f"{word}の質問です<b>",
                    answer="答えです",
                    answered_on=support.TODAY,
                    is_public=word == "公開",
                )
                for word in ("公開", "内々")
            ]
        return call.id


def _text(client: CheckingClient, call_id: int, paper: str) -> str:
    answer = client.get(f"/call-papers/{call_id}/{paper}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("paper", PAPERS)
def test_each_paper_is_a_page_and_a_pdf_for_everybody_who_reads_calls(
    client: CheckingClient, login: Callable[..., int], call_id: int, paper: str
) -> None:
    for role in (Role.OFFICE, Role.DEPARTMENT, Role.COMMITTEE, Role.AGENCY):
        login(client, role)
        assert client.get(f"/call-papers/{call_id}/{paper}/").status_code == 200
    assert _text(client, call_id, paper)


def test_what_is_written_is_shown_and_what_is_not_stands_as_unset(
    client: CheckingClient, login: Callable[..., int], call_id: int
) -> None:
    login(client, Role.OFFICE)
    guide = client.get(f"/call-papers/{call_id}/guide/").get_data(as_text=True)
    assert "未設定の項目があります" in guide and "¥100,000(消費税を含む)" in guide and "試験の課題" in guide
    printed = _text(client, call_id, "guide")
    assert "未設定" not in printed and "¥100,000" in printed and "案" not in printed.split("目的")[0]
    assert "現状" not in printed  # of the challenge: good practice, not required, and nobody wrote it
    assert "14:00〜15:30" in client.get(f"/call-papers/{call_id}/briefings/").get_data(as_text=True)
    assert "30日" in client.get(f"/call-papers/{call_id}/processing/").get_data(as_text=True)
    questions = client.get(f"/call-papers/{call_id}/questions/").get_data(as_text=True)
    assert "公開の質問です&lt;b&gt;" in questions and "内々" not in questions
    assert "内々" not in _text(client, call_id, "questions")
    assert "まだ何も入力されていません" in _text(client, call_id, "criteria")  # no blank sheet


def test_a_call_in_preparation_is_a_draft_for_the_office_alone(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        number = support.a_call(db.session(), state=CallState.PREPARING, opened_at=None).id
    login(client, Role.DEPARTMENT)
    assert client.get(f"/call-papers/{number}/guide/").status_code == 404
    assert client.get(f"/call-papers/{number}/guide.pdf").status_code == 404
    login(client, Role.OFFICE)
    assert "公開前の案" in client.get(f"/call-papers/{number}/guide/").get_data(as_text=True)
    printed = _text(client, number, "guide")
    assert (
        "案" in printed and "未設定の項目" in printed and "金額(端数の扱い、募集全体の予算、対象となる経費)" in printed
    )


def test_papers_that_are_none_are_not_there(client: CheckingClient, login: Callable[..., int], call_id: int) -> None:
    login(client, Role.OFFICE)
    for path in (f"{call_id}/x/", f"{call_id}/x.pdf", "99999/guide/", "x/guide/", f"{10**30}/guide.pdf"):
        assert client.get(f"/call-papers/{path}").status_code == 404
    login(client, Role.CENTER)
    assert client.get("/call-papers/").status_code == 403


def test_a_source_of_another_program_gives_way_to_the_latest_call_of_the_chosen_one(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        other, wanted = support.a_call(session, "suggested"), support.a_call(session, "ikiiki")
        source, program, latest = other.id, wanted.program_id, wanted.id
    login(client, Role.OFFICE)
    page = check_page(client.get(f"/call/prepare/?source={source}").get_data(as_text=True))
    form = form_to(page, "/call/prepare/")
    assert form.get("copied_from_id") == str(source)
    form.set("program_id", str(program))
    told = client.post("/call/prepare/", data=form.data())
    assert told.status_code == 422 and "制度が違ったため" in told.get_data(as_text=True)
    again = form_to(check_page(told.get_data(as_text=True)), "/call/prepare/")
    assert (again.get("program_id"), again.get("copied_from_id")) == (str(program), str(latest))


def test_the_form_of_a_call_lays_its_dates_in_a_grid_with_one_hint(
    client: CheckingClient, login: Callable[..., int], call_id: int
) -> None:
    login(client, Role.OFFICE)
    page = check_page(client.get(f"/call/{call_id}/edit/").get_data(as_text=True))
    groups = {kind: [one for one in page.iter("div") if kind in (one.get("class") or "").split()] for kind in KINDS}
    assert [len(found) for found in groups.values()] == [1, 1]
    names = [one.get("name") for one in groups["entry-dates"][0].iter("input")]
    assert names[:4] == ["opens_on", "closes_on", "coordination_from_on", "coordination_until_on"]
    assert len(names) == len(call_services.DATES)
    assert len(list(groups["entry-texts"][0].iter("textarea"))) == len(call_services.TEXTS)
