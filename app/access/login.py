"""Who sends this request: sessions on the server, and the door that every request passes.

Every endpoint demands a person who is signed in, unless it stands in PUBLIC_ENDPOINTS. The signed cookie alone
authenticates nobody: it carries a random token that must be found in the table of sessions.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from flask import Flask, current_app, g, has_request_context, redirect, request, url_for
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from app.access import sessions
from app.access.actors import actor_holding
from app.actor import NOBODY, Actor
from app.config import Settings
from app.extensions import db, login_manager
from app.japanese.dates import today_in_tokyo
from models.engine import is_reading, reading
from models.people import Role

#: Endpoints without a login; other domains add theirs by `allow_without_login`.
PUBLIC_ENDPOINTS = {"static", "home.static", "healthz", "auth.login"}


class Duty(enum.Enum):
    """What a person must do before anything else, with the page where it is done."""

    SECOND_FACTOR = "auth.enter_code"
    PASSWORD = "account.change_password"
    SET_UP_SECOND_FACTOR = "account.second_factor"


#: Endpoints that stay open while the duty is not done.
_OPEN_DURING: dict[Duty, frozenset[str]] = {
    Duty.SECOND_FACTOR: frozenset({"auth.enter_code", "auth.logout"}),
    Duty.PASSWORD: frozenset({"account.change_password", "auth.logout"}),
    Duty.SET_UP_SECOND_FACTOR: frozenset({"account.second_factor", "account.second_factor_picture", "auth.logout"}),
}


@dataclasses.dataclass(frozen=True)
class Visitor:
    """The person of this request, as Flask-Login wants it. `get_id` is the token of the session, not of the user."""

    token: str
    session_id: int
    user_id: int
    display_name: str
    role_labels: tuple[str, ...]
    duty: Duty | None
    actor: Actor
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.duty is not Duty.SECOND_FACTOR

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.token


class _CookieInterface(SecureCookieSessionInterface):
    """Secure as soon as the request came over TLS (directly or through a trusted proxy)."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_login(app: Flask) -> None:
    """Set up Flask-Login and the door; `csrf` must have been initialised before."""
    app.session_interface = _CookieInterface()
    login_manager.session_protection = None  # binding to address and browser logs out people behind proxies
    login_manager.user_loader(_load_visitor)
    login_manager.init_app(app)
    app.before_request(_door)
    app.context_processor(lambda: {"viewer": current_viewer()})


def allow_without_login(*endpoints: str) -> None:
    """Add endpoints that answer without a login (the public API)."""
    PUBLIC_ENDPOINTS.update(endpoints)


# --- who it is -------------------------------------------------------------------------------------------------


def current_visitor() -> Visitor | None:
    """The person who signed in, also while a duty is still to be done; None when signed out."""
    if not has_request_context():
        return None
    # Where Flask-Login keeps it for the request: a list asks some hundred times, and its proxy is slow.
    found = g.get("_login_user")
    if found is None:
        found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def current_actor() -> Actor:
    """The actor of this request; one that may do nothing when nobody is (wholly) signed in. Cached for the request."""
    visitor = current_visitor()
    if visitor is not None and visitor.is_authenticated:
        return visitor.actor
    return dataclasses.replace(NOBODY, address=request.remote_addr) if has_request_context() else NOBODY


def settings() -> Settings:
    """The settings of the application in force."""
    found: Settings = current_app.extensions["settings"]
    return found


def _load_visitor(token: object) -> Visitor | None:
    if not isinstance(token, str):
        return None
    if is_reading():  # the page will read in the same transaction
        return _read_visitor(db.session(), token)
    # A POST must not take the write lock before it changes something: this lookup has a transaction of its own.
    with reading(), Session(db.engine) as session:
        return _read_visitor(session, token)


def _read_visitor(session: Session, token: str) -> Visitor | None:
    found = sessions.find_visit(session, token, settings())
    if found is None:
        return None
    if sessions.is_touch_due(found):
        session.rollback()
        sessions.touch(db.engine, found.session_id)
    today = today_in_tokyo()
    in_force = [one for one in found.assignments if one[2] <= today and (one[3] is None or today <= one[3])]
    held = [(role, department) for role, department, *_ in in_force]
    actor = actor_holding(session, found.user_id, found.display_name, held, address=request.remote_addr)
    duty = None
    if found.is_pending:
        duty = Duty.SECOND_FACTOR
    elif found.must_change_password:
        duty = Duty.PASSWORD
    elif not found.has_second_factor and any(is_required for *_, is_required in in_force):
        duty = Duty.SET_UP_SECOND_FACTOR
    return Visitor(
        token=token,
        session_id=found.session_id,
        user_id=found.user_id,
        display_name=found.display_name,
        role_labels=tuple(role.label for role in Role if role in actor.roles),
        duty=duty,
        actor=actor,
    )


def current_viewer() -> dict[str, Any] | None:
    """What the frame of the page shows of the person who signed in."""
    visitor = current_visitor()
    if visitor is None:
        return None
    return {
        "display_name": visitor.display_name,
        "role_labels": visitor.role_labels,
        "account_url": url_for("account.index"),
        "logout_url": url_for("auth.logout"),
    }


# --- the door --------------------------------------------------------------------------------------------------


def _door() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC_ENDPOINTS:
        return None  # an unknown address answers 404 to everybody
    visitor = current_visitor()
    if visitor is None:
        return _to_login()
    g.user_id = visitor.user_id
    if visitor.duty is not None and endpoint not in _OPEN_DURING[visitor.duty]:
        return _to_duty(visitor.duty)
    return None


def _to_login() -> Response:
    if _wants_a_page():
        target = request.full_path.rstrip("?")
        return redirect(url_for("auth.login", next=target if target != "/" else None), 303)
    raise Unauthorized("ログインしていないか、ログインの有効期限が切れました。もう一度ログインしてください。")


def _to_duty(duty: Duty) -> Response:
    if _wants_a_page() or not _wants_json():
        return redirect(url_for(duty.value), 303)
    raise Unauthorized("先に、ログインの手続きを終えてください。")


def _wants_json() -> bool:
    kinds = request.accept_mimetypes
    return kinds.best_match(["text/html", "application/json"]) == "application/json" or bool(
        request.headers.get("X-Requested-With")
    )


def _wants_a_page() -> bool:
    return request.method in {"GET", "HEAD"} and not _wants_json()


# --- in and out ------------------------------------------------------------------------------------------------


def enter(token: str) -> None:
    """Renew the cookie with a session just opened: nothing of the old one lives on, the CSRF token neither."""
    cookie.clear()
    with reading(), Session(db.engine) as session:
        visitor = _read_visitor(session, token)
    if visitor is not None:
        login_user(visitor)


def leave() -> None:
    """Forget the person in the cookie; the row is deleted by the caller."""
    logout_user()
    cookie.clear()


def safe_next(target: str | None) -> str | None:
    """`target` when it is a path of our own, else None: //evil, /\\evil, schemes and control characters are refused."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(sign) <= 0x20 or ord(sign) == 0x7F for sign in target):
        return None
    return target
