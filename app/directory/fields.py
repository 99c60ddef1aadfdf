"""The one table of profile fields: name, label, which of the five items of §実践編1(3), its usual level, how it is kept.

The level is up to whom a field is open while the group has said nothing: what groups hand in for むすぶ is read by
everybody who signs in, the inner working by city staff, contacts by the centre alone. Printing and publishing takes
more: a consent on record (`app.directory.consent.may_publish`).
"""

from __future__ import annotations

import dataclasses
import enum

from models.base import LabelledEnum
from models.directory_profile import ConsentLevel, field_label

PUBLIC, STAFF, CENTER = ConsentLevel.PUBLIC, ConsentLevel.STAFF, ConsentLevel.CENTER


class Item(LabelledEnum):
    """The five items that the handbook asks for when a partner is chosen (§実践編1(3))."""

    PURPOSE = "purpose", "活動目的"
    RECORD = "record", "活動実績"
    ACTIVITY = "activity", "活動状況"
    FINANCE = "finance", "財政状況"
    ORGANIZATION = "organization", "運営体制"


class Kept(enum.Enum):
    """How a field is kept."""

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    RELATION = "relation"
    ROWS = "rows"
    FILE = "file"


@dataclasses.dataclass(frozen=True)
class ProfileField:
    """One field. `level`: open up to there by default; `limit`: characters."""

    name: str
    item: Item | None
    level: ConsentLevel
    kept: Kept
    limit: int = 0
    is_contact: bool = False
    #: Never printed, whatever its level: notes of the centre.
    is_internal: bool = False

    @property
    def label(self) -> str:
        """Its Japanese name, as declared at the column."""
        return field_label(self.name)

    @property
    def is_column(self) -> bool:
        """Whether it is a column of the group."""
        return self.kept in {Kept.TEXT, Kept.LINE, Kept.NUMBER}


def _text(name: str, item: Item | None, level: ConsentLevel, limit: int = 10_000) -> ProfileField:
    return ProfileField(name, item, level, Kept.TEXT, limit)


def _contact(name: str, limit: int) -> ProfileField:
    return ProfileField(name, None, CENTER, Kept.LINE, limit, is_contact=True)


#: In the order of the page. Name, reading, kind and legal form are always open: they are the group's identity.
FIELDS: tuple[ProfileField, ...] = (
    _text("purpose", Item.PURPOSE, PUBLIC),
    _text("policy", Item.PURPOSE, PUBLIC),
    _text("founding_reason", Item.PURPOSE, PUBLIC),
    ProfileField("founded_year", Item.PURPOSE, PUBLIC, Kept.NUMBER),
    _text("activities", Item.RECORD, PUBLIC),
    ProfileField("activity_records", Item.RECORD, PUBLIC, Kept.ROWS),
    ProfileField("fields", Item.ACTIVITY, PUBLIC, Kept.RELATION),
    ProfileField("audiences", Item.ACTIVITY, PUBLIC, Kept.RELATION),
    ProfileField("areas", Item.ACTIVITY, PUBLIC, Kept.RELATION),
    ProfileField("regular_day", Item.ACTIVITY, PUBLIC, Kept.LINE, 200),
    ProfileField("regular_place", Item.ACTIVITY, PUBLIC, Kept.LINE, 200),
    ProfileField("member_count", Item.ACTIVITY, PUBLIC, Kept.NUMBER),
    ProfileField("member_count_in_city", Item.ACTIVITY, STAFF, Kept.NUMBER),
    ProfileField("member_counts", Item.ACTIVITY, STAFF, Kept.ROWS),
    _text("public_interest", Item.ACTIVITY, STAFF),
    _text("non_profit", Item.ACTIVITY, STAFF),
    _text("voluntariness", Item.ACTIVITY, STAFF),
    ProfileField("statements", Item.FINANCE, STAFF, Kept.ROWS),
    _text("bookkeeping", Item.FINANCE, STAFF),
    _text("audit_method", Item.FINANCE, STAFF),
    _text("soundness", Item.FINANCE, STAFF),
    ProfileField("statement_file", Item.FINANCE, CENTER, Kept.FILE),
    ProfileField("bylaws", Item.ORGANIZATION, STAFF, Kept.LINE, 300),
    ProfileField("bylaws_file", Item.ORGANIZATION, CENTER, Kept.FILE),
    _text("disclosure", Item.ORGANIZATION, STAFF),
    _text("plans", Item.ORGANIZATION, STAFF),
    _text("independence", Item.ORGANIZATION, STAFF),
    _text("prospects", Item.ORGANIZATION, STAFF),
    _text("pr", None, PUBLIC, 2_000),
    ProfileField("flyer_file", None, PUBLIC, Kept.FILE),
    ProfileField("web", None, PUBLIC, Kept.LINE, 300),
    _text("sns", None, PUBLIC, 1_000),
    _contact("representative", 100),
    _contact("contact_person", 100),
    _contact("address", 300),
    _contact("phone", 60),
    _contact("fax", 60),
    _contact("email", 254),
    ProfileField("other_file", None, CENTER, Kept.FILE),
    ProfileField("note", None, CENTER, Kept.TEXT, 10_000, is_internal=True),
)

BY_NAME: dict[str, ProfileField] = {field.name: field for field in FIELDS}
COLUMNS: tuple[ProfileField, ...] = tuple(field for field in FIELDS if field.is_column)
CONTACTS: tuple[ProfileField, ...] = tuple(field for field in FIELDS if field.is_contact)
FILES: tuple[ProfileField, ...] = tuple(field for field in FIELDS if field.kept is Kept.FILE)


def fields_of(item: Item | None) -> list[ProfileField]:
    """The fields of one of the five items (None: those of none), in the order of the page."""
    return [field for field in FIELDS if field.item is item]
