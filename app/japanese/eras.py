"""The Japanese eras (元号): their first and last days and how they are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Era:
    """One era. The day on which an era changed in 1912 and 1926 belongs to both."""

    name: str
    letter: str
    first: dt.date
    last: dt.date

    def year_label(self, western_year: int) -> str:
        """「令和元」「令和8」."""
        year = western_year - self.first.year + 1
        return f"{self.name}{'元' if year == 1 else year}"


#: Newest first. Source: 明治改元の詔, 登極令, 元号法 and its cabinet orders.
ERAS: tuple[Era, ...] = (
    Era("令和", "R", dt.date(2019, 5, 1), dt.date.max),
    Era("平成", "H", dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    Era("昭和", "S", dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
    Era("大正", "T", dt.date(1912, 7, 30), dt.date(1926, 12, 25)),
    Era("明治", "M", dt.date(1868, 1, 25), dt.date(1912, 7, 30)),
)

#: What is folded to the name of an era: its name, its letter, its one-character abbreviation.
BY_SIGN: dict[str, Era] = {sign: era for era in ERAS for sign in (era.name, era.letter, era.name[0])}

#: Those signs as a regular expression, for text in upper case.
SIGN = "|".join(BY_SIGN)


def era_of(date: dt.date) -> Era:
    """The era of a day; the newer one on a day of change. Raises ValueError before 明治."""
    for era in ERAS:
        if date >= era.first:
            return era
    raise ValueError(f"no era before Meiji: {date}")


def era_day_label(date: dt.date) -> str:
    """「令和元年5月1日」."""
    return f"{era_of(date).year_label(date.year)}年{date.month}月{date.day}日"
