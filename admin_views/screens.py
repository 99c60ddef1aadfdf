"""What every page of the back office has in common: permission, current actor, navigation, refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_admin import BaseView
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from admin_views.pages import ConfirmPage, FormPage
from app.access.login import current_actor
from app.access.permissions import Permission
from app.actor import Actor
from app.extensions import db
from app.problems import Problem


class Screen(BaseView):
    """A page or a few. Closed unless `permission` is granted to the one who asks.

    permission: what it takes to see it at all (menu and pages alike). Single pages ask for more by `require`.
    """

    permission: ClassVar[Permission | None] = None
    #: False keeps the view out of the menu.
    in_menu: ClassVar[bool] = True

    @property
    def actor(self) -> Actor:
        """The actor of this request."""
        return current_actor()

    @property
    def db_session(self) -> Any:
        """The session of this request."""
        return db.session

    def is_accessible(self) -> bool:
        return self.permission is not None and self.actor.may(self.permission)

    def is_visible(self) -> bool:
        return self.in_menu

    def _handle_view(self, name: str, /, **kwargs: Any) -> Any:
        # Flask-Admin's own takes `name` as a keyword too, which a route's <name> would meet.
        if not self.is_accessible():
            return self.inaccessible_callback(name, **kwargs)
        return None

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin's own hides a TypeError inside the view by calling it a second time with other arguments.
        return fn(self, *args, **kwargs)

    def inaccessible_callback(self, name: str, /, **kwargs: Any) -> Any:
        raise Forbidden

    def require(self, permission: Permission) -> None:
        """403 unless granted."""
        if not self.actor.may(permission):
            raise Forbidden

    def found(self, record: Any) -> Any:
        """The record; 404 when there is none for this actor."""
        if record is None:
            raise NotFound
        return record

    def go(self, endpoint: str, message: str | None = None, **values: Any) -> Response:
        """Redirect after a POST (303), with a message."""
        if message:
            flash(message, "success")
        return redirect(url_for(endpoint, **values), code=303)  # type: ignore[return-value]

    def ask(self, page: FormPage, verb: Callable[[], Response]) -> Any:
        """A page around one form: shown, or posted and done by `verb`, which says where to go then.

        A refusal stands in the page beside what was typed (422).
        """
        if is_posted() and page.form.validate():
            try:
                return verb()
            except Problem as problem:
                page.errors = page.form.told(problem)
        return self.render(page.template, page=page, **page.values), 422 if is_posted() else 200

    def confirm(self, page: ConfirmPage, verb: Callable[[], Response]) -> Any:
        """A page that asks before an act, with or without a form: shown, or posted and done by `verb`.

        A refusal stands in the page: 422 beside a form, else 409.
        """
        if is_posted() and (page.form is None or page.form.validate()):
            try:
                return verb()
            except Problem as problem:
                self.db_session.rollback()
                page.errors = page.form.told(problem) if page.form is not None else [problem.message]
        refused = 409 if page.form is None else 422
        return self.render("model/delete.html", page=page), refused if is_posted() else 200


def is_posted() -> bool:
    """Whether the request brings a form."""
    return request.method == "POST"
