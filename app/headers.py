"""Security headers of every answer, the nonce of each request, and addresses of static files that change with their content."""

from __future__ import annotations

import hashlib
import os
import secrets
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for

PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=()"
)
ONE_YEAR = 365 * 24 * 60 * 60


def init_headers(app: Flask) -> None:
    """Offer `csp_nonce()` and `asset_url(filename)` to templates, and set the headers of every response."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.jinja_env.globals["asset_url"] = asset_url
    app.after_request(set_headers)


def csp_nonce() -> str:
    """The nonce of this request: one value for all its scripts, never used again."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def content_security_policy(nonce: str) -> str:
    """Our own origin alone; nothing inline without the nonce; nobody may frame us."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def set_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = content_security_policy(csp_nonce())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS_POLICY
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    if not is_static() or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    elif "v" in request.args:
        headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def is_static() -> bool:
    """Files that hold no data of anybody: the application's own and those of its blueprints (Flask-Admin)."""
    endpoint = request.endpoint or ""
    return endpoint == "static" or endpoint.endswith(".static")


def asset_url(filename: str) -> str:
    """Address of a file in app/static/ with a mark of its content, so that a browser may keep it for good."""
    if "static_root" not in g:  # building an address costs more than all the rest, and a page asks for a dozen
        g.static_root = url_for("static", filename="")
    path = f"{current_app.static_folder}/{filename}"
    return f"{g.static_root}{filename}?v={content_mark(path, os.stat(path).st_mtime_ns)}"


@lru_cache(maxsize=256)
def content_mark(path: str, modified_at_ns: int) -> str:
    """A short mark of a file's content; `modified_at_ns` makes a changed file be read again."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]
