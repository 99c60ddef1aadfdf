"""What the pages of a review share: a verb that was done or refused, and the version that was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.scopes import as_key
from app.problems import NotFound, Problem


class ReviewPages(Screen):
    """Base of the parts of the office's screen."""

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
