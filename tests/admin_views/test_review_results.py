"""From the tally to the notices on screen: the whole way of a conclusion, and who is kept out of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.audit.recorder import act
from app.extensions import db
from app.reviews import conflicts, criteria, queries
from app.reviews.results import result_of
from models.calls import Call
from models.notices import Notice
from models.people import Role
from models.proposals import Proposal, ProposalState
from models.records import AccessNote
from models.review_conflicts import InterestKind
from models.review_results import CityDecision, ConfirmationMeans, ReviewConclusion
from tests.app.calls.support import a_proposal
from tests.app.reviews.concluded import TODAY, decided, ready
from tests.app.reviews.support import PNG, SYSTEM, a_case
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
    form = form_to(check_page(client.get(path).get_data(as_text=True)), path.partition("?")[0])
    for name, value in values.items():
        form.set(name, value)
    data = dict(form.data()) if files else form.data()
    if files:
        data["minutes"] = (io.BytesIO(PNG), "minutes.png")
        return client.post(form.action, data=data, content_type="multipart/form-data").status_code
    return client.post(form.action, data=data).status_code


def test_from_the_tally_to_the_notices(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    call, proposals, users = _case(app)
    login(client, Role.OFFICE)
    base = f"/review-result/{call}"
    page = client.get(f"{base}/").get_data(as_text=True)
    assert "規則による結果から下書きを作る" in page and "試算する" in page
    assert client.get(f"{base}/spread.svg").mimetype == "image/svg+xml"
    token = form_to(check_page(page), f"{base}/draft/").get("csrf_token") or ""
    assert client.post(f"{base}/draft/", data={"csrf_token": token}).status_code == 303
    assert _submit(client, f"{base}/conclusion/", {"concluded_on": TODAY.isoformat()}) == 303
    tried = client.get(f"{base}/?minimum=99").get_data(as_text=True)
    assert "試算。保存されません" in tried and "いまの規則では" in tried
    with app.app_context():
        weights = {f"weight-{one.id}": "0" for one in queries.criteria_of(db.session(), call)}
        db.session.rollback()
    nothing = client.get(f"{base}/", query_string=weights).get_data(as_text=True)
    assert "重みと満点の積の合計が0です" in nothing and "試算する" in nothing and "試算。保存されません" not in nothing
    assert _submit(client, f"{base}/confirm/", {}, files=False) == 422
    assert _submit(client, f"{base}/confirm/", {}, files=True) == 303
    page = client.get(f"{base}/").get_data(as_text=True)
    minutes = re.search(rf'href="({base}/signed/\d+/)"', page)
    assert minutes is not None and "署名のある議事録を開く" in page and ConfirmationMeans.SIGNED_MINUTES.label in page
    assert client.get(minutes[1]).data == PNG
    sign_in_as(client, users[0])
    assert client.get(minutes[1]).status_code == 403 and minutes[1] not in client.get(f"{base}/").text
    login(client, Role.OFFICE)
    assert f"{base}/letters/" not in client.get(f"{base}/").text  # nothing is decided yet
    assert "封印したときのとおりです" in client.get(f"{base}/record/").get_data(as_text=True)
    assert client.get(f"{base}/record.json").json["format"] == 1
    with app.app_context():
        noted = db.session.scalars(select(AccessNote).where(AccessNote.table_name == "sealed_record")).one()
        assert noted.action == "export", "a record that holds every score is not carried away unnoted"
        db.session.remove()
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
    letters = form_to(check_page(client.get(f"{base}/").text), f"{base}/letters/")
    assert client.post(letters.action, data=letters.data()).status_code == 303
    assert letters.action not in client.get(f"{base}/").text
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


def test_sheets_of_a_complete_stage_are_found_while_another_goes_on(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        case = a_case(db.session())
        row = {"stage": "interview", "label": "説明", "highest": 5}
        criteria.add_criterion(case.session, actor=case.office, call_id=case.call.id, values=row)
        for number in range(len(case.users)):
            case.declare(number, *([1] if number == 1 else []))
        base, office, users = (
            f"/review-result/{case.call.id}/",
            case.office.user_id or 0,
            [one.id for one in case.users],
        )
        links = [f"/review-result/sheets/{one.id}/" for one in case.proposals]
        conflicts.set_conflict(
            case.session, actor=case.office, member_id=case.members[1].id, proposal_id=case.proposals[0].id,
            kind=InterestKind.TRADE, reason="取引",
        )  # fmt: skip
        for number, place in ((0, 0), (0, 1), (1, 1), (2, 0), (2, 1)):
            case.seal(number, place)
        db.session.remove()
    for user, wanted in ((office, links), (users[0], links), (users[1], links[1:])):
        sign_in_as(client, user)
        page = client.get(base).text
        assert "そろった採点票(書類審査)" in page and [one for one in links if one in page] == wanted
        assert {client.get(one).status_code for one in wanted} == {200}


def test_proposals_are_talked_over_in_turn_by_who_goes_out(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        case = ready(db.session(), proposals=3)
        conflicts.set_conflict(
            case.session, actor=case.office, member_id=case.members[2].id, proposal_id=case.proposals[0].id,
            kind=InterestKind.TRADE, reason="取引",
        )  # fmt: skip
        titles = [one.title for one in case.proposals]
        call, office, away = case.call.id, case.office.user_id or 0, case.members[2].name
        db.session.remove()
    sign_in_as(client, office)
    for view in ("", "?view=large"):
        _, _, order = client.get(f"/review-result/{call}/{view}").text.partition('id="order-heading"')
        first, second = re.findall(r"<li>(.*?)</li>", order.partition("</ol>")[0])
        assert (first, second) == (f"{titles[1]}、{titles[2]}", f"{titles[0]}({away}委員は退席)")


def test_a_tie_is_parted_on_screen_and_a_mistake_in_it_put_right(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        case = a_case(db.session())
        with act(db.session(), SYSTEM, "test:equal", "試験の同額"):
            for proposal in case.proposals:
                proposal.requested_yen = case.proposals[0].requested_yen
        for number in range(len(case.users)):
            case.declare(number)
            for place in range(len(case.proposals)):
                case.seal(number, place, 4, 4)
        base, keys = f"/review-result/{case.call.id}", [str(one.id) for one in case.proposals]
        db.session.rollback()
    login(client, Role.OFFICE)
    note = {"means": "lot", "note": "事務局が引き、委員長が立ち会った"}

    def places(order: list[str]) -> dict[str, str]:
        return {f"place_{number}": key for number, key in enumerate(order, start=1)}

    assert (
        _submit(client, f"{base}/tie/", places(keys) | {"note": note["note"]}) == 422
    )  # how is never taken for granted
    assert _submit(client, f"{base}/tie/", places([keys[0]] * len(keys)) | note) == 422
    assert _submit(client, f"{base}/tie/", places(keys) | note) == 303
    assert client.get(f"{base}/tie/").status_code == 409
    page = client.get(f"{base}/").text
    assert "同率の順(くじ)" in page and note["note"] in page
    again = re.search(rf'href="({base}/tie/\?again=\d+)">順を直す', page)
    assert again is not None
    assert _submit(client, again[1], places(keys[::-1]) | note) == 303
    with app.app_context():
        call = db.session().get(Call, int(base.rpartition("/")[2]))
        assert call is not None
        found = result_of(db.session(), call).tally.proposals
        assert [(str(one.id), one.rank) for one in found] == [(key, place) for place, key in enumerate(keys[::-1], 1)]
        db.session.rollback()


def test_a_member_reads_the_decisions_by_rank_without_a_column_of_acts(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        case = ready(db.session())
        out, hidden = case.users[2].id, int(result_of(db.session(), case.call).tally.proposals[1].id)
        conflicts.set_conflict(
            db.session(), actor=case.office, member_id=case.members[2].id, proposal_id=hidden,
            kind=InterestKind.TRADE, reason="取引",
        )  # fmt: skip
        decided(case)
        call, user, titles = case.call.id, case.users[1].id, [one.title for one in case.proposals]
        order = [one.label for one in result_of(db.session(), case.call).tally.proposals]
        db.session.rollback()
    sign_in_as(client, user)
    page = client.get(f"/review-result/{call}/").text
    table = page.partition("審査結果と市の決定</caption>")[2].partition("</table>")[0]
    assert "手続" not in table and sorted(titles) == sorted(order)
    assert [table.index(title) for title in order] == sorted(table.index(title) for title in order)
    assert "審査の順位(" in table
    sign_in_as(client, out)
    page = client.get(f"/review-result/{call}/").text
    assert order[0] in page and order[1] not in page and not re.search(r"\d位", page), "a reason tells no rank either"


def test_calls_that_were_decided_elsewhere_need_no_preparation(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        states = (ProposalState.REJECTED, ProposalState.CLOSED, ProposalState.REVIEWING)
        names = [a_proposal(db.session(), state=state).call.name for state in states]
        db.session.rollback()
    login(client, Role.OFFICE)
    page = client.get("/review/").text
    assert [name in page for name in names] == [False, False, True]


def test_other_roles_find_nothing(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    call, _, _ = _case(app)
    for role in (Role.CENTER, Role.DEPARTMENT, Role.AGENCY, Role.ADMINISTRATOR):
        login(client, role)
        assert client.get(f"/review-result/{call}/").status_code == 403
