"""Builds the application: a list of `_init_x(app)`, no logic of its own."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import PROJECT_ROOT, Settings, from_environment
from app.extensions import babel, csrf, db, migrate
from models.engine import prepare_engine, set_reading

#: Domains in the order of the layers, lowest first; of each, the modules that register something below them.
DOMAINS = (
    "jobs",
    "files",
    "notices",
    "exchange",
    "access",
    "staff",
    "directory",
    "center",
    "meetings",
    "talents",
    "registry",
    "calls",
    "partnering",
    "reviews",
    "followup",
    "publishing",
)
REGISTERING_MODULES = (
    "policy",
    "survey_policy",
    "rounds_policy",
    "searching",
    "imports",
    "job_kinds",
    "rounds_job_kinds",
    "waiting",
    "survey_waiting",
    "rounds_waiting",
    "hooks",
    "clock_hooks",
    "meeting_hooks",
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its database, log, access, screens and commands. Settings: from the environment."""
    settings = settings or from_environment()
    app = Flask(
        "app",
        template_folder=str(PROJECT_ROOT / "app" / "templates"),
        static_folder=str(PROJECT_ROOT / "app" / "static"),
        root_path=str(PROJECT_ROOT / "app"),
    )
    app.extensions["settings"] = settings
    _init_config(app, settings)
    _init_logging(app)
    _init_database(app)
    _init_audit(app, settings)
    _init_requests(app, settings)
    _init_babel(app)
    _init_domains()
    _init_search()
    _init_login(app)
    _init_headers_and_errors(app)
    _init_screens(app)
    _init_api(app)
    _init_cli(app)
    return app


def _init_config(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="kyodo_session",
        WTF_CSRF_TIME_LIMIT=None,
        TESTING=settings.testing,
        BABEL_DEFAULT_LOCALE="ja",
        BABEL_DEFAULT_TIMEZONE="Asia/Tokyo",
        FLASK_ADMIN_SWATCH=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _engine_options(settings: Settings) -> dict[str, object]:
    # Parameters may hold personal data: they stay out of error texts.
    options: dict[str, object] = {"hide_parameters": True}
    return options if settings.is_sqlite else options | {"pool_size": 8}


def _init_logging(app: Flask) -> None:
    from app.logs import init_logs

    init_logs(app)


def _init_database(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(PROJECT_ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def _init_audit(app: Flask, settings: Settings) -> None:
    from app.audit import chain, recorder

    chain.configure(settings.audit_key, settings.data_dir / "secrets" / "audit_anchor")
    recorder.install()


def _init_requests(app: Flask, settings: Settings) -> None:
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

    @app.before_request
    def _only_posts_write() -> None:
        set_reading(request.method in {"GET", "HEAD", "OPTIONS"})

    @app.teardown_request
    def _forget(error: BaseException | None) -> None:
        set_reading(False)


def _init_babel(app: Flask) -> None:
    babel.init_app(app, locale_selector=lambda: "ja")


def _init_domains() -> None:
    for domain in DOMAINS:
        if importlib.util.find_spec(f"app.{domain}") is None:
            continue
        for module in REGISTERING_MODULES:
            if importlib.util.find_spec(f"app.{domain}.{module}") is not None:
                importlib.import_module(f"app.{domain}.{module}")


def _init_search() -> None:
    from app.search.index import watch_once

    watch_once()


def _init_login(app: Flask) -> None:
    from app.access.login import init_login

    csrf.init_app(app)
    init_login(app)


def _init_headers_and_errors(app: Flask) -> None:
    from app.errors import init_errors
    from app.headers import init_headers

    init_headers(app)
    init_errors(app)


def _init_screens(app: Flask) -> None:
    from admin_views import init_screens

    init_screens(app)


def _init_api(app: Flask) -> None:
    from app.health import init_health

    init_health(app)


def _init_cli(app: Flask) -> None:
    from app.cli import register_commands

    register_commands(app)


__all__ = ["create_app"]
