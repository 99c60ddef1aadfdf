"""Kinds of import column: what their cells hold, in words, and how a plain value of theirs is shown."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable
from typing import Any

from app.japanese.dates import format_date, format_fiscal_year

#: A value as an import row keeps it: text, number, flag, ISO date, [key, label] of a reference, or a list of those.
Plain = Any


class CellError(ValueError):
    """A cell that cannot be taken; the message is a sentence for the person who typed it."""


class ColumnKind(enum.StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INT = "int"
    YEN = "yen"
    DATE = "date"
    FISCAL_YEAR = "fiscal_year"
    BOOL = "bool"
    ENUM = "enum"
    REFERENCE = "reference"
    MANY = "many"


KIND_HELP = {
    ColumnKind.INT: "整数(全角の数字やコンマ付きも可)",
    ColumnKind.YEN: "金額(「1,000,000」「100万円」など。円単位の整数)",
    ColumnKind.DATE: "日付(「2026-07-01」「R8.7.1」「令和8年7月1日」など)",
    ColumnKind.FISCAL_YEAR: "年度(「2026」「R8」「令和8年度」など)",
    ColumnKind.BOOL: "「はい」「いいえ」(○×、有無なども可)",
    ColumnKind.REFERENCE: "登録されている名称",
    ColumnKind.MANY: "登録されている名称(いくつかあるときは「、」か改行で区切る)",
}


def _show_many(value: Iterable[Any]) -> str:
    return "、".join(str(item[1]) if isinstance(item, (list, tuple)) else str(item) for item in value)


SHOWN: dict[ColumnKind, Callable[[Any], str]] = {
    ColumnKind.INT: lambda value: f"{value}",
    ColumnKind.YEN: lambda value: f"{value:,}",
    ColumnKind.DATE: lambda value: format_date(dt.date.fromisoformat(value), weekday=False),
    ColumnKind.FISCAL_YEAR: format_fiscal_year,
    ColumnKind.BOOL: lambda value: "はい" if value else "いいえ",
    ColumnKind.REFERENCE: lambda value: str(value[1]) if isinstance(value, (list, tuple)) else str(value),
    ColumnKind.MANY: _show_many,
}
