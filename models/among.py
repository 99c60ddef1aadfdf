"""Conditions on many ids of which a statement is built once: each database takes the list in its own way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam


def among(column: Any, dialect: str) -> ColumnElement[bool]:
    """`column` is one of the ids given as the parameter "ids" (a list) when the statement is run.

    PostgreSQL takes the list as one value, so that the statement is the same for any number of ids, and is prepared;
    fifty single parameters cost it three times as long.
    """
    ids: ColumnElement[bool]
    if dialect == "postgresql":
        ids = column == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    else:
        ids = column.in_(bindparam("ids", expanding=True))
    return ids
