"""Up to five groups side by side on the five items of §実践編1(3), each as the reader's level may see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.directory.consent import open_fields
from app.directory.editions import PROFILE_OPTIONS
from app.directory.fields import Item, Kept, fields_of
from app.directory.profile_texts import text_of_field
from app.problems import Invalid
from models.directory import Organization

MOST = 5
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
    query = scoped(Organization, actor).where(Organization.id.in_(wanted)).options(*PROFILE_OPTIONS)
    found = {one.id: one for one in session.scalars(query)}
    groups = [found[number] for number in wanted if number in found]
    level = level_of(actor)
    is_open = [open_fields(one, level) for one in groups]

    def line(name: str, label: str) -> Line:
        return Line(
            label,
            tuple(
                text_of_field(one, name) if name in allowed else CLOSED
                for one, allowed in zip(groups, is_open, strict=True)
            ),
        )

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
