"""Pages of the yearly confirmation, of the editions and of the comparison, as people click through them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.actor import system_actor
from app.directory.editions import Frame, freeze
from app.directory.registering import register_group
from app.directory.rounds import open_round
from app.directory.services import confirm_organization, create_organization, record_consents
from app.extensions import db
from models.directory import Organization
from models.directory_profile import ConsentLevel, ConsentWay
from models.directory_rounds import ConfirmationForm, ConfirmationRound, ConfirmationState, ConfirmationUpload, Edition
from models.people import Role
from models.records import AccessNote, AuditEntry
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page
from tests.support.secrecy import text_of as told_by

LOGIN = Callable[..., int]


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    """A registered group with its form, and an edition that prints it."""
    with app.app_context():
        session, actor = db.session(), system_actor("試験")
        values = {"name": "架空試験の会", "reading": "しけん", "purpose": "試す。", "phone": "042-000-0001"}
        made = create_organization(session, actor=actor, values=values)
        register_group(session, actor=actor, organization=made, number="試験-1", issued_on=dt.date.today())
        confirm_organization(session, actor=actor, organization=made, on=dt.date(2025, 6, 1), by="団体")
        record_consents(
            session, actor=actor, organization=made, levels={"purpose": ConsentLevel.PUBLIC},
            given_on=dt.date(2025, 6, 1), way=ConsentWay.PAPER,
        )  # fmt: skip
        one = open_round(session, actor=actor, fiscal_year=2026, due_on=dt.date(2031, 7, 31))
        edition = freeze(session, actor=actor, frame=Frame(2025))
        form = session.scalars(select(ConfirmationForm)).one()
        return {"organization": made.id, "round": one.id, "form": form.id, "edition": edition.id}


def returned(client: CheckingClient, ids: dict[str, int], purpose: str, **more: str) -> bytes:
    """The group's own workbook, downloaded and filled in."""
    answer = client.get(f"/confirmation-forms/{ids['form']}/form.xlsx")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    for row in book["登録内容"].iter_rows():
        if (value := {"活動目的": purpose, **more}.get(str(row[0].value))) is not None:
            row[1].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_form_goes_out_comes_back_and_is_taken(
    app: Flask, client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    content = returned(client, ids, "もっと試す。")
    files = {"files": [(io.BytesIO(content), "なまえはなんでも.xlsx"), (io.BytesIO(b"no"), "メモ.txt")]}
    answer = client.post(f"/confirmation-rounds/{ids['round']}/upload/", data=files, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(f"/confirmation-rounds/{ids['round']}/").get_data(as_text=True)
    assert "なまえはなんでも.xlsx" in page and "メモ.txt" in page and "読み取れません" in page
    with app.app_context():
        notes = db.session.scalars(select(AccessNote.purpose)).all()
        assert "登録内容の年次確認の様式の作成" in notes
        upload = db.session.scalars(
            select(ConfirmationUpload.id).where(ConfirmationUpload.form_id == ids["form"])
        ).one()
    page = client.get(f"/confirmation-uploads/{upload}/differences/").get_data(as_text=True)
    assert "もっと試す。" in page and 'value="field:purpose" checked' in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    stale = client.post(f"/confirmation-uploads/{upload}/take/", data={"seen": "x", "item": "field:purpose"})
    assert stale.status_code == 303 and "differences" in stale.location
    done = client.post(f"/confirmation-uploads/{upload}/take/", data={"seen": seen, "item": "field:purpose"})
    assert done.status_code == 303 and "confirmation-forms" in done.location
    assert client.get(f"/confirmation-uploads/{upload}/differences/").status_code == 404
    with app.app_context():
        assert db.session.get(Organization, ids["organization"]).purpose == "もっと試す。"  # type: ignore[union-attr]
        assert db.session.get(ConfirmationForm, ids["form"]).state is ConfirmationState.ACCEPTED  # type: ignore[union-attr]


def test_an_upload_of_nothing_is_a_sentence(client: CheckingClient, login: LOGIN, ids: dict[str, int]) -> None:
    login(client, Role.CENTER)
    client.post(f"/confirmation-rounds/{ids['round']}/upload/", data={})
    assert "届いた様式のファイルを選んでください" in client.get(f"/confirmation-rounds/{ids['round']}/").get_data(
        as_text=True
    )


def test_a_round_is_opened_once_a_year(app: Flask, client: CheckingClient, login: LOGIN, ids: dict[str, int]) -> None:
    login(client, Role.CENTER)
    page = client.get("/confirmation-rounds/open/").get_data(as_text=True)
    assert "年度" in page
    sent = {"fiscal_year": "R8", "due_on": "R8.7.31", "message": ""}
    answer = client.post("/confirmation-rounds/open/", data=sent)
    assert answer.status_code == 422 and "年度は1度だけ" in answer.get_data(as_text=True)
    assert client.post(f"/confirmation-rounds/{ids['round']}/close/").status_code == 303
    answer = client.post("/confirmation-rounds/open/", data=sent | {"fiscal_year": "2027"})
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.scalars(select(ConfirmationRound.fiscal_year)).all() == [2026, 2027]


def test_words_for_those_who_have_not_answered(client: CheckingClient, login: LOGIN, ids: dict[str, int]) -> None:
    login(client, Role.CENTER)
    answer = client.post(f"/confirmation-rounds/{ids['round']}/remind/", data={"form": str(ids["form"])})
    assert answer.status_code == 303, "loading the page of the words again reminds nobody again"
    for _ in range(2):
        assert "架空試験の会 御中" in client.get(answer.location).get_data(as_text=True)
    assert client.get(f"/confirmation-forms/{ids['form']}/").get_data(as_text=True).count("架空試験の会 御中") == 1
    assert client.post(f"/confirmation-rounds/{ids['round']}/remind/", data={}).status_code == 409


def test_confirmed_by_telephone(client: CheckingClient, login: LOGIN, ids: dict[str, int]) -> None:
    login(client, Role.CENTER)
    path = f"/confirmation-forms/{ids['form']}/confirm/"
    assert client.post(path, data={"note": "", "version": "1"}).status_code == 422
    assert client.post(path, data={"note": "電話で確認", "version": "1"}).status_code == 303
    assert "電話で確認" in client.get(f"/confirmation-forms/{ids['form']}/").get_data(as_text=True)


def test_an_edition_is_read_by_everybody_and_frozen_by_the_centre(
    app: Flask, client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.AGENCY)
    assert "架空試験の会" in client.get(f"/editions/{ids['edition']}/").get_data(as_text=True)
    for kind in ("xlsx", "csv", "json"):
        answer = client.get(f"/editions/{ids['edition']}/file/{kind}/")
        assert answer.status_code == 200 and "042-000-0001" not in told_by(answer)
    assert client.get(f"/editions/{ids['edition']}/file/pdf/").status_code == 404  # nobody has made it yet
    assert client.get(f"/editions/{ids['edition']}/file/exe/").status_code == 404
    assert client.get("/editions/freeze/").status_code == 403
    login(client, Role.CENTER)
    assert "いま確定すると、1団体が載ります" in client.get("/editions/freeze/").get_data(as_text=True)
    again = client.post("/editions/freeze/", data={"fiscal_year": "2025", "order": "field"})
    assert again.status_code == 422 and "すでに確定" in again.get_data(as_text=True)
    assert client.post("/editions/freeze/", data={"fiscal_year": "2026", "order": "reading"}).status_code == 303
    with app.app_context():
        latest = db.session.scalars(select(Edition.id).where(Edition.fiscal_year == 2026)).one()
    assert "変わらない団体 1" in client.get(f"/editions/{latest}/difference/").get_data(as_text=True)


def test_a_group_is_erased_from_every_edition_with_a_reason(
    client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    path = f"/editions/{ids['edition']}/erase/{ids['organization']}/"
    assert "すべての版から消去する" in client.get(path).get_data(as_text=True)
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "団体の求めによる"}).status_code == 303
    assert "いま載せられる団体はありません" in client.get(f"/editions/{ids['edition']}/").get_data(as_text=True)


def test_groups_are_compared_as_the_reader_may_see_them(
    client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.DEPARTMENT)
    page = client.get(f"/organization-compare/?organization={ids['organization']}").get_data(as_text=True)
    assert "試す。" in page and "042-000-0001" not in page and "財政状況" in page
    typed = client.get("/organization-compare/?organization__text=架空試験の会").get_data(as_text=True)
    assert "試す。" in typed
    many = "&".join(f"organization={number}" for number in range(1, 8))
    assert "5団体まで" in client.get(f"/organization-compare/?{many}").get_data(as_text=True)
    assert "見つからない" in client.get("/organization-compare/?organization=99999999").get_data(as_text=True)


def _sent(client: CheckingClient, one: int, *contents: bytes) -> str:
    """Upload these files at once; the round's page afterwards."""
    files = {"files": [(io.BytesIO(content), f"{place}つ目.xlsx") for place, content in enumerate(contents, start=1)]}
    assert (
        client.post(f"/confirmation-rounds/{one}/upload/", data=files, content_type="multipart/form-data").status_code
        == 303
    )
    return client.get(f"/confirmation-rounds/{one}/").text


def test_the_form_of_another_round_is_told_by_its_year(
    client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    old = returned(client, ids, "去年の様式。")
    client.post(f"/confirmation-rounds/{ids['round']}/close/")
    opened = client.post("/confirmation-rounds/open/", data={"fiscal_year": "2027", "due_on": "2031-07-31"})
    page = _sent(client, int(opened.location.rstrip("/").rsplit("/", 1)[1]), old)
    assert "令和8年度の年次確認の様式です。令和9年度の様式に記入してもらってください。" in page and "1つ目.xlsx" in page


def test_forms_that_say_nothing_odd_are_taken_together(
    app: Flask, client: CheckingClient, login: LOGIN, ids: dict[str, int]
) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        session, actor = db.session(), system_actor("試験")
        for place in (2, 3):
            made = create_organization(session, actor=actor, values={"name": f"架空試験の会その{place}"})
            register_group(session, actor=actor, organization=made, number=f"試験-{place}", issued_on=dt.date.today())
    client.post(f"/confirmation-rounds/{ids['round']}/ask/")
    with app.app_context():
        forms = db.session.scalars(select(ConfirmationForm.id).order_by(ConfirmationForm.id)).all()
    contents = [returned(client, {"form": form}, f"目的{form}。", 電話番号="042-999-9999") for form in forms]
    page = _sent(client, ids["round"], *contents, returned(client, {"form": forms[2]}, "別の目的。"))
    assert "まとめて確かめる" in page
    address = f"/confirmation-rounds/{ids['round']}/take/"
    page = client.get(address).text
    assert "まとめて取り込める様式(2団体)" in page and "1つずつ確かめる様式(2個)" in page
    assert "同じ団体の様式が、ほかにも届いています。" in page
    assert "電話番号</span> 変更あり" in page and "042-999-9999" not in page
    assert "042-999-9999" in client.get("/confirmation-uploads/1/differences/").text
    with app.app_context():
        assert "届いた年次確認の様式の確認" in db.session.scalars(select(AccessNote.purpose)).all()
    form = form_to(check_page(page), address)
    assert client.post(address, data=form.data() | {"upload": "999"}).status_code == 404
    stale = client.post(address, data={name: "x" if "seen" in name else values for name, values in form.data().items()})
    assert stale.status_code == 409 and "何も変わっていません" in stale.text
    assert client.post(address, data={}).status_code == 409
    done = client.post(address, data=form.data(), follow_redirects=True)
    assert "2団体の様式を取り込み、確認済みにしました。" in done.text
    with app.app_context():
        states = db.session.scalars(select(ConfirmationForm.state).order_by(ConfirmationForm.id)).all()
        assert states == [ConfirmationState.ACCEPTED] * 2 + [ConfirmationState.RETURNED]
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert entry.label == "年次確認の様式の取込み(2団体)"
        assert db.session.get(Organization, ids["organization"]).purpose == f"目的{forms[0]}。"  # type: ignore[union-attr]
