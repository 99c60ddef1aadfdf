"""The committee's pages: declaring, scoring, sealing; the office's board, rule, conflicts and entry from paper."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.audit.recorder import act
from app.extensions import db
from app.files.services import store_file
from app.reviews import sheets
from models.people import Role
from models.review_conflicts import Conflict, ConflictDeclaration
from models.review_sheets import ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import ReviewStage
from tests.app.reviews.support import PNG, SYSTEM, Case, a_case
from tests.support import people
from tests.support.pages import CheckingClient


class Ids:
    """What the tests need of a case once its session is closed."""

    def __init__(self, case: Case) -> None:
        self.call = case.call.id
        self.proposals = [one.id for one in case.proposals]
        self.groups = [one.organization.name for one in case.proposals]
        self.titles = [one.title for one in case.proposals]
        self.users = [one.id for one in case.users]
        self.members = [one.id for one in case.members]
        self.criteria = [one.id for one in case.criteria()]
        self.office = case.office.user_id or 0


def _built(app: Flask, *, declared: bool = True, **more: Any) -> Ids:
    with app.app_context():
        case = a_case(db.session(), **more)
        if declared:
            for number in range(len(case.users)):
                case.declare(number)
        ids = Ids(case)
        db.session.remove()
    return ids


def _marks(ids: Ids, *marks: str, seen: str = "0", **more: str) -> dict[str, str]:
    return {f"score-{key}": mark for key, mark in zip(ids.criteria, marks, strict=True)} | {"seen": seen} | more


def test_a_member_declares_one_group_after_the_other(app: Flask, client: CheckingClient) -> None:
    ids = _built(app, declared=False)
    people.sign_in_as(client, ids.users[0])
    page = client.get("/declaration/").get_data(as_text=True)
    assert ids.groups[0] in page and ids.titles[0] not in page
    refused = client.post("/declaration/sign/", data={"proposal": ids.proposals[0]})
    assert refused.status_code == 422
    assert "どちらかを選んでください" in refused.get_data(as_text=True)
    client.post("/declaration/sign/", data={"proposal": ids.proposals[0], "answer": "none"})
    page = client.get("/declaration/").get_data(as_text=True)
    assert ids.groups[1] in page
    client.post(
        "/declaration/sign/",
        data={"proposal": ids.proposals[1], "answer": "interest", "kind": "trade", "text": "取引先"},
    )
    page = client.get("/declaration/").get_data(as_text=True)
    assert "申告が必要な応募はありません" in page and ids.groups[1] not in page and "取引先" in page
    assert client.get(f"/score-sheet/{ids.proposals[1]}/document/").status_code == 404
    assert client.get(f"/score-sheet/{ids.proposals[0]}/document/").status_code == 200


def test_attached_papers_open_in_the_scroll_of_those_who_may_read_them(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    with app.app_context():
        with act(db.session(), SYSTEM, "test:files", "試験の書類"):
            kept = {
                name: store_file(
                    db.session(), actor=SYSTEM, settings=app.extensions["settings"], content=content, name=name,
                    owner_table=table, owner_key=ids.proposals[0],
                ).id
                for name, content, table in (
                    ("図.png", PNG, "proposal"),
                    ("表.csv", "項目,値".encode(), "proposal"),
                    ("役員名簿.csv", "氏名".encode(), "proposal_private"),
                )
            }  # fmt: skip
        db.session.remove()
    people.sign_in_as(client, ids.users[0])
    base = f"/score-sheet/{ids.proposals[0]}/file"
    page = client.get(f"/score-sheet/{ids.proposals[0]}/document/").text
    assert "添付書類(2件)" in page and "役員名簿" not in page
    assert f'<img class="paper-picture" src="{base}/{kept["図.png"]}/"' in page
    dispositions = {}
    for name, key in kept.items():
        answer = client.get(f"{base}/{key}/")
        dispositions[name] = (answer.status_code, answer.headers.get("Content-Disposition", "").partition(";")[0])
    assert dispositions == {"図.png": (200, "inline"), "表.csv": (200, "attachment"), "役員名簿.csv": (404, "")}
    other = f"/score-sheet/{ids.proposals[1]}/file/{kept['図.png']}/"
    assert client.get(other).status_code == 404
    client.post(f"/declaration/{ids.proposals[0]}/change/", data={"kind": "family"})
    assert client.get(f"{base}/{kept['図.png']}/").status_code == 404


def test_an_interest_noticed_later_closes_the_papers(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    address = f"/declaration/{ids.proposals[0]}/change/"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"kind": "family"}).status_code == 303
    assert client.get(f"/score-sheet/{ids.proposals[0]}/document/").status_code == 404
    assert client.get(address).status_code == 404


def test_drafts_answer_with_their_version_and_a_second_tab_with_a_sentence(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    address = f"/score-sheet/{ids.proposals[0]}/document/draft/"
    assert client.post(address, data=_marks(ids, "4", "")).get_json() == {"version": 1}
    assert client.post(address, data=_marks(ids, "4", "x", seen="1")).get_json() == {"version": 2}
    stale = client.post(address, data=_marks(ids, "1", "1", seen="1"))
    assert (stale.status_code, "別の画面" in stale.get_json()["message"]) == (409, True)
    page = client.get(f"/score-sheet/{ids.proposals[0]}/document/").get_data(as_text=True)
    assert 'value="2" data-score-version' in page


def test_sealing_says_what_is_missing_and_goes_on_to_the_next(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    address = f"/score-sheet/{ids.proposals[0]}/document/seal/"
    refused = client.post(address, data=_marks(ids, "9", ""))
    assert refused.status_code == 422
    assert "9点は範囲の外です" in refused.get_data(as_text=True)
    assert "公益性: 9点は範囲の外です" in refused.text, "the list of errors names the criterion"
    done = client.post(address, data=_marks(ids, "5", "3", comment="よい提案"))
    assert done.location == f"/score-sheet/{ids.proposals[1]}/document/"
    page = client.get(f"/score-sheet/{ids.proposals[0]}/document/").get_data(as_text=True)
    assert "確定しました" in page and "よい提案" in page and 'name="score-' not in page
    assert client.post(address, data=_marks(ids, "1", "1")).status_code == 409
    assert "86.67%" in client.get("/score-sheet/").get_data(as_text=True)  # (5 x 2 + 3) of 15


def test_another_members_id_in_a_form_changes_nothing(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    data = _marks(ids, "5", "3") | {"member": str(ids.members[1]), "member_id": str(ids.members[1])}
    client.post(f"/score-sheet/{ids.proposals[0]}/document/seal/", data=data)
    with app.app_context():
        assert [one.member_id for one in db.session.scalars(select(ScoreSheet))] == [ids.members[0]]


def test_the_office_sees_who_is_done_and_unseals_with_a_reason(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    client.post(f"/score-sheet/{ids.proposals[0]}/document/seal/", data=_marks(ids, "5", "4", comment="密封の所見"))
    people.sign_in_as(client, ids.office)
    page = client.get(f"/review/{ids.call}/").get_data(as_text=True)
    assert "書類審査: 1 / 6件が確定" in page and "密封の所見" not in page
    with app.app_context():
        sheet = db.session.scalars(select(ScoreSheet)).one().id
        db.session.remove()
    assert client.get(f"/score-sheet/{ids.proposals[0]}/document/").status_code == 403
    assert client.post(f"/review/sheet/{sheet}/unseal/", data={"reason": ""}).status_code == 422
    assert client.post(f"/review/sheet/{sheet}/unseal/", data={"reason": "記入誤り"}).status_code == 303
    people.sign_in_as(client, ids.users[0])
    page = client.get(f"/score-sheet/{ids.proposals[0]}/document/").get_data(as_text=True)
    assert "解除の理由: 記入誤り" in page and "密封の所見" in page


def test_the_office_sets_rule_and_criteria_until_a_sheet_is_sealed(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.office)
    assert client.post(f"/review/{ids.call}/rule/", data={"minimum_percent": "101"}).status_code == 422
    values = {
        "minimum_percent": "60.5", "missing": "drop", "quorum": "majority", "tie": "chair-smaller", "next_best": "pass",
    }  # fmt: skip
    assert client.post(f"/review/{ids.call}/rule/", data=values).status_code == 303
    row = {"stage": "interview", "label": "説明", "highest": "10", "weight": "0"}
    assert client.post(f"/review/{ids.call}/criteria/new/", data=row).status_code == 422
    assert client.post(f"/review/{ids.call}/criteria/new/", data=row | {"weight": "1.5"}).status_code == 303
    page = client.get(f"/review/{ids.call}/").get_data(as_text=True)
    assert "60.5%" in page and "委員長の点数の高い順、次に希望額の小さい順" in page and "説明" in page
    people.sign_in_as(client, ids.users[0])
    client.post(f"/score-sheet/{ids.proposals[0]}/document/seal/", data=_marks(ids, "5", "4"))
    people.sign_in_as(client, ids.office)
    closed = [f"/review/{ids.call}/rule/", f"/review/{ids.call}/criteria/new/", f"/review/criterion/{ids.criteria[0]}/"]
    for path in closed:
        shown, refused = client.get(path), client.post(path, data=values | row)
        assert (shown.status_code, refused.status_code) == (200, 409), path
        for page in (shown.text, refused.text):
            assert "確定した後は" in page and f'action="{path}"' not in page, path
    assert "60.5%" in client.get(closed[0]).text
    page = client.get(f"/review/{ids.call}/").text
    assert not [path for path in closed if path in page], "no link leads into a refusal"


def test_the_office_sets_and_lifts_a_conflict(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.office)
    data = {"member": ids.members[1], "proposal": ids.proposals[0], "kind": "advice", "reason": "助言したため"}
    assert client.post(f"/review/{ids.call}/conflicts/new/", data=data).status_code == 303
    with app.app_context():
        conflict = db.session.scalars(select(Conflict)).one().id
        db.session.remove()
    people.sign_in_as(client, ids.users[1])
    assert client.get(f"/score-sheet/{ids.proposals[0]}/document/").status_code == 404
    people.sign_in_as(client, ids.office)
    assert client.post(f"/review/conflict/{conflict}/lift/", data={"reason": "誤り"}).status_code == 303
    people.sign_in_as(client, ids.users[1])
    assert client.get(f"/score-sheet/{ids.proposals[0]}/document/").status_code == 200


def test_the_office_enters_a_declaration_and_a_sheet_from_paper(app: Flask, client: CheckingClient) -> None:
    ids = _built(app, declared=False)
    people.sign_in_as(client, ids.office)
    place = {"proposal": str(ids.proposals[0]), "answer": "none"}
    address = f"/review/member/{ids.members[1]}/declaration/"
    blank = client.post(address, data=place)
    assert blank.status_code == 422 and blank.text.count("field-mark-optional") == 0, "a scan that is needed says so"
    assert client.post(address, data=place | {"scan": (io.BytesIO(PNG), "申告.png")}).status_code == 303
    start = {"member": str(ids.members[1]), "proposal": str(ids.proposals[0]), "stage": "document"}
    begun = client.post("/review/sheet/begin/", data=start)
    assert begun.status_code == 303
    entry = begun.location
    assert "代理入力" in client.get(entry).get_data(as_text=True)
    assert client.post(f"{entry}draft/", data=_marks(ids, "4", "4")).get_json() == {"version": 1}
    refused = client.post(f"{entry}seal/", data=_marks(ids, "4", "", seen="1"))
    assert (
        refused.status_code == 422 and "採点票の写しを選んで" in refused.text and "点数が入っていません" in refused.text
    )
    done = client.post(f"{entry}seal/", data=_marks(ids, "4", "4", seen="1") | {"scan": (io.BytesIO(PNG), "票.png")})
    assert done.status_code == 303
    assert client.get(entry).status_code == 404
    with app.app_context():
        version = db.session.scalars(select(ScoreSheetVersion)).one()
        declaration = db.session.scalars(select(ConflictDeclaration)).one()
        assert (version.is_on_behalf, declaration.is_on_behalf) == (True, True)


def test_home_tells_members_and_office_what_waits(app: Flask, client: CheckingClient) -> None:
    ids = _built(app, declared=False)
    people.sign_in_as(client, ids.users[0])
    assert "利害関係の申告に署名してください(2件)" in client.get("/").get_data(as_text=True)
    client.post("/declaration/sign/", data={"proposal": ids.proposals[0], "answer": "none"})
    assert "書類審査の採点票を確定してください(残り1件)" in client.get("/").get_data(as_text=True)
    people.sign_in_as(client, ids.office)
    assert "利害関係の申告が済んでいない委員が3人います" in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("stage", ["interview", "x", "1"])
def test_a_stage_without_criteria_is_not_there(app: Flask, client: CheckingClient, stage: str) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    assert client.get(f"/score-sheet/{ids.proposals[0]}/{stage}/").status_code == 404


def test_a_sheet_that_takes_nothing_says_why_instead_of_opening(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.office)
    begin = {"member": ids.members[1], "proposal": ids.proposals[0], "stage": "document"}
    assert client.post("/review/sheet/begin/", data=begin).status_code == 303
    away = {"stage": "document", "reason": "入院のため"}
    assert client.post(f"/review/member/{ids.members[0]}/absence/", data=away).status_code == 303
    for user, sentence, word in (
        (0, "欠席と記録されているため、採点は要りません", "欠席"),
        (1, "紙から入力しています", "記入中"),
    ):
        people.sign_in_as(client, ids.users[user])
        page = client.get(f"/score-sheet/{ids.proposals[0]}/document/").text
        assert sentence in page and "data-score-sheet" not in page
        own = client.get("/score-sheet/").text
        assert word in own and ("書類審査の採点を続ける" in own) == (user == 1)


@pytest.mark.browser
def test_the_total_runs_along_drafts_are_kept_and_keys_score(app: Flask, live_server: str, page: Page) -> None:
    ids = _built(app)
    with app.app_context():
        token = people.open_session_for(app, ids.users[0])
        cookie = app.session_interface.get_signing_serializer(app)
        assert cookie is not None
        value = cookie.dumps({"_user_id": token, "_fresh": True})
    page.context.add_cookies([{"name": "kyodo_session", "value": value, "url": live_server}])
    address = f"{live_server}/score-sheet/{ids.proposals[0]}/document/"
    page.goto(address)
    first, second = ids.criteria
    page.locator(f"#score-{first}-3").focus()
    page.keyboard.press("4")
    expect(page.locator("[data-score-total]")).to_have_text("8")
    expect(page.locator("[data-score-left]")).to_have_text("あと1項目")
    page.locator(f"#score-{second}-5").check(force=True)
    expect(page.locator("[data-score-total]")).to_have_text("13")
    expect(page.locator("[data-score-status]")).to_contain_text("下書きを保存しました")
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator("[data-score-total]")).to_have_text("13")
    other.locator("#comment").fill("二つ目の画面")
    expect(other.locator("[data-score-status]")).to_contain_text("下書きを保存しました")
    page.locator("#comment").fill("一つ目の画面")
    expect(page.locator("[data-score-status]")).to_contain_text("別の画面")
    expect(page.locator("[data-score-status]")).to_be_in_viewport()  # that nothing is kept any more is not missed
    held: list[Any] = []  # the draft is kept, its answer still on its way: the sheet goes after it, not against it
    other.route("**/draft/", lambda route: held.append((route, route.fetch())))
    other.locator("#comment").fill("二つ目の画面の続き")
    while not held:
        other.wait_for_timeout(50)
    other.get_by_role("button", name="確定する").click()
    other.get_by_role("dialog").get_by_role("button", name="確定する").click()
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(other.locator("main")).to_contain_text("採点票を確定しました")
    with app.app_context():
        sheet = db.session.scalars(select(ScoreSheet)).one()
        assert sheet.state is SheetState.SEALED
        assert sheets.values_of(sheet.versions[0]).comment == "二つ目の画面の続き"
        assert sheet.stage is ReviewStage.DOCUMENT
        assert Role.COMMITTEE in {one.role for one in sheet.member.user.assignments}
