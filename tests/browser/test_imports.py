"""An import in a real browser: choose, watch the progress, preview, apply, undo with a question; axe on every page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.jobs.worker import Worker
from models.people import Role
from tests.app.exchange.conftest import make_xlsx
from tests.support import people
from tests.support.browser import axe_violations
from tests.support.pages import CheckingClient

pytestmark = pytest.mark.browser
HEADER = ["団体名", "よみ", "備考"]


@pytest.fixture
def at_work(app: Flask) -> Iterator[threading.Event]:
    """A worker that begins when the event is set."""
    begin = threading.Event()
    worker = Worker(app)

    def work() -> None:
        begin.wait(60)
        with app.app_context():
            worker.run()

    thread = threading.Thread(target=work)
    thread.start()
    yield begin
    worker.stop()
    begin.set()
    thread.join(30)


def enter(app: Flask, page: Page, address: str) -> None:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    people.sign_in(client, Role.CENTER)
    cookie = client.get_cookie("kyodo_session")
    assert cookie is not None
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def choose(page: Page, path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(make_xlsx([HEADER, *rows]))
    page.goto("/imports/new/test_organization/")
    page.get_by_label("ファイル").set_input_files(path)
    page.get_by_role("button", name="内容を確認する").click()


def test_an_import_from_the_file_to_the_undo(
    app: Flask, page: Page, live_server: str, tmp_path: Path, at_work: threading.Event
) -> None:
    enter(app, page, live_server)
    wrong = []
    for address in ("/imports/", "/imports/new/", "/imports/new/test_organization/"):
        page.goto(address)
        wrong += axe_violations(page)

    choose(page, tmp_path / "団体.xlsx", [["窓の会", "まどのかい", "=1+1"]])
    expect(page.get_by_role("progressbar", name="順番待ち")).to_be_visible()
    wrong += axe_violations(page)
    at_work.set()
    expect(page.get_by_text("まだ反映していません")).to_be_visible()  # by itself, without a reload by hand
    expect(page.get_by_role("cell", name="まどのかい")).to_be_visible()
    wrong += axe_violations(page)
    page.get_by_role("button", name="反映する").click()
    expect(page.get_by_text("反映しました").first).to_be_visible()
    wrong += axe_violations(page)
    run = page.url

    choose(page, tmp_path / "変更.xlsx", [["窓の会", "かわったよみ", "=1+1"]])
    expect(page.get_by_role("cell", name="かわったよみ")).to_be_visible()
    wrong += axe_violations(page)
    choose(page, tmp_path / "誤り.xlsx", [["", "なまえがない", ""], ["窓の会", "まどのかい", "=1+1"]])
    expect(page.get_by_role("cell", name="「団体名」が空欄です。入力してください。")).to_be_visible()
    wrong += axe_violations(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="誤りのある行をダウンロード").click()
    assert download.value.suggested_filename == "誤りのある行_団体(試験).xlsx"

    page.goto(run)
    page.get_by_role("button", name="この取込を取り消す").click()
    page.get_by_role("dialog").get_by_role("button", name="この取込を取り消す").click()
    expect(page.get_by_text("すべて元に戻しました")).to_be_visible()
    wrong += axe_violations(page)
    assert "\n".join(dict.fromkeys(wrong)) == ""
