"""A real browser: Debian's Chromium driven by Playwright, and the axe rules of accessibility in it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

#: As root there is no sandbox; the rest keeps Chromium from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
#: What the house promises: WCAG 2.2 AA, and axe's best practices. Elements that pass are not described one by one, which
#: halves the time; style sheets need no preloading, for they are in the page's document already.
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
    "preload": False,
}


def find_chromium() -> str | None:
    """Where Chromium is; None when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium and end it."""
    program = find_chromium()
    if program is None:
        raise RuntimeError("no Chromium was found (make test installs it, or: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def new_context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A fresh profile that fails the test when a page's script fails or the policy blocks something."""
    context = browser.new_context(
        base_url=address, locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce", accept_downloads=True
    )
    context.set_default_timeout(15_000)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    try:
        yield context
    finally:
        context.close()
    assert not complaints, complaints


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, one line each."""
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['help']}): {node['target']} {node['html'][:150]}"
        for violation in found
        for node in violation["nodes"]
    ]
