"""The fields of a group's profile as people read them: for print, export and comparison. Who may read them is asked before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.directory.fields import BY_NAME, Kept, ProfileField
from app.japanese.dates import format_fiscal_year
from app.japanese.money import format_yen
from models.directory import Organization

#: Lines by year that are told at most: the newest.
MAX_LINES = 8


def text_of_field(organization: Organization, name: str) -> str:
    """A field in words; "" when it is empty. Files are not told."""
    field = BY_NAME[name]
    if field.kept is Kept.FILE:
        return ""
    value = getattr(organization, name)
    if value is None or value == "" or value == []:
        return ""
    teller = _TELLERS.get(name)
    return teller(value) if teller else _plain(field, value)


def _plain(field: ProfileField, value: Any) -> str:
    if field.kept is Kept.NUMBER:
        unit = "年" if field.name == "founded_year" else "人"
        return f"{value}{unit}" if field.name == "founded_year" else f"{value:,}{unit}"
    return str(value)


def _named(rows: Any) -> str:
    return "、".join(row.name for row in sorted(rows, key=lambda row: (row.position, row.id)))


def _fields(rows: Any) -> str:
    return "、".join(f"{row.activity_field.number} {row.activity_field.name}" for row in rows)


def _records(rows: Any) -> str:
    return "\n".join(_record(row) for row in rows[:MAX_LINES])


def _record(row: Any) -> str:
    more = [row.description, f"参加{row.participant_count:,}人" if row.participant_count is not None else None]
    more.append(f"{row.partner}と協働" if row.partner else None)
    told = " ".join(part for part in more if part)
    return f"{format_fiscal_year(row.fiscal_year)} {row.heading}" + (f"({told})" if told else "")


def _statements(rows: Any) -> str:
    return "\n".join(_statement(row) for row in rows[:MAX_LINES])


def _statement(row: Any) -> str:
    words = f"{format_fiscal_year(row.fiscal_year)} 収入 {format_yen(row.income_yen)} 支出 {format_yen(row.expenditure_yen)}"
    if row.carried_forward_yen is not None:
        words += f" 次年度への繰越 {format_yen(row.carried_forward_yen)}"
    return words + ("(支出が収入を上回っています)" if row.is_deficit else "")


def _members(rows: Any) -> str:
    return "\n".join(f"{format_fiscal_year(row.fiscal_year)} {row.members:,}人" for row in rows[:MAX_LINES])


_TELLERS: dict[str, Callable[[Any], str]] = {
    "fields": _fields,
    "audiences": _named,
    "areas": _named,
    "activity_records": _records,
    "statements": _statements,
    "member_counts": _members,
}
