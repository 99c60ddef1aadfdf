"""Pages of signing in: password, second factor, and the way out."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_views.account import own
from admin_views.answers import Answer, page, visitor_here
from admin_views.home import link_waiting
from app.access import account, forms, login, sign_in
from app.access.throttle import TooManyAttempts
from app.extensions import db
from app.problems import Invalid

auth = Blueprint("auth", __name__)


def init_auth(app: Flask) -> None:
    """Mount the pages, and say where what waits about one's own login is done."""
    app.register_blueprint(auth)
    app.register_blueprint(own)
    link_waiting("password", lambda waiting: url_for("account.change_password"))
    link_waiting("second_factor", lambda waiting: url_for("account.second_factor"))
    link_waiting("recovery_codes", lambda waiting: url_for("account.index"))


@auth.route("/login", methods=["GET", "POST"], endpoint="login")
def log_in() -> Answer:
    """ログイン."""
    visitor = login.current_visitor()
    target = login.safe_next(request.values.get("next"))
    if visitor is not None and visitor.is_authenticated and request.method == "GET":
        return redirect(target or "/", 303)
    form = forms.LoginForm(request.form)
    form.next.data = target
    if request.method == "GET" or not form.validate():
        return page("auth/login.html", form)
    try:
        entered = sign_in.sign_in(
            db.session(),
            identifier=form.identifier.data or "",
            password=form.password.data or "",
            address=request.remote_addr,
            settings=login.settings(),
        )
    except (Invalid, TooManyAttempts) as problem:
        return page("auth/login.html", form, problem)
    login.enter(entered.token)
    if entered.is_pending:
        return redirect(url_for("auth.enter_code", next=target), 303)
    return redirect(target or "/", 303)


@auth.route("/login/code", methods=["GET", "POST"])
def enter_code() -> Answer:
    """二段階認証: the code of the app, or a recovery code."""
    visitor = visitor_here()
    target = login.safe_next(request.values.get("next"))
    if visitor.duty is not login.Duty.SECOND_FACTOR:
        return redirect(target or "/", 303)
    form = forms.CodeForm(request.form)
    form.next.data = target
    if request.method == "GET" or not form.validate():
        return page("auth/code.html", form)
    try:
        entered = account.pass_second_factor(
            db.session(),
            actor=visitor.actor,
            session_id=visitor.session_id,
            code=form.code.data or "",
            settings=login.settings(),
        )
    except (Invalid, TooManyAttempts) as problem:
        return page("auth/code.html", form, problem)
    login.enter(entered.token)
    return redirect(target or "/", 303)


@auth.post("/logout", endpoint="logout")
def log_out() -> Response:
    """ログアウト."""
    visitor = visitor_here()
    sign_in.sign_out(db.session(), actor=visitor.actor, session_id=visitor.session_id)
    login.leave()
    flash("ログアウトしました。", "success")
    return redirect(url_for("auth.login"), 303)
