"""How complete a group's profile is: a level from the five items of §実践編1(3), and what is missing by name.

The table CRITERIA is the whole rule; screens print it as it is. It is in the manner of CANPAN's and おんぽ's disclosure
levels: a level is reached when all that it and the levels below it ask for is there. What a reader may not read does not
count for that reader, so that the level tells nothing of what is closed. Freshness is another question (`freshness`).
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

from app.directory.fields import BY_NAME, Item, Kept
from models.directory import Organization


class Level(enum.IntEnum):
    """Levels, lowest first."""

    NAME = 0
    BASIC = 1
    ACTIVE = 2
    ORDERED = 3
    OPEN = 4
    FULL = 5

    @property
    def label(self) -> str:
        """As screens name it."""
        return ("名称のみ", "基本", "活動が分かる", "体制が分かる", "財政が分かる", "五つの項目がそろう")[self.value]


@dataclasses.dataclass(frozen=True)
class Criterion:
    """One thing that a level asks for: any of `fields` is filled. The first is where it is entered."""

    level: Level
    item: Item
    wording: str
    fields: tuple[str, ...]

    @property
    def label(self) -> str:
        """What is missing, by name: 「活動目的」, 「定例の活動日・主な活動場所」."""
        return "・".join(dict.fromkeys(BY_NAME[name].label for name in self.fields if not name.endswith("_file")))


_P, _R, _A, _F, _O = Item.PURPOSE, Item.RECORD, Item.ACTIVITY, Item.FINANCE, Item.ORGANIZATION
CRITERIA: tuple[Criterion, ...] = (
    Criterion(Level.BASIC, _P, "活動目的が書いてある", ("purpose",)),
    Criterion(Level.BASIC, _R, "主な活動が書いてある", ("activities",)),
    Criterion(Level.BASIC, _A, "活動分野を選んである", ("fields",)),
    Criterion(Level.BASIC, _A, "活動地域を選んである", ("areas",)),
    Criterion(Level.ACTIVE, _P, "設立年が入っている", ("founded_year",)),
    Criterion(Level.ACTIVE, _A, "対象を選んである", ("audiences",)),
    Criterion(Level.ACTIVE, _A, "定例の活動日か場所が書いてある", ("regular_day", "regular_place")),
    Criterion(Level.ACTIVE, _A, "会員数が入っている", ("member_count", "member_counts")),
    Criterion(Level.ORDERED, _P, "設立のきっかけが書いてある", ("founding_reason",)),
    Criterion(Level.ORDERED, _R, "活動の記録が1件以上ある", ("activity_records",)),
    Criterion(Level.ORDERED, _A, "公益性が書いてある", ("public_interest",)),
    Criterion(Level.ORDERED, _A, "非営利性が書いてある", ("non_profit",)),
    Criterion(Level.ORDERED, _O, "規約・会則がある", ("bylaws", "bylaws_file")),
    Criterion(Level.OPEN, _F, "決算が1年度分以上ある", ("statements", "statement_file")),
    Criterion(Level.OPEN, _F, "経理処理の方法が書いてある", ("bookkeeping",)),
    Criterion(Level.OPEN, _O, "情報公開のしかたが書いてある", ("disclosure",)),
    Criterion(Level.OPEN, _O, "事業計画が書いてある", ("plans",)),
    Criterion(Level.FULL, _P, "活動方針が書いてある", ("policy",)),
    Criterion(Level.FULL, _A, "自発性が書いてある", ("voluntariness",)),
    Criterion(Level.FULL, _A, "年度ごとの会員数がある", ("member_counts",)),
    Criterion(Level.FULL, _F, "監査の方法が書いてある", ("audit_method",)),
    Criterion(Level.FULL, _F, "財政の健全性が書いてある", ("soundness",)),
    Criterion(Level.FULL, _O, "自立性が書いてある", ("independence",)),
    Criterion(Level.FULL, _O, "将来性が書いてある", ("prospects",)),
)


@dataclasses.dataclass(frozen=True)
class ItemState:
    """One of the five items: how many of its criteria are met, and which are not."""

    item: Item
    met: int
    total: int
    missing: tuple[Criterion, ...]


@dataclasses.dataclass(frozen=True)
class Assessment:
    """What a profile reaches. `missing`: all that is not met, lowest level first."""

    level: Level
    items: tuple[ItemState, ...]
    missing: tuple[Criterion, ...]


def assess(filled: Iterable[str]) -> Assessment:
    """The level, item by item, of a profile of which these fields are filled (and open to the reader)."""
    there = frozenset(filled)
    missing = tuple(one for one in CRITERIA if not there.intersection(one.fields))
    lowest = min((int(one.level) for one in missing), default=Level.FULL + 1)
    items = []
    for item in Item:
        asked = [one for one in CRITERIA if one.item is item]
        gaps = tuple(one for one in asked if one in missing)
        items.append(ItemState(item, len(asked) - len(gaps), len(asked), gaps))
    return Assessment(Level(lowest - 1), tuple(items), missing)


def filled_fields(organization: Organization, files: Iterable[str] = ()) -> frozenset[str]:
    """The fields of one record that hold something. `files`: the file fields of which there is a paper."""
    found = {name for name, field in BY_NAME.items() if field.kept is not Kept.FILE and _holds(organization, name)}
    return frozenset(found.union(files))


def _holds(organization: Organization, name: str) -> bool:
    value = getattr(organization, name)
    return value is not None and value != "" and value != []
