"""Pages of signing in, and of one's own account: password, second factor, sessions."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import forms, login, sessions, sign_in
from app.access.throttle import TooManyAttempts
from app.extensions import db
from app.problems import Invalid
from models.people import User

auth = Blueprint("auth", __name__)


@auth.route("/login", methods=["GET", "POST"], endpoint="login")
def log_in() -> Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """ログイン."""
    visitor = login.current_visitor()
    target = login.safe_next(request.values.get("next"))
    if visitor is not None and visitor.is_authenticated and request.method == "GET":
        return redirect(target or "/", 303)
    form = forms.LoginForm(request.form, next=target)
    if request.method == "GET":
        return render_template("auth/login.html", form=form, problem=None)
    if not form.validate():
        return render_template("auth/login.html", form=form, problem=None), 422
    try:
        entered = sign_in.sign_in(
            db.session(),
            identifier=form.identifier.data or "",
            password=form.password.data or "",
            address=request.remote_addr,
            settings=login.settings(),
        )
    except TooManyAttempts as problem:
        page = render_template("auth/login.html", form=form, problem=problem.message)
        return page, problem.status, {"Retry-After": str(problem.retry_after)}
    except Invalid as problem:
        return render_template("auth/login.html", form=form, problem=problem.message), problem.status
    login.enter(entered.token)
    if entered.is_pending:
        return redirect(url_for("auth.enter_code", next=target), 303)
    return redirect(target or "/", 303)


@auth.post("/logout", endpoint="logout")
def log_out() -> Response:
    """ログアウト."""
    visitor = login.current_visitor()
    if visitor is not None:
        sign_in.sign_out(db.session(), actor=visitor.actor, session_id=visitor.session_id)
    login.leave()
    return redirect(url_for("auth.login"), 303)


@auth.get("/account")
def account() -> str:
    """アカウント設定."""
    visitor = login.current_visitor()
    assert visitor is not None  # the door lets nobody else in
    user = db.session.get_one(User, visitor.user_id)
    return render_template(
        "auth/account.html",
        user=user,
        sessions=sessions.sessions_of(db.session(), user.id),
        current_session_id=visitor.session_id,
    )
