"""Values on their way out: as text, and the cells that a format cannot hold, named one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.japanese.dates import to_tokyo
from app.problems import Invalid

_NAMED = 30


class Unwritable(Invalid):
    """Cells that the chosen format cannot hold, named one by one; nothing was written."""

    def __init__(self, reason: str, cells: Sequence[str], total: int) -> None:
        more = f" ほか{total - len(cells):,}か所" if total > len(cells) else ""
        super().__init__(f"{reason} {'、'.join(cells)}{more}。")
        self.cells = list(cells)


def text_of(value: Any) -> str:
    """A value as text: flags as はい/いいえ, enums by their label, days as 2026-07-01."""
    if isinstance(value, str):
        return getattr(value, "label", None) or str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, dt.datetime):
        return (to_tokyo(value) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "、".join(text_of(item) for item in value)
    return str(value)


def label_at(columns: Sequence[str], place: int) -> str:
    """The header over a cell; empty beyond the last."""
    return columns[place] if place < len(columns) else ""


class Collected:
    """Cells that cannot be written: the first are named, all are counted."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._cells: list[str] = []
        self._total = 0

    def add(self, cell: str) -> None:
        """Note one."""
        self._total += 1
        if len(self._cells) < _NAMED:
            self._cells.append(cell)

    def raise_if_any(self) -> None:
        """Raise Unwritable when there was one."""
        if self._total:
            raise Unwritable(self._reason, self._cells, self._total)
