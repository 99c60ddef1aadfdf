"""Seven members stand beside each other without scrolling: on the sheet of the meeting and on the board."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.extensions import db
from tests.app.reviews.concluded import ready
from tests.support import people

WIDER = """() => [...document.querySelectorAll('.table-region')].filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.getAttribute('aria-label'))"""


@pytest.mark.browser
def test_seven_members_fit_a_desk_and_a_tablet(app: Flask, live_server: str, page: Page) -> None:
    with app.app_context():
        case = ready(db.session(), members=7, proposals=3)
        call, office = case.call.id, case.office.user_id or 0
        db.session.rollback()
        token = people.open_session_for(app, office)
        signer = app.session_interface.get_signing_serializer(app)
        assert signer is not None
        value = signer.dumps({"_user_id": token, "_fresh": True})
    page.context.add_cookies([{"name": "kyodo_session", "value": value, "url": live_server}])
    for width in (1280, 768):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (f"/review-result/{call}/", f"/review-result/{call}/?view=large", f"/review/{call}/"):
            page.goto(f"{live_server}{path}")
            assert page.evaluate(WIDER) == [], f"{path} at {width}"
