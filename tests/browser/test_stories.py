"""What persons do, in a real browser: by keyboard alone, and two at once."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.access.passwords import hash_password
from app.extensions import db
from models.people import Role
from models.registry import Project
from tests import factories
from tests.support import browser as browsers

PASSWORD = "wakaba-no-kokage-2026"
pytestmark = pytest.mark.browser


def _user(app: Flask, role: Role, email: str) -> None:
    with app.app_context():
        factories.a_user(db.session(), role, email=email, password_hash=hash_password(PASSWORD))


def _a_project(app: Flask) -> int:
    with app.app_context():
        return factories.a_project(db.session(), name="玉川上水の落ち葉ひろい", summary="秋の清掃").id


def _sign_in(page: Page, email: str) -> None:
    """Type name and password; Enter sends the form."""
    page.goto("/login")
    page.get_by_label("メールアドレス", exact=False).first.focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    for _ in range(4):
        if page.evaluate("document.activeElement.type") == "password":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    expect(page.locator("h1")).to_have_text("対応待ち一覧")


def _tab_to(page: Page, wanted: str, at_most: int = 120) -> None:
    """Press Tab until the focused element's name is `wanted`; fails when the keyboard never gets there."""
    name = "(() => { const e = document.activeElement; if (!e) return ''; const l = e.labels && e.labels[0];"
    name += " return (e.getAttribute('aria-label') || (l && l.innerText) || e.innerText || '').trim(); })()"
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if str(page.evaluate(name)).startswith(wanted):
            return
    raise AssertionError(f"Tab never reaches {wanted!r}")


def test_login_search_edit_and_save_by_keyboard_alone(app: Flask, page: Page) -> None:
    _user(app, Role.OFFICE, "keyboard@example.jp")
    key = _a_project(app)
    _sign_in(page, "keyboard@example.jp")
    page.goto("/project/")
    page.locator("input[name=q]").focus()
    page.keyboard.type("落ち葉")
    page.keyboard.press("Enter")
    page.wait_for_url("**/project/?**q=**")
    _tab_to(page, "玉川上水の落ち葉ひろい")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/project/{key}/")
    _tab_to(page, "編集する")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/project/{key}/edit/")
    page.locator("[name=summary]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("秋と冬の清掃")
    _tab_to(page, "保存する")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/project/{key}/")
    expect(page.locator("main")).to_contain_text("秋と冬の清掃")
    with app.app_context():
        project = db.session.get(Project, key)
        assert project is not None
        assert project.summary == "秋と冬の清掃"
        db.session.rollback()


def test_the_second_of_two_who_save_sees_both_versions_and_chooses(
    app: Flask, browser: Browser, live_server: str
) -> None:
    key = _a_project(app)
    _user(app, Role.OFFICE, "first@example.jp")
    _user(app, Role.OFFICE, "second@example.jp")
    with browsers.new_context(browser, live_server) as one, browsers.new_context(browser, live_server) as two:
        first, second = one.new_page(), two.new_page()
        _sign_in(first, "first@example.jp")
        _sign_in(second, "second@example.jp")
        first.goto(f"/project/{key}/edit/")
        second.goto(f"/project/{key}/edit/")
        first.locator("[name=summary]").fill("先に保存した内容")
        first.get_by_role("button", name="保存する").click()
        first.wait_for_url(f"**/project/{key}/")
        second.locator("[name=summary]").fill("後から保存した内容")
        second.get_by_role("button", name="保存する").click()
        expect(second.locator("main")).to_contain_text("先に保存した内容")
        expect(second.locator("main")).to_contain_text("後から保存した内容")
        assert browsers.axe_violations(second) == []
        with app.app_context():
            project = db.session.get(Project, key)
            assert project is not None
            assert project.summary == "先に保存した内容"
            db.session.rollback()


def test_a_form_that_gives_a_file_works_again_while_others_wait_for_their_page(page: Page) -> None:
    """A file comes without a new page: such a form must not stay shut as one that was sent."""
    page.goto("/login")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => {
        window.stopped = [];
        document.addEventListener("submit", (event) => {
          window.stopped.push(event.defaultPrevented);
          event.preventDefault();
        });
        for (const [id, said] of [["file", ""], ["look", "verb=look"], ["enter", "verb=look"], ["plain", null]]) {
          const form = document.createElement("form");
          form.id = id;
          form.method = "post";
          if (said !== null) form.dataset.givesFile = said;
          form.innerHTML = `<input name="verb" value="${id}">`;
          document.body.append(form);
        }
      }"""
    )
    send = "() => { window.stopped = []; for (const id of ['file', 'look', 'enter', 'plain']) document.getElementById(id).requestSubmit(); return window.stopped; }"
    assert page.evaluate(send) == [False, False, False, False]
    assert page.evaluate(send) == [True, True, True, True], "a second click does nothing"
    page.wait_for_timeout(900)
    assert page.evaluate(send) == [False, False, True, True]
