"""The survey on screen: a department answers by screen and by Excel, the office looks through, closes and publishes."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pypdf
import pytest
from flask import Flask
from sqlalchemy import event, select

from app.audit.recorder import act
from app.extensions import db
from app.registry.services import carry_over
from models.people import Role
from models.reference import Department
from models.registry import Project, PublishedList
from models.survey import Intention, SurveyResponse, SurveyRound, SurveyRow
from tests.app.registry import survey_support as support
from tests.support import people
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page, text_of


@pytest.fixture
def opened(app: Flask) -> dict[str, Any]:
    """A round of 2019; ids of two departments, a response of each and a row of 総務課."""
    with app.app_context():
        session = db.session()
        one = support.open_2019(session)
        response = support.response_of(session, "総務課")
        other = support.response_of(session, "下水道課")
        return {
            "round": one.id,
            "response": response.id,
            "row": response.rows[0].id,
            "other": other.id,
            "other_row": other.rows[0].id,
        }


def sign_in(client: CheckingClient, role: Role, name: str | None = None) -> int:
    app = client.application
    with app.app_context():
        session = db.session()
        user = people.make_user(session, role, department=support.department(session, name) if name else None)
        user_id = user.id
    people.sign_in_as(client, user_id)
    return user_id


def page_text(client: CheckingClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return text_of(check_page(answer.get_data(as_text=True), dict(answer.headers)))


def versions(app: Flask, opened: dict[str, Any]) -> tuple[int, int]:
    with app.app_context():
        return db.session.get(SurveyResponse, opened["response"]).version, db.session.get(
            SurveyRow, opened["row"]
        ).version


def test_the_office_opens_a_round_and_sees_who_has_answered(app: Flask, client: CheckingClient) -> None:
    sign_in(client, Role.OFFICE)
    assert "取組調査はまだありません" in page_text(client, "/survey/")
    refused = client.post("/survey/open/", data={"fiscal_year": "令和元年度", "due_on": "2001-01-01"})
    assert refused.status_code == 422
    assert "今日以後" in refused.get_data(as_text=True)
    answer = client.post("/survey/open/", data={"fiscal_year": "R1", "due_on": "2199-03-31", "message": "お願いします"})
    assert answer.status_code == 303
    text = page_text(client, answer.location)
    assert "回答の状況(27課)" in text
    assert "前回の年度 平成30年度" in text
    assert "確認済みでない回答が27課あります" in text


def test_a_department_answers_on_screen(app: Flask, client: CheckingClient, opened: dict[str, Any]) -> None:
    sign_in(client, Role.DEPARTMENT, "総務課")
    assert "取組調査(令和元年度)に回答する: 総務課" in page_text(client, "/")
    text = page_text(client, f"/survey-response/{opened['response']}/")
    assert "各種善行事業" in text
    assert "推進担当の確認" not in text.split("提出")[0]
    address = f"/survey-row/{opened['row']}/"
    seen = form_to(check_page(client.get(address).get_data(as_text=True)), address).get("seen")
    _, version = versions(app, opened)
    form = {
        "version": version,
        "intention": "continues",
        "name": "各種善行事業(拡充)",
        "lines-0-partners": "日本善行会",
        "lines-0-form": "共催",
        "lines-1-partners": "市民の会",
        "lines-1-form": "協力",
        "lines-1-is_person": "y",
    }
    answer = client.post(f"/survey-row/{opened['row']}/", data=form)
    assert answer.status_code == 303
    text = page_text(client, answer.location)
    assert "事業名称: 各種善行事業 → 各種善行事業(拡充)" in text
    assert "協働形態: 協力 → 共催" in text
    # The same form sent again: both versions side by side, and the person chooses field by field.
    late = form | {"name": "二人目", "note": "二人目の理由", "seen": seen}
    stale = client.post(f"/survey-row/{opened['row']}/", data=late)
    assert stale.status_code == 409
    page = stale.get_data(as_text=True)
    assert "各種善行事業(拡充)" in page
    assert "二人目" in page
    _, version = versions(app, opened)
    chosen = late | {
        "version": version,
        "resolve": "1",
        "choose-intention": "theirs",
        "choose-name": "theirs",
        "choose-note": "mine",
    }
    saved = client.post(f"/survey-row/{opened['row']}/", data=chosen)
    assert saved.status_code == 303, text_of(check_page(saved.get_data(as_text=True)))
    text = page_text(client, f"/survey-response/{opened['response']}/")
    assert "各種善行事業(拡充)" in text
    assert "二人目の理由" in text
    submitted = client.post(
        f"/survey-response/{opened['response']}/submit/",
        data={"version": versions(app, opened)[0]},
        follow_redirects=True,
    )
    assert "提出しました" in submitted.get_data(as_text=True)
    again = client.post(
        f"/survey-response/{opened['response']}/submit/",
        data={"version": versions(app, opened)[0]},
        follow_redirects=True,
    )
    assert "「提出済み」のため" in again.get_data(as_text=True)
    assert client.get(f"/survey-row/{opened['row']}/").status_code == 409


def test_wrong_rows_tie_their_sentences_to_the_fields(
    app: Flask, client: CheckingClient, opened: dict[str, Any]
) -> None:
    sign_in(client, Role.DEPARTMENT, "総務課")
    for data in (
        {"intention": "continues", "name": "", "lines-0-partners": "x", "lines-0-form": "協力"},
        {"intention": "continues", "name": "x", "lines-0-partners": "x", "lines-0-form": "応援"},
        {"intention": "continues", "name": "x", "lines-0-partners": "", "lines-0-form": "協力"},
        {"intention": "continues", "name": "x"},
        {"intention": "new", "name": "x", "lines-0-partners": "x", "lines-0-form": "協力"},
        {"intention": "<script>", "name": "x\x00", "lines-0-partners": "x", "lines-0-form": "協力"},
        {"name": "x" * 400, "other_departments": "99999999999999999999"},
        {},
    ):
        answer = client.post(f"/survey-row/{opened['row']}/", data=data | {"version": versions(app, opened)[1]})
        assert answer.status_code == 422, data
        assert "入力内容を確認してください" in answer.get_data(as_text=True)


def test_a_new_row_is_added_and_taken_back(app: Flask, client: CheckingClient, opened: dict[str, Any]) -> None:
    sign_in(client, Role.DEPARTMENT, "総務課")
    address = f"/survey-response/{opened['response']}/rows/new/"
    assert "新規の事業の追加" in page_text(client, address)
    data = {"intention": "new", "name": "新しい取組", "lines-0-partners": "市民の会", "lines-0-form": "協力"}
    assert client.post(address, data=data).status_code == 303
    with app.app_context():
        row = db.session.scalars(select(SurveyRow).where(SurveyRow.name == "新しい取組")).one()
        key, version = row.id, row.version
    done = client.post(f"/survey-row/{key}/remove/", data={"version": version}, follow_redirects=True)
    assert "取り消しました" in done.get_data(as_text=True)
    ended = client.post(
        f"/survey-row/{opened['row']}/end/", data={"version": versions(app, opened)[1]}, follow_redirects=True
    )
    assert "「終了」にしました" in ended.get_data(as_text=True)
    back = client.post(
        f"/survey-row/{opened['row']}/reset/", data={"version": versions(app, opened)[1]}, follow_redirects=True
    )
    assert "前回の内容に戻しました" in back.get_data(as_text=True)


def test_another_departments_answer_is_not_there(client: CheckingClient, opened: dict[str, Any]) -> None:
    sign_in(client, Role.DEPARTMENT, "総務課")
    other, row = opened["other"], opened["other_row"]
    for address in (
        f"/survey-response/{other}/",
        f"/survey-response/{other}/form.xlsx",
        f"/survey-response/{other}/differences/",
        f"/survey-response/{other}/rows/new/",
        f"/survey-row/{row}/",
        "/survey-row/999999999999999999999999/",
        "/survey-response/0x1/",
        "/survey/99999999/",
    ):
        assert client.get(address).status_code == 404, address
    for address in (
        f"/survey-response/{other}/submit/",
        f"/survey-response/{other}/withdraw/",
        f"/survey-response/{other}/note/",
        f"/survey-response/{other}/take/",
        f"/survey-response/{other}/discard/",
        f"/survey-row/{row}/",
        f"/survey-row/{row}/end/",
        f"/survey-row/{row}/reset/",
        f"/survey-row/{row}/remove/",
    ):
        assert client.post(address, data={"version": 1}).status_code == 404, address
    upload = {"file": (io.BytesIO(b"x"), "x.xlsx")}
    assert client.post(f"/survey-response/{other}/upload/", data=upload).status_code == 404
    for address in ("accept", "return"):
        assert client.post(f"/survey-response/{other}/{address}/").status_code == 403
    for address in ("edit", "remind", "close", "publish"):
        assert client.post(f"/survey/{opened['round']}/{address}/").status_code == 403
    text = page_text(client, f"/survey/{opened['round']}/")
    assert "総務課" in text
    assert "下水道課" not in text


@pytest.mark.parametrize("role", [Role.CENTER, Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR])
def test_other_roles_find_the_survey_closed(client: CheckingClient, opened: dict[str, Any], role: Role) -> None:
    sign_in(client, role)
    for address in ("/survey/", f"/survey/{opened['round']}/", f"/survey-response/{opened['response']}/"):
        assert client.get(address).status_code == 403


def test_the_excel_form_goes_out_and_comes_back(app: Flask, client: CheckingClient, opened: dict[str, Any]) -> None:
    sign_in(client, Role.DEPARTMENT, "総務課")
    base = f"/survey-response/{opened['response']}"
    sent = client.get(f"{base}/form.xlsx")
    assert "attachment" in sent.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(sent.get_data()))
    sheet = book.worksheets[0]
    header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "行番号")
    sheet.cell(header + 1, 3).value = "Excelで直した名称"
    target = io.BytesIO()
    book.save(target)
    answer = client.post(f"{base}/upload/", data={"file": (io.BytesIO(target.getvalue()), "../様式<b>.xlsx")})
    assert answer.location.endswith(f"{base}/differences/")
    page = client.get(answer.location).get_data(as_text=True)
    assert "Excelで直した名称" in page
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)[1]
    old = client.post(f"{base}/take/", data={"seen": "0"}, follow_redirects=True)
    assert "もう一度確かめてから" in old.get_data(as_text=True)
    taken = client.post(f"{base}/take/", data={"seen": seen}, follow_redirects=True)
    assert "取り込みました(新規0件、変更1件)" in taken.get_data(as_text=True)
    told = page_text(client, f"{base}/").partition("変更の記録")[2]
    assert "取組調査の様式の取込み(総務課)" in told  # what was changed of the rows stands on the answer's page
    assert "→ Excelで直した名称" in told
    with app.app_context():
        assert db.session.get(SurveyRow, opened["row"]).name == "Excelで直した名称"
    for name, content in (("x.xlsx", b"PK\x03\x04broken"), ("x.csv", b"a,b\n1,2"), ("x.xlsx", b"")):
        bad = client.post(f"{base}/upload/", data={"file": (io.BytesIO(content), name)}, follow_redirects=True)
        assert bad.status_code == 200
        assert "notification-error" in bad.get_data(as_text=True)
    assert "選んでください" in client.post(f"{base}/upload/", follow_redirects=True).get_data(as_text=True)


def test_the_office_returns_accepts_closes_and_publishes(
    app: Flask, client: CheckingClient, opened: dict[str, Any]
) -> None:
    sign_in(client, Role.OFFICE)
    base, response = f"/survey/{opened['round']}", f"/survey-response/{opened['response']}"
    with app.app_context():
        support.submit(db.session(), support.response_of(db.session(), "総務課"))
    assert "理由を書いて差し戻す" in page_text(client, f"{response}/")
    assert client.post(f"{response}/return/", data={"reason": " "}).status_code == 422
    sent_back = client.post(
        f"{response}/return/", data={"reason": "名称を確かめてください", "version": versions(app, opened)[0]}
    )
    assert sent_back.status_code == 303
    assert "名称を確かめてください" in page_text(client, f"{response}/")
    for step in ("close", "publish"):
        page_text(client, f"{base}/{step}/")
        refused = client.post(f"{base}/{step}/")
        assert refused.status_code == 409
        assert "確認済みでない回答が27課あります" in refused.get_data(as_text=True)
    reminded = client.post(f"{base}/remind/", data={"response": [opened["response"], "99", "x"]})
    assert "総務課 御中" in reminded.get_data(as_text=True)
    with app.app_context():
        support.accept_everything(db.session(), db.session.get(SurveyRound, opened["round"]))
    closed = client.post(f"{base}/close/", follow_redirects=True)
    assert "事業を168件登録しました" in closed.get_data(as_text=True)
    assert client.post(f"{base}/close/").status_code == 409
    draft = client.get("/project-list/pdf?fiscal_year=2019")
    assert draft.mimetype == "application/pdf"
    assert "(案)" in pypdf.PdfReader(io.BytesIO(draft.get_data())).pages[0].extract_text()
    published = client.post(f"{base}/publish/")
    assert published.status_code == 303
    page_text(client, published.location)
    with app.app_context():
        assert (
            len(db.session.scalars(select(PublishedList).where(PublishedList.fiscal_year == 2019)).one().snapshot)
            == 168
        )
        assert db.session.scalars(select(Project).where(Project.fiscal_year == 2019, Project.number == 168)).one()


def test_before_closing_the_office_sees_what_the_registry_says_otherwise(app: Flask, client: CheckingClient) -> None:
    sign_in(client, Role.OFFICE)
    with app.app_context():
        session = db.session()
        before = select(Project).where(Project.fiscal_year == 2018, Project.number.in_((2, 3)))
        for one in session.scalars(before).all():
            carry_over(session, actor=support.SYSTEM, project=one, fiscal_year=2019)
        opened = support.open_2019(session)
        key = opened.id
        support.save(session, support.SYSTEM, support.row_of(session, 2), name="架空の<b>名称")
        support.save(session, support.SYSTEM, support.row_of(session, 3), intention=Intention.ENDED)
        support.accept_everything(session, opened)
        db.session.remove()
    text = page_text(client, f"/survey/{key}/close/")
    assert "登録されている事業を回答に合わせて直します(1件)" in text
    assert "→ 架空の<b>名称" in text
    assert "「終了」と回答がありましたが、この年度に登録されています(1件)" in text
    done = client.post(f"/survey/{key}/close/", data={"confirmed": "yes"})
    assert done.status_code == 303
    text = page_text(client, done.location)
    assert "登録されていた1件を回答に合わせて直しました。" in text
    assert "は、「終了」と回答がありましたが登録されたままです。" in text


def test_the_published_list_of_2018_as_pdf_in_its_layout(client: CheckingClient) -> None:
    sign_in(client, Role.OFFICE)
    answer = client.get("/project-list/pdf?fiscal_year=平成30年度")
    reader = pypdf.PdfReader(io.BytesIO(answer.get_data()))
    text = "\n".join(page.extract_text() for page in reader.pages)
    squeezed = "".join(text.split())
    assert reader.metadata.title == "協働や連携の取組一覧(平成30年度)"
    assert "(案)" not in text
    for page in reader.pages:
        assert "番号 課名 事業名称 協働相手(団体名) 協働形態" in page.extract_text()
    for words in (
        "協働をあえて広い意味にとらえて載せている",
        "1公共施設マネジメント課",
        "43文化スポーツ課木彫ワークショップ武蔵野美術大学彫刻学科研究室共催小平市文化振興財団共催44文化スポーツ課",
        "168",
    ):
        assert words in squeezed


def test_persons_names_are_covered_on_the_paper_of_those_who_may_not_read_them(client: CheckingClient) -> None:
    sign_in(client, Role.COMMITTEE)
    text = "".join(
        page.extract_text()
        for page in pypdf.PdfReader(io.BytesIO(client.get("/project-list/pdf?fiscal_year=2018").get_data())).pages
    )
    assert "瀬戸" not in text
    assert "(個人)" in text
    assert client.get("/project-list/pdf?fiscal_year=2019").status_code == 404


@pytest.mark.parametrize("asked", ["abc", "9" * 50, "-1", "20%0018x", "", "平成99年度"])
def test_years_without_a_list_are_not_found(client: CheckingClient, asked: str) -> None:
    sign_in(client, Role.OFFICE)
    assert client.get(f"/project-list/pdf?fiscal_year={asked}").status_code == 404


def test_a_correction_after_publication_stands_on_the_paper(app: Flask, client: CheckingClient) -> None:
    from app.registry.services import update_project

    with app.app_context():
        project = db.session.scalars(select(Project).where(Project.fiscal_year == 2018, Project.number == 2)).one()
        update_project(
            db.session(),
            actor=support.SYSTEM,
            project=project,
            version=None,
            values={"name": "訂正した名称"},
            reason="誤記",
        )
    sign_in(client, Role.OFFICE)
    pdf = client.get("/project-list/pdf?fiscal_year=2018").get_data()
    text = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "2総務課各種善行事業一般社団法人" in text  # as frozen
    assert "公表後の修正" in text
    assert "事業名称:「各種善行事業」→「訂正した名称」" in text


def test_an_answer_of_many_rows_takes_as_many_queries_as_one_of_one_row(
    app: Flask, client: CheckingClient, opened: dict[str, Any]
) -> None:
    sign_in(client, Role.OFFICE)
    with app.app_context():
        # Those of one row and of many in which no other department takes part: shared rows are read besides.
        shared = {one.id for row in db.session.scalars(select(SurveyRow)) for one in row.other_departments}
        responses = db.session.scalars(select(SurveyResponse).where(SurveyResponse.department_id.not_in(shared)))
        sizes = {len(one.rows): one.id for one in responses}
        engine = db.engine
    page_text(client, "/survey/")  # what is read once a process is read now
    counts = []
    for size in (1, max(sizes)):
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *more: Any, seen: list[str] = seen) -> None:
            if statement.startswith("SELECT"):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        assert client.get(f"/survey-response/{sizes[size]}/").status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert max(sizes) > 10
    # session; response, round, department, rows with lines, departments, predecessors, their departments, partners and
    # forms (10); reminders; may edit; shared rows; history with the rows that may be read (4); upload.
    assert counts == [19, 19]


def test_a_department_set_up_later_is_asked_too(app: Flask, client: CheckingClient, opened: dict[str, Any]) -> None:
    with app.app_context():
        session = db.session()
        with act(session, support.SYSTEM, "reference:edit", "課の新設"):
            session.add(Department(code="atarashii", name="新しい課"))
        key = session.scalars(select(Department.id).where(Department.code == "atarashii")).one()
    sign_in(client, Role.OFFICE)
    assert "回答欄のない課" in page_text(client, f"/survey/{opened['round']}/")
    for department, words in (
        (key, "新しい課の回答欄を作りました"),
        (key, "追加できる課ではありません"),
        ("x", "追加できる課"),
    ):
        answer = client.post(
            f"/survey/{opened['round']}/departments/", data={"department": department}, follow_redirects=True
        )
        assert words in answer.get_data(as_text=True)
    assert "回答欄のない課" not in page_text(client, f"/survey/{opened['round']}/")


def test_what_differs_from_last_time_is_told_for_all_departments(
    app: Flask, client: CheckingClient, opened: dict[str, Any]
) -> None:
    with app.app_context():
        session = db.session()
        support.save(session, support.SYSTEM, support.row_of(session, 2), name="変えた名称")
        support.save(session, support.SYSTEM, support.row_of(session, 3), intention=Intention.ENDED)
    sign_in(client, Role.OFFICE)
    text = page_text(client, f"/survey/{opened['round']}/changes/")
    assert "新規(0件)" in text
    assert "事業名称: 各種善行事業 → 変えた名称" in text
    assert "終了(1件)" in text


def test_the_office_moves_a_row_on_screen(app: Flask, client: CheckingClient, opened: dict[str, Any]) -> None:
    sign_in(client, Role.OFFICE)
    assert "回答する課を変える" in page_text(client, f"/survey-row/{opened['row']}/")
    moved = client.post(
        f"/survey-row/{opened['row']}/move/",
        data={"version": versions(app, opened)[1], "response": opened["other"]},
        follow_redirects=True,
    )
    assert "回答する課を変えました" in moved.get_data(as_text=True)
    with app.app_context():
        assert db.session.get(SurveyRow, opened["row"]).response_id == opened["other"]
    sign_in(client, Role.DEPARTMENT, "下水道課")
    assert "回答する課を変える" not in page_text(client, f"/survey-row/{opened['row']}/")
    assert client.post(f"/survey-row/{opened['row']}/move/").status_code == 403
