"""Writes tables as .xlsx or CSV, streamed. Nothing that a person typed is ever run as a formula or cut."""

from __future__ import annotations

import codecs
import csv
import dataclasses
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from app.exchange.cells import address, csv_quoted, sheet_quoted
from app.japanese.dates import to_tokyo
from app.japanese.text import EXCEL_CELL_LENGTH, cp932_problems, to_cp932_twins, utf16_length
from app.problems import Invalid

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"
KINDS = ("xlsx", "csv", "csv-cp932")
_NAMED = 30
_CHUNK = 64 * 1024
_MAX_SHEET_ROWS = 1_048_576
_ILLEGAL_IN_SHEET = str.maketrans(dict.fromkeys("[]:*?/\\", ""))


@dataclasses.dataclass(frozen=True)
class Export:
    """A file on its way out. `chunks` may be sent as they come: everything has been checked before the first."""

    chunks: Iterator[bytes]
    media_type: str
    extension: str


class Unwritable(Invalid):
    """Cells that the chosen format cannot hold, named one by one; nothing was written."""

    def __init__(self, reason: str, cells: Sequence[str], total: int) -> None:
        more = f" ほか{total - len(cells):,}か所" if total > len(cells) else ""
        super().__init__(f"{reason} {'、'.join(cells)}{more}。")
        self.cells = list(cells)


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
        problems = _Collected("Excelのセルに入りきらない文章があります(1つのセルに32,767文字まで)。")
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= _MAX_SHEET_ROWS:
                raise Invalid(
                    f"Excelのシートに入りきりません({_MAX_SHEET_ROWS:,}行まで)。条件で絞り込むか、CSVにしてください。"
                )
            for place, value in enumerate(row):
                if not write_cell(sheet, formats, count, place, value):
                    length = utf16_length(text_of(value))
                    problems.add(f"{address(count + 1, place)}「{_at(columns, place)}」({length:,}文字)")
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


def sheet_name(title: str) -> str:
    """A name that Excel takes for a sheet."""
    return title.translate(_ILLEGAL_IN_SHEET).strip("' ")[:31] or "一覧"


# --- CSV -------------------------------------------------------------------------------------------------------


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
    problems = _Collected("Shift_JIS(cp932)にない文字があります。CSV(UTF-8)かExcelで出力してください。")
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


def _name_lacking(problems: _Collected, columns: Sequence[str], number: int, cells: Sequence[Any]) -> None:
    for place, cell in enumerate(cells):
        lacking = cp932_problems(cell) if isinstance(cell, str) else []
        if lacking:
            signs = "".join(f"「{sign}」" for sign in lacking[:5])
            problems.add(f"{address(number, place)}「{_at(columns, place)}」の{signs}")


def _at(columns: Sequence[str], place: int) -> str:
    return columns[place] if place < len(columns) else ""


class _Collected:
    """Cells that cannot be written: the first are named, all are counted."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._cells: list[str] = []
        self._total = 0

    def add(self, cell: str) -> None:
        self._total += 1
        if len(self._cells) < _NAMED:
            self._cells.append(cell)

    def raise_if_any(self) -> None:
        if self._total:
            raise Unwritable(self._reason, self._cells, self._total)
