"""Cells: addresses as Excel shows them, and the quoting that keeps a text from being taken for a formula."""

from __future__ import annotations

import dataclasses
import datetime as dt

#: What a cell may hold as it was read.
Raw = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

#: First signs that a spreadsheet takes for a formula or a command (OWASP "CSV injection"), full width too.
TRIGGERS = "=+-@\t\r\n＝＋－＠"
_QUOTED = "'" + TRIGGERS


@dataclasses.dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell (or with the row, when `column` is empty)."""

    address: str
    column: str
    message: str

    def as_json(self) -> list[str]:
        """[address, column key, message], as an import row keeps it."""
        return [self.address, self.column, self.message]


def column_letters(index: int) -> str:
    """Letters of a column counted from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The reverse of `column_letters`."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def address(row: int, column: int) -> str:
    """「C12」: row counted from 1 as shown, column from 0."""
    return f"{column_letters(column)}{row}"


def is_quoted(text: str) -> bool:
    """Whether a text, as read, carries the apostrophe that `csv_quoted` or `sheet_quoted` puts in front."""
    return len(text) > 1 and text[0] == "'" and text[1] in _QUOTED


def unquoted(text: str) -> str:
    """The text without the apostrophe that the export put in front; any other text as it is."""
    return text[1:] if is_quoted(text) else text


def csv_quoted(text: str) -> str:
    """For CSV: an apostrophe in front of what a spreadsheet would run. `unquoted` gives the text back."""
    return "'" + text if (text[:1] in TRIGGERS and text) or is_quoted(text) else text


def sheet_quoted(text: str) -> str:
    """For .xlsx, where a text cell is never run: only what `unquoted` would change is quoted."""
    return "'" + text if is_quoted(text) else text


def shortened(text: str, length: int = 40) -> str:
    """A text as a message quotes it: one line, not longer than `length`."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length] + "…"
