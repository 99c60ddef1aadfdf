"""Clean text on its way in, its length, and what the character set of old files (cp932) lacks."""

from __future__ import annotations

import re
import unicodedata

#: What one cell of an Excel sheet holds, in UTF-16 units.
EXCEL_CELL_LENGTH = 32_767

_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
# Controls except the tab and the line end, bidirectional overrides, noncharacters, lone surrogates.
_REFUSED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_MARKS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200d]")

#: Pairs that Windows and Unicode map differently: as people type them → as cp932 has them.
_CP932_TWINS = {
    0x301C: 0xFF5E,  # 〜
    0x2016: 0x2225,  # ‖
    0x2212: 0xFF0D,  # −
    0x00A5: 0xFFE5,  # ¥
    0x00A2: 0xFFE0,  # ¢
    0x00A3: 0xFFE1,  # £
    0x00AC: 0xFFE2,  # ¬
    0x2014: 0x2015,  # —
}


class TextError(ValueError):
    """A text that cannot be taken; the message is a sentence for the person who typed it."""


def clean_text(value: str, *, strip_controls: bool = False) -> str:
    """A text as it is kept: line ends as `\\n`, no byte order mark, nothing blank at either end.

    Control characters (NUL first of all), bidirectional overrides and lone surrogates raise TextError naming the first
    one and its place; with `strip_controls` they are left out instead. Characters are otherwise kept as typed.
    """
    text = _LINE_ENDS.sub("\n", value.replace("\ufeff", ""))
    if strip_controls:
        text = _REFUSED.sub("", text)
    elif found := _REFUSED.search(text):
        code = f"U+{ord(found[0]):04X}"
        raise TextError(f"{found.start() + 1}文字目に使えない文字(制御文字 {code})があります。取り除いてください。")
    return text.strip()


def clean_line(value: str, *, strip_controls: bool = False) -> str:
    """`clean_text` for a single line: line ends, tabs and runs of spaces become one space (full-width alone stays)."""
    text = clean_text(value, strip_controls=strip_controls)
    return re.sub(r"[\n\t ]+", " ", text)


def char_count(text: str) -> int:
    """Characters as a person counts them, near enough: a combining mark or a variation selector counts nothing."""
    plain = _MARKS.sub("", unicodedata.normalize("NFC", text))
    return sum(1 for char in plain if not unicodedata.combining(char))


def check_length(text: str, limit: int, label: str) -> None:
    """Raise TextError when `text` has more than `limit` characters; it says by how many."""
    if (count := char_count(text)) > limit:
        raise TextError(
            f"「{label}」は{limit:,}文字までです。いま{count:,}文字あります。{count - limit:,}文字減らしてください。"
        )


def utf16_length(text: str) -> int:
    """Length as Excel counts it; compare with `EXCEL_CELL_LENGTH`."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_cp932_twins(text: str) -> str:
    """The same signs where cp932 has them under another code (〜 − ‖ ¥ …); they look the same."""
    return text.translate(_CP932_TWINS)


def cp932_problems(text: str) -> list[str]:
    """The characters that cp932 lacks even by its twins, each once, in order of appearance."""
    return [char for char in dict.fromkeys(to_cp932_twins(text)) if not _fits_cp932(char)]


def _fits_cp932(char: str) -> bool:
    try:
        return char.encode("cp932").decode("cp932") == char
    except UnicodeError:
        return False
