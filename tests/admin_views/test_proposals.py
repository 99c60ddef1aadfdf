"""The office enters a proposal, sees its breaches, takes it in; files that lie; what others see of its page."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.recorder import act
from app.calls import opinion_services, proposal_services, services
from app.extensions import db
from app.japanese.dates import format_date, today_in_tokyo
from models.base import utc_now
from models.calls import Call, CallState
from models.coordination import DepartmentOpinion, OpinionReminder
from models.people import Role
from models.proposals import Proposal, ProposalState
from models.records import StoredFile
from tests import factories
from tests.app.calls.support import DAY, SYSTEM, TODAY, a_call, a_proposal, departments
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page


def _call(app: Flask) -> tuple[int, int, int]:
    """(call, challenge, group) of an open call."""
    with app.app_context():
        call = a_call(db.session())
        group = factories.an_organization(db.session(), name="試験みどりの会")
        return call.id, call.challenges[0].id, group.id


def _fill(client: CheckingClient, call: int, challenge: int, group: int, **more: str) -> dict[str, list[str]]:
    page = client.get(f"/proposal/new/?call={call}")
    form = form_to(check_page(page.get_data(as_text=True)), "/proposal/new/")
    values = {
        "call_id": str(call),
        "organization_id": str(group),
        "organization_id__text": "試験みどりの会",
        "title": "花だんづくり",
        "challenge_id": str(challenge),
        "requested_yen": "¥54,000",
        "purpose": "目的",
        "content": "内容",
        "budget-0-label": "花苗",
        "budget-0-unit_price_yen": "500",
        "budget-0-quantity": "98",
        "budget-0-tax": "excluded",
        "budget-0-tax_percent": "10",
        "budget-0-is_eligible": "y",
        "is_nonprofit": "yes",
        "is_organized_by_applicant": "yes",
        "is_in_city": "yes",
        "states_no_other_subsidy": "yes",
    } | more
    for name, value in values.items():
        form.set(name, value)
    return form.data()


def test_a_proposal_is_entered_checked_and_kept_as_a_draft(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    call, challenge, group = _call(app)
    login(client, Role.OFFICE)
    data = _fill(client, call, challenge, group)
    live = client.post("/proposal/check/", data=data).get_data(as_text=True)
    assert "認められる額の上限" in live
    assert "¥53,900" in live  # 500 x 98 = 49,000 and 10 %
    assert "希望額¥54,000が対象経費¥53,900" in live
    saved = client.post("/proposal/new/", data=data)
    assert saved.status_code == 303
    page = client.get(saved.location).get_data(as_text=True)
    assert "花だんづくり" in page
    assert "希望額¥54,000が対象経費¥53,900" in page
    with app.app_context():
        proposal = db.session.scalars(select(Proposal).where(Proposal.title == "花だんづくり")).one()
        assert (proposal.state, proposal.requested_yen) == (ProposalState.DRAFT, 54_000)
        assert proposal.department_id == proposal.challenge.department_id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("requested_yen", "0", "1円以上"),
        ("requested_yen", "-5", ""),
        ("requested_yen", "100.5", ""),
        ("requested_yen", "9999999999999", ""),
        ("ends_on", "2000-01-01", ""),
        ("title", "", "入力してください"),
        ("organization_id", "", "応募団体"),
        ("budget-0-quantity", "0", "1以上"),
        ("budget-0-unit_price_yen", "千円", ""),
    ],
)
def test_bad_values_come_back_with_a_sentence(
    app: Flask, client: CheckingClient, login: Callable[..., int], name: str, value: str, sentence: str
) -> None:
    call, challenge, group = _call(app)
    login(client, Role.OFFICE)
    data = _fill(client, call, challenge, group, starts_on="2026-08-01")
    data[name] = [value]
    if name == "organization_id":
        data["organization_id__text"] = [""]
    refused = client.post("/proposal/new/", data=data)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "入力内容を確認してください" in page
    assert sentence in page
    with app.app_context():
        assert db.session.scalars(select(Proposal).where(Proposal.title == "花だんづくり")).all() == []


def test_two_clerks_taking_the_same_step_one_is_told(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        proposal = a_proposal(db.session())
        key = proposal.id
    login(client, Role.OFFICE)
    page = client.get(f"/proposal-step/{key}/submit/")
    form = form_to(check_page(page.get_data(as_text=True)), f"/proposal-step/{key}/submit/")
    assert client.post(form.action, data=form.data()).status_code == 303
    again = client.post(form.action, data=form.data(), follow_redirects=True).get_data(as_text=True)
    assert "ほかの人が先に手続を進めました" in again


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("空.pdf", b"", "空のファイル"),
        ("申請書.pdf", b"MZ\x90\x00" + b"\x00" * 200, "のファイルです"),
    ],
)
def test_files_that_are_none_or_lie_are_refused(
    app: Flask, client: CheckingClient, login: Callable[..., int], name: str, content: bytes, words: str
) -> None:
    with app.app_context():
        key = a_proposal(db.session()).id
    login(client, Role.OFFICE)
    answer = client.post(
        f"/proposal-paper/{key}/file/", data={"file": (io.BytesIO(content), name)}, follow_redirects=True
    )
    assert words in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalars(select(StoredFile).where(StoredFile.owner_key == str(key))).all() == []


def test_a_file_of_200_mb_is_refused_with_what_to_do(
    app: Flask, client: CheckingClient, login: Callable[..., int], tmp_path: Path
) -> None:
    with app.app_context():
        key = a_proposal(db.session()).id
    login(client, Role.OFFICE)
    path = tmp_path / "申請書.pdf"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)  # a sparse file: nothing is written
    with path.open("rb") as file:
        answer = client.post(f"/proposal-paper/{key}/file/", data={"file": (file, path.name)})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 413
    assert "ファイルが大きすぎます" in page and "入力した文字は残っています" in page
    assert client.get(f"/proposal/{key}/").status_code == 200
    with app.app_context():
        assert db.session.scalars(select(StoredFile).where(StoredFile.owner_key == str(key))).all() == []


def test_odd_names_are_kept_safely_and_private_papers_stay_with_the_office(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        proposal = a_proposal(session, state=ProposalState.COORDINATING)
        key, department = proposal.id, departments(session)[1]
        name = department.name
    assert name
    login(client, Role.OFFICE)
    pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    for number, (file_name, private) in enumerate(((f"../../{'長' * 300}.pdf", ""), ("役員名簿.pdf", "y"))):
        body = pdf + str(number).encode()
        data = {"file": (io.BytesIO(body), file_name), "is_private": private}
        assert client.post(f"/proposal-paper/{key}/file/", data=data).status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(StoredFile).order_by(StoredFile.id)).all()
        kept = {row.owner_table: (row.id, row.name) for row in rows if row.owner_key == str(key)}
        with_department = db.session.get_one(Proposal, key)
        opinion_services.request_opinions(
            db.session(),
            actor=SYSTEM,
            proposal=with_department,
            department_ids=[departments(db.session())[0].id],
            due_on=TODAY + DAY,
        )
    public, private_file = kept["proposal"], kept["proposal_private"]
    assert ".." not in public[1]
    assert len(public[1]) <= 300
    assert client.get(f"/proposal-paper/{key}/file/{private_file[0]}/").status_code == 200
    login(client, Role.DEPARTMENT)  # of the first department: asked for an opinion
    page = client.get(f"/proposal/{key}/").get_data(as_text=True)
    assert "役員名簿.pdf" not in page
    assert client.get(f"/proposal-paper/{key}/file/{public[0]}/").status_code == 200
    assert client.get(f"/proposal-paper/{key}/file/{private_file[0]}/").status_code == 404


def test_a_department_writes_its_opinion_over_two_days(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        proposal = a_proposal(session, state=ProposalState.COORDINATING, contact_phone="042-999-9999")
        first = departments(session)[0]
        (opinion,) = opinion_services.request_opinions(
            session, actor=SYSTEM, proposal=proposal, department_ids=[first.id], due_on=TODAY + DAY
        )
        key, opinion_id = proposal.id, opinion.id
    login(client, Role.DEPARTMENT)
    home = client.get("/").get_data(as_text=True)
    assert f"/opinion/{opinion_id}/" in home
    page = client.get(f"/proposal/{key}/").get_data(as_text=True)
    assert "042-999-9999" not in page
    path = f"/opinion/{opinion_id}/"
    beside = client.get(path).get_data(as_text=True)
    assert (
        "¥50,000(うち対象¥50,000)" in beside and "042-999-9999" not in beside
    )  # what is judged stands beside the form
    form = form_to(check_page(beside), f"{path}submit/")
    token = form.get("csrf_token") or ""
    kept = client.post(f"{path}draft/", data={"need": "一日目の所見", "csrf_token": token})
    assert kept.status_code == 200
    form = form_to(check_page(client.get(path).get_data(as_text=True)), f"{path}submit/")
    assert form.get("need") == "一日目の所見"
    refused = client.post(form.action, data=form.data())
    assert refused.status_code == 422
    assert "総合所見を選んでください" in refused.get_data(as_text=True)
    form.set("verdict", "favourable")
    assert client.post(form.action, data=form.data()).status_code == 303
    with app.app_context():
        stored = db.session.get_one(DepartmentOpinion, opinion_id)
        assert (stored.state.value, stored.answers["need"]) == ("submitted", "一日目の所見")


def test_the_page_shows_only_the_steps_that_i_may_take(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        proposal = a_proposal(session, state=ProposalState.SUBMITTED, department=departments(session)[0])
        key = proposal.id
    login(client, Role.OFFICE)
    assert f"/proposal-step/{key}/start_coordination/" in client.get(f"/proposal/{key}/").get_data(as_text=True)
    login(client, Role.DEPARTMENT)
    page = client.get(f"/proposal/{key}/").get_data(as_text=True)
    assert "/proposal-step/" not in page
    assert "待っていること" in page
    assert client.get(f"/proposal-step/{key}/start_coordination/").status_code == 403


def test_the_second_of_two_workers_is_told_whether_they_press_or_only_open_the_step(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        key = a_proposal(db.session(), state=ProposalState.SUBMITTED).id
    login(client, Role.OFFICE)
    step = f"/proposal-step/{key}/return_to_draft/"
    form = form_to(check_page(client.get(step).get_data(as_text=True)), step)
    form.set("reason", "取り違え")
    assert client.post(step, data=form.data()).status_code == 303
    for again in (lambda: client.post(step, data=form.data()), lambda: client.get(step)):
        answer = again()
        assert answer.location == f"/proposal/{key}/"
        assert "ほかの人が先に手続を進めました" in client.get(answer.location).get_data(as_text=True)
    assert client.get(f"/proposal-step/{key}/nonsense/").status_code == 404


def test_an_opinion_on_a_withdrawn_proposal_is_neither_late_nor_reminded(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        proposal = a_proposal(session, state=ProposalState.COORDINATING)
        (opinion,) = opinion_services.request_opinions(
            session, actor=SYSTEM, proposal=proposal, department_ids=[departments(session)[3].id], due_on=TODAY
        )
        with act(session, SYSTEM, "test:late", "試験"):
            opinion.due_on = TODAY - DAY
        services.advance(session, actor=SYSTEM, proposal=proposal, step="withdraw", reason="団体の都合")
        key, proposal_id = opinion.id, proposal.id
    login(client, Role.OFFICE)
    assert "過ぎています" not in client.get(f"/opinion/{key}/").get_data(as_text=True)
    assert "宿題を加える" not in client.get(f"/proposal/{proposal_id}/").get_data(as_text=True)
    assert client.post("/opinion/remind-all/").status_code == 303
    with app.app_context():
        reminded = select(OpinionReminder.id).where(OpinionReminder.opinion_id == key)
        assert db.session.scalars(reminded).all() == []


def test_neither_a_finished_call_nor_a_missing_file_is_passed_over_in_silence(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        a_call(db.session())
        over = a_call(db.session(), state=CallState.FINISHED, finished_at=utc_now()).id
        key = a_proposal(db.session()).id
    login(client, Role.OFFICE)
    page = client.get(f"/proposal/new/?call={over}")
    assert page.status_code == 200  # the calls to choose from, not the form of another one
    assert "その募集には、応募・提案を入力できません" in page.get_data(as_text=True)
    answer = client.post(f"/proposal-paper/{key}/file/", data={"file": (io.BytesIO(b""), "")})
    assert "添付するファイルを選んでください" in client.get(answer.location).get_data(as_text=True)


def test_a_saved_conflict_shows_both_sides(app: Flask, client: CheckingClient, login: Callable[..., int]) -> None:
    with app.app_context():
        key = a_proposal(db.session()).id
    login(client, Role.OFFICE)
    path = f"/proposal/{key}/edit/"
    form = form_to(check_page(client.get(path).get_data(as_text=True)), path)
    with app.app_context():
        proposal = db.session.get_one(Proposal, key)
        proposal_services.update_proposal(
            db.session(), actor=SYSTEM, proposal=proposal, version=None, values={"purpose": "先に保存した目的"}
        )
    form.set("purpose", "後から書いた目的")
    answer = client.post(path, data=form.data())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "先に保存した目的" in page
    assert "後から書いた目的" in page


def test_the_form_opens_for_the_call_that_takes_proposals_with_todays_date_and_its_months(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    call, _, _ = _call(app)
    login(client, Role.OFFICE)
    with app.app_context():
        found = db.session.get(Call, call)
        assert found is not None
        ends = format_date(found.period_until_on, weekday=False)  # type: ignore[arg-type]
    chooser = client.get("/proposal/new/?choose=1").get_data(as_text=True)
    assert f"/proposal/new/?call={call}" in chooser
    form = form_to(check_page(client.get(f"/proposal/new/?call={call}").get_data(as_text=True)), "/proposal/new/")
    data = dict(form.data())
    assert data["call_id"] == [str(call)]
    assert data["received_on"] == [format_date(today_in_tokyo(), weekday=False)]
    assert data["ends_on"] == [ends]


def test_an_earlier_proposal_is_copied_into_the_form_and_becomes_its_predecessor(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    call, challenge, group = _call(app)
    login(client, Role.OFFICE)
    first = client.post("/proposal/new/", data=_fill(client, call, challenge, group, contact_name="試験 花子"))
    earlier = int(first.location.rstrip("/").rsplit("/", 1)[1])
    shown = client.post("/proposal/check/", data=_fill(client, call, challenge, group)).get_data(as_text=True)
    assert f'name="copy" value="{earlier}"' in shown
    data = _fill(client, call, challenge, group) | {"copy": [str(earlier)]}
    copied = client.post("/proposal/new/", data=data)
    assert copied.status_code == 200  # nothing is saved yet
    form = form_to(check_page(copied.get_data(as_text=True)), "/proposal/new/")
    values = dict(form.data())
    assert values["budget-0-label"] == ["花苗"]
    assert values["contact_name"] == ["試験 花子"]
    assert values["is_nonprofit"] == [""]  # a statement is made anew
    assert values["predecessor_id"] == [str(earlier)]
    saved = client.post("/proposal/new/", data=values | {"then": ["receive"]})
    assert saved.location.endswith("/submit/")
    with app.app_context():
        new = db.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
        assert new is not None
        assert (new.predecessor_id, new.title) == (earlier, "花だんづくり")


def test_all_papers_are_received_at_once_and_a_step_leads_to_those_that_are_missing(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        proposal = a_proposal(db.session(), state=ProposalState.SUBMITTED)
        key = proposal.id
    login(client, Role.OFFICE)
    page = client.get(f"/proposal-paper/{key}/papers/").get_data(as_text=True)
    assert 'data-answer-all="paper_application paper_plan' in page and "必須の書類" in page
    form = form_to(check_page(page), f"/proposal-paper/{key}/papers/")
    assert client.post(form.action, data=form.data() | {"paper_plan": ["missing"]}).status_code == 303
    step = client.get(f"/proposal-step/{key}/start_coordination/").get_data(as_text=True)
    assert "事業計画書" in step and f"/proposal-paper/{key}/papers/" in step


def test_the_office_erases_whom_to_reach_with_a_reason(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        key = a_proposal(db.session(), state=ProposalState.REVIEWING, contact_phone="042-999-9999").id
    login(client, Role.OFFICE)
    path = f"/proposal-paper/{key}/contacts/erase/"
    assert path in client.get(f"/proposal/{key}/").get_data(as_text=True)
    form = form_to(check_page(client.get(path).get_data(as_text=True)), path)
    refused = client.post(path, data=form.data())
    assert refused.status_code == 422 and "入力してください" in refused.get_data(as_text=True)
    form.set("reason", "本人からの申出")
    assert client.post(path, data=form.data()).status_code == 303
    page = client.get(f"/proposal/{key}/").get_data(as_text=True)
    assert "042-999-9999" not in page and path not in page
    login(client, Role.DEPARTMENT)
    assert client.get(path).status_code == 403
