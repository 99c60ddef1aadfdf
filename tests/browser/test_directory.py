"""A day at the centre: find a group however it is written, mend it, and be warned before it is entered twice."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.directory.registering import register_group
from app.directory.rounds import open_round
from app.directory.services import create_organization
from app.extensions import db
from models.people import Role
from tests.browser.test_stories import _sign_in, _user
from tests.support import browser as browsers
from tests.support.registry import actor

pytestmark = pytest.mark.browser


def test_a_group_is_found_by_another_spelling_mended_and_not_entered_twice(app: Flask, page: Page) -> None:
    with app.app_context():
        session = db.session()
        values = {"name": "特定非営利活動法人架空渡邊ヒロバ", "reading": "かくうわたなべひろば"}
        key = create_organization(session, actor=actor(session, Role.CENTER), values=values).id
        db.session.remove()
    _user(app, Role.CENTER, "aspia@example.jp")
    _sign_in(page, "aspia@example.jp")
    page.goto("/organization/")
    page.locator("input[name=q]").fill("NPO法人架空渡辺ひろば")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="特定非営利活動法人架空渡邊ヒロバ").click()
    page.wait_for_url(f"**/organization/{key}/")
    assert browsers.axe_violations(page) == []
    page.get_by_role("link", name="編集する").click()
    page.get_by_label("活動目的").fill("誰でも来られる場所をつくる。")
    page.get_by_role("button", name="保存する").click()
    page.wait_for_url(f"**/organization/{key}/")
    expect(page.locator("main")).to_contain_text("誰でも来られる場所をつくる。")
    page.goto("/organization/new/")
    page.get_by_label("団体名").fill("(特非)架空渡邉ひろば")
    page.keyboard.press("Tab")
    expect(page.locator("[data-likely-url]")).to_contain_text("似た団体がすでにあります")
    expect(page.locator("[data-likely-url]")).to_contain_text("架空渡邊ヒロバ")
    assert browsers.axe_violations(page) == []


#: What is wider than the place that it has: the page, or a table in its region.
_TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".table-region")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.getAttribute("aria-label") || "page"} ${one.scrollWidth}`)"""


def test_a_tablet_shows_whole_what_is_found_compared_and_reminded(app: Flask, page: Page) -> None:
    """768 px: the search list with its further column, two likely duplicates, five groups, the groups to remind."""
    with app.app_context():
        session = db.session()
        center, keys = actor(session, Role.CENTER), []
        for place in range(5):
            values = {"name": f"架空とても長い名前の{place}番目のコミュニティを考える市民の会", "phone": "042-000-4321"}
            group = create_organization(session, actor=center, values=values)
            register_group(session, actor=center, organization=group, number=str(place), issued_on=dt.date.today())
            keys.append(group.id)
        one = open_round(session, actor=center, fiscal_year=2031, due_on=dt.date(2031, 7, 31)).id
        db.session.remove()
    _user(app, Role.CENTER, "aspia@example.jp")
    _sign_in(page, "aspia@example.jp")
    page.set_viewport_size({"width": 768, "height": 900})
    compared = "&".join(f"organization={key}" for key in keys)
    for address in (
        "/organization/?q=とても長い", "/organization/?q=とても長い&facets=1", "/duplicate/",
        f"/organization-compare/?{compared}", f"/confirmation-rounds/{one}/", f"/confirmation-rounds/{one}/remind/",
    ):  # fmt: skip
        page.goto(address)
        expect(page.locator("main")).to_contain_text("架空とても長い名前の4番目")
        assert page.evaluate(_TOO_WIDE) == [], address
