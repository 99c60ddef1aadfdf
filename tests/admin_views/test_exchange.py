"""Imports on screen: from the upload to the undo, in words, for those who may."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import urlsplit

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.jobs.worker import run_pending
from models.base import db
from models.directory import Organization
from models.engine import reading
from models.exchange import ImportRow, ImportRun, ImportStatus
from models.people import Role
from tests.app.exchange.conftest import make_xlsx
from tests.support import people
from tests.support.pages import CheckingClient

HEADER = ["団体名", "よみ", "種別", "確認済み", "備考"]
GOOD = make_xlsx([HEADER, ["画面の会", "がめんのかい", "自治会・町会", "はい", "=1+1"]])
WRONG = make_xlsx([HEADER, ["画面の会", None, "町内会", None, "=1+1"], ["よい会", None, None, None, None]])
NEW = "/imports/new/test_organization/"


@pytest.fixture
def center(client: CheckingClient) -> int:
    return people.sign_in(client, Role.CENTER)


def upload(client: CheckingClient, content: bytes, name: str = "団体.xlsx") -> str:
    """Upload, let the worker preview; returns the run's address."""
    answer = client.post(NEW, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    address = urlsplit(answer.headers["Location"]).path
    assert "順番" in client.get(address).get_data(as_text=True)
    work(client.application)
    return address


def work(app: Flask) -> None:
    with app.app_context():
        run_pending(app)


def text(client: CheckingClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def organizations(app: Flask) -> int:
    with app.app_context(), reading():
        found = db.session.scalar(
            select(func.count())
            .select_from(Organization)
            .where(Organization.name == "画面の会", Organization.deleted_at.is_(None))
        )
        db.session.remove()
    return found or 0


def test_a_file_is_uploaded_previewed_applied_and_undone(client: CheckingClient, center: int) -> None:
    assert "団体(試験)" in text(client, "/imports/new/")
    assert "読み取る列" in text(client, NEW)
    run = upload(client, GOOD)
    page = text(client, run)
    assert "まだ反映していません" in page and "がめんのかい" in page and "新規 1件" in page
    assert organizations(client.application) == 0

    assert client.post(f"{run}apply/").status_code == 303
    assert "まとめて行い" in text(client, run)
    assert "順番を待っています" in text(client, f"{run}progress/")
    work(client.application)
    assert "data-poll-done" in text(client, f"{run}progress/")
    assert "反映しました" in text(client, run)
    assert organizations(client.application) == 1

    again = upload(client, GOOD)
    assert "変わるところはありません" in text(client, again)
    changed = upload(client, make_xlsx([HEADER, ["画面の会", "べつのよみ", "自治会・町会", "はい", "=1+1"]]))
    page = text(client, changed)
    assert "がめんのかい" in page and "べつのよみ" in page

    assert client.post(f"{run}undo/").status_code == 303
    work(client.application)
    assert "取り消しました" in text(client, run)
    assert organizations(client.application) == 0
    assert "取消済み" in text(client, "/imports/")


def test_wrong_rows_are_shown_downloaded_and_block_the_apply(client: CheckingClient, center: int) -> None:
    run = upload(client, WRONG)
    page = text(client, run)
    assert "誤りのある行が1行あるため" in page and "C2" in page and "「町内会」は選べません" in page
    answer = client.post(f"{run}apply/", follow_redirects=True)
    assert "一部だけを取り込むことはできません" in answer.get_data(as_text=True)
    answer = client.get(f"{run}wrong.xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [*HEADER, "元の行", "誤りの内容"]
    assert rows[1][:6] == ["画面の会", None, "町内会", None, "=1+1", 2]
    assert str(rows[1][6]).startswith("C2: 「町内会」は選べません。")
    assert len(rows) == 2
    for kind in ("new", "changed", "unchanged", "wrong", "nonsense"):
        text(client, f"{run}?kind={kind}&page=99999999999999999999")
    assert client.post(f"{run}discard/", follow_redirects=True).status_code == 200
    assert "取りやめ" in text(client, run)


def test_an_import_of_more_rows_than_a_page_holds_is_paged(client: CheckingClient, center: int) -> None:
    rows = [[f"頁の会{number:02d}", None, "自治会・町会", None, None] for number in range(60)]
    run = upload(client, make_xlsx([HEADER, *rows]))
    page = text(client, run)
    assert "新規 60件" in page and "頁の会00" in page and "頁の会55" not in page
    assert "頁の会55" in text(client, f"{run}?kind=new&page=2")


def test_a_wrong_file_leaves_home_when_the_corrected_one_is_applied(client: CheckingClient, center: int) -> None:
    wrong = upload(client, WRONG)
    assert f'href="{wrong}"' in text(client, "/")
    corrected = upload(client, GOOD)
    home = text(client, "/")
    assert f'href="{wrong}"' in home and f'href="{corrected}"' in home
    assert client.post(f"{corrected}apply/").status_code == 303
    work(client.application)
    assert "/imports/" not in text(client, "/").split("<main", 1)[1]
    assert client.post(f"{corrected}undo/").status_code == 303
    work(client.application)
    assert f'href="{wrong}"' in text(client, "/")
    client.post(f"{wrong}discard/")
    assert f'href="{wrong}"' not in text(client, "/")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です"),
        (b"%PDF-1.7", "CSVでもExcelブック"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式のExcelファイル"),
    ],
)
def test_what_is_no_table_is_refused_at_once(client: CheckingClient, center: int, content: bytes, words: str) -> None:
    answer = client.post(NEW, data={"file": (io.BytesIO(content), "x.xlsx")}, content_type="multipart/form-data")
    assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True)
    with client.application.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0
        db.session.remove()


def test_no_file_is_an_error_at_the_field(client: CheckingClient, center: int) -> None:
    answer = client.post(NEW, data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_a_file_without_a_fitting_header_is_told_so_on_its_page(client: CheckingClient, center: int) -> None:
    run = upload(client, "あ,い\r\n1,2\r\n".encode(), "x.csv")
    assert "見出しの行が見つかりません" in text(client, run)


def test_the_uploaded_file_and_an_empty_form_can_be_downloaded(client: CheckingClient, center: int) -> None:
    run = upload(client, GOOD, "../../団体.xlsx")
    answer = client.get(f"{run}file/")
    assert (answer.data, answer.headers["X-Content-Type-Options"]) == (GOOD, "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{NEW}form.xlsx").data)).worksheets[0]
    assert [cell.value for cell in sheet[1]][:3] == ["団体名(必須)", "よみ", "種別"]


def test_others_do_not_see_an_import_and_the_administrator_no_cell_of_it(client: CheckingClient, center: int) -> None:
    run = upload(client, GOOD)
    other = client.application.test_client()
    assert isinstance(other, CheckingClient)
    people.sign_in(other, Role.CENTER)
    assert other.get(run).status_code == 404
    assert other.post(f"{run}apply/").status_code == 404
    assert other.get(f"{run}file/").status_code == 404
    people.sign_in(other, Role.ADMINISTRATOR)
    page = text(other, run)
    assert "取り込んだ人だけ" in page and "がめんのかい" not in page
    assert other.get(f"{run}file/").status_code == 404
    assert other.get(f"{run}wrong.xlsx").status_code == 404
    for verb in ("apply", "discard", "undo", "preview"):
        assert other.post(f"{run}{verb}/").status_code == 403
    people.sign_in(other, Role.COMMITTEE)
    assert other.get("/imports/").status_code == 403


def test_who_may_not_import_this_table_cannot_even_ask(client: CheckingClient) -> None:
    people.sign_in(client, Role.OFFICE)
    assert client.get(NEW).status_code == 403
    answer = client.post(NEW, data={"file": (io.BytesIO(GOOD), "x.xlsx")}, content_type="multipart/form-data")
    assert answer.status_code == 403
    assert client.get("/imports/new/nothing/").status_code == 404


def test_an_import_to_finish_waits_at_home(client: CheckingClient, center: int) -> None:
    run = upload(client, GOOD)
    page = text(client, "/")
    assert "取込「団体(試験)」(団体.xlsx)" in page and run in page


def test_pages_of_an_import_take_a_constant_number_of_queries(client: CheckingClient, center: int) -> None:
    few = upload(client, make_xlsx([HEADER, *[[f"会{number}", None, None, None, None] for number in range(2)]]))
    many = upload(client, make_xlsx([HEADER, *[[f"会{number}", None, None, None, None] for number in range(40)]]))
    counted = []
    for address in (few, many):
        with client.application.app_context():
            engine = db.engine
        statements: list[str] = []

        def note(*arguments: object, statements: list[str] = statements) -> None:
            statements.append(str(arguments[2]))

        event.listen(engine, "before_cursor_execute", note)
        text(client, address)
        event.remove(engine, "before_cursor_execute", note)
        counted.append(len(statements))
    assert counted[0] == counted[1]


@pytest.fixture(autouse=True)
def _no_rows_left_over(app: Flask) -> Iterator[None]:
    yield
    with app.app_context(), reading():
        orphans = (
            select(func.count()).select_from(ImportRow).join(ImportRun).where(ImportRun.status == ImportStatus.REFUSED)
        )
        assert db.session.scalar(orphans) == 0
        db.session.remove()
