"""Error pages and their JSON, on an application of a few lines."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask, abort, g, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from app.config import PROJECT_ROOT
from app.errors import TEXTS, init_errors
from app.headers import init_headers
from app.problems import Conflict, Invalid, NotAllowed
from tests.support.pages import check_page, text_of

SECRET = "INSERT INTO talent (name) VALUES ('山田太郎')"


def make_app(rollback: Callable[[], object] | None = None) -> Flask:
    app = Flask("app", root_path=str(PROJECT_ROOT / "app"))
    app.secret_key = "only for this test"
    app.config["MAX_CONTENT_LENGTH"] = 1000
    CSRFProtect(app)
    init_headers(app)
    init_errors(app, rollback)

    @app.before_request
    def number() -> None:
        g.request_id = "REQ-0001"

    @app.get("/status/<int:code>")
    def status(code: int) -> str:
        abort(code)

    @app.get("/slow")
    def slow() -> str:
        raise TooManyRequests(retry_after=90)

    @app.get("/database/<words>")
    def database(words: str) -> str:
        raise OperationalError("INSERT", {"name": SECRET}, sqlite3.OperationalError(words))

    @app.get("/broken")
    @app.get("/api/broken")
    def broken() -> str:
        raise RuntimeError(SECRET)

    @app.get("/problem/<kind>")
    def problem(kind: str) -> str:
        raise {
            "denied": NotAllowed(),
            "conflict": Conflict("この募集は締め切られています。"),
            "invalid": Invalid("補助希望額が限度額100,000円を超えています(実践編2(1))。"),
        }[kind]

    @app.post("/save")
    def save() -> str:
        return request.form.get("text", "")

    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


def checked(response: TestResponse) -> str:
    """The heading of a page, after the checks that every page must pass."""
    tree = check_page(response.text, dict(response.headers))
    return text_of(next(tree.iter("h1")))


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_error_page_is_whole_and_says_what_to_do(client: FlaskClient, code: int) -> None:
    response = client.get(f"/status/{code}")
    assert response.status_code == code
    assert response.mimetype == "text/html"
    assert checked(response) == TEXTS[code].heading
    assert all(sentence in response.text for sentence in TEXTS[code].advice)


def test_an_error_without_a_text_of_its_own_gets_that_of_its_class(client: FlaskClient) -> None:
    assert checked(client.get("/status/418")) == TEXTS[400].heading
    assert checked(client.get("/status/502")) == TEXTS[500].heading


def test_a_failure_shows_its_number_and_nothing_else(client: FlaskClient) -> None:
    response = client.get("/broken")
    assert response.status_code == 500
    checked(response)
    assert "REQ-0001" in response.text
    for word in ("INSERT", "山田", "RuntimeError", "Traceback"):
        assert word not in response.text


def test_a_database_that_is_busy_is_told_as_such_and_its_faults_as_faults(client: FlaskClient) -> None:
    busy = client.get("/database/database is locked")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "30")
    checked(busy)
    assert "込み合って" in busy.text and "REQ-0001" in busy.text and "山田" not in busy.text
    fault = client.get("/database/no such table: talent")
    assert fault.status_code == 500
    assert "no such table" not in fault.text


def test_only_a_failure_shows_a_number(client: FlaskClient) -> None:
    assert "REQ-0001" not in client.get("/status/404").text


def test_a_failure_takes_back_what_was_begun() -> None:
    calls: list[str] = []
    client = make_app(lambda: calls.append("rolled back")).test_client()
    client.get("/broken")
    client.get("/status/409")
    assert calls == ["rolled back", "rolled back"]


def test_a_rollback_that_fails_does_not_hide_the_page() -> None:
    def fail() -> None:
        raise ConnectionError(SECRET)

    response = make_app(fail).test_client().get("/broken")
    assert response.status_code == 500
    checked(response)


def test_the_page_appears_even_when_the_frame_cannot_be_rendered() -> None:
    app = make_app()

    @app.context_processor
    def needs_the_database() -> dict[str, object]:
        if not getattr(g, "first", False):
            g.first = True
            raise ConnectionError(SECRET)
        return {}

    response = app.test_client().get("/status/404")
    assert response.status_code == 404
    assert checked(response) == TEXTS[404].heading
    assert "INSERT" not in response.text


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("denied", 403, "この操作を行う権限がありません。担当の方へご確認ください。"),
        ("conflict", 409, "この募集は締め切られています。"),
        ("invalid", 422, "補助希望額が限度額100,000円を超えています(実践編2(1))。"),
    ],
)
def test_a_refusal_says_its_own_sentence(client: FlaskClient, kind: str, status: int, sentence: str) -> None:
    response = client.get(f"/problem/{kind}")
    assert response.status_code == status
    checked(response)
    assert sentence in response.text


def test_a_form_without_its_token_is_refused_kindly(client: FlaskClient) -> None:
    response = client.post("/save", data={"text": "x"})
    assert response.status_code == 400
    assert checked(response) == "画面を開いてから時間がたっています"


def test_too_much_is_refused_as_such(client: FlaskClient) -> None:
    response = client.post("/save", data={"text": "x" * 2000})
    assert response.status_code == 413
    assert checked(response) == TEXTS[413].heading


def test_what_a_client_needs_to_go_on_is_kept(client: FlaskClient) -> None:
    assert set(client.delete("/slow").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.get("/slow").headers["Retry-After"] == "90"


@pytest.mark.parametrize(("path", "accept"), [("/api/broken", "text/html"), ("/broken", "application/json")])
def test_programs_get_json(client: FlaskClient, path: str, accept: str) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.json) == (
        500,
        {
            "error": {
                "status": 500,
                "message": TEXTS[500].happened,
                "advice": list(TEXTS[500].advice),
                "reference": "REQ-0001",
            }
        },
    )


def test_browsers_and_those_who_take_anything_get_a_page(client: FlaskClient) -> None:
    for accept in ("text/html,application/xhtml+xml,application/json;q=0.9", "*/*", ""):
        assert client.get("/status/404", headers={"Accept": accept}).mimetype == "text/html"


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/%ff%fe",
        "/..%2f..%2fetc%2fpasswd",
        "/static/../errors.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/%00",
        "/static/" + "a" * 5000,
        "/<script>alert(1)</script>",
        "/' OR 1=1 --",
        "/status/-1",
        "/" + "あ" * 2000,
        "/{{7*7}}",
    ],
)
def test_hostile_paths_get_an_ordinary_page(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in {400, 404}
    assert checked(response) in {TEXTS[400].heading, TEXTS[404].heading}
    assert "alert(1)" not in response.text
    assert "root:" not in response.text


def test_an_unknown_method_is_refused(client: FlaskClient) -> None:
    assert client.open("/save", method="BREW").status_code == 405
