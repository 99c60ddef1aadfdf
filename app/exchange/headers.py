"""Recognises columns by their headers, whatever stands above them and however they are spelled."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Sequence

from app.exchange.cells import Raw, address, shortened
from app.exchange.columns import ImportColumn
from app.japanese.normalize import fold

#: The header is looked for in so many first rows: titles and notes may stand above it.
SEARCHED_ROWS = 20
_DECORATION = re.compile(r"\(必須\)|\(任意\)|[*※\s:・]|必須$")


@functools.lru_cache(maxsize=4_000)
def folded_header(text: str) -> str:
    """The form in which headers are compared: folded, without spaces, stars and 「(必須)」."""
    return _DECORATION.sub("", fold(text[:200]))


@dataclasses.dataclass
class HeaderMatch:
    """One row taken as header: position → column key, and what does not fit."""

    row: int
    keys: dict[int, str]
    unknown: list[str]
    #: Sentences naming duplicates.
    duplicates: list[str]
    missing: list[str]

    @property
    def score(self) -> tuple[int, int]:
        """More known columns are better; then fewer missing ones."""
        return len(self.keys), -len(self.missing)


class HeaderIndex:
    """The headers that a set of columns answers to."""

    def __init__(self, columns: Sequence[ImportColumn]) -> None:
        self._columns = columns
        self._keys: dict[str, str] = {}
        for column in columns:
            for name in (column.label, *column.aliases):
                self._keys.setdefault(folded_header(name), column.key)

    def match(self, number: int, cells: Sequence[Raw]) -> HeaderMatch:
        """Read a row (numbered as shown) as header."""
        keys: dict[int, str] = {}
        first: dict[str, int] = {}
        unknown: list[str] = []
        duplicates: list[str] = []
        for position, raw in enumerate(cells):
            if not isinstance(raw, str) or not raw.strip():
                continue
            key = self._keys.get(folded_header(raw))
            if key is None:
                unknown.append(f"{shortened(raw, 20)}({address(number, position)})")
            elif key in first:
                duplicates.append(
                    f"見出し「{shortened(raw, 20)}」が{address(number, first[key])}と{address(number, position)}の"
                    "二か所にあります。どちらかを削除してください。"
                )
            else:
                first[key] = position
                keys[position] = key
        missing = [column.label for column in self._columns if column.required and column.key not in first]
        return HeaderMatch(number, keys, unknown, duplicates, missing)

    def best(self, rows: Sequence[tuple[int, Sequence[Raw]]]) -> HeaderMatch | None:
        """The best header among the first rows; None when no row names a column."""
        matches = [self.match(number, cells) for number, cells in rows[:SEARCHED_ROWS]]
        best = max(matches, key=lambda match: match.score, default=None)
        return best if best is not None and best.keys else None
