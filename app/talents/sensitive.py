"""Looks for what should not stand in a free text: 個人番号 and 要配慮個人情報. It warns, it never refuses. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: 12 digits, grouped or not; neither preceded nor followed by another digit.
_TWELVE = re.compile(r"(?<!\d)(?:\d[ \-‐‑‒–—―−ー・.]{0,2}){11}\d(?!\d)")
_CARD = re.compile(r"(?<!\d)(?:\d[ \-‐‑‒–—―−ー]{0,2}){13,15}\d(?!\d)")

#: Words of 要配慮個人情報 (個人情報保護法2条3項, 施行令2条), by what they tell.
_WORDS = {
    "病歴・障害": (
        "病歴", "持病", "既往症", "診断書", "うつ病", "統合失調症", "精神疾患", "認知症", "がん治療", "癌", "HIV", "感染症",
        "障害者手帳", "障がい者手帳", "療育手帳", "障害等級", "要介護", "発達障害", "通院中", "服薬",
    ),
    "思想・信条・宗教": ("信条", "信仰", "宗教", "支持政党", "政治活動"),
    "犯罪に関すること": ("前科", "犯罪歴", "逮捕歴", "保護観察", "犯罪被害"),
    "社会的身分・人種": ("本籍", "同和", "被差別", "人種", "在留資格"),
    "暮らし向き": ("生活保護", "滞納", "借金", "自己破産"),
}  # fmt: skip


def has_individual_number(text: str) -> bool:
    """Whether twelve digits stand there that could be a 個人番号 (its check digit fits)."""
    return any(_fits(re.sub(r"\D", "", found)) for found in _TWELVE.findall(unicodedata.normalize("NFKC", text)))


def _fits(digits: str) -> bool:
    """The check digit of 個人番号 (総務省令85号, 5条): weights 2..7, 2..6 from the right."""
    body = [int(digit) for digit in reversed(digits[:11])]
    rest = sum(value * (place + 2 if place < 6 else place - 4) for place, value in enumerate(body)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def findings(text: str | None) -> list[str]:
    """What was found, in words; nothing of the text itself."""
    if not text:
        return []
    plain = unicodedata.normalize("NFKC", text)
    found = []
    if _TWELVE.search(plain):
        certain = has_individual_number(plain)
        found.append("個人番号(マイナンバー)と思われる12桁の数字" if certain else "個人番号に似た12桁の数字")
    if _CARD.search(plain):
        found.append("カード番号に似た14〜16桁の数字")
    found += [
        f"{topic}に関わることば(「{word}」)"
        for topic, words in _WORDS.items()
        for word in [next((each for each in words if each.casefold() in plain.casefold()), None)]
        if word is not None
    ]
    return found


def warning_about(fields: Iterable[tuple[str, str | None]]) -> str | None:
    """One sentence for the screen about (label, text) pairs; None when nothing was found."""
    told = [f"「{label}」に{'、'.join(found)}" for label, text in fields if (found := findings(text))]
    if not told:
        return None
    return (
        f"{'。'.join(told)}が含まれています。保存はしました。"
        "特定の人のことで、この仕事に必要でなければ、編集して取り除いてください。"
    )
