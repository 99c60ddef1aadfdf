"""Dates and fiscal years: typed either way, shown one way, refused with a sentence."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.japanese import dates
from app.japanese.dates import DateError, format_date, parse_date, parse_fiscal_year

DAY = dt.date(2026, 7, 1)
DAYS = st.dates(dt.date(1868, 1, 25), dt.date(2199, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2026-07-01",
        "2026/7/1",
        "2026.7.1",
        "20260701",
        "R8.7.1",
        "r8/7/1",
        "R08-07-01",
        "令8.7.1",
        "令和8年7月1日",
        "令和８年７月１日",
        "２０２６／７／１",
        "2026年7月1日",
        "令和8年7月1日(水)",
        "令和8年7月1日（水）",
        "令和8年7月1日水曜日",
        " 令和 8年 7月 1日 ",
        "2026-07-01T00:00",
        "2026-07-01 00:00:00",
        "㋿8年7月1日",
    ],
)
def test_a_day_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_date(typed) == DAY


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("令和1年5月1日", dt.date(2019, 5, 1)),
        ("平成31年4月30日", dt.date(2019, 4, 30)),
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("平成元年1月8日", dt.date(1989, 1, 8)),
        ("大正15年12月25日", dt.date(1926, 12, 25)),
        ("昭和元年12月25日", dt.date(1926, 12, 25)),
        ("S45.2.28", dt.date(1970, 2, 28)),
        ("令和6年2月29日", dt.date(2024, 2, 29)),
    ],
)
def test_eras_begin_and_end_on_their_days(typed: str, day: dt.date) -> None:
    assert parse_date(typed) == day


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "日付が入力されていません。"),
        (
            "2026-02-30",
            "「2026-02-30」はありません(2026年2月に30日はありません)。正しい日付を入力してください。",
        ),
        (
            "令和7年2月29日",
            "「令和7年2月29日」はありません(2025年2月に29日はありません)。",
        ),
        ("2026-13-01", "「2026-13-01」はありません(13月という月はありません)。"),
        (
            "平成31年5月1日",
            "「平成31年5月1日」はありません。平成は平成31年4月30日までです。令和元年5月1日と入力してください。",
        ),
        (
            "昭和64年1月8日",
            "昭和は昭和64年1月7日までです。平成元年1月8日と入力してください。",
        ),
        (
            "令和元年4月30日",
            "令和は令和元年5月1日からです。平成31年4月30日と入力してください。",
        ),
        ("令和0年4月1日", "令和は元年からです。"),
        ("平成30年度", "「平成30年度」は年度です。"),
        (
            "7月1日",
            "「7月1日」には年がありません。「令和8年7月1日」のように年から入力してください。",
        ),
        ("7/1", "「令和8年7月1日」のように年から"),
        ("2026-07", "「2026-07」には日がありません。"),
        ("令和8年7月", "には日がありません。"),
        ("令和8年", "には日がありません。"),
        ("8.7.1", "西暦か和暦か分かりません。"),
        ("元年7月1日", "西暦か和暦か分かりません。"),
        ("2026-07-01T09:30", "時刻が付いています。"),
        ("令和8年7月1日(木)", "の曜日が合いません。令和8年7月1日(水)です。"),
        ("1600-10-21", "の年は扱えません。"),
        ("令和9999年1月1日", "の年は扱えません。"),
        ("1868-01-01", "明治元年"),
        ("来週の水曜", "日付として読めません。"),
        ("2026-07/01", "日付として読めません。"),
        ("46204", "日付として読めません。"),
    ],
)
def test_what_is_no_day_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse_date(typed, today=DAY)
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith("。")


@given(DAYS)
def test_every_way_of_showing_a_day_is_read_back(day: dt.date) -> None:
    shown = [
        format_date(day),
        format_date(day, weekday=False),
        day.isoformat(),
        f"{day:%Y%m%d}",
    ]
    assert [parse_date(text) for text in shown] == [day] * 4


@given(st.text(max_size=40) | st.text(alphabet="令和平成元年月日0123456789/-.RHST(水)度 ", max_size=20))
def test_whatever_is_typed_gives_a_day_or_a_sentence(typed: str) -> None:
    for parse in (parse_date, parse_fiscal_year):
        try:
            parse(typed)  # type: ignore[operator]
        except DateError as refusal:
            assert str(refusal).endswith("。")


def test_a_moment_is_shown_in_tokyos_time() -> None:
    assert dates.format_datetime(dt.datetime(2026, 7, 1, 0, 5, tzinfo=dt.UTC)) == "令和8年7月1日(水)9時05分"
    assert dates.format_datetime(dt.datetime(2026, 6, 30, 15, 0, tzinfo=dt.UTC)) == "令和8年7月1日(水)0時00分"
    with pytest.raises(ValueError, match="time zone"):
        dates.format_datetime(dt.datetime(2026, 7, 1))  # noqa: DTZ001 (the very thing refused)


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        (2018, 2018),
        ("2018", 2018),
        ("2018年度", 2018),
        ("平成30年度", 2018),
        ("平成３０年度", 2018),
        ("H30", 2018),
        ("R元年度", 2019),
        ("令和元年度", 2019),
        ("平成31年度", 2019),
        ("令和8年", 2026),
        ("平成元年度", 1989),
        ("昭和63年度", 1988),
    ],
)
def test_a_fiscal_year_is_read_however_it_is_typed(typed: str | int, year: int) -> None:
    assert parse_fiscal_year(typed) == year


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "年度が入力されていません。"),
        ("平成32年度", "「平成32年度」はありません。令和2年度と入力してください。"),
        ("昭和64年度", "「昭和64年度」はありません。平成元年度と入力してください。"),
        ("30", "西暦か和暦か分かりません。"),
        ("平成30年4月1日", "年度として読めません。"),
    ],
)
def test_what_is_no_fiscal_year_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse_fiscal_year(typed)
    assert sentence in str(refusal.value)


@given(st.integers(1868, 2199))
def test_a_fiscal_year_is_read_back(year: int) -> None:
    assert parse_fiscal_year(dates.format_fiscal_year(year)) == year


def test_fiscal_years_run_from_april_to_march() -> None:
    assert [dates.format_fiscal_year(year) for year in (2018, 2019, 2020)] == [
        "平成30年度",
        "令和元年度",
        "令和2年度",
    ]
    assert dates.fiscal_year_bounds(2025) == (dt.date(2025, 4, 1), dt.date(2026, 3, 31))
    assert [dates.fiscal_year_of(day) for day in dates.fiscal_year_bounds(2025)] == [
        2025,
        2025,
    ]
    assert dates.fiscal_year_of(dt.date(2026, 4, 1)) == 2026


def test_the_city_hall_is_closed_on_weekends_holidays_and_at_the_turn_of_the_year() -> None:
    assert dates.next_business_day(dt.date(2026, 4, 28)) == dt.date(2026, 4, 30)  # 昭和の日
    assert dates.next_business_day(dt.date(2026, 5, 1)) == dt.date(2026, 5, 7)
    assert dates.next_business_day(dt.date(2026, 12, 28)) == dt.date(2027, 1, 4)
    assert dates.business_day_from(dt.date(2026, 7, 1)) == dt.date(2026, 7, 1)
    assert dates.business_day_from(dt.date(2026, 7, 4)) == dt.date(2026, 7, 6)
