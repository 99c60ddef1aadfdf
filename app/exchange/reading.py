"""Reads an uploaded .xlsx or CSV into a `Table`: its header and its rows. Whatever is wrong gets a sentence."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import python_calamine

from app.exchange import csv_text
from app.exchange.cells import Raw, address, column_letters
from app.exchange.columns import ImportColumn
from app.exchange.headers import SEARCHED_ROWS, HeaderIndex, HeaderMatch
from app.exchange.packages import NOT_A_WORKBOOK, Package, is_zip, refuse_old_office
from app.exchange.sheets import SheetScan, scan_sheet, sheet_parts
from app.problems import Invalid

MAX_ROWS = 100_000
MAX_SHEETS = 50
_MERGED = "セルが結合されています({range})。結合を解除し、それぞれのセルに値を入力してください。"


@dataclasses.dataclass
class Table:
    """What was read. `keys`: cell position → column key. `flaws`: cells that cannot be read, address → sentence."""

    source: str
    sheet: str | None
    header: HeaderMatch
    header_cells: Sequence[Raw]
    rows: Iterable[tuple[int, Sequence[Raw]]]
    flaws: dict[str, str]
    notes: list[str]
    estimated_rows: int

    @property
    def keys(self) -> dict[int, str]:
        """Cell position (from 0) → column key."""
        return self.header.keys

    def __iter__(self) -> Iterator[tuple[int, Sequence[Raw]]]:
        """(row number as shown, cells) of rows that hold anything; Invalid when there are too many."""
        count = 0
        wanted = sorted(self.header.keys)
        for number, cells in self.rows:
            if number <= self.header.row or not _holds_anything(cells, wanted):
                continue
            count += 1
            if count > MAX_ROWS:
                raise Invalid(f"一度に取り込めるのは{MAX_ROWS:,}行までです。ファイルを分けてください。")
            yield number, cells


def _holds_anything(cells: Sequence[Raw], wanted: Sequence[int]) -> bool:
    width = len(cells)
    for position in wanted:
        if position >= width:
            return False
        value = cells[position]
        if value is None or value == "":
            continue
        if type(value) is not str or not value.isspace():
            return True
    return False


def read_table(content: bytes, columns: Sequence[ImportColumn]) -> Table:
    """Read a file's content. Raises Invalid with a sentence for whatever cannot be read as a table with a header."""
    if not content:
        raise Invalid("ファイルが空です(0バイト)。")
    refuse_old_office(content)
    table = _read_workbook(content, columns) if is_zip(content[:4]) else _read_csv(content, columns)
    problems = list(table.header.duplicates)
    if table.header.missing:
        names = "".join(f"「{label}」" for label in table.header.missing)
        problems.append(f"必要な列{names}がありません。{table.header.row}行目を見出しとして読みました。")
    if problems:
        raise Invalid(" ".join(problems))
    if table.header.unknown:
        table.notes.append("次の見出しの列は読み取りません: " + "、".join(table.header.unknown[:30]))
    return table


def check_upload(content: bytes) -> None:
    """The quick part of `read_table`, for the moment of the upload: the kind of file. Raises Invalid."""
    if not content:
        raise Invalid("ファイルが空です(0バイト)。")
    refuse_old_office(content)
    if is_zip(content[:4]):
        Package(content)
    else:
        csv_text.decode(content)


# --- CSV -------------------------------------------------------------------------------------------------------


def _read_csv(content: bytes, columns: Sequence[ImportColumn]) -> Table:
    text, encoding = csv_text.decode(content)
    head = [row for _, row in zip(range(SEARCHED_ROWS), csv_text.rows(text), strict=False)]
    header = _require_header(HeaderIndex(columns).best(head), columns)
    cells = next(cells for number, cells in head if number == header.row)
    notes = [f"文字コードは{encoding}として読みました。"]
    return Table("csv", None, header, cells, csv_text.rows(text), {}, notes, text.count("\n"))


def _require_header(header: HeaderMatch | None, columns: Sequence[ImportColumn]) -> HeaderMatch:
    if header is None:
        labels = "".join(f"「{column.label}」" for column in columns[:8])
        raise Invalid(f"見出しの行が見つかりません。先頭{SEARCHED_ROWS}行のどこかに{labels}などの見出しが必要です。")
    return header


# --- .xlsx -----------------------------------------------------------------------------------------------------


def _read_workbook(content: bytes, columns: Sequence[ImportColumn]) -> Table:
    package = Package(content)
    parts = sheet_parts(package)
    if not parts:
        raise Invalid("ブックの中に表のシートがありません。")
    if len(parts) > MAX_SHEETS:
        raise Invalid(f"シートが多すぎます({MAX_SHEETS}枚まで)。取り込むシートだけを残して保存し直してください。")
    scans = {name: scan_sheet(package, part) for name, part in parts}
    try:
        return _best_sheet(content, columns, scans)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise NOT_A_WORKBOOK from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a panic of the Rust reader is no Exception
            raise NOT_A_WORKBOOK from error
        raise


def _best_sheet(content: bytes, columns: Sequence[ImportColumn], scans: dict[str, SheetScan]) -> Table:
    index = HeaderIndex(columns)
    book = python_calamine.load_workbook(io.BytesIO(content))
    best: tuple[HeaderMatch, Any] | None = None
    visible = [
        meta.name
        for meta in book.sheets_metadata
        if meta.visible == python_calamine.SheetVisibleEnum.Visible
        and meta.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        header = index.best(list(_sheet_rows(sheet, SEARCHED_ROWS)))
        if header is not None and (best is None or header.score > best[0].score):
            best = header, sheet
    header = _require_header(best[0] if best else None, columns)
    assert best is not None
    sheet = best[1]
    notes = [f"シート「{sheet.name}」を読みました。"]
    if len(visible) > 1:
        notes[0] += "ほかのシートは読み取りません。"
    scan = scans.get(sheet.name, SheetScan())
    if scan.formulas:
        notes.append(f"数式のセルが{scan.formulas:,}個あります。保存されている計算結果の値を読み取りました。")
    flaws = dict(scan.flaws) | _merged_flaws(sheet, header)
    cells = next(cells for number, cells in _sheet_rows(sheet, SEARCHED_ROWS) if number == header.row)
    return Table("xlsx", sheet.name, header, cells, _sheet_rows(sheet), flaws, notes, sheet.total_height)


def _sheet_rows(sheet: Any, limit: int | None = None) -> Iterator[tuple[int, list[Raw]]]:
    """(row number as shown, cells from column A on)."""
    if sheet.start is None:
        return
    left: list[Raw] = [""] * sheet.start[1]
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if limit is not None and number > limit:
            return
        yield number, left + cells if left else cells


def _merged_flaws(sheet: Any, header: HeaderMatch) -> dict[str, str]:
    """Merged cells that touch data: what they hold belongs to no single row, so each is named and refused."""
    flaws: dict[str, str] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom + 1 <= header.row or not any(left <= position <= right for position in header.keys):
            continue
        span = f"{address(top + 1, left)}:{column_letters(right)}{bottom + 1}"
        first = max(top + 1, header.row + 1)
        for row in range(first, min(bottom + 1, first + 2_000) + 1):
            for position in range(left, min(right, left + 200) + 1):
                flaws.setdefault(address(row, position), _MERGED.format(range=span))
        if len(flaws) > 20_000:
            break
    return flaws
