"""Import columns from mapped columns: label, kind, length, choices and marks are declared once, at the model."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Date, Integer, String, Text, inspect, select
from sqlalchemy.orm import Session

from app.access.scopes import visible_to
from app.actor import Actor
from app.audit.labels import identity_of
from app.exchange.columns import ColumnKind, ImportColumn, Lookup
from app.japanese.normalize import fold
from models.base import Base


def column_of(model: type[Base], attribute: str, **more: Any) -> ImportColumn:
    """The import column of a mapped attribute; `more` overrides what the mapping says (aliases, help, lookup …)."""
    column = inspect(model).columns[attribute]
    kind_of = column.type
    enum_class = getattr(kind_of, "enum_class", None)
    found: dict[str, Any] = {
        "key": attribute,
        "label": column.info.get("label", attribute),
        "required": not column.nullable and column.default is None and not column.primary_key,
        # What may not be empty and need not be said stays as it is: a blank 種別 is no wish to have none.
        "keeps_blank": not column.nullable and column.default is not None,
        "personal": bool(column.info.get("personal") or column.info.get("personal_if")),
    }
    if column.foreign_keys:
        found["kind"] = ColumnKind.REFERENCE
    elif enum_class is not None:
        found |= {"kind": ColumnKind.ENUM, "choices": enum_class.choices()}
    elif isinstance(kind_of, Boolean):
        found["kind"] = ColumnKind.BOOL
    elif isinstance(kind_of, Date):
        found["kind"] = ColumnKind.DATE
    elif isinstance(kind_of, Integer):
        found["kind"] = ColumnKind.INT
        if attribute.endswith("_yen"):
            found["kind"] = ColumnKind.YEN
        elif attribute.endswith("fiscal_year"):
            found["kind"] = ColumnKind.FISCAL_YEAR
    elif isinstance(kind_of, Text):
        found["multiline"] = True
    elif isinstance(kind_of, String) and kind_of.length:
        found["max_length"] = kind_of.length
    return ImportColumn(**(found | more))


def lookup_by(model: type[Base], *attributes: str) -> Lookup:
    """A lookup of visible records whose folded text equals one of the attributes' (reference tables: read whole)."""

    def lookup(session: Session, actor: Actor, texts: frozenset[str]) -> dict[str, tuple[Any, str]]:
        columns = inspect(model).columns
        known: dict[str, tuple[Any, str]] = {}
        for record in session.scalars(select(model).where(visible_to(model, actor)).order_by(columns["id"])):
            for attribute in attributes:
                text = getattr(record, attribute)
                if text:
                    known.setdefault(fold(str(text)), (identity_of(record), str(record)))
        return {text: known[fold(text)] for text in texts if fold(text) in known}

    return lookup
