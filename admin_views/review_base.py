"""What the pages of a review share: a verb that was done or refused, and the version that was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from admin_views.screens import Screen, is_posted
from app.access.scopes import as_key, get_visible, scoped
from app.japanese.dates import format_date
from app.meetings.queries import short_title
from app.problems import NotFound, Problem
from app.reviews import queries, setting_up
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

    def closed(self, title: str, call_id: int, why: str, facts: Sequence[tuple[str, Any]] = ()) -> Any:
        """In the place of a form that could only be refused: why, and what stands. Sent nevertheless: 409."""
        page = self.render(
            "reviews/closed.html",
            title=title,
            reason=why,
            facts=facts,
            back_url=url_for("review.call_view", call=call_id),
        )
        return page, 409 if is_posted() else 200

    def why_concluded(self, call_id: int) -> str | None:
        """The sentence that refuses all that a confirmed conclusion closes; None while it is open."""
        return queries.CONCLUDED if queries.is_concluded(self.db_session(), call_id) else None

    def why_frozen(self, call_id: int) -> str | None:
        """The sentence that refuses a change of rule and criteria; None while they may be changed."""
        concluded = self.why_concluded(call_id)
        return concluded or (setting_up.FROZEN if setting_up.is_frozen(self.db_session(), call_id) else None)

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
