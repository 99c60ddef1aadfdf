"""Which characters the PDF's font has: the others are printed by their code, 「〔U+1F389〕」, never dropped."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Characters that choose a variant of the one before (髙󠄀 …): drawn by the font, no sign of their own.
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


class Coverage:
    """The characters of an OpenType font, read from its `cmap` (format 12)."""

    def __init__(self, font: Path) -> None:
        self._ranges = sorted(_segments(font.read_bytes()))
        self._starts = [first for first, _ in self._ranges]

    def __contains__(self, char: str) -> bool:
        code = ord(char)
        at = bisect.bisect_right(self._starts, code) - 1
        return at >= 0 and code <= self._ranges[at][1]

    def printable(self, text: str) -> str:
        """The text with newlines and what the font has; every other character by its code."""
        if text.isascii() and text.isprintable():
            return text
        done: list[str] = []
        is_shown = False
        for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "):
            if any(first <= ord(char) <= last for first, last in _SELECTORS):
                done.append(char if is_shown else "")
                continue
            is_shown = (char.isprintable() or char == "\u3000") and char in self
            done.append(char if is_shown or char == "\n" else f"〔U+{ord(char):04X}〕")
        return "".join(done)

    def printable_data(self, value: Any) -> Any:
        """The same for every text in JSON data."""
        if isinstance(value, str):
            return self.printable(value)
        if isinstance(value, Mapping):
            return {str(key): self.printable_data(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.printable_data(item) for item in value]
        return value


def _segments(font: bytes) -> list[tuple[int, int]]:
    """(first, last) code points of the format 12 subtable (OpenType specification, `cmap`)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(tables)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    for number in range(count):
        offset = start + struct.unpack_from(">HHI", font, start + 4 + 8 * number)[2]
        if struct.unpack_from(">H", font, offset)[0] == 12:
            groups = struct.unpack_from(">I", font, offset + 12)[0]
            return [struct.unpack_from(">II", font, offset + 16 + 12 * group) for group in range(groups)]
    raise ValueError("the font has no format 12 cmap")
