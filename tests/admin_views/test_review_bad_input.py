"""What nobody should send to the committee's pages, sent as real requests: nothing is kept, and the page says why."""

from __future__ import annotations

import io
import threading
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.reviews import criteria
from app.reviews.conflicts import set_conflict
from models.people import Role, User
from models.review_conflicts import Conflict, ConflictDeclaration, InterestKind
from models.review_sheets import Score, ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState
from tests.app.reviews.support import PNG, Case, a_case, actor_for
from tests.support import people
from tests.support.pages import CheckingClient


class Ids:
    """What the tests need of a case once its session is closed."""

    def __init__(self, case: Case, interview: int) -> None:
        self.call = case.call.id
        self.proposals = [one.id for one in case.proposals]
        self.users = [one.id for one in case.users]
        self.members = [one.id for one in case.members]
        self.criteria = [one.id for one in case.criteria()]
        self.office = case.office.user_id or 0
        #: A criterion of the other stage.
        self.interview = interview

    def marks(self, first: str, second: str, **more: str) -> dict[str, str]:
        """A posted sheet."""
        return {f"score-{self.criteria[0]}": first, f"score-{self.criteria[1]}": second, "seen": "0"} | more

    def seal_url(self, place: int = 0) -> str:
        return f"/score-sheet/{self.proposals[place]}/document/seal/"


def _built(app: Flask, *, declared: bool = True) -> Ids:
    with app.app_context():
        case = a_case(db.session())
        second = case.criteria()[1]
        criteria.update_criterion(
            db.session(), actor=case.office, criterion_id=second.id, values={"comment_below": 1, "comment_above": 5}
        )
        values = {"stage": "interview", "label": "説明", "highest": 5}
        other = criteria.add_criterion(db.session(), actor=case.office, call_id=case.call.id, values=values)
        if declared:
            for number in range(3):
                case.declare(number)
        ids = Ids(case, other.id)
        db.session.remove()
    return ids


def _count(app: Flask, model: Any) -> int:
    with app.app_context():
        found = len(db.session.scalars(select(model)).all())
        db.session.remove()
    return found


def test_sheets_that_are_none_are_refused_with_a_sentence_and_nothing_is_kept(
    app: Flask, client: CheckingClient
) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    first, second = ids.criteria
    cases: list[tuple[dict[str, str], str]] = [
        (ids.marks("6", "3"), "6点は範囲の外です"),
        (ids.marks("-1", "3"), "「-1」は点数として読めません"),
        (ids.marks("3.5", "3"), "「3.5」は点数として読めません"),
        (ids.marks("3.0", "3"), "「3.0」は点数として読めません"),
        (ids.marks("1e0", "3"), "は点数として読めません"),
        (ids.marks("五", "3"), "「五」は点数として読めません"),
        (ids.marks("4\x00", "3"), "「4」は点数として読めません"),
        (ids.marks("\x00", "3"), "は点数として読めません"),
        (ids.marks("9" * 4_000, "3"), "は点数として読めません"),
        (ids.marks("", "3"), "点数が入っていません"),
        ({"seen": "0"}, "点数が入っていません"),
        (ids.marks("4", "1"), "1点とした理由を書いてください"),
        (ids.marks("4", "5"), "5点とした理由を書いてください"),
        (ids.marks("4", "1", **{f"comment-{second}": " \x00\u3000 "}), "1点とした理由を書いてください"),
        (ids.marks("4", "3", comment="長" * 100_000), "全体の所見は2,000文字までです"),
        (ids.marks("4", "3", **{f"comment-{first}": "長" * 2_001}), "所見は2,000文字までです"),
        (ids.marks("4", "3", **{f"score-{ids.interview}": "3"}), "この審査の採点票にない項目"),
        (ids.marks("4", "3", **{"score-999999": "3"}), "この審査の採点票にない項目"),
        (ids.marks("4", "3", **{"score-x": "3"}), "この審査の採点票にない項目"),
    ]
    for data, sentence in cases:
        answer = client.post(ids.seal_url(), data=data)
        assert (answer.status_code, sentence in answer.text) == (422, True), (data, sentence)
        assert "公益性: 公益性" not in answer.text
    assert (_count(app, ScoreSheet), _count(app, Score)) == (0, 0)


def test_a_comment_over_the_limit_is_refused_and_stands_there_whole(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    typed = f"始{'長' * 2_500}終"
    answer = client.post(ids.seal_url(), data=ids.marks("4", "3", comment=typed))
    assert answer.status_code == 422
    assert "いま2,502文字あります。502文字減らしてください" in answer.text
    assert f">{typed}</textarea>" in answer.text
    assert 'maxlength="2000"' not in answer.text, "the browser would cut what is pasted"
    draft_url = ids.seal_url().replace("seal", "draft")
    assert client.post(draft_url, data=ids.marks("4", "3", comment=typed)).status_code == 200
    assert f">{typed}</textarea>" in client.get(ids.seal_url().removesuffix("seal/")).text
    far_too_much = client.post(draft_url, data=ids.marks("4", "3", comment="長" * 20_001))
    assert (far_too_much.status_code, "長すぎる" in far_too_much.get_json()["message"]) == (422, True)


def test_a_declaration_over_the_limit_is_refused_and_stands_there_whole(app: Flask, client: CheckingClient) -> None:
    ids = _built(app, declared=False)
    people.sign_in_as(client, ids.users[0])
    typed = f"始{'長' * 2_000}終"
    sent = {"proposal": ids.proposals[0], "answer": "interest", "kind": "other", "text": typed}
    answer = client.post("/declaration/sign/", data=sent)
    assert (answer.status_code, f">{typed}</textarea>" in answer.text) == (422, True)
    assert "2,000文字まで" in answer.text
    assert _count(app, ConflictDeclaration) == 0


def test_full_width_digits_are_scores_and_a_seal_sent_again_is_refused(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    assert client.post(ids.seal_url(), data=ids.marks("５", " ３ ")).status_code == 303
    for data in (ids.marks("５", " ３ "), ids.marks("1", "2")):
        again = client.post(ids.seal_url(), data=data)
        assert (again.status_code, "すでに確定しています" in again.text) == (409, True)
    draft = client.post(ids.seal_url().replace("seal", "draft"), data=ids.marks("1", "2"))
    assert (draft.status_code, "すでに確定" in draft.get_json()["message"]) == (409, True)
    with app.app_context():
        assert [one.value for one in db.session.scalars(select(Score).order_by(Score.id))] == [5, 3]
        db.session.remove()


def test_a_form_kept_from_before_a_conflict_scores_and_declares_nothing(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.users[0])
    assert client.post(ids.seal_url(), data=ids.marks("4", "3")).status_code == 303
    with app.app_context():
        office = actor_for(db.session.get_one(User, ids.office), Role.OFFICE)
        set_conflict(
            db.session(),
            actor=office,
            member_id=ids.members[0],
            proposal_id=ids.proposals[0],
            kind=InterestKind.TRADE,
            reason="後で分かった",
        )
        db.session.remove()
    for url, data in (
        (ids.seal_url(), ids.marks("1", "2")),
        (ids.seal_url().replace("seal", "draft"), ids.marks("1", "2")),
        (f"/declaration/{ids.proposals[0]}/change/", {"kind": "other", "text": "x"}),
        ("/declaration/sign/", {"proposal": ids.proposals[0], "answer": "none"}),
    ):
        assert client.post(url, data=data).status_code == 404, url
    with app.app_context():
        sheet = db.session.scalars(select(ScoreSheet)).one()
        assert (sheet.state, [one.value for one in sheet.versions[0].scores]) == (SheetState.VOIDED, [4, 3])
        db.session.remove()
    people.sign_in_as(client, ids.office)
    page = client.get(f"/review/{ids.call}/").text
    assert "除斥" in page and "採点票は無効" in page


def test_a_paper_entry_is_no_door_to_another_sheet(app: Flask, client: CheckingClient) -> None:
    """Ids changed in the office's forms: of another call, of a sealed sheet, of one that nobody began."""
    ids, other = _built(app), _built(app)
    people.sign_in_as(client, ids.office)
    begin = {"member": ids.members[1], "proposal": other.proposals[0], "stage": "document"}
    assert client.post("/review/sheet/begin/", data=begin).status_code == 404
    assert client.post("/review/sheet/begin/", data=begin | {"member": "x", "stage": "x"}).status_code == 404
    entry = client.post("/review/sheet/begin/", data=begin | {"proposal": ids.proposals[0]}).location
    scan = {"scan": (io.BytesIO(PNG), "票.png")}
    assert client.post(f"{entry}seal/", data=ids.marks("9", "3") | scan).status_code == 422
    html = {"scan": (io.BytesIO(b"<html><script>x</script></html>"), "票.png")}
    assert client.post(f"{entry}seal/", data=ids.marks("4", "3") | html).status_code == 422
    assert _count(app, ScoreSheetVersion) == 0
    people.sign_in_as(client, ids.users[0])
    assert client.post(f"{entry}seal/", data=ids.marks("4", "3")).status_code == 403
    people.sign_in_as(client, other.office)
    assert client.get(entry).status_code == 404
    assert client.post(f"{entry}draft/", data=ids.marks("4", "3")).status_code == 404
    assert _count(app, ScoreDraft) == 0


def test_declarations_that_are_none_are_refused(app: Flask, client: CheckingClient) -> None:
    ids = _built(app, declared=False)
    people.sign_in_as(client, ids.users[0])
    for data, status in (
        ({"proposal": ids.proposals[0], "answer": "maybe"}, 422),
        ({"proposal": ids.proposals[0], "answer": "interest", "kind": "nothing"}, 422),
        ({"proposal": ids.proposals[0], "answer": "interest", "kind": "other", "text": " \x00 "}, 422),
        ({"proposal": "999999", "answer": "none"}, 404),
        ({"proposal": "1' OR 1", "answer": "none"}, 404),
        ({"proposal": str(2**70), "answer": "none"}, 404),
        ({"answer": "none"}, 404),
    ):
        assert client.post("/declaration/sign/", data=data).status_code == status, data
    assert (_count(app, ConflictDeclaration), _count(app, Conflict)) == (0, 0)


def test_a_seal_sent_twice_at_once_is_done_once(any_app: Flask) -> None:
    ids = _built(any_app)
    barrier, statuses = threading.Barrier(2), []
    clients = [any_app.test_client() for _ in range(2)]
    for one in clients:
        people.sign_in_as(one, ids.users[0])

    def post(one: FlaskClient) -> None:
        barrier.wait()
        statuses.append(one.post(ids.seal_url(), data=ids.marks("4", "3")).status_code)

    threads = [threading.Thread(target=post, args=(one,)) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    with any_app.app_context():
        assert len(db.session.scalars(select(ScoreSheetVersion)).all()) == 1
        db.session.remove()


def test_a_call_without_criteria_says_so_wherever_one_looks(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        case = a_case(db.session(), criteria_too=False)
        call, office = case.call.id, case.office.user_id or 0
        proposal, member = case.proposals[0].id, case.users[0].id
        for number in range(3):
            case.declare(number)
        db.session.remove()
    people.sign_in_as(client, office)
    assert "審査基準が一つもありません" in client.get(f"/review-result/{call}/").text
    assert client.get(f"/review/{call}/").status_code == 200
    assert client.post(f"/review-result/{call}/draft/").status_code == 303
    assert "審査基準が一つもありません" in client.get(f"/review-result/{call}/").text
    people.sign_in_as(client, member)
    assert client.get("/score-sheet/").status_code == 200
    assert client.get(f"/score-sheet/{proposal}/document/").status_code == 404


def test_a_weight_that_is_none_is_refused(app: Flask, client: CheckingClient) -> None:
    ids = _built(app)
    people.sign_in_as(client, ids.office)
    row = {"stage": "document", "label": "新しい項目", "highest": "5"}
    for value in ("0", "-1", "x", "1.2.3", "99999999", "\x00", ""):
        answer = client.post(f"/review/{ids.call}/criteria/new/", data=row | {"weight": value})
        assert answer.status_code == 422, value
