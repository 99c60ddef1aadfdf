"""What cannot be done is not offered: full requests, full talents; refusals of the question pages; what paper leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from app.extensions import db
from app.talents import requests
from models.people import Role
from models.talent_requests import TalentRequest
from tests.app.talents.rows import a_match, a_request, a_talent
from tests.factories import SYSTEM
from tests.support.pages import CheckingClient, check_page

STYLES = Path(__file__).parents[2] / "app" / "static" / "css" / "print.css"
WHOLE_WAY = ("approach", "accept", "introduce", "engage", "finish")
FULL = "この依頼は、必要な人数に達しています。"


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    """A request for one: one has said yes, one is a candidate, one could be asked."""
    with app.app_context():
        session = db.session()
        request = a_request(session, title="満員の依頼")
        accepted = a_match(session, a_talent(session), request, "approach", "accept")
        waiting, free = a_match(session, a_talent(session), request), a_talent(session)
        found = {"request": request.id, "accepted": accepted.id, "waiting": waiting.id, "free": free.id}
        db.session.remove()
    return found


def _pages(client: CheckingClient, ids: dict[str, int]) -> dict[str, str]:
    paths = {
        "request": f"/talent-request/{ids['request']}/",
        "why": f"/talent-request/{ids['request']}/why/?talent={ids['free']}",
        "match": f"/match/{ids['waiting']}/",
        "board": "/match-board/",
        "talent": f"/talent/{ids['free']}/",
    }
    answers = {name: client.get(path) for name, path in paths.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    pages = {name: answer.get_data(as_text=True) for name, answer in answers.items()}
    card = re.search(
        rf'<li class="board-card[^>]*>(?:(?!</li>).)*id="card-{ids["waiting"]}".*?</li>', pages["board"], re.S
    )
    assert card is not None
    pages["board"] = card[0]
    return pages


def test_a_full_request_offers_no_approach_and_says_why_on_every_page(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    approach = f'action="/talent-request/{ids["request"]}/approach/"'
    pages = _pages(client, ids)
    assert "必要な人数がそろっているため、打診できません" in pages["request"]
    assert approach not in pages["request"] and approach not in pages["why"]
    assert f'action="/talent-request/{ids["request"]}/candidate/"' in pages["request"]  # a reserve may be noted
    assert "step/approach/" not in pages["match"] and 'value="approach"' not in pages["board"]
    assert all(FULL in pages[name] for name in ("why", "match", "board"))
    assert "満員の依頼" not in pages["talent"]
    with app.app_context():
        session = db.session()
        request = session.get_one(TalentRequest, ids["request"])
        requests.update_request(
            session, actor=SYSTEM, request=request, version=request.version, values={"headcount": 2}
        )
        db.session.remove()
    pages = _pages(client, ids)
    assert "打診できません" not in pages["request"]
    assert approach in pages["request"] and approach in pages["why"]
    assert "step/approach/" in pages["match"] and 'value="approach"' in pages["board"]
    assert not any(FULL in pages[name] for name in ("why", "match", "board"))
    assert "満員の依頼" in pages["talent"]


def test_a_talent_without_a_free_place_is_not_to_be_approached_from_the_comparison(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    with app.app_context():
        talent = a_talent(db.session(), capacity=1)
        a_match(db.session(), talent, a_request(db.session()), "approach")
        request, key = a_request(db.session()).id, talent.id
        db.session.remove()
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{request}/why/?talent={key}").get_data(as_text=True)
    assert "まだ打診できません。この人財は、同時に引き受けられる件数に達しています。" in page
    assert f"/talent-request/{request}/approach/" not in page


def test_a_request_made_in_two_minutes_finds_somebody_and_says_what_it_lacks(
    app: Flask, client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    page = client.get("/talent-request/new/").get_data(as_text=True)
    assert re.search(r'<input[^>]*value="だれでも"[^>]* checked', page)  # whoever does not look at it still finds
    with app.app_context():
        key = a_request(db.session(), audiences=[]).id
        other = a_request(db.session(), audiences=[], times=[]).id
        db.session.remove()
    page = client.get(f"/talent-request/{key}/").get_data(as_text=True)
    assert "対象(ないと候補を探せません)" in page
    assert "希望する曜日・時間帯(ないと候補を探せません)" not in page
    page = client.get(f"/talent-request/{other}/").get_data(as_text=True)
    assert "日時は未定・市内全域" in page
    assert "条件を一つゆるめるだけで候補になる人財もいません" in page
    assert "0件のうち" not in page


def test_what_is_refused_on_a_page_that_asks_is_told_there(
    client: CheckingClient, login: Callable[..., int], ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    told = {
        (f"/talent-request/{ids['request']}/close/", 422): ({"version": "1"}, "理由を選んでください。"),
        (f"/talent-request/{ids['request']}/close/?running", 422): (
            {"version": "1", "reason": "nobody_fits"},
            "進行中のコーディネートがあります。",
        ),
        (f"/talent/{ids['free']}/erase/", 409): ({"version": "99"}, "先に保存しました"),
        (f"/talent/{ids['free']}/renew/", 422): ({"version": "1"}, "同意の方法を選んでください。"),
    }
    for (path, status), (data, sentence) in told.items():
        answer = client.post(path, data=data)
        assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (status, True), path


def test_a_request_that_found_somebody_is_not_closed_as_if_nobody_was_found(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        match = a_match(db.session(), a_talent(db.session()), a_request(db.session()), *WHOLE_WAY)
        key = match.request_id
        db.session.remove()
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{key}/close/").get_data(as_text=True)
    assert "関係している記録はありません" not in page
    answer = client.post(f"/talent-request/{key}/close/", data={"version": "2", "reason": "nobody_fits"})
    assert (answer.status_code, "必要な人数が成立しています。" in answer.get_data(as_text=True)) == (422, True)


def _hidden_on_paper() -> set[str]:
    text = STYLES.read_text(encoding="utf-8")
    (names,) = re.findall(r"([^{}]+)\{\s*display: none !important;", text)
    return {name.strip().lstrip(".") for name in names.split(",")}


def test_paper_shows_no_controls(client: CheckingClient, login: Callable[..., int], ids: dict[str, int]) -> None:
    login(client, Role.CENTER)
    hidden = _hidden_on_paper()
    assert {"screen-only", "button", "fold:not([open]):has(form)"} <= hidden
    left = []
    for path in (
        f"/talent-request/{ids['request']}/",
        f"/talent-request/{ids['request']}/why/?talent={ids['free']}",
        f"/match/{ids['accepted']}/",
        f"/match/{ids['waiting']}/",
        f"/talent/{ids['free']}/",
        "/match-board/",
        "/talent-assignment/",
        "/talent-numbers/",
    ):
        answer = client.get(path)
        main = check_page(answer.get_data(as_text=True)).find(".//main")
        assert answer.status_code == 200 and main is not None
        left += [f"{path}: {control.tag} {control.get('name')}" for control in _printed_controls(main, hidden)]
    assert left == []


def _printed_controls(element: Element, hidden: set[str]) -> list[Element]:
    """The fields and buttons below an element that no rule of the print style hides."""
    classes = set((element.get("class") or "").split())
    is_closed_fold = "fold" in classes and element.get("open") is None
    if classes & hidden or is_closed_fold:
        return []
    is_control = element.tag in {"select", "textarea", "button"} or (
        element.tag == "input" and element.get("type") != "hidden"
    )
    return [element] * is_control + [one for child in element for one in _printed_controls(child, hidden)]
