"""The committee's screens, in the order of the menu, and where their waiting lines lead."""

from __future__ import annotations

from typing import Any

from flask import url_for

from admin_views.home import link_waiting
from admin_views.review_declarations import DeclarationScreen
from admin_views.review_office import ReviewScreen
from admin_views.review_sheets import SheetScreen

link_waiting("declaration", lambda waiting: url_for("declaration.index"))
link_waiting("sheet", lambda waiting: url_for("score-sheet.index"))
link_waiting("review", lambda waiting: url_for("review.call_view", call=waiting.key))
link_waiting("suspicion", lambda waiting: url_for("review.call_view", call=waiting.key, _anchor="names-heading"))


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [DeclarationScreen(), SheetScreen(), ReviewScreen()]
