"""The five items of 実践編1(3) for several groups side by side, from what the reader may read of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.directory.completeness import assess, filled_fields
from app.directory.consent import open_fields
from app.directory.fields import BY_NAME, FIELDS, Item, Kept, ProfileField
from app.japanese.dates import format_fiscal_year
from app.japanese.money import format_yen
from models.directory import Organization

#: Longer texts are shown by their beginning; the whole stands on the group's page.
_MOST = 160
_MOST_ROWS = 5


@dataclass(frozen=True)
class ItemEvidence:
    """One item of one group: what is written (label, text), how much of what is asked for is there, what is missing."""

    item: Item
    found: tuple[tuple[str, str], ...]
    met: int
    total: int
    missing: tuple[str, ...]


def evidence_of(organization: Organization, level: int, projects: Sequence[tuple[int, str]] = ()) -> list[ItemEvidence]:
    """The five items, in the handbook's order."""
    is_open = open_fields(organization, level)
    states = {state.item: state for state in assess(filled_fields(organization) & is_open).items}
    found = []
    for item in Item:
        rows = [
            (field.label, text)
            for field in FIELDS
            if field.item is item and field.name in is_open and (text := _told(organization, field))
        ]
        if item is Item.RECORD and projects:
            rows.append(("市との協働", _rows([f"{format_fiscal_year(year)} {name}" for year, name in projects])))
        state = states[item]
        missing = tuple(dict.fromkeys(BY_NAME[criterion.fields[0]].label for criterion in state.missing))
        found.append(ItemEvidence(item, tuple(rows), state.met, state.total, missing))
    return found


def _told(organization: Organization, field: ProfileField) -> str:
    value = None if field.kept is Kept.FILE else getattr(organization, field.name)
    if value is None or value == "" or value == []:
        return ""
    if field.name == "statements":
        return _rows(
            [
                f"{format_fiscal_year(row.fiscal_year)} 収入{format_yen(row.income_yen)} 支出{format_yen(row.expenditure_yen)}"
                for row in value
            ]
        )
    if field.name == "activity_records":
        return _rows([f"{format_fiscal_year(row.fiscal_year)} {row.heading}" for row in value])
    if field.name == "member_counts":
        return _rows([f"{format_fiscal_year(row.fiscal_year)} {row.members}人" for row in value])
    if field.name == "fields":
        return "、".join(row.activity_field.name for row in value)
    if field.kept is Kept.RELATION:
        return "、".join(str(row.name) for row in value)
    if field.name in ("member_count", "member_count_in_city"):
        return f"{value}人"
    if field.name == "founded_year":
        return f"{value}年"
    text = str(value)
    return text if len(text) <= _MOST else text[:_MOST] + "…"


def _rows(lines: list[str]) -> str:
    more = f" ほか{len(lines) - _MOST_ROWS}件" if len(lines) > _MOST_ROWS else ""
    return "、".join(lines[:_MOST_ROWS]) + more
