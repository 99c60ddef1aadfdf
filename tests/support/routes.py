"""Every address of the running application, with real rows in the places of its parameters."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Flask, url_for
from sqlalchemy import inspect, select
from werkzeug.routing import Rule

from admin_views.base import GuardedView
from app.actor import Actor
from app.extensions import db
from app.access.scopes import visible_to
from models.base import Base


@dataclasses.dataclass(frozen=True)
class Route:
    """One endpoint with one method."""

    endpoint: str
    method: str
    rule: Rule

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
    admin = app.extensions["admin"][0]
    return {view.endpoint: view for view in admin._views if isinstance(view, GuardedView)}


def model_of(app: Flask, route: Route) -> type[Base] | None:
    """The model whose key stands in the route's address."""
    view = guarded_views(app).get(route.endpoint.split(".")[0])
    return view.model if view is not None else None


def first_key(model: type[Base], actor: Actor) -> int | None:
    """The key of the first row that the actor may see. Needs an application context."""
    primary = inspect(model).primary_key[0]
    found: int | None = db.session.scalar(
        select(primary).where(visible_to(model, actor)).order_by(primary).limit(1)
    )
    return found


def address_of(route: Route, values: dict[str, Any]) -> str:
    """The path of the route with these parameters. Needs a request context."""
    return url_for(route.endpoint, **{name: values[name] for name in route.rule.arguments})
