"""From the tally to the notices on screen: the whole way of a conclusion, and who is kept out of it."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.reviews import queries
from models.notices import Notice
from models.people import Role
from models.proposals import Proposal
from models.review_results import CityDecision, ReviewConclusion
from tests.app.reviews.concluded import ready
from tests.app.reviews.support import PNG
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page
from tests.support.people import sign_in_as


def _case(app: Flask) -> tuple[int, list[int], list[int]]:
    """(call, proposals, users of the members) of a review in which all have sealed."""
    with app.app_context():
        case = ready(db.session(), proposals=3)
        found = case.call.id, [one.id for one in case.proposals], [one.id for one in case.users]
        db.session.rollback()
    return found


def _submit(client: CheckingClient, path: str, values: dict[str, str], files: bool = False) -> int:
    form = form_to(check_page(client.get(path).get_data(as_text=True)), path)
    for name, value in values.items():
        form.set(name, value)
    data = dict(form.data()) if files else form.data()
    if files:
        data["minutes"] = (io.BytesIO(PNG), "minutes.png")
        return client.post(form.action, data=data, content_type="multipart/form-data").status_code
    return client.post(form.action, data=data).status_code


def test_from_the_tally_to_the_notices(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    call, proposals, _ = _case(app)
    login(client, Role.OFFICE)
    base = f"/review-result/{call}"
    page = client.get(f"{base}/").get_data(as_text=True)
    assert "規則による結果から下書きを作る" in page and "試算する" in page
    assert client.get(f"{base}/spread.svg").mimetype == "image/svg+xml"
    token = form_to(check_page(page), f"{base}/draft/").get("csrf_token") or ""
    assert client.post(f"{base}/draft/", data={"csrf_token": token}).status_code == 303
    assert _submit(client, f"{base}/conclusion/", {"concluded_on": "令和8年10月1日"}) == 303
    tried = client.get(f"{base}/?minimum=99").get_data(as_text=True)
    assert "試算。保存されません" in tried and "いまの規則では" in tried
    with app.app_context():
        weights = {f"weight-{one.id}": "0" for one in queries.criteria_of(db.session(), call)}
        db.session.rollback()
    nothing = client.get(f"{base}/", query_string=weights).get_data(as_text=True)
    assert "重みと満点の積の合計が0です" in nothing and "試算する" in nothing and "試算。保存されません" not in nothing
    assert _submit(client, f"{base}/confirm/", {}, files=False) == 422
    assert _submit(client, f"{base}/confirm/", {}, files=True) == 303
    assert "封印したときのとおりです" in client.get(f"{base}/record/").get_data(as_text=True)
    assert client.get(f"{base}/record.json").json["format"] == 1
    assert _submit(client, f"{base}/correct/", {"text": "訂正", "reason": "誤記"}) == 303
    for key in proposals:
        path = f"/review-result/proposal/{key}/decision/"
        values = {"decided_on": "R8.10.2", "reason": "審査結果のとおり"}
        with app.app_context():
            line = db.session.scalars(select(ReviewConclusion).where(ReviewConclusion.call_id == call)).one().lines
            outcome = next(one.outcome.value for one in line if one.proposal_id == key)
            db.session.rollback()
        if outcome == "reserve":
            values |= {"outcome": "rejected", "amount_yen": ""}
        assert _submit(client, path, values) == 303
        assert "決定の理由" in client.get(f"/review-result/proposal/{key}/paper/").get_data(as_text=True)
        page = client.get(f"{base}/").get_data(as_text=True)
        decide = form_to(check_page(page), f"/review-result/proposal/{key}/decide/")
        assert client.post(decide.action, data=decide.data()).status_code == 303
    assert client.post(f"{base}/letters/", data={"csrf_token": token}).status_code == 303
    with app.app_context():
        decided = db.session.scalars(select(CityDecision).where(CityDecision.proposal_id.in_(proposals))).all()
        states = {
            row.id: row.state.value for row in db.session.scalars(select(Proposal).where(Proposal.id.in_(proposals)))
        }
        notices = db.session.scalars(
            select(Notice).where(Notice.subject_kind == "proposal", Notice.subject_id.in_(proposals))
        ).all()
        assert {one.proposal_id: one.outcome.value for one in decided} == states
        assert len(notices) == len(proposals)
        db.session.rollback()


def test_a_member_reads_the_sheet_and_writes_nothing(app: Flask, client: CheckingClient) -> None:
    call, proposals, users = _case(app)
    sign_in_as(client, users[1])
    page = client.get(f"/review-result/{call}/").get_data(as_text=True)
    assert "集計" in page and "試算する" not in page and "下書きを作る" not in page
    for path in ("conclusion/", "confirm/", "tie/", "record/", "record.json", "correct/"):
        assert client.get(f"/review-result/{call}/{path}").status_code in {403, 404}
    assert client.get(f"/review-result/proposal/{proposals[0]}/decision/").status_code == 403


def test_other_roles_find_nothing(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    call, _, _ = _case(app)
    for role in (Role.CENTER, Role.DEPARTMENT, Role.AGENCY, Role.ADMINISTRATOR):
        login(client, role)
        assert client.get(f"/review-result/{call}/").status_code == 403
