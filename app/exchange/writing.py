"""Writes tables as .xlsx or CSV, streamed. Nothing that a person typed is ever run as a formula or cut."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from app.exchange.cells import address, sheet_quoted
from app.exchange.csv_writing import csv_chunks, write_csv
from app.exchange.outgoing import Collected, Unwritable, label_at, text_of
from app.japanese.dates import to_tokyo
from app.japanese.text import EXCEL_CELL_LENGTH, utf16_length
from app.problems import Invalid

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"
KINDS = ("xlsx", "csv", "csv-cp932")
_CHUNK = 64 * 1024
_MAX_SHEET_ROWS = 1_048_576
_ILLEGAL_IN_SHEET = str.maketrans(dict.fromkeys("[]:*?/\\", ""))


@dataclasses.dataclass(frozen=True)
class Export:
    """A file on its way out. `chunks` may be sent as they come: everything has been checked before the first."""

    chunks: Iterator[bytes]
    media_type: str
    extension: str


def export_rows(kind: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Export:
    """A list as a file: `columns` are headers, `rows` are read once, in order, and never all held in memory.

    Raises Unwritable before anything is sent when a text is too long for a cell or, for "csv-cp932", has characters
    that cp932 lacks. Everything else (texts, numbers, dates, booleans, enums with a label) is written as it is.
    """
    if kind == "xlsx":
        return Export(_file_chunks(lambda path: write_xlsx(path, columns, rows, title=title)), XLSX_TYPE, "xlsx")
    if kind not in KINDS:
        raise Invalid(f"出力の形式「{kind[:20]}」はありません。")
    if kind == "csv":  # nothing can be refused: sent as it is read
        return Export(csv_chunks(columns, rows), f"{CSV_TYPE}; charset=utf-8", "csv")
    chunks = _file_chunks(lambda path: write_csv(path, columns, rows, encoding="cp932"))
    return Export(chunks, f"{CSV_TYPE}; charset=Shift_JIS", "csv")


def _file_chunks(write: Callable[[Path], None]) -> Iterator[bytes]:
    """Write to a temporary file now, so that a refusal comes before the first byte; hand out its chunks later."""
    handle = tempfile.NamedTemporaryFile(prefix="export-", delete=True)  # noqa: SIM115 - closed by the generator
    try:
        write(Path(handle.name))
    except BaseException:
        handle.close()
        raise

    def chunks() -> Iterator[bytes]:
        with handle:
            handle.seek(0)
            while data := handle.read(_CHUNK):
                yield data

    return chunks()


# --- .xlsx -----------------------------------------------------------------------------------------------------


def write_xlsx(
    path: Path | io.BytesIO,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    widths: Sequence[int] = (),
) -> None:
    """One sheet with a bold, frozen, filterable header. Texts are text cells, never formulas or links.

    Raises Unwritable, naming each cell, when a text is longer than a cell holds; or Invalid for too many rows.
    """
    with open_workbook(path) as book:
        sheet = book.add_worksheet(sheet_name(title))
        formats = Formats(book)
        sheet.freeze_panes(1, 0)
        width_of = dict(enumerate(widths))
        for place, label in enumerate(columns):
            sheet.set_column(place, place, width_of.get(place, max(10, min(40, len(label) * 2 + 2))))
        for place, label in enumerate(columns):
            sheet.write_string(0, place, label, formats.header)
        problems = Collected("Excelのセルに入りきらない文章があります(1つのセルに32,767文字まで)。")
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= _MAX_SHEET_ROWS:
                raise Invalid(
                    f"Excelのシートに入りきりません({_MAX_SHEET_ROWS:,}行まで)。条件で絞り込むか、CSVにしてください。"
                )
            for place, value in enumerate(row):
                if not write_cell(sheet, formats, count, place, value):
                    length = utf16_length(text_of(value))
                    problems.add(f"{address(count + 1, place)}「{label_at(columns, place)}」({length:,}文字)")
        if columns:
            sheet.autofilter(0, 0, count, len(columns) - 1)
        problems.raise_if_any()


def open_workbook(path: Path | io.BytesIO, *, constant_memory: bool = True) -> xlsxwriter.Workbook:
    """A workbook that turns no text into formulas, links or numbers."""
    return xlsxwriter.Workbook(
        str(path) if isinstance(path, Path) else path,
        {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy/mm/dd",
        },
    )


class Formats:
    """The cell formats of a workbook, made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header = book.add_format(
            {"bold": True, "bg_color": "#E8F1FE", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.integer = book.add_format({"num_format": "0", "valign": "top"})
        self.date = book.add_format({"num_format": "yyyy/mm/dd", "valign": "top"})
        self.moment = book.add_format({"num_format": "yyyy/mm/dd hh:mm", "valign": "top"})


def write_cell(sheet: Any, formats: Formats, row: int, column: int, value: Any) -> bool:
    """Write one value by its type; False, with nothing written, when its text is too long for a cell."""
    if value is None or value == "":
        return True
    kind = type(value)
    if kind is int and abs(value) < 10**15:
        sheet.write_number(row, column, value, formats.integer)
    elif kind is float:
        sheet.write_number(row, column, value)
    elif kind is dt.date and value.year >= 1900:
        sheet.write_datetime(row, column, value, formats.date)
    elif kind is dt.datetime and value.year >= 1900:
        local = to_tokyo(value).replace(tzinfo=None) if value.tzinfo else value
        sheet.write_datetime(row, column, local, formats.moment)
    else:
        text = sheet_quoted(text_of(value))
        if len(text) > EXCEL_CELL_LENGTH // 2 and utf16_length(text) > EXCEL_CELL_LENGTH:
            return False
        sheet.write_string(row, column, text, formats.text)
    return True


def sheet_name(title: str) -> str:
    """A name that Excel takes for a sheet."""
    return title.translate(_ILLEGAL_IN_SHEET).strip("' ")[:31] or "一覧"


__all__ = [
    "KINDS",
    "XLSX_TYPE",
    "Export",
    "Formats",
    "Unwritable",
    "export_rows",
    "open_workbook",
    "sheet_name",
    "write_cell",
    "write_csv",
    "write_xlsx",
]
