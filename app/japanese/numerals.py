"""Kanji numerals (漢数字) as they occur in addresses and ordinals."""

from __future__ import annotations

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}

#: A run of kanji numerals, as a regular expression.
NUMERAL = "[〇一二三四五六七八九十百千]+"


def digits_of(numeral: str) -> str:
    """A run of kanji numerals as digits: 十五 → 15, 二〇 → 20, 百二 → 102.

    What is no number (「十一三」) is written out sign by sign (「1013」), so that no kanji numeral is ever left.
    """
    if not any(char in _UNITS for char in numeral):
        return "".join(str(_DIGITS[char]) for char in numeral)
    value = _positional(numeral)
    if value is None:
        return "".join(str(_DIGITS[char] if char in _DIGITS else _UNITS[char]) for char in numeral)
    return str(value)


def _positional(numeral: str) -> int | None:
    """The value of a well-formed numeral with units (千二百三十四), else None."""
    total, last_unit, digit = 0, 10_000, None
    for char in numeral:
        if char in _UNITS:
            unit = _UNITS[char]
            if unit >= last_unit or digit == 0:
                return None
            total += (1 if digit is None else digit) * unit
            last_unit, digit = unit, None
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)
