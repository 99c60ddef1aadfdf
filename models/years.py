"""Fiscal years and days as the city writes them (令和8年度), for the labels under which rows stand in the log."""

from __future__ import annotations

import datetime as dt

#: (name, first day), newest first; `app.japanese.eras` holds all that is known of them, a test holds the two together.
_ERAS = (
    ("令和", dt.date(2019, 5, 1)),
    ("平成", dt.date(1989, 1, 8)),
    ("昭和", dt.date(1926, 12, 25)),
    ("大正", dt.date(1912, 7, 30)),
    ("明治", dt.date(1868, 1, 25)),
)


def year_name(fiscal_year: int | None) -> str:
    """「令和8年度」; the era of 1 May, so that 2019 is 「令和元年度」 and 1926 「大正15年度」."""
    return f"{_year(dt.date(fiscal_year, 5, 1))}年度" if fiscal_year is not None else "年度未定"


def day_name(day: dt.date | None) -> str:
    """「令和8年7月1日」."""
    return f"{_year(day)}年{day.month}月{day.day}日" if day is not None else "日付未定"


def _year(day: dt.date) -> str:
    for name, first in _ERAS:
        if day >= first:
            number = day.year - first.year + 1
            return f"{name}{'元' if number == 1 else number}"
    return str(day.year)
