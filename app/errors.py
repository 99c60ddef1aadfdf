"""Error pages in the look of the application: what happened, what to do; JSON for those who ask for JSON alone."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.problems import Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorText:
    """What an error page says: the heading, what happened, and what the person can do."""

    heading: str
    happened: str
    advice: tuple[str, ...]


TEXTS = {
    400: ErrorText(
        "送信された内容を読み取れませんでした",
        "アドレスまたは入力された内容に、読み取れないところがあります。",
        ("前の画面に戻り、入力内容を確認してから、もう一度お試しください。",),
    ),
    401: ErrorText(
        "ログインが必要です",
        "この画面を開くには、ログインが必要です。",
        ("ログインしてから、もう一度お試しください。",),
    ),
    403: ErrorText(
        "この画面を開く権限がありません",
        "あなたの役割では、この画面の閲覧または操作ができません。",
        (
            "お仕事に必要な場合は、推進担当またはシステム管理者に役割の追加をご相談ください。",
            "兼務や異動の直後は、いったんログアウトしてから、もう一度ログインしてください。",
        ),
    ),
    404: ErrorText(
        "お探しの画面が見つかりません",
        "削除されたか、アドレスが変わったか、閲覧する権限がありません。",
        ("アドレスに誤りがないか確認してください。", "一覧の画面から探し直してください。"),
    ),
    405: ErrorText(
        "この方法では開けない画面です",
        "ボタンを押して進む画面のアドレスを、直接開いたためと思われます。",
        ("前の画面に戻り、画面の中のボタンから進んでください。",),
    ),
    409: ErrorText(
        "今の状態では行えませんでした",
        "ほかの人が先に変更したか、状態が変わったため、行えませんでした。",
        ("前の画面に戻り、最新の内容を確認してから、もう一度お試しください。",),
    ),
    413: ErrorText(
        "入力した文章かファイルが大きすぎます",
        "送信できる大きさを超えているため、受け取れませんでした。",
        (
            "ブラウザーの「戻る」で前の画面に戻ると、入力した文字は残っています。ファイルは選び直してください。",
            "ファイルを分けるか、写真などを小さくしてから、もう一度お試しください。",
        ),
    ),
    422: ErrorText(
        "入力内容を確認してください",
        "入力された内容のままでは保存できません。",
        ("前の画面に戻り、入力内容を確認してから、もう一度お試しください。",),
    ),
    429: ErrorText(
        "しばらく待ってからお試しください",
        "短い時間に続けて操作されたため、受付けを一時的に止めています。",
        ("数分待ってから、もう一度お試しください。",),
    ),
    500: ErrorText(
        "システムに問題が起きました",
        "処理を終えることができませんでした。この操作による変更は保存されていません。",
        (
            "少し待ってから、もう一度お試しください。",
            "続けて起きる場合は、下の受付番号をシステム管理者にお伝えください。",
        ),
    ),
    503: ErrorText(
        "ただいま利用できません",
        "点検中か、込み合っているため、処理を始められませんでした。",
        ("少し待ってから、もう一度お試しください。",),
    ),
}

BUSY_TEXT = ErrorText(
    "ただいま込み合っています",
    "大きな取込みなどの処理が続いているため、保存を始められませんでした。この操作による変更は保存されていません。",
    (
        "ブラウザーの「戻る」で前の画面に戻ると、入力した文字は残っています。1分ほど待ってから、もう一度お試しください。",
        "続けて起きる場合は、下の受付番号をシステム管理者にお伝えください。",
    ),
)

CSRF_TEXT = ErrorText(
    "画面を開いてから時間がたっています",
    "安全のため、この操作は受け付けませんでした。入力した内容は保存されていません。",
    (
        "前の画面に戻り、必要な内容を控えてから読み込み直して、もう一度お試しください。",
        "ログアウトしていた場合は、ログインしてからお試しください。",
    ),
)


def init_errors(app: Flask, rollback: Callable[[], object] | None = None) -> None:
    """Answer every error with a page. `rollback` is called first, so that a broken session does not break the page too."""

    def undo() -> None:
        if rollback is None:
            return
        try:
            rollback()
        except Exception:
            log.exception("The session could not be rolled back.")

    def on_problem(error: Problem) -> Response:
        undo()
        text = text_for(error.status)
        return answer(error.status, ErrorText(text.heading, error.message, text.advice))

    def on_csrf(_error: CSRFError) -> Response:
        undo()
        return answer(400, CSRF_TEXT)

    def on_http(error: HTTPException) -> HTTPException | Response:
        if error.code is None or error.code < 400 or error.response is not None:
            return error
        undo()
        response = answer(error.code, text_for(error.code))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
                response.headers[name] = value
        return response

    def on_busy(error: OperationalError) -> Response:
        """The database was locked for longer than one waits (an import is being applied), or is away."""
        if isinstance(error.orig, sqlite3.OperationalError) and "locked" not in str(error.orig):
            return on_failure(error)
        undo()
        log.error("The database did not answer: %s", type(error.orig).__name__)
        response = answer(503, BUSY_TEXT)
        response.headers["Retry-After"] = "30"
        return response

    def on_failure(error: Exception) -> Response:
        undo()
        log.error("Unhandled %s", type(error).__name__, exc_info=error)
        return answer(500, TEXTS[500])

    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_busy)
    app.register_error_handler(Exception, on_failure)


def text_for(status: int) -> ErrorText:
    """The text of this status, or that of its class."""
    return TEXTS.get(status) or TEXTS[400 if status < 500 else 500]


def answer(status: int, text: ErrorText) -> Response:
    """The error as a page, or as JSON: {"error": {"status", "message", "advice", "reference"}}."""
    reference = getattr(g, "request_id", None) if status >= 500 else None
    response: Response
    if wants_json():
        message = {"status": status, "message": text.happened, "advice": list(text.advice), "reference": reference}
        response = jsonify(error=message)
    else:
        response = make_response(page(status, text, reference))
    response.status_code = status
    return response


def page(status: int, text: ErrorText, reference: str | None) -> str:
    """The page in the full frame; in a bare one when the frame itself cannot be rendered (the database is away)."""
    try:
        return render_template("errors/error.html", status=status, text=text, reference=reference)
    except Exception:
        log.exception("The error page could not be rendered in the full frame.")
        return render_template("errors/bare.html", status=status, text=text, reference=reference)


def wants_json() -> bool:
    """Requests of the public interface, and those that accept JSON but no page."""
    if request.path.startswith("/api/"):
        return True
    accept = request.accept_mimetypes
    return accept.accept_json and not accept.accept_html
