"""What the pages of a review share: a verb that was done or refused, and the version that was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.scopes import as_key, get_visible, scoped
from app.japanese.dates import format_date
from app.meetings.queries import short_title
from app.problems import NotFound, Problem
from app.reviews import setting_up
from models.bodies import Body
from models.calls import Call
from models.meetings import Meeting


def meeting_text(meeting: Meeting) -> str:
    """「選考審査会 令和8年度第2回(令和8年11月30日(月))」."""
    return f"{short_title(meeting)}({format_date(meeting.held_on)})"


class ReviewPages(Screen):
    """Base of the parts of the office's screen."""

    def call_of(self, key: str) -> Call:
        """The call of an address, through its scope."""
        found: Call = get_visible(self.db_session(), Call, key, self.actor)
        return found

    def done(self, call_id: int, verb: Callable[[], Any], message: str) -> Response:
        """Do it, say so on the call's page; a refusal is said there too."""
        try:
            verb()
        except NotFound:
            raise
        except Problem as problem:
            self.db_session().rollback()
            flash(problem.message, "error")
        else:
            flash(message, "success")
        return redirect(url_for("review.call_view", call=call_id), code=303)  # type: ignore[return-value]

    def seen_version(self) -> int | None:
        """The version that the person saw."""
        return as_key(request.form.get("version", ""))

    def meetings_of_committee(self) -> list[tuple[int, str]]:
        """Meetings to choose from, the latest first."""
        rows = self.db_session().scalars(
            scoped(Meeting, self.actor)
            .join(Body, Body.id == Meeting.body_id)
            .where(Body.code == setting_up.COMMITTEE)
            .options(joinedload(Meeting.body))
            .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        )
        return [(row.id, meeting_text(row)) for row in rows]
