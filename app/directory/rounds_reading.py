"""Reads a returned form: whose it is by its signed number, then cell by cell. What is odd gets a sentence each."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import python_calamine

from app.directory.rounds_columns import SHEETS, FormRow, YearSheet, form_rows
from app.directory.rounds_form import CONSENT, KIND, LABEL, MAIN_SHEET, MARK, VALUE
from app.exchange.cells import Raw, address
from app.exchange.columns import CellError, ImportColumn, required_message
from app.exchange.excel_forms import find_form_id, verify_form_id
from app.exchange.headers import SEARCHED_ROWS, HeaderIndex, HeaderMatch, folded_header
from app.exchange.packages import NOT_A_WORKBOOK, Package, is_zip, refuse_old_office
from app.exchange.sheets import SheetScan, scan_sheet, sheet_parts
from app.problems import Invalid
from models.directory_profile import ConsentLevel

MAX_BYTES = 5 * 1024 * 1024
_MAX_SHEETS = 30
_MAX_LINES = 500
_MAX_ROWS = 2_000
_LEVELS = {folded_header(level.label): level.value for level in ConsentLevel}
_LINE_MARK = re.compile(r"(\d{1,18})-([0-9A-F]{8})")
_MAIN_COLUMNS = (
    ImportColumn("label", LABEL, required=True),
    ImportColumn("value", VALUE, required=True),
    ImportColumn("consent", CONSENT),
    ImportColumn("mark", MARK),
)

Rows = list[tuple[int, list[Raw]]]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A value read. `mark`: what stood beside it, the mark of the value as the form was written; "" when it is gone."""

    value: Any
    mark: str = ""


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a sheet by year. `row_id`: the stored row that it was written from; None: a new one."""

    place: str
    row_id: int | None
    values: dict[str, Any]
    mark: str = ""


@dataclasses.dataclass
class Answer:
    """What a form says. problems: (place, sentence): that cell is not taken. remarks: sentences to look at."""

    fields: dict[str, Cell] = dataclasses.field(default_factory=dict)
    consents: dict[str, Cell] = dataclasses.field(default_factory=dict)
    lines: dict[str, list[Line]] = dataclasses.field(default_factory=dict)
    problems: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As an upload keeps it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Answer:
        """The reverse."""
        return cls(
            {key: Cell(**cell) for key, cell in plain.get("fields", {}).items()},
            {key: Cell(**cell) for key, cell in plain.get("consents", {}).items()},
            {key: [Line(**line) for line in lines] for key, lines in plain.get("lines", {}).items()},
            [(place, sentence) for place, sentence in plain.get("problems", [])],
            list(plain.get("remarks", [])),
        )


@dataclasses.dataclass
class Workbook:
    """An opened form: its number and its visible sheets."""

    round_id: int
    form_id: int
    sheets: dict[str, tuple[Rows, SheetScan]]
    has_pictures: bool


def open_form(content: bytes, secret: str) -> Workbook:
    """Open a returned file and see whose it is. Raises Invalid with a sentence when it is no form of ours."""
    if not content:
        raise Invalid("ファイルが空です(0バイト)。")
    if len(content) > MAX_BYTES:
        raise Invalid(
            f"ファイルが大きすぎます({len(content) / 1024 / 1024:.1f}MB)。"
            f"{MAX_BYTES // 1024 // 1024}MBまでです。貼り付けた画像などを取り除いてください。"
        )
    refuse_old_office(content)
    if not is_zip(content[:4]):
        raise Invalid(
            "年次確認の様式(.xlsx)ではありません。お渡しした様式に記入し、Excelブックのまま送ってもらってください。"
        )
    package = Package(content)
    parts = sheet_parts(package)
    if len(parts) > _MAX_SHEETS:
        raise Invalid(f"シートが多すぎます({_MAX_SHEETS}枚まで)。お渡しした様式をそのまま使ってもらってください。")
    try:
        sheets = _visible_sheets(content, {name: scan_sheet(package, part) for name, part in parts})
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise NOT_A_WORKBOOK from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a panic of the Rust reader is no Exception
            raise NOT_A_WORKBOOK from error
        raise
    numbers = {number for rows, _ in sheets.values() if (number := find_form_id([cells for _, cells in rows[:20]]))}
    round_id, form_id = _number_of(numbers, secret)
    has_pictures = any(name.startswith(("xl/media/", "xl/richdata/")) for name in package.names())
    return Workbook(round_id, form_id, sheets, has_pictures)


def _number_of(numbers: set[str], secret: str) -> tuple[int, int]:
    if not numbers:
        raise Invalid(
            "様式番号がありません。お渡しした様式に記入してもらってください(「様式番号」の行は消さないでください)。"
        )
    if len(numbers) > 1:
        raise Invalid(
            "シートによって様式番号が違います。二つの様式が混ざっているようです。1団体に1つの様式にしてもらってください。"
        )
    parts = verify_form_id(secret, numbers.pop())
    if len(parts) != 3 or parts[0] != KIND or not all(part.isdecimal() and len(part) < 18 for part in parts[1:]):
        raise Invalid("登録内容の年次確認の様式ではありません(別の用事の様式です)。")
    return int(parts[1]), int(parts[2])


def _visible_sheets(content: bytes, scans: dict[str, SheetScan]) -> dict[str, tuple[Rows, SheetScan]]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    return {
        meta.name: (list(_rows(book.get_sheet_by_name(meta.name))), scans.get(meta.name, SheetScan()))
        for meta in book.sheets_metadata
        if meta.visible == python_calamine.SheetVisibleEnum.Visible
        and meta.typ == python_calamine.SheetTypeEnum.WorkSheet
    }


def _rows(sheet: Any) -> Iterator[tuple[int, list[Raw]]]:
    if sheet.start is None:
        return
    left: list[Raw] = [""] * sheet.start[1]
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > _MAX_ROWS:
            return
        yield number, left + cells


# --- the cells -------------------------------------------------------------------------------------------------


def read_answer(book: Workbook, choices: Sequence[tuple[str, str]]) -> Answer:
    """Everything that the form says. choices: activity fields as `form_rows` takes them. Raises Invalid without rows."""
    answer = Answer()
    main = _find(book, _MAIN_COLUMNS)
    if main is None:
        raise Invalid(f"「{LABEL}」と「{VALUE}」の見出しのあるシートが見つかりません。見出しの行は消さないでください。")
    name, header = main
    _read_main(answer, name, book.sheets[name], header, form_rows(choices, 20))
    for sheet in SHEETS:
        _read_years(answer, book, sheet)
    if book.has_pictures:
        answer.remarks.append(
            "画像が貼り付けられています。画像は読み取れません。文字で書かれているかを確かめてください。"
        )
    return answer


def _find(book: Workbook, columns: Sequence[ImportColumn], title: str = "") -> tuple[str, HeaderMatch] | None:
    """The sheet with these headers: the one so called first, else the best one."""
    index = HeaderIndex(columns)
    found = [
        (name == (title or MAIN_SHEET), header.score, name, header)
        for name, (rows, _) in book.sheets.items()
        if (header := index.best(rows[:SEARCHED_ROWS])) is not None and not header.missing
    ]
    if not found:
        return None
    best = max(found, key=lambda one: one[:2])
    return best[2], best[3]


def _read_main(
    answer: Answer, sheet: str, read: tuple[Rows, SheetScan], header: HeaderMatch, wanted: Sequence[FormRow]
) -> None:
    places = {key: place for place, key in header.keys.items()}
    by_label = {folded_header(row.column.label): row for row in wanted}
    seen: set[str] = set()
    rows, scan = read
    answer.problems += [(sheet, sentence) for sentence in header.duplicates]
    for number, cells in rows:
        label = _cell(cells, places["label"])
        row = by_label.get(folded_header(label)) if number > header.row and isinstance(label, str) else None
        if row is None:
            continue
        if row.key in seen:
            answer.problems.append(
                (f"{sheet}の{number}行目", f"「{row.column.label}」が2回出てきます。前の行を読みました。")
            )
            continue
        seen.add(row.key)
        marks = str(_cell(cells, places.get("mark")) or "").strip().partition("-")
        place = address(number, places["value"])
        if place in scan.flaws:
            answer.problems.append((f"{sheet}の{place}「{row.column.label}」", scan.flaws[place]))
        else:
            _read_value(answer, sheet, place, row, _cell(cells, places["value"]), marks[0])
        if row.field is not None and "consent" in places:
            place = address(number, places["consent"])
            _read_consent(answer, f"{sheet}の{place}", row, _cell(cells, places["consent"]), marks[2])
    for row in wanted[:-3]:
        if row.key not in seen and not row.key.startswith("fields_"):
            answer.remarks.append(f"「{row.column.label}」の行がありません。この項目は今のまま残ります。")


def _read_value(answer: Answer, sheet: str, place: str, row: FormRow, raw: Raw, mark: str) -> None:
    try:
        value = row.column.parser()(raw)
    except CellError as error:
        answer.problems.append((f"{sheet}の{place}「{row.column.label}」", str(error)))
        return
    if value is None and row.column.required:
        answer.problems.append((f"{sheet}の{place}「{row.column.label}」", required_message(row.column)))
        return
    answer.fields[row.key] = Cell(value, mark)


def _read_consent(answer: Answer, place: str, row: FormRow, raw: Raw, mark: str) -> None:
    assert row.field is not None
    text = str(raw or "").strip()
    level = _LEVELS.get(folded_header(text)) if text else None
    if text and level is None:
        labels = "".join(f"「{one.label}」" for one in ConsentLevel)
        answer.problems.append(
            (place, f"「{row.column.label}」の公開の範囲「{text[:30]}」は選べません。{labels}から選んでください。")
        )
        return
    answer.consents[row.field.name] = Cell(level, mark)


def _read_years(answer: Answer, book: Workbook, sheet: YearSheet) -> None:
    found = _find(book, (*sheet.columns, ImportColumn("mark", MARK)), sheet.title)
    if found is None:
        answer.remarks.append(f"「{sheet.title}」の表が見つかりません。{sheet.title}は今のまま残ります。")
        return
    name, header = found
    rows, scan = book.sheets[name]
    places = {key: place for place, key in header.keys.items()}
    answer.problems += [(name, sentence) for sentence in header.duplicates]
    lines: list[Line] = []
    for number, cells in rows:
        filled = [column for column in sheet.columns if _cell(cells, places.get(column.key)) not in (None, "")]
        flawed = [column for column in sheet.columns if address(number, places.get(column.key, 10**4)) in scan.flaws]
        if number <= header.row or not (filled or flawed):
            continue
        if len(lines) == _MAX_LINES:
            answer.problems.append((name, f"行が多すぎます。{_MAX_LINES}行まで読みました。"))
            break
        line = _line(answer, name, number, cells, sheet, places, scan)
        if line is not None:
            lines.append(line)
    answer.lines[sheet.key] = _without_repetition(answer, sheet, lines)


def _line(
    answer: Answer,
    name: str,
    number: int,
    cells: Sequence[Raw],
    sheet: YearSheet,
    places: dict[str, int],
    scan: SheetScan,
) -> Line | None:
    """The line; None when one of its cells cannot be read: it is then not taken at all."""
    values: dict[str, Any] = {}
    is_wrong = False
    for column in sheet.columns:
        if column.key not in places:
            continue
        place = address(number, places[column.key])
        sentence = scan.flaws.get(place)
        if sentence is None:
            try:
                values[column.key] = column.parser()(_cell(cells, places[column.key]))
            except CellError as error:
                sentence = str(error)
            else:
                sentence = required_message(column) if values[column.key] is None and column.required else None
        if sentence is not None:
            answer.problems.append((f"{name}の{place}「{column.label}」", sentence))
            is_wrong = True
    if is_wrong:
        return None
    mark = _LINE_MARK.fullmatch(str(_cell(cells, places.get("mark")) or "").strip())
    return Line(f"{name}の{number}行目", int(mark[1]) if mark else None, values, mark[2] if mark else "")


def _without_repetition(answer: Answer, sheet: YearSheet, lines: list[Line]) -> list[Line]:
    """The lines but those that tell a year (an activity of a year) a second time; each is named."""
    first: dict[tuple[Any, ...], Line] = {}
    repeated = []
    for line in lines:
        key = tuple(line.values.get(name) for name in sheet.identity)
        if key in first:
            repeated.append(line)
            what = "年度" if len(sheet.identity) == 1 else "年度と名称"
            answer.problems.append((line.place, f"{first[key].place}と同じ{what}です。どちらか1行だけを取り込めます。"))
        else:
            first[key] = line
    return [line for line in lines if line not in repeated]


def _cell(cells: Sequence[Raw], place: int | None) -> Raw:
    return cells[place] if place is not None and place < len(cells) else None


__all__ = ["MAX_BYTES", "Answer", "Cell", "Line", "Workbook", "open_form", "read_answer"]
