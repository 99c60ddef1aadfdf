"""Parsers of cells: from what was read to a plain value, or a sentence that says what is wrong with it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.exchange.cells import Raw, shortened
from app.exchange.column_kinds import CellError, ColumnKind, Plain
from app.japanese.dates import DateError, parse_date, parse_fiscal_year
from app.japanese.money import MoneyError, parse_yen
from app.japanese.normalize import fold
from app.japanese.text import TextError, check_length, clean_line, clean_text

if TYPE_CHECKING:
    from app.exchange.columns import ImportColumn

_TRUE = {
    fold(word)
    for word in (
        "はい",
        "○",
        "◯",
        "〇",
        "有",
        "あり",
        "true",
        "1",
        "yes",
        "レ",
        "✓",
        "✔",
        "☑",
        "該当",
        "済",
        "確認済み",
        "確認済",
    )
}
_FALSE = {
    fold(word) for word in ("いいえ", "×", "✕", "無", "なし", "false", "0", "no", "☐", "非該当", "未", "未確認", "-")
}
_SEPARATORS = "、,;；，\n"


def as_text(raw: Raw) -> str:
    """A cell as text: whole numbers without 「.0」. A date or time cell raises CellError: Excel may have made it of 「1-2」."""
    if type(raw) is str:
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        if raw.is_integer() and abs(raw) < 1e15:
            return str(int(raw))
        if abs(raw) >= 1e15:
            raise CellError("桁が多すぎてExcelが数値に丸めています。セルの書式を「文字列」にして入力し直してください。")
        return repr(raw)
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, dt.date):
        raise CellError("日付として保存されています。セルの書式を「文字列」にして入力し直してください。")
    if raw is None:
        return ""
    raise CellError("時刻として保存されています。セルの書式を「文字列」にして入力し直してください。")


def _text_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    clean = clean_text if column.multiline else clean_line
    limit, label = column.max_length, column.label

    def parse(raw: Raw) -> str | None:
        text = raw if type(raw) is str else as_text(raw)
        if text.isprintable() and "  " not in text and len(text) <= limit:  # nothing in it that cleaning would change
            return text.strip() or None
        try:
            text = clean(text)
            if len(text) > limit:
                check_length(text, limit, label)
        except TextError as error:
            raise CellError(str(error)) from None
        return text or None

    return parse


#: What people write after a number that they counted.
_COUNTER = re.compile(r"(?<=\d)(?:人|名|件|回|団体)\Z")


def _int_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    is_plain = column.minimum is None and column.maximum is None

    def parse(raw: Raw) -> int:
        text = as_text(raw)
        if text.isascii() and text.isdecimal() and len(text) < 10 and is_plain:
            return int(text)
        shown = shortened(text)
        digits = fold(text).replace(",", "").replace(" ", "")
        is_negative = digits[:1] in {"ー", "△", "▲"}
        digits = _COUNTER.sub("", digits[1:] if is_negative else digits)
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 15:
            raise CellError(f"「{shown}」は整数として読めません。「12」のように数字で入力してください。")
        number = -int(digits) if is_negative else int(digits)
        low, high = column.minimum, column.maximum
        if low is None and not column.allows_negative:
            low = 0
        if low is not None and number < low:
            raise CellError(f"「{shown}」は小さすぎます。{low:,}以上で入力してください。")
        if high is not None and number > high:
            raise CellError(f"「{shown}」は大きすぎます。{high:,}以下で入力してください。")
        return number

    return parse


def _yen_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    def parse(raw: Raw) -> int:
        if type(raw) is float and raw.is_integer() and 0 <= raw <= 1e12:
            return int(raw)
        try:
            return parse_yen(as_text(raw), allow_negative=column.allows_negative)
        except MoneyError as error:
            raise CellError(str(error)) from None

    return parse


def _date_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    def parse(raw: Raw) -> str:
        if isinstance(raw, dt.datetime):
            raise CellError("時刻が付いています。日付だけを入力してください。")
        if isinstance(raw, dt.date):
            if 1900 <= raw.year < 2200:
                return raw.isoformat()
            raw = raw.isoformat()  # the same limits as for typed dates
        try:
            return parse_date(as_text(raw)).isoformat()
        except DateError as error:
            raise CellError(str(error)) from None

    return parse


def _fiscal_year_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    def parse(raw: Raw) -> int:
        try:
            return parse_fiscal_year(as_text(raw))
        except DateError as error:
            raise CellError(str(error)) from None

    return parse


def _bool_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    def parse(raw: Raw) -> bool:
        text = as_text(raw)
        word = fold(text)
        if word in _TRUE:
            return True
        if word in _FALSE or word == "ー":
            return False
        raise CellError(f"「{shortened(text)}」は読めません。「はい」か「いいえ」で入力してください。")

    return parse


def _enum_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    codes: dict[str, str] = {}
    for code, label in column.choices:
        codes[fold(label)] = code
        codes.setdefault(fold(code), code)

    def parse(raw: Raw) -> str:
        text = as_text(raw)
        code = codes.get(fold(text))
        if code is None:
            labels = "".join(f"「{label}」" for _, label in column.choices[:12])
            more = "など" if len(column.choices) > 12 else ""
            raise CellError(f"「{shortened(text)}」は選べません。{labels}{more}から選んでください。")
        return code

    return parse


def _reference_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    return _text_parser(column)


def _many_parser(column: ImportColumn) -> Callable[[Raw], Plain]:
    clean = _text_parser(dataclasses.replace(column, multiline=True))
    table = str.maketrans(dict.fromkeys(_SEPARATORS, "\n"))

    def parse(raw: Raw) -> list[str] | None:
        text = clean(raw)
        if text is None:
            return None
        words = (word.strip() for word in text.translate(table).split("\n"))
        return list(dict.fromkeys(word for word in words if word)) or None

    return parse


PARSERS: dict[ColumnKind, Callable[[ImportColumn], Callable[[Raw], Plain]]] = {
    ColumnKind.TEXT: _text_parser,
    ColumnKind.INT: _int_parser,
    ColumnKind.YEN: _yen_parser,
    ColumnKind.DATE: _date_parser,
    ColumnKind.FISCAL_YEAR: _fiscal_year_parser,
    ColumnKind.BOOL: _bool_parser,
    ColumnKind.ENUM: _enum_parser,
    ColumnKind.REFERENCE: _reference_parser,
    ColumnKind.MANY: _many_parser,
}
