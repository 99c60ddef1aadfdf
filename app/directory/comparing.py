"""Up to five groups side by side on the five items of §実践編1(3), each as the reader's level may see it.

A group is its whole identity: what its record leaves blank is told by those that were merged into it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.directory.consent import is_open
from app.directory.editions import PROFILE_OPTIONS
from app.directory.fields import Item, Kept, fields_of
from app.directory.identity import cluster_ids
from app.directory.profile_texts import text_of_field
from app.japanese.dates import format_fiscal_year
from app.japanese.money import format_yen
from app.problems import Invalid
from models.directory import Organization

MOST = 5
#: Of what is kept by year, so many of the newest lines stand in a column.
NEWEST = 5
#: What stands where a field is closed to the reader, whether it is filled or not.
CLOSED = "(公開されていません)"


@dataclasses.dataclass(frozen=True)
class Line:
    """One field across the groups; `texts` in their order, "" where nothing is written."""

    label: str
    texts: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The groups, what identifies them, and the five items with their fields."""

    organizations: list[Organization]
    identity: list[Line]
    items: list[tuple[Item, list[Line]]]


def compare(session: Session, actor: Actor, ids: Sequence[int]) -> Comparison:
    """The groups of these ids that the actor may see, in the given order. Raises Invalid for more than five."""
    actor.require(Permission.ORGANIZATION_COMPARE)
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise Invalid(f"比べられるのは{MOST}団体までです。いま{len(wanted)}団体を選んでいます。")
    query = scoped(Organization, actor).options(*PROFILE_OPTIONS)
    found = {one.id: one for one in session.scalars(query.where(Organization.id.in_(wanted)))}
    groups = [found[number] for number in wanted if number in found]
    clusters = {one.id: cluster_ids(session, one.id) - {one.id} for one in groups}
    others = {key for cluster in clusters.values() for key in cluster}
    joined = session.scalars(query.where(Organization.id.in_(others)).order_by(Organization.id)).all() if others else ()
    bodies = [[one, *(other for other in joined if other.id in clusters[one.id])] for one in groups]
    level = level_of(actor)

    def line(name: str, label: str) -> Line:
        return Line(label, tuple(_told(records, name, level) for records in bodies))

    return Comparison(
        organizations=groups,
        identity=[
            Line("種別", tuple(one.kind.label for one in groups)),
            Line("法人格", tuple(one.legal_form or "" for one in groups)),
        ],
        items=[
            (item, [line(field.name, field.label) for field in fields_of(item) if field.kept is not Kept.FILE])
            for item in Item
        ],
    )


def _told(records: Sequence[Organization], name: str, level: int) -> str:
    """A field of one body as it fits into a narrow column: lines by year of all its records, else the first text."""
    readable = [one for one in records if is_open(one, name, level)]
    teller = _SHORT.get(name)
    if teller is None:
        text = next((text for one in readable if (text := text_of_field(one, name))), "")
    else:
        rows = [row for one in readable for row in getattr(one, name)]
        rows.sort(key=lambda row: -row.fiscal_year)
        lines = [teller(row) for row in rows[:NEWEST]]
        text = "\n".join([*lines, *([f"ほか{len(rows) - NEWEST}件"] if len(rows) > NEWEST else [])])
    return text or (CLOSED if len(readable) < len(records) else "")


def _record(row: Any) -> str:
    told = [f"{row.participant_count:,}人" if row.participant_count is not None else "", row.partner or ""]
    more = "、".join(part for part in told if part)
    return f"{format_fiscal_year(row.fiscal_year)} {row.heading}" + (f"({more})" if more else "")


def _statement(row: Any) -> str:
    lines = [
        format_fiscal_year(row.fiscal_year),
        f"収入 {format_yen(row.income_yen)}",
        f"支出 {format_yen(row.expenditure_yen)}" + ("(収入を超過)" if row.is_deficit else ""),
    ]
    if row.carried_forward_yen is not None:
        lines.append(f"繰越 {format_yen(row.carried_forward_yen)}")
    return "\n".join(lines)


def _member_count(row: Any) -> str:
    return f"{format_fiscal_year(row.fiscal_year)} {row.members:,}人"


_SHORT: dict[str, Callable[[Any], str]] = {
    "activity_records": _record,
    "statements": _statement,
    "member_counts": _member_count,
}
