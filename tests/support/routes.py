"""Every address of the running application, with real rows in the places of its parameters."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Flask, url_for
from sqlalchemy import inspect, select
from werkzeug.routing import Rule

from admin_views.base import GuardedView
from app.access.actors import actor_of
from app.access.scopes import editable_by, visible_to
from app.actor import NOBODY, Actor
from app.extensions import db
from models.base import Base
from models.people import User

#: Doors that open for every row that the actor may see; the others only for one that the actor may change.
READING_DOORS = {"details_view", "history_view", "forget_view"}
#: Parameters that are no key of the view's model.
WORDS = {
    "kind": "xlsx",
    "filename": "css/base.css",
    "fiscal_year": 2018,
    "assignment": 1,
    "spec_name": "organization",
    "paper": "guide",
}


@dataclasses.dataclass(frozen=True)
class Route:
    """One endpoint with one method."""

    endpoint: str
    method: str
    rule: Rule = dataclasses.field(hash=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule} ({self.endpoint})"


def routes(app: Flask) -> list[Route]:
    """All of them, once per method; HEAD and OPTIONS follow GET."""
    found = {
        (rule.endpoint, method): Route(rule.endpoint, method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }
    return [found[key] for key in sorted(found)]


def guarded_views(app: Flask) -> dict[str, GuardedView]:
    """{endpoint: view} of every model view."""
    return {view.endpoint: view for view in app.extensions["admin"][0]._views if isinstance(view, GuardedView)}


def key_of(model: type[Base], actor: Actor, *, is_changing: bool) -> int | None:
    """The first row that the actor may see (or change). Needs an application context."""
    primary = inspect(model).primary_key[0]
    rule = editable_by(model, actor) if is_changing else visible_to(model, actor)
    found: int | None = db.session.scalar(select(primary).where(rule).order_by(primary).limit(1))
    return found


class Sample:
    """Addresses as one user would have them: keys of rows that the user may see or change, where there are any."""

    def __init__(self, app: Flask, user_id: int | None) -> None:
        self.app = app
        with app.app_context():
            user = db.session.get(User, user_id) if user_id else None
            actor = actor_of(db.session(), user) if user is not None else NOBODY
            self._keys: dict[tuple[str, bool], int | None] = {
                (endpoint, is_changing): key_of(view.model, actor, is_changing=is_changing)
                for endpoint, view in guarded_views(app).items()
                for is_changing in (False, True)
            }
            db.session.rollback()

    def address(self, route: Route) -> str:
        """The path of the route."""
        values: dict[str, Any] = {name: WORDS.get(name) or self._key(route) or 1 for name in route.rule.arguments}
        with self.app.test_request_context():
            return url_for(route.endpoint, **values)

    def is_out_of_reach(self, route: Route) -> bool:
        """Whether the route changes a row and there is none that this user may change."""
        if "spec_name" in route.rule.arguments:
            return True  # which tables one may import is a question of its own
        _, _, door = route.endpoint.partition(".")
        return door not in READING_DOORS and "key" in route.rule.arguments and self._key(route) is None

    def _key(self, route: Route) -> int | None:
        view, _, door = route.endpoint.partition(".")
        return self._keys.get((view, door not in READING_DOORS))
