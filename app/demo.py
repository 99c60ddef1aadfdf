"""Whether this database was made by the demonstration loader."""

from __future__ import annotations

import time

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from models.reference import SeedState

#: A database never ceases to be a demonstration; one that is none is asked again after so many seconds.
_ASK_AGAIN = 30.0


def is_demonstration() -> bool:
    """True only for a database that `flask seed demo` created."""
    known, asked_at = current_app.extensions.get("is_demonstration", (False, float("-inf")))
    if known or time.monotonic() - asked_at < _ASK_AGAIN:
        return bool(known)
    try:
        known = db.session.scalar(select(SeedState.value).where(SeedState.name == "demo")) is not None
    except SQLAlchemyError:
        db.session.rollback()
        return False
    current_app.extensions["is_demonstration"] = (known, time.monotonic())
    return bool(known)
