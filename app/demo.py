"""Whether this database was made by the demonstration loader. Read once: the answer never changes for a database."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from models.reference import SeedState


def is_demonstration() -> bool:
    """True only for a database that `flask seed demo` created."""
    known: bool | None = current_app.extensions.get("is_demonstration")
    if known is None:
        try:
            known = db.session.scalar(select(SeedState.value).where(SeedState.name == "demo")) is not None
        except SQLAlchemyError:
            db.session.rollback()
            return False
        if known:
            current_app.extensions["is_demonstration"] = True
    return known
