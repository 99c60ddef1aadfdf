"""A group's stored profile as the yearly form writes it: plain values, and the marks by which an untouched cell is known."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from app.audit.chain import canonical
from app.directory.fields import BY_NAME
from app.directory.rounds_columns import SHEETS
from models.directory import Organization

_RELATIONS = {"fields", "audiences", "areas"}


@dataclasses.dataclass(frozen=True)
class StoredProfile:
    """values: name → plain value. consents: field → level as said. lines: sheet → {row id: {column: plain value}}."""

    values: dict[str, Any]
    consents: dict[str, int]
    lines: dict[str, dict[int, dict[str, Any]]]


def stored_profile(organization: Organization) -> StoredProfile:
    """What is stored now, in the shape in which the form is read."""
    values: dict[str, Any] = {
        "name": organization.name,
        "reading": organization.reading or None,
        "legal_form": organization.legal_form,
        "fields": [row.activity_field.number for row in organization.fields],
        "audiences": [row.name for row in organization.audiences],
        "areas": [row.name for row in organization.areas],
    }
    for field in BY_NAME.values():
        if field.is_column and not field.is_internal:
            values[field.name] = blank(getattr(organization, field.name))
    lines = {
        sheet.key: {
            row.id: {column.key: getattr(row, column.key) for column in sheet.columns}
            for row in getattr(organization, sheet.key)
        }
        for sheet in SHEETS
    }
    return StoredProfile(values, {row.field: int(row.level) for row in organization.consents}, lines)


def blank(value: Any) -> Any:
    """The value; None for an empty text and an empty list."""
    return None if value is None or value in ("", []) else value


def same(first: Any, second: Any) -> bool:
    """Whether two plain values say the same: nothing, an empty text and an empty list are one."""
    return bool(blank(first) == blank(second))


def mark_of(value: Any) -> str:
    """Eight signs that stand beside a cell: while its value gives the same ones, the group left it as it was."""
    return hashlib.sha256(canonical([blank(value)])).hexdigest()[:8].upper()
