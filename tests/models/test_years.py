"""The labels of rows write fiscal years as the screens do."""

from __future__ import annotations

from app.japanese.dates import format_fiscal_year
from models.years import year_name


def test_labels_write_every_fiscal_year_as_the_screens_do() -> None:
    years = range(1869, 2200)
    assert [year_name(year) for year in years] == [format_fiscal_year(year) for year in years]
    assert year_name(None) == "None年度"
