"""The labels of rows write fiscal years and days as the screens do."""

from __future__ import annotations

import datetime as dt

from app.japanese.dates import format_date, format_fiscal_year
from models.years import day_name, year_name


def test_labels_write_every_fiscal_year_as_the_screens_do() -> None:
    years = range(1869, 2200)
    assert [year_name(year) for year in years] == [format_fiscal_year(year) for year in years]


def test_labels_write_days_as_the_screens_do() -> None:
    days = [dt.date(1868, 1, 25) + dt.timedelta(days=step) for step in range(0, 120_000, 7)]
    days += [dt.date(2019, 4, 30), dt.date(2019, 5, 1), dt.date(1989, 1, 7), dt.date(1989, 1, 8), dt.date(1926, 12, 25)]
    assert [day_name(day) for day in days] == [format_date(day, weekday=False) for day in days]
    assert (year_name(None), day_name(None)) == ("年度未定", "日付未定")
