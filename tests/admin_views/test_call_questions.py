"""The office keeps a call's questions and briefings on screen; opening off the calendar asks for a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from models.calls import Call, CallState
from models.people import Role
from models.proposals import ProposalState
from tests.app.calls.support import TODAY, YEAR, a_call, a_proposal
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page


@pytest.fixture
def call_id(app: Flask) -> int:
    """An open call without questions."""
    with app.app_context():
        return a_call(db.session()).id


def test_a_question_goes_from_the_window_to_the_printed_page(
    client: CheckingClient, login: Callable[..., int], call_id: int
) -> None:
    login(client, Role.OFFICE)
    new = f"/call-questions/{call_id}/question/new/"
    assert client.get(new).status_code == 200
    refused = client.post(new, data={"asked_on": str(TODAY), "question": "会費は<b>", "is_public": "y"})
    assert refused.status_code == 422 and "公開するには、回答を入力してください" in refused.get_data(as_text=True)
    assert client.post(new, data={"asked_on": str(TODAY), "question": "会費は<b>"}).status_code == 303
    assert client.post(new, data={"asked_on": str(TODAY), "question": "会場は"}).status_code == 303
    page = client.get(f"/call-questions/{call_id}/").get_data(as_text=True)
    assert "2件、回答待ち2件" in page and "会費は&lt;b&gt;" in page
    with client.application.app_context():
        call = db.session.get_one(Call, call_id)
        first, second = ((one.id, one.version) for one in call.questions)
    edit = f"/call-questions/question/{first[0]}/edit/"
    assert client.get(edit).status_code == 200
    answer = {"asked_on": str(TODAY), "question": "会費は<b>", "answer": "書きます", "is_public": "y"}
    assert client.post(edit, data=answer | {"version": str(first[1])}).status_code == 303
    assert client.post(edit, data=answer | {"version": str(first[1])}).status_code == 422
    opened = form_to(check_page(client.get(edit).get_data(as_text=True)), edit)
    assert opened.get("is_public") == "y"  # saved as it is opened, it stays public
    assert client.post(f"/call-questions/question/{second[0]}/move/", data={"way": "up"}).status_code == 303
    hidden = client.post(f"/call-questions/question/{second[0]}/show/", data={"public": "1"}, follow_redirects=True)
    assert "回答を入力してから公開してください" in hidden.get_data(as_text=True)
    assert "会費は&lt;b&gt;" in client.get(f"/call-papers/{call_id}/questions/").get_data(as_text=True)
    gone = f"/call-questions/question/{second[0]}/remove/"
    assert client.get(gone).status_code == 200
    assert client.post(gone, data={"reason": "間違い"}).status_code == 303
    login(client, Role.DEPARTMENT)
    assert client.get(f"/call-questions/{call_id}/").status_code == 403
    printed = client.get(f"/call-papers/{call_id}/questions/").get_data(as_text=True)
    assert "会費は&lt;b&gt;" in printed and "会場は" not in printed


def test_a_briefing_is_entered_moved_and_called_off(
    client: CheckingClient, login: Callable[..., int], call_id: int
) -> None:
    login(client, Role.OFFICE)
    values = {"held_on": str(TODAY), "hours": "14:00〜15:30", "place": "601会議室", "note": "申込不要"}
    new = f"/call-questions/{call_id}/briefing/new/"
    assert client.get(new).status_code == 200
    assert client.post(new, data=values).status_code == 303
    with client.application.app_context():
        (row,) = db.session.get_one(Call, call_id).briefings
        key, version = row.id, row.version
    edit = f"/call-questions/briefing/{key}/edit/"
    assert "601会議室" in client.get(edit).get_data(as_text=True)
    assert client.post(edit, data=values | {"place": "市民会館", "version": str(version)}).status_code == 303
    assert "市民会館" in client.get(f"/call-papers/{call_id}/briefings/").get_data(as_text=True)
    gone = f"/call-questions/briefing/{key}/remove/"
    assert client.get(gone).status_code == 200
    assert client.post(gone, data={"reason": ""}).status_code == 422
    assert client.post(gone, data={"reason": "中止"}).status_code == 303
    assert "説明会はまだ登録していません" in client.get(f"/call-questions/{call_id}/").get_data(as_text=True)


def test_a_call_off_the_calendar_asks_why_and_tells_it(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        days = {"opens_on": dt.date(YEAR, 5, 1), "closes_on": dt.date(YEAR, 7, 31)}
        key = a_call(db.session(), "ikiiki", state=CallState.PREPARING, opened_at=None, **days).id
    login(client, Role.OFFICE)
    page = client.get(f"/call/{key}/").get_data(as_text=True)
    assert "日程が制度の時期と違います" in page and "募集の期間(" in page
    assert client.get(f"/call/{key}/open/").status_code == 200
    refused = client.post(f"/call/{key}/open/", data={"reason": ""})
    assert refused.status_code == 422 and "理由を書いてください" in refused.get_data(as_text=True)
    assert client.post(f"/call/{key}/open/", data={"reason": "会議に合わせた"}).status_code == 303
    assert "会議に合わせた" in client.get(f"/call/{key}/").get_data(as_text=True)


def test_pages_open_with_the_boxes_ticked_that_are_ticked(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        call = a_call(db.session(), state=CallState.PREPARING, opened_at=None)
        key, challenge = call.id, call.challenges[0].id
        proposal = a_proposal(db.session(), state=ProposalState.SUBMITTED).id
    login(client, Role.OFFICE)
    path = f"/call/{key}/challenges/"
    shown = form_to(check_page(client.get(path).get_data(as_text=True)), path)
    assert shown.data()["challenges"] == [str(challenge)]
    path = f"/opinion/request/{proposal}/"
    asked = form_to(check_page(client.get(path).get_data(as_text=True)), path)
    assert len(asked.data()["questions"]) == 6
