"""The survey in a real browser: a department edits, fills the Excel form and submits; no axe violation on the way."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.extensions import db
from models.people import Role
from tests.app.registry import survey_support as support
from tests.support import people
from tests.support.browser import axe_violations
from tests.support.pages import CheckingClient

pytestmark = pytest.mark.browser


def enter(app: Flask, page: Page, address: str, role: Role, name: str | None = None) -> None:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    with app.app_context():
        department = support.department(db.session(), name) if name else None
        user_id = people.make_user(db.session(), role, department=department).id
    people.sign_in_as(client, user_id)
    cookie = client.get_cookie("kyodo_session")
    assert cookie is not None
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def test_a_department_answers_and_the_office_looks_through(
    app: Flask, page: Page, live_server: str, tmp_path: Path
) -> None:
    with app.app_context():
        one = support.open_2019(db.session())
        round_id, response_id = one.id, support.response_of(db.session(), "文化スポーツ課").id
        db.session.remove()
    wrong: list[str] = []
    enter(app, page, live_server, Role.DEPARTMENT, "文化スポーツ課")
    page.goto("/")
    wrong += axe_violations(page)
    page.get_by_role("link", name="取組調査(令和元年度)に回答する").click()
    wrong += axe_violations(page)
    page.get_by_role("link", name=re.compile("直す.*1番")).first.click()
    wrong += axe_violations(page)
    page.get_by_label("事業名称").fill("画面で直した名称")
    page.get_by_role("button", name="協働相手の行を追加する").click()
    page.get_by_label("協働相手(団体名)").nth(1).fill("市民の会")
    page.get_by_label("協働形態").nth(1).select_option("協力")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("「画面で直した名称」を「変更」として保存しました。")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="様式をダウンロードする").click()
    form = tmp_path / "form.xlsx"
    download.value.save_as(form)
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "行番号")
    assert sheet.cell(header + 1, 3).value == "画面で直した名称"
    sheet.cell(header + 2, 3).value = "Excelで直した名称"
    book.save(form)
    page.get_by_label("入力した様式").set_input_files(form)
    page.get_by_role("button", name="違いを確かめる").click()
    wrong += axe_violations(page)
    expect(page.get_by_role("cell", name="Excelで直した名称").first).to_be_visible()
    page.get_by_role("button", name="この内容を取り込む").click()
    expect(page.get_by_text("様式を取り込みました(新規0件、変更1件)")).to_be_visible()
    page.wait_for_load_state()  # the question is asked by script; before that, by a page of its own
    page.get_by_role("button", name="この内容で提出する").click()
    page.get_by_role("dialog").get_by_role("button", name="この内容で提出する").click()
    expect(page.get_by_text("提出しました。")).to_be_visible()
    wrong += axe_violations(page)
    page.context.clear_cookies()
    enter(app, page, live_server, Role.OFFICE)
    for address in (
        "/survey/",
        "/survey/open/",
        f"/survey/{round_id}/",
        f"/survey/{round_id}/edit/",
        f"/survey/{round_id}/remind/",
        f"/survey/{round_id}/close/",
        f"/survey-response/{response_id}/",
        f"/survey-response/{response_id}/return/",
    ):
        page.goto(address)
        wrong += axe_violations(page)
    page.set_viewport_size({"width": 320, "height": 800})
    for address in (f"/survey/{round_id}/", f"/survey-response/{response_id}/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    page.goto(f"/survey-response/{response_id}/")
    page.get_by_role("button", name="確認済みにする").click()
    expect(page.get_by_text("確認済みにしました。")).to_be_visible()
    assert wrong == []
