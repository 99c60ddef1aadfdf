"""What matching knows of a talent and of a request: plain values, no database (issue of こだいら人財の森, contract)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.week import PARTS_OF_DAY, WEEKDAYS
from models.week import TIMES as TIMES

#: An id as its source writes it: a database id, or whatever stands in a JSON record.
Key = int | str

ANYWHERE = "市内全域"
ONLINE = "オンライン"
EVERYBODY = "だれでも"
ADULTS = "大人"
#: Whom a talent for 大人 serves too; not the other way round.
WITHIN_ADULTS = frozenset({"高齢者", "若者", "子育て世代"})
AUDIENCES = (
    "乳幼児", "小学生", "中高生", "若者", "子育て世代", ADULTS, "高齢者", "障がいのある人", "外国人", "団体", EVERYBODY,
)  # fmt: skip


class Reward(enum.IntEnum):
    """What is asked or offered, in steps: two steps apart cannot be bridged."""

    NOTHING = 0
    FARE = 1
    FEE = 2


REWARDS = {"無償": Reward.NOTHING, "交通費": Reward.FARE, "有償": Reward.FEE}


@dataclass(frozen=True)
class TalentFacts:
    """A person or a group that offers something.

    The first ten are the JSON contract. The others come from the records; their defaults count as fulfilled.
    `fields` are numbers of the 20 fields (unknown ones as written), `availability` codes of TIMES.
    """

    id: Key
    kind: str = "person"
    name: str = ""
    fields: tuple[Key, ...] = ()
    skills: tuple[str, ...] = ()
    description: str = ""
    audiences: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    reward: str = ""
    is_active: bool = True
    is_consented: bool = True
    is_valid: bool = True
    #: Places still free for engagements; None: no limit is recorded.
    free_places: int | None = None
    #: Times of the week that engagements already take: they are not offered again.
    taken_times: frozenset[str] = frozenset()
    #: What the record vouches for, e.g. {"18歳以上", "保険加入"}; compared with RequestFacts.required.
    guarantees: frozenset[str] = frozenset()
    #: How often this talent was approached lately: fair rotation puts equals with fewer first.
    recent_approaches: int = 0
    #: Mean of past outcomes from 0 (bad) to 1 (good); None: no past.
    past_outcome: float | None = None

    @property
    def free_times(self) -> frozenset[str]:
        """The times offered that no engagement takes yet."""
        return frozenset(self.availability) - self.taken_times


@dataclass(frozen=True)
class RequestFacts:
    """What a group needs. The first eleven are the JSON contract; `area` is one 町名, 市内全域 or オンライン."""

    id: Key
    organization: str = ""
    title: str = ""
    description: str = ""
    fields: tuple[Key, ...] = ()
    skills_wanted: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    area: str = ""
    times: tuple[str, ...] = ()
    reward_offered: str = ""
    headcount: int = 1
    #: What the city requires of whoever comes, e.g. {"18歳以上"}.
    required: frozenset[str] = frozenset()
    #: Talents that said no to this very request.
    declined_by: frozenset[Key] = frozenset()


def times_in_words(codes: Iterable[str]) -> str:
    """「土曜午前・日曜午後」 in the week's order; unknown codes as written, at the end."""
    given = set(codes)
    known = [words for code, words in TIMES.items() if code in given]
    return "・".join([*known, *sorted(given - set(TIMES))])


def times_in_short(codes: Iterable[str]) -> str:
    """The same by part of the day, for lists and columns: 「月〜金の午前・午後、土日の夜間」; up to two times as they are."""
    given = set(codes)
    if len(given) <= 2:
        return times_in_words(given)
    parts: dict[str, list[str]] = {}
    for part, words in PARTS_OF_DAY.items():
        if days := _days_in_short([day for day in WEEKDAYS if f"{day}-{part}" in given]):
            parts.setdefault(days, []).append(words)
    return "、".join([*(f"{days}の{'・'.join(words)}" for days, words in parts.items()), *sorted(given - set(TIMES))])


def _days_in_short(days: Sequence[str]) -> str:
    """「毎日」「月〜金」「月水土」 of codes in the week's order; three and more in a row are drawn together."""
    if len(days) == len(WEEKDAYS):
        return "毎日"
    order = list(WEEKDAYS)
    runs: list[list[str]] = []
    for day in days:
        if runs and order.index(day) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [[WEEKDAYS[day][0] for day in run] for run in runs]
    return "".join(f"{run[0]}〜{run[-1]}" if len(run) > 2 else "".join(run) for run in names)
