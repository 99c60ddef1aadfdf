"""こだいら人財の森 through the screens: who reads what by every door, contacts by purpose alone, the way of a request."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.recorder import act
from app.extensions import db
from app.japanese.dates import today_in_tokyo
from app.talents.vector_store import ready_mark
from models.matches import Match, Stage
from models.people import Role
from models.records import AccessNote
from models.talent_requests import TalentRequest
from models.talents import Talent
from tests.app.talents.rows import a_match, a_request, a_talent
from tests.factories import SYSTEM
from tests.support.pages import CheckingClient
from tests.support.secrecy import text_of as told_by

#: Strings that tell who the talent is; nobody but the centre may meet one of them by any door.
NAME, READING, PHONE, MAIL = "秘名田 隠子", "ひめいだ かくれこ", "042-987-6543", "himitsu@himeida.example.jp"
NOTE, PERSON, ADDRESS = "覚書秘匿之介", "担当秘密郎", "小平市秘密町9-9"
SECRETS = ("秘名田", "隠子", "ひめいだ", "かくれこ", "987-6543", "himitsu", "himeida", NOTE, PERSON, "秘密町")
READERS = (Role.OFFICE, Role.DEPARTMENT, Role.AGENCY)
OTHERS = (*READERS, Role.COMMITTEE, Role.ADMINISTRATOR)


@pytest.fixture
def marked(app: Flask) -> dict[str, int]:
    """A talent whose every field tells who it is, at work on a request."""
    with app.app_context():
        session = db.session()
        talent = a_talent(
            session, name=NAME, reading=READING, phone=PHONE, email=MAIL, note=NOTE, contact_person=PERSON,
            address=ADDRESS, free_skills=["秘名田流の修繕"], capacity=3,
            description="秘名田隠子です。網戸の修繕なら 042-987-6543 か himitsu@himeida.example.jp へ。",
        )  # fmt: skip
        request = a_request(session, title="網戸の修繕")
        match = a_match(session, talent, request, "approach")
        found = {"talent": talent.id, "request": request.id, "match": match.id, "open": a_request(session).id}
        db.session.remove()
        db.engine.dispose()
    return found


def _doors(marked: dict[str, int]) -> list[str]:
    talent, request, match = marked["talent"], marked["request"], marked["match"]
    return [
        "/",
        "/talent/",
        "/talent/?q=秘名田",
        "/talent/?q=秘名田 隠子",
        "/talent/?q=かくれこ",
        "/talent/?q=himitsu",
        "/talent/?q=修繕",
        f"/talent/?q={NOTE}",
        "/talent/?sort=name&columns=name,reading,number",
        "/talent/?sort=-name",
        f"/talent/{talent}/",
        f"/talent/{talent}/history/",
        f"/talent/{talent}/edit/",
        f"/talent/{talent}/erase/",
        f"/talent/{talent}/renew/",
        "/talent/lookup/?q=秘名田",
        "/talent/lookup/?q=修繕",
        "/talent/lookup/",
        "/talent/export/csv/",
        "/talent/export/xlsx/",
        "/match/export/xlsx/",
        "/talent/export/csv/?columns=name,reading,number,skills",
        "/talent/export/csv/?q=秘名田",
        "/talent-request/",
        "/talent-request/?q=秘名田",
        f"/talent-request/{request}/",
        f"/talent-request/{marked['open']}/",
        f"/talent-request/{request}/why/?talent={talent}",
        "/match/",
        f"/match/{match}/",
        f"/match/{match}/history/",
        "/match-board/",
        "/talent-assignment/",
        "/talent-numbers/",
        "/talent-numbers/excel/",
        "/talent-numbers/chart/rotation.svg",
    ]


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role.value)
def test_nobody_else_meets_a_name_by_any_door(
    client: CheckingClient, login: Callable[..., int], marked: dict[str, int], role: Role
) -> None:
    login(client, role)
    met = []
    for path in _doors(marked):
        told = told_by(client.get(path))
        asked = path.partition("q=")[2].partition("&")[0]
        shown = told.replace(asked, "") if asked else told  # what one typed oneself stands in the box again
        met += [f"{path}: {secret}" for secret in SECRETS if secret in shown]
    assert met == []


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.value)
def test_a_search_for_the_name_finds_nothing_and_for_the_skill_the_number(
    client: CheckingClient, login: Callable[..., int], marked: dict[str, int], role: Role
) -> None:
    login(client, role)
    for words in ("秘名田", "隠子", "かくれこ", "himitsu", NOTE, PERSON):
        assert "0件" in client.get(f"/talent/?q={words}").get_data(as_text=True)
        assert client.get(f"/talent/lookup/?q={words}").json == []
    assert f"人財{marked['talent']}番" in client.get("/talent/?q=修繕").get_data(as_text=True)
    page = client.get(f"/talent/{marked['talent']}/").get_data(as_text=True)
    assert "●●" in page
    assert "網戸の修繕なら" in page


def test_the_centre_finds_the_name_and_every_look_is_noted(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    user_id = login(client, Role.CENTER)
    assert NAME in client.get("/talent/?q=秘名田").get_data(as_text=True)
    assert NAME in client.get(f"/talent/{marked['talent']}/").get_data(as_text=True)
    assert NAME in client.get("/talent/export/csv/").get_data(as_text=True)
    assert NAME in client.get("/match-board/").get_data(as_text=True)
    with app.app_context():
        notes = db.session.scalars(select(AccessNote).where(AccessNote.actor_id == user_id)).all()
        assert [note.action for note in notes] == ["search", "display", "export", "display"]
        assert all(note.purpose for note in notes)
        db.session.rollback()


def test_contacts_are_shown_by_a_step_with_a_purpose_alone(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    user_id = login(client, Role.CENTER)
    for path in _doors(marked):
        told = told_by(client.get(path))
        assert ADDRESS not in told and PERSON not in told, path
    page = client.get(f"/talent/{marked['talent']}/")
    assert ADDRESS not in page.get_data(as_text=True)
    refused = client.post(f"/talent/{marked['talent']}/contact/", data={"purpose": ""})
    assert refused.status_code == 303
    shown = client.post(f"/talent/{marked['talent']}/contact/", data={"purpose": "緊急の連絡"})
    assert PHONE in shown.get_data(as_text=True)
    with app.app_context():
        last = db.session.scalars(
            select(AccessNote).where(AccessNote.actor_id == user_id).order_by(AccessNote.id.desc()).limit(1)
        ).one()
        assert (last.purpose, last.record_key) == ("連絡先の表示: 緊急の連絡", str(marked["talent"]))
        db.session.rollback()


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role.value)
def test_nobody_else_takes_the_step_to_contacts(
    client: CheckingClient, login: Callable[..., int], marked: dict[str, int], role: Role
) -> None:
    login(client, role)
    for path in (
        f"/talent/{marked['talent']}/contact/",
        f"/talent-request/{marked['request']}/contact/",
        f"/match/{marked['match']}/introduction/",
    ):
        assert client.post(path, data={"purpose": "緊急の連絡"}).status_code == 403


def test_the_introduction_is_closed_until_both_have_agreed(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    path = f"/match/{marked['match']}"
    assert client.post(f"{path}/introduction/").status_code == 303

    def take(code: str, **values: str) -> int:
        with app.app_context():
            version = db.session.get_one(Match, marked["match"]).version
            db.session.rollback()
        return client.post(f"{path}/step/{code}/", data={"version": str(version)} | values).status_code

    assert take("accept", times="sat-am") == 303
    with app.app_context(), act(db.session(), SYSTEM, "test:edit", "試験"):
        request = db.session.get_one(Match, marked["match"]).request
        request_id, request.contact_name = request.id, None
    assert "依頼のページへ(団体の連絡先)" in client.get(f"{path}/").get_data(as_text=True)
    assert take("introduce", group_agreed="y") == 422
    with app.app_context(), act(db.session(), SYSTEM, "test:edit", "試験"):
        db.session.get_one(TalentRequest, request_id).contact_name = "世話人"
    assert take("introduce", note="夕方に電話した") == 422
    with app.app_context():
        version = str(db.session.get_one(Match, marked["match"]).version)
        db.session.rollback()
    refused = client.post(f"{path}/step/decline/", data={"version": version, "note": "辞退の電話"}).get_data(
        as_text=True
    )
    assert "辞退の電話</textarea>" in refused  # nothing typed is lost, and its part of the page is open
    assert 'id="step-decline" open>' in refused
    assert take("introduce", group_agreed="y", note="カードは4111111111111111") == 303
    page = client.get(f"{path}/").get_data(as_text=True)
    assert "編集して取り除いてください" in page  # and here it can be
    assert f'action="{path}/note/"' in page
    with app.app_context():
        version = str(db.session.get_one(Match, marked["match"]).version)
        db.session.rollback()
    assert client.post(f"{path}/note/", data={"version": version, "note": ""}).status_code == 303
    assert "4111111111111111" not in client.get(f"{path}/").get_data(as_text=True)
    sheet = client.post(f"{path}/introduction/").get_data(as_text=True)
    assert PHONE in sheet
    assert "042-444-0000" in sheet


def test_a_request_is_entered_and_its_candidates_stand_on_its_page(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        organization = db.session.get_one(TalentRequest, marked["request"]).organization_id
        db.session.rollback()
        assert not ready_mark(app.extensions["settings"]).exists()  # nothing has computed a meaning here
    data = {
        "organization_id": str(organization), "title": "網戸が破れた", "description": "網戸の修繕をお願いしたい",
        "times": ["sat-am"], "area": "市内全域", "audiences": ["だれでも"], "reward_offered": "nothing", "headcount": "1",
    }  # fmt: skip
    response = client.post("/talent-request/new/", data=data)
    assert response.status_code == 303
    page = client.get(response.location).get_data(as_text=True)
    assert NAME in page
    assert "意味の比較を準備しています" in page
    found = re.search(r'action="(/talent-request/\d+/approach/)"', page)
    assert found
    answer = client.post(found[1], data={"talent": str(marked["talent"]), "why": "網戸"})
    assert answer.status_code == 303
    assert "/match/" in answer.location
    why = client.get(f"{response.location}why/?talent={marked['talent']}").get_data(as_text=True)
    assert "この依頼では「打診中」です。" in why
    assert found[1] not in why
    again = client.post(found[1], data={"talent": str(marked["talent"])}, follow_redirects=True)
    assert "すでにこの依頼の「打診中」にあります" in again.get_data(as_text=True)


def test_why_not_names_what_is_broken(client: CheckingClient, login: Callable[..., int], app: Flask) -> None:
    with app.app_context():
        talent = a_talent(db.session(), availability=["mon-evening"]).id
        request = a_request(db.session()).id
        db.session.remove()
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{request}/why/?talent={talent}").get_data(as_text=True)
    assert "候補になりません" in page
    assert "空いているのは月曜夜間(依頼は土曜午前)" in page
    page = client.get(f"/talent-request/{request}/").get_data(as_text=True)
    assert "条件が合えば" in page


def test_a_talent_is_looked_up_without_its_name_in_an_address(
    client: CheckingClient, login: Callable[..., int], app: Flask, marked: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{marked['open']}/").get_data(as_text=True)
    path = f"/talent-request/{marked['open']}/look/"
    assert f'method="post" action="{path}"' in page
    wanted = f"/talent-request/{marked['open']}/why/?talent={marked['talent']}"
    chosen = {"talent": str(marked["talent"]), "talent__text": f"{NAME}(人財{marked['talent']}番)"}
    for data in (chosen, {"talent__text": NAME}, {"talent__text": f"人財{marked['talent']}番"}):  # without script, too
        answer = client.post(path, data=data)
        assert (answer.status_code, answer.location) == (303, wanted), data
    for nobody in ("", "居ない 人", "人財0番"):
        answer = client.post(path, data={"talent__text": nobody})
        assert (answer.status_code, "名" in answer.location) == (303, False), nobody
    assert "人財を選んでください" in client.post(path, follow_redirects=True).get_data(as_text=True)


def test_a_talent_that_nothing_fits_is_told_why(client: CheckingClient, login: Callable[..., int], app: Flask) -> None:
    with app.app_context():
        gone = a_talent(db.session(), valid_until=today_in_tokyo() - dt.timedelta(days=1)).id
        a_request(db.session())
        db.session.remove()
    login(client, Role.CENTER)
    page = client.get(f"/talent/{gone}/").get_data(as_text=True)
    assert "登録・同意の状態: 同意の有効期間が切れている" in page


def test_the_board_moves_a_card_by_a_plain_button(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        match = a_match(db.session(), a_talent(db.session()), a_request(db.session()))
        key, version = match.id, match.version
        db.session.remove()
    login(client, Role.CENTER)
    data = {"match": str(key), "version": str(version), "step": "approach"}
    moved = client.post("/match-board/move/", data=data)
    assert (moved.status_code, moved.location) == (303, f"/match-board/#card-{key}")  # the keyboard goes on from there
    assert f'id="card-{key}"' in client.get("/match-board/").get_data(as_text=True)
    stale = client.post("/match-board/move/", data=data, follow_redirects=True).get_data(as_text=True)
    assert "先に保存しました" in stale
    with app.app_context():
        assert db.session.get_one(Match, key).stage is Stage.APPROACHED
        db.session.rollback()


def test_individual_numbers_are_warned_of_and_kept(
    client: CheckingClient, login: Callable[..., int], app: Flask
) -> None:
    with app.app_context():
        talent = a_talent(db.session())
        key, version = talent.id, talent.version
        db.session.remove()
    login(client, Role.CENTER)
    data = {
        "version": str(version), "kind": "person", "name": "試験", "description": "番号は1234-5678-9018です",
        "capacity": "1", "reward": "nothing", "status": "active", "consent_on": "2026-04-01", "consent_way": "paper",
        "areas": ["市内全域"], "audiences": ["だれでも"], "availability": ["sat-am"],
    }  # fmt: skip
    page = client.post(f"/talent/{key}/edit/", data=data, follow_redirects=True).get_data(as_text=True)
    assert "個人番号(マイナンバー)と思われる12桁の数字" in page
    with app.app_context():
        assert db.session.get_one(Talent, key).description == "番号は1234-5678-9018です"
        db.session.rollback()


def test_a_request_is_warned_of_too(client: CheckingClient, login: Callable[..., int], app: Flask) -> None:
    with app.app_context():
        key, version = (made := a_request(db.session())).id, made.version
        group = made.organization_id
        db.session.remove()
    login(client, Role.CENTER)
    data = {
        "version": str(version), "organization_id": str(group), "title": "通院の付き添い",
        "description": "番号は1234-5678-9018、要介護3です", "free_skills": "服薬の確認", "times": "sat-am",
        "area": "市内全域", "reward_offered": "nothing", "headcount": "1",
    }  # fmt: skip
    page = client.post(f"/talent-request/{key}/edit/", data=data, follow_redirects=True).get_data(as_text=True)
    assert "個人番号(マイナンバー)と思われる12桁の数字" in page
    assert "「要介護」" in page
    assert "「服薬」" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"headcount": "0"}, "1から999まで"),
        ({"headcount": "10000"}, "1から999まで"),
        ({"headcount": "たくさん"}, "必要な人数"),
        ({"area": "架空町"}, "一覧にある項目"),
        ({"times": "noon"}, "一覧にある項目"),
        ({"title": ""}, "件名を入力してください"),
        ({"description": "あ" * 20_001}, "20,000文字以内"),
        ({"organization_id": "999999"}, "候補から選び直してください"),
    ],
)
def test_bad_requests_are_told_what_to_do(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int], values: dict, sentence: str
) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        organization = db.session.get_one(TalentRequest, marked["request"]).organization_id
        db.session.rollback()
    usual = {
        "organization_id": str(organization), "title": "依頼", "area": "市内全域", "reward_offered": "nothing",
        "headcount": "1",
    }  # fmt: skip
    response = client.post("/talent-request/new/", data=usual | values)
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert sentence in page
    assert "入力の内容を確かめてください" not in page  # the heading of the list says so already


@pytest.mark.parametrize("description", ["", "あ", "🎉🎊", "網戸" * 10_000])
def test_odd_texts_still_get_their_page(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int], description: str
) -> None:
    with app.app_context():
        key = a_request(db.session(), title="🎉", description=description, times=[]).id
        db.session.remove()
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{key}/")
    assert page.status_code == 200
    assert "いまの条件で引き受けられる人財はいません" in page.get_data(as_text=True)


def test_the_proposal_says_what_fits_and_a_form_has_no_empty_group(
    app: Flask, client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        skilled = a_request(db.session(), title="障子と網戸の修繕の会", description="網戸の修繕をしてほしい").id
        a_talent(db.session(), description="数えることが得意です。", availability=["mon-pm"])
        a_request(db.session(), title="月曜の留守番", description="午後にいてくれる人。", times=["mon-pm"])
        db.session.remove()
    page = client.get("/talent-assignment/").get_data(as_text=True)
    assert "障子と網戸の修繕の会" in page
    assert "触れている" in page or "と近い" in page
    first, _, folded = page.partition("条件だけが合う組合せ(")  # what has nothing but free times in common stands apart
    assert "月曜の留守番" not in first
    assert "月曜の留守番" in folded
    assert "団体の連絡先" in client.get("/talent-request/new/").get_data(as_text=True)
    assert "団体の連絡先" not in client.get(f"/talent-request/{skilled}/edit/").get_data(as_text=True)


def test_a_request_at_work_is_not_deleted_and_its_matches_are_named(
    client: CheckingClient, login: Callable[..., int], marked: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    page = client.get(f"/talent-request/{marked['request']}/delete/").get_data(as_text=True)
    assert "打診などの記録があるため削除できません" in page
    assert "コーディネート</dt><dd>" in re.sub(r">\s+<", "><", page)
    assert "関係している記録はありません" not in page
    assert "関係している記録はありません" in client.get(f"/talent-request/{marked['open']}/delete/").get_data(
        as_text=True
    )
