"""Pages of one's own account: password, second factor, recovery codes, sessions."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask import Response as FlaskResponse
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin_views.answers import Answer, page, visitor_here
from app.access import account, forms, login, second_factor, sessions
from app.access.roles import is_second_factor_required
from app.access.scopes import as_key
from app.access.throttle import TooManyAttempts
from app.extensions import db
from app.japanese.dates import format_date, format_datetime
from app.problems import Invalid
from models.people import RoleAssignment, User

own = Blueprint("account", __name__, url_prefix="/account")
BOTH = ["GET", "POST"]


@own.route("/", strict_slashes=False, endpoint="index")
def own_account() -> Answer:
    """アカウント設定."""
    visitor = visitor_here()
    user = db.session.get_one(User, visitor.user_id)
    rows = [
        {
            "id": row.id,
            "is_current": row.id == visitor.session_id,
            "address": row.address or "(不明)",
            "began": format_datetime(row.created_at),
            "used": format_datetime(row.last_seen_at),
        }
        for row in sessions.sessions_of(db.session(), user.id)
    ]
    return page(
        "auth/account.html",
        user=user,
        roles=[(str(assignment), term(assignment)) for assignment in user.assignments],
        sessions=rows,
        password_changed=format_datetime(user.password_changed_at) if user.password_changed_at else None,
        has_second_factor=user.totp_enabled_at is not None,
        is_required=is_second_factor_required(db.session(), visitor.actor),
        codes_left=second_factor.count_recovery_codes(db.session(), user.id),
    )


def term(assignment: RoleAssignment) -> str:
    """From/until in words."""
    until = f"{format_date(assignment.until_on)}まで" if assignment.until_on else ""
    return f"{format_date(assignment.from_on)}から{until}"


@own.route("/password", methods=BOTH)
def change_password() -> Answer:
    """パスワードの変更."""
    visitor = visitor_here()
    is_forced = visitor.duty is login.Duty.PASSWORD
    form = forms.PasswordForm(request.form)
    if request.method == "GET" or not form.validate():
        return page("auth/password.html", form, is_forced=is_forced)
    try:
        token = account.change_password(
            db.session(),
            actor=visitor.actor,
            current_password=form.current_password.data or "",
            password=form.password.data or "",
            settings=login.settings(),
        )
    except (Invalid, TooManyAttempts) as problem:
        return page("auth/password.html", form, problem, is_forced=is_forced)
    login.enter(token)
    flash("パスワードを変更しました。ほかの端末のログインは終了しました。", "success")
    return redirect("/" if is_forced else url_for("account.index"), 303)


@own.route("/second-factor", methods=BOTH, endpoint="second_factor")
def set_up_second_factor() -> Answer:
    """二段階認証の設定: first a POST makes the secret, the second one proves that the app has it."""
    visitor = visitor_here()
    is_required = visitor.duty is login.Duty.SET_UP_SECOND_FACTOR
    if request.method == "POST" and request.form.get("step") == "begin":
        account.begin_second_factor(db.session(), session_id=visitor.session_id)
        return redirect(url_for("account.second_factor"), 303)
    form = forms.SecondFactorForm(request.form)
    problem = None
    if request.method == "POST" and form.validate():
        try:
            token, codes = account.enable_second_factor(
                db.session(),
                actor=visitor.actor,
                session_id=visitor.session_id,
                current_password=form.current_password.data or "",
                code=form.code.data or "",
                settings=login.settings(),
            )
        except (Invalid, TooManyAttempts) as refused:
            problem = refused
        else:
            login.enter(token)
            return page("auth/recovery_codes.html", codes=codes)
    secret = account.secret_in_setup(db.session(), session_id=visitor.session_id)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else None
    has_one = db.session.get_one(User, visitor.user_id).totp_enabled_at is not None
    return page(
        "auth/second_factor.html", form, problem, secret=grouped, is_required=is_required, has_second_factor=has_one
    )


@own.route("/second-factor/picture.svg")
def second_factor_picture() -> FlaskResponse:
    """The QR code of the secret being set up in this very session."""
    visitor = visitor_here()
    secret = account.secret_in_setup(db.session(), session_id=visitor.session_id)
    if secret is None:
        raise NotFound
    user = db.session.get_one(User, visitor.user_id)
    name = user.email or user.staff_number or user.display_name
    return FlaskResponse(second_factor.picture(secret, name), mimetype="image/svg+xml")


@own.route("/second-factor/off", methods=BOTH)
def disable_second_factor() -> Answer:
    """二段階認証の解除."""
    visitor = visitor_here()
    form = forms.ConfirmForm(request.form)
    if request.method == "GET" or not form.validate():
        return page("auth/second_factor_off.html", form)
    try:
        token = account.disable_second_factor(
            db.session(),
            actor=visitor.actor,
            current_password=form.current_password.data or "",
            settings=login.settings(),
        )
    except (Invalid, TooManyAttempts) as problem:
        return page("auth/second_factor_off.html", form, problem)
    login.enter(token)
    flash("二段階認証を解除しました。ほかの端末のログインは終了しました。", "success")
    return redirect(url_for("account.index"), 303)


@own.route("/recovery-codes", methods=BOTH)
def recovery_codes() -> Answer:
    """回復コードの再発行: shown once."""
    visitor = visitor_here()
    form = forms.ConfirmForm(request.form)
    if request.method == "GET" or not form.validate():
        return page("auth/recovery_codes_renew.html", form)
    try:
        codes = account.renew_recovery_codes(
            db.session(), actor=visitor.actor, current_password=form.current_password.data or ""
        )
    except (Invalid, TooManyAttempts) as problem:
        return page("auth/recovery_codes_renew.html", form, problem)
    return page("auth/recovery_codes.html", codes=codes)


@own.route("/sessions/<key>/end", methods=["POST"])
def end_session(key: str) -> Response:
    """End one of one's own sessions."""
    visitor = visitor_here()
    number = as_key(key)
    if number is None or not account.end_own_session(db.session(), actor=visitor.actor, session_id=number):
        raise NotFound
    flash("その端末のログインを終了しました。", "success")
    return redirect(url_for("account.index"), 303)
