"""Dates and fiscal years as people type them (西暦・和暦) and as they are shown."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from zoneinfo import ZoneInfo

import jpholiday

from app.japanese.eras import BY_SIGN, SIGN, Era, era_day_label, era_of

TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS = "月火水木金土日"
_FIRST_YEAR, _LAST_YEAR = 1868, 2199
_EXAMPLE = "「令和8年7月1日」「R8.7.1」「2026-07-01」のように入力してください。"

_DAY = re.compile(
    rf"(?P<era>{SIGN})?(?P<year>\d{{1,4}}|元)(?:(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
    r"|年(?P<month2>\d{1,2})月(?P<day2>\d{1,2})日)"
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_TAIL = re.compile(r"(?:\((?P<weekday>[月火水木金土日])(?:曜日?|・祝)?\)|(?P<weekday2>[月火水木金土日])曜日?)$")
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?$")
_FISCAL_YEAR = re.compile(rf"(?P<era>{SIGN})?(?P<year>\d{{1,4}}|元)(?:年度?)?")


class DateError(ValueError):
    """A date or a fiscal year that cannot be read; the message is a sentence for the person who typed it."""


def parse_date(text: str, *, today: dt.date | None = None) -> dt.date:
    """A day typed in any usual way: 2026-07-01, 2026/7/1, 20260701, R8.7.1, 令和8年7月1日(水), full width too.

    today: for the example in messages. Raises DateError, also for days that do not exist, that lie outside their era
    (平成31年5月1日) or whose weekday is another.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        raise DateError(f"日付が入力されていません。{_EXAMPLE}")
    shown = typed if len(typed) <= 30 else typed[:30] + "…"
    compact = _MIDNIGHT.sub("", re.sub(r"\s+", " ", typed.upper())).replace(" ", "")
    weekday = _TAIL.search(compact)
    compact = _TAIL.sub("", compact)
    match = _DAY.fullmatch(compact) or _COMPACT.fullmatch(compact)
    if match is None:
        raise DateError(_why_unreadable(compact, shown, today or today_in_tokyo()))
    parts = match.groupdict()
    era = BY_SIGN[parts["era"]] if parts.get("era") else None
    month, day = parts["month"] or parts["month2"], parts["day"] or parts["day2"]
    date = _existing(_western_year(era, parts["year"], shown), int(month), int(day), shown)
    if era is not None and not era.first <= date <= era.last:
        raise DateError(_outside(era, date, shown))
    if weekday and date.weekday() != _WEEKDAYS.index(weekday["weekday"] or weekday["weekday2"]):
        raise DateError(f"「{shown}」の曜日が合いません。{format_date(date)}です。日付と曜日を確かめてください。")
    return date


def _western_year(era: Era | None, year: str, shown: str) -> int:
    if era is None:
        if year == "元" or len(year) < 4:
            raise DateError(f"「{shown}」は西暦か和暦か分かりません。西暦は4桁で、和暦は元号を付けて、{_EXAMPLE}")
        western = int(year)
    else:
        number = 1 if year == "元" else int(year)
        if number == 0:
            raise DateError(f"「{shown}」の年がありません。{era.name}は元年からです。{_EXAMPLE}")
        western = era.first.year + number - 1
    if not _FIRST_YEAR <= western <= _LAST_YEAR:
        raise DateError(f"「{shown}」の年は扱えません。{_FIRST_YEAR}年から{_LAST_YEAR}年までで入力してください。")
    return western


def _existing(year: int, month: int, day: int, shown: str) -> dt.date:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        what = f"{year}年{month}月に{day}日" if 1 <= month <= 12 else f"{month}月という月"
        raise DateError(f"「{shown}」はありません({what}はありません)。正しい日付を入力してください。") from None
    if date < dt.date(1868, 1, 25):
        raise DateError(f"「{shown}」は扱えません。明治元年(1868年1月25日)以後の日付を入力してください。")
    return date


def _outside(era: Era, date: dt.date, shown: str) -> str:
    edge = f"{era.last.month}月{era.last.day}日まで" if date > era.last else f"{era.first.month}月{era.first.day}日から"
    year = era.year_label((era.last if date > era.last else era.first).year)
    return f"「{shown}」はありません。{era.name}は{year}年{edge}です。{era_day_label(date)}と入力してください。"


def _why_unreadable(compact: str, shown: str, today: dt.date) -> str:
    if "年度" in compact:
        return f"「{shown}」は年度です。日付を{_EXAMPLE}"
    if month_day := re.fullmatch(r"(\d{1,2})(?:月(\d{1,2})日|[-/.](\d{1,2}))", compact):
        example = f"{era_of(today).year_label(today.year)}年{month_day[1]}月{month_day[2] or month_day[3]}日"
        return f"「{shown}」には年がありません。「{example}」のように年から入力してください。"
    if re.fullmatch(rf"(?:{SIGN})?(?:\d+|元)(?:年(?:\d{{1,2}}月)?|[-/.]\d{{1,2}})", compact):
        return f"「{shown}」には日がありません。年月日をすべて、{_EXAMPLE}"
    if re.search(r"\d:\d\d", compact):
        return f"「{shown}」には時刻が付いています。日付だけを{_EXAMPLE}"
    return f"「{shown}」は日付として読めません。{_EXAMPLE}"


def format_date(date: dt.date, *, weekday: bool = True) -> str:
    """「令和8年7月1日(水)」."""
    return era_day_label(date) + (f"({_WEEKDAYS[date.weekday()]})" if weekday else "")


def format_datetime(moment: dt.datetime, *, weekday: bool = True) -> str:
    """An aware moment in Tokyo's time: 「令和8年7月1日(水)9時05分」. Raises ValueError when it is naive."""
    local = to_tokyo(moment)
    return f"{format_date(local.date(), weekday=weekday)}{local.hour}時{local.minute:02}分"


def to_tokyo(moment: dt.datetime) -> dt.datetime:
    """The same moment in Tokyo's time. Raises ValueError when it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(TOKYO)


def today_in_tokyo() -> dt.date:
    """The day it is in Japan now."""
    return dt.datetime.now(TOKYO).date()


def fiscal_year_of(date: dt.date) -> int:
    """The year in which the fiscal year (年度) of a day begins: 2026-03-31 → 2025."""
    return date.year if date.month >= 4 else date.year - 1


def fiscal_year_bounds(fiscal_year: int) -> tuple[dt.date, dt.date]:
    """Its first and last day: 1 April and 31 March."""
    return dt.date(fiscal_year, 4, 1), dt.date(fiscal_year + 1, 3, 31)


def format_fiscal_year(fiscal_year: int) -> str:
    """「平成30年度」; 2019 is 「令和元年度」, as the cities call it."""
    era = era_of(dt.date(fiscal_year, 5, 1))
    return f"{era.year_label(fiscal_year)}年度"


def parse_fiscal_year(value: str | int) -> int:
    """2018, 「2018年度」「平成30年度」「H30」「R元年度」 → the year it begins in; 平成31年度 is 2019. Raises DateError."""
    typed = unicodedata.normalize("NFKC", str(value)).strip()
    shown = typed if len(typed) <= 30 else typed[:30] + "…"
    example = "「令和8年度」「R8」「2026」のように入力してください。"
    if not typed:
        raise DateError(f"年度が入力されていません。{example}")
    match = _FISCAL_YEAR.fullmatch(re.sub(r"\s+", "", typed.upper()))
    if match is None:
        raise DateError(f"「{shown}」は年度として読めません。{example}")
    era = BY_SIGN[match["era"]] if match["era"] else None
    year = _western_year(era, match["year"], shown)
    first, last = fiscal_year_bounds(year)
    if era is not None and (last < era.first or first > era.last):
        raise DateError(f"「{shown}」はありません。{format_fiscal_year(year)}と入力してください。")
    return year


def is_business_day(date: dt.date) -> bool:
    """Whether the city hall is open: no weekend, no holiday, not 29 December to 3 January."""
    is_year_end = (date.month, date.day) in {
        (12, 29),
        (12, 30),
        (12, 31),
        (1, 1),
        (1, 2),
        (1, 3),
    }
    return date.weekday() < 5 and not is_year_end and not jpholiday.is_holiday(date)


def business_day_from(date: dt.date) -> dt.date:
    """`date` itself when the city hall is open, else the next day on which it is (a due date moves so)."""
    while not is_business_day(date):
        date += dt.timedelta(days=1)
    return date


def next_business_day(date: dt.date) -> dt.date:
    """The first day after `date` on which the city hall is open."""
    return business_day_from(date + dt.timedelta(days=1))
