"""What the parts of the screen of results share: its call, and a verb that was done or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from admin_views.review_base import ReviewPages
from app.access.scopes import as_key, scoped
from app.problems import NotFound, Problem
from models.calls import Call
from models.reviews import ReviewSetting


class ResultPages(ReviewPages):
    """Base of the parts."""

    def result_call(self, key: str) -> Call:
        """The call of an address whose review the reader may see."""
        statement = scoped(ReviewSetting, self.actor).where(ReviewSetting.call_id == as_key(key))
        call: Call = self.found(self.db_session().scalars(statement).one_or_none()).call
        return call

    def told(
        self, call_id: int, verb: Callable[[], Any], message: str, endpoint: str = "review-result.call_view"
    ) -> Response:
        """Do it, say so on the page of results (or another of the call); a refusal is said there too."""
        try:
            verb()
        except NotFound:
            raise
        except Problem as problem:
            self.db_session().rollback()
            flash(problem.message + "".join(problem.fields.values()), "error")
        else:
            flash(message, "success")
        return redirect(url_for(endpoint, call=call_id), code=303)  # type: ignore[return-value]
