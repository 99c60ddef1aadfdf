"""A proposal typed from its paper: the keyboard alone fills the lines, and what is unanswered is answered at once."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.extensions import db
from models.people import Role
from tests import factories
from tests.app.calls.support import a_call
from tests.browser.test_stories import _sign_in, _user

pytestmark = pytest.mark.browser


def test_a_paper_is_typed_line_by_line_with_the_rules_told_meanwhile(app: Flask, page: Page) -> None:
    _user(app, Role.OFFICE, "typist@example.jp")
    with app.app_context():
        call = a_call(db.session()).id
        factories.an_organization(db.session(), name="試験みどりの会")
    _sign_in(page, "typist@example.jp")
    page.goto(f"/proposal/new/?call={call}")
    page.locator("#organization_id").click()
    page.keyboard.type("試験みどり")
    page.get_by_role("option", name="試験みどりの会").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("花だん")
    page.locator("#budget-2-label").fill("花苗")
    page.locator("#budget-2-tax").select_option("excluded")
    page.locator("#budget-2-unit_price_yen").fill("500")
    page.locator("#budget-2-unit_price_yen").press("Enter")
    # A fourth line, with the tax of the third, and the caret in it.
    expect(page.locator("#budget-3-label")).to_be_focused()
    expect(page.locator("#budget-3-tax")).to_have_value("excluded")
    page.get_by_role("button", name="4つとも「はい・ある」にする").click()
    expect(page.locator("#is_nonprofit")).to_have_value("yes")
    expect(page.locator("#states_no_other_subsidy")).to_have_value("yes")
    expect(page.locator("[data-live-say]")).to_contain_text("未入力のため確かめていない規則")
    page.get_by_role("button", name="登録して受付へ進む").click()
    expect(page.locator("h1")).to_have_text("受付する: 花だん")
