"""A fiscal year as the city writes it (令和8年度), for the labels under which rows stand in the log."""

from __future__ import annotations

#: (name, the year it began in), newest first; `app.japanese.eras` holds their days, a test holds the two together.
_ERAS = (("令和", 2019), ("平成", 1989), ("昭和", 1926), ("大正", 1912), ("明治", 1868))


def year_name(fiscal_year: int | None) -> str:
    """「令和8年度」; the era of 1 May, so that 2019 is 「令和元年度」 and 1926 「大正15年度」."""
    for name, first in _ERAS:
        started = first + (1 if first in (1926, 1912) else 0)  # these two began after 1 May
        if fiscal_year is not None and fiscal_year >= started:
            number = fiscal_year - first + 1
            return f"{name}{'元' if number == 1 else number}年度"
    return f"{fiscal_year}年度"
