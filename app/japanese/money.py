"""Whole yen as people type them and as they are shown."""

from __future__ import annotations

import itertools
import re
import unicodedata

#: The largest amount that is taken.
MAX_YEN = 10**12

_UNITS = {"億": 10**8, "万": 10**4, "千": 10**3}
_NEGATIVE = "△▲-−–—"
_GROUPED = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_PARTS = re.compile(r"([\d,]+)(億|万|千|$)")


class MoneyError(ValueError):
    """An amount that cannot be taken; the message is a sentence for the person who typed it."""


def parse_yen(text: str, *, allow_negative: bool = False) -> int:
    """Whole yen typed in any usual way: 1,000,000 / ¥1,000,000円 / １００万円 / 1億2,000万円 / 120千円 / △500.

    Raises MoneyError for anything else, decimals, more than `MAX_YEN`, and negatives unless allowed.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    shown = typed if len(typed) <= 30 else typed[:30] + "…"
    if not typed:
        raise MoneyError("金額が入力されていません。「100,000」のように入力してください。")
    compact = re.sub(r"\s+", "", typed).replace("、", ",")
    is_negative = False
    if bracketed := re.fullmatch(r"\((.+)\)", compact):
        compact, is_negative = bracketed[1], True
    compact = re.sub(r"^[¥\\]", "", compact)
    if compact[:1] and compact[0] in _NEGATIVE:
        compact, is_negative = compact[1:], True
    amount = _amount(re.sub(r"^[¥\\]|円(?:也)?$", "", compact), shown)
    if is_negative and not allow_negative:
        raise MoneyError(f"「{shown}」は0円より小さい金額です。0以上の金額を入力してください。")
    if amount > MAX_YEN:
        raise MoneyError(f"「{shown}」は大きすぎます。1兆円以下の金額を入力してください。")
    return -amount if is_negative else amount


def _amount(compact: str, shown: str) -> int:
    if re.fullmatch(r"[\d,]*\.\d*(?:億|万|千)?", compact) and compact != ".":
        raise MoneyError(f"「{shown}」には小数があります。1円単位の整数で入力してください(例: 105,000)。")
    if len(compact) > 40:
        raise MoneyError(f"「{shown}」は大きすぎます。1兆円以下の金額を入力してください。")
    parts = _PARTS.findall(compact)
    units = [_UNITS.get(unit, 1) for _, unit in parts]
    is_whole = "".join(number + unit for number, unit in parts) == compact and bool(parts)
    if not is_whole or any(after >= before for before, after in itertools.pairwise(units)):
        raise MoneyError(f"「{shown}」は金額として読めません。「100,000」のように数字で入力してください。")
    if not all(_GROUPED.fullmatch(number) for number, _ in parts):
        raise MoneyError(f"「{shown}」のコンマの位置が合いません。3桁ごとに打つか、コンマなしで入力してください。")
    return sum(int(number.replace(",", "")) * unit for (number, _), unit in zip(parts, units, strict=True))


def format_yen(amount: int) -> str:
    """「¥1,000,000」; a negative amount 「-¥500」."""
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,}"
