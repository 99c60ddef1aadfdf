"""Security headers, on an application of a few lines."""

from __future__ import annotations

import re

import pytest
from flask import Flask, Response, render_template_string
from flask.testing import FlaskClient

from app.config import PROJECT_ROOT
from app.errors import init_errors
from app.headers import PERMISSIONS_POLICY, init_headers


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("app", root_path=str(PROJECT_ROOT / "app"))
    app.secret_key = "only for this test"
    init_headers(app)
    init_errors(app)

    @app.get("/page")
    def page() -> str:
        return render_template_string("{{ csp_nonce() }} {{ csp_nonce() }} {{ asset_url('css/tokens.css') }}")

    @app.get("/cached")
    def cached() -> Response:
        response = Response("x")
        response.headers["Cache-Control"] = "public, max-age=60"
        return response

    return app.test_client()


def nonce_of(response: Response) -> str:
    found = re.search(r"script-src 'self' 'nonce-([\w-]+)'", response.headers["Content-Security-Policy"])
    assert found
    return found[1]


def test_every_answer_carries_exactly_these_headers(client: FlaskClient) -> None:
    response = client.get("/page")
    nonce = nonce_of(response)
    headers = {name: value for name, value in response.headers if name not in {"Content-Type", "Content-Length"}}
    assert headers == {
        "Content-Security-Policy": (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def test_the_nonce_is_one_a_request_and_never_the_same(client: FlaskClient) -> None:
    first, second = client.get("/page"), client.get("/page")
    assert first.text.split()[:2] == [nonce_of(first), nonce_of(first)]
    assert nonce_of(first) != nonce_of(second)
    assert len(nonce_of(first)) >= 22  # 128 bits


@pytest.mark.parametrize("path", ["/page", "/missing", "/static/css/tokens.css", "/static/missing.css"])
def test_pages_errors_and_files_are_protected_alike(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_https_is_demanded_only_over_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/page").headers
    secure = client.get("/page", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_pages_are_not_stored_even_if_a_view_says_so(client: FlaskClient) -> None:
    assert client.get("/cached").headers["Cache-Control"] == "no-store"
    assert client.get("/missing").headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_when_their_address_names_their_content(client: FlaskClient) -> None:
    address = client.get("/page").text.split()[2]
    assert re.fullmatch(r"/static/css/tokens\.css\?v=[0-9a-f]{10}", address)
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/css/tokens.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/missing.css?v=1").headers["Cache-Control"] == "no-store"
