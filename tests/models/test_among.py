"""A list of ids in a statement that is built once."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from models.among import among
from models.reference import ActivityField


def test_one_statement_serves_any_number_of_ids(any_app: Flask) -> None:
    with any_app.app_context(), Session(db.engine) as session:
        key = ActivityField.__table__.c.id
        wanted = select(key).where(among(key, db.engine.dialect.name)).order_by(key)
        known = list(session.scalars(select(key).order_by(key)))
        assert len(known) == 20
        for ids in ([], known[:1], known[1:3], [*reversed(known), 10**15], [-1, 0]):
            assert list(session.scalars(wanted, {"ids": ids})) == sorted(set(ids) & set(known))
