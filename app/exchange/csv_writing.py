"""Writes CSV: UTF-8 with BOM, or cp932; formulas disarmed, what cp932 lacks named."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app.exchange.cells import address, csv_quoted
from app.exchange.outgoing import Collected, label_at, text_of
from app.japanese.text import cp932_problems, to_cp932_twins

_CHUNK = 64 * 1024


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8-sig"
) -> None:
    """CSV into a file. Raises Unwritable naming each cell with characters that cp932 lacks."""
    with path.open("wb") as file:
        file.writelines(csv_chunks(columns, rows, encoding=encoding))


def csv_chunks(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8-sig"
) -> Iterator[bytes]:
    """CSV with CRLF in pieces; `encoding`: "utf-8-sig" (with BOM, as Excel wants it) or "cp932".

    Texts that a spreadsheet would run get an apostrophe in front, which reading takes off again. Signs that cp932 has
    under another code (〜 −) are written so. After the last piece it raises Unwritable when cp932 lacked characters:
    write to a file first.
    """
    is_cp932 = encoding == "cp932"
    problems = Collected("Shift_JIS(cp932)にない文字があります。CSV(UTF-8)かExcelで出力してください。")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([to_cp932_twins(label) if is_cp932 else label for label in columns])
    yield codecs.BOM_UTF8 if not is_cp932 else b""
    codec = "cp932" if is_cp932 else "utf-8"
    for number, row in enumerate(rows, start=2):
        cells = [value if type(value) is int else csv_quoted(text_of(value)) for value in row]
        if is_cp932:
            cells = [to_cp932_twins(cell) if isinstance(cell, str) else cell for cell in cells]
            if not _fits(cells):
                _name_lacking(problems, columns, number, cells)
        writer.writerow(cells)
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue().encode(codec, "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode(codec, "replace")
    problems.raise_if_any()


def _fits(cells: Sequence[Any]) -> bool:
    try:
        text = "".join(str(cell) for cell in cells)
        return text.encode("cp932").decode("cp932") == text
    except UnicodeError:
        return False


def _name_lacking(problems: Collected, columns: Sequence[str], number: int, cells: Sequence[Any]) -> None:
    for place, cell in enumerate(cells):
        lacking = cp932_problems(cell) if isinstance(cell, str) else []
        if lacking:
            signs = "".join(f"「{sign}」" for sign in lacking[:5])
            problems.add(f"{address(number, place)}「{label_at(columns, place)}」の{signs}")
