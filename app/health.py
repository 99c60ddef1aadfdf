"""GET /healthz: whether the database is migrated, seeded and complete. No login, no details of data."""

from __future__ import annotations

import functools

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask, Response, jsonify
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import PROJECT_ROOT
from app.extensions import csrf, db
from models.reference import SeedState


@functools.cache
def head_revision() -> str | None:
    """The revision that the code wants; it does not change while the process runs."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()


def health() -> dict[str, object]:
    """{"status": "ok"|"incomplete"|"unavailable", "database": {...}}; ok only when everything is complete."""
    state: dict[str, object] = {"dialect": db.engine.dialect.name, "migration": "missing", "seed": "missing"}
    try:
        found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        state["migration"] = "current" if found == [head_revision()] else "behind"
        known = {row.name: row.value for row in db.session.scalars(select(SeedState))}
        state["seed"] = known.get("seed", "missing")
        state["demo"] = known.get("demo", "none")
    except SQLAlchemyError:
        db.session.rollback()
        if state["migration"] == "missing":
            try:
                db.session.execute(text("SELECT 1"))
            except SQLAlchemyError:
                db.session.rollback()
                return {"status": "unavailable", "database": state}
        return {"status": "incomplete", "database": state}
    complete = state["migration"] == "current" and state["seed"] == "complete" and state["demo"] in {"none", "complete"}
    return {"status": "ok" if complete else "incomplete", "database": state}


def init_health(app: Flask) -> None:
    """Serve /healthz."""

    @app.get("/healthz")
    def healthz() -> tuple[Response, int]:
        state = health()
        return jsonify(state), 200 if state["status"] == "ok" else 503

    csrf.exempt(healthz)
