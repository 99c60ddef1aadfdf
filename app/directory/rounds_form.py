"""Writes a group's yearly form: prefilled, protected, with dropdowns, missing items in colour, and its signed number."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from app.directory.rounds_columns import CONSENT_CHOICES, SHEETS, FormRow, YearSheet, form_rows
from app.directory.rounds_values import StoredProfile, blank, mark_of
from app.exchange.cells import sheet_quoted
from app.exchange.excel_forms import FORM_LABEL, sign_form_id
from app.exchange.writing import open_workbook
from app.japanese.dates import format_date, format_fiscal_year
from app.japanese.text import EXCEL_CELL_LENGTH, utf16_length
from models.directory_profile import ConsentLevel

KIND = "confirm"
MAIN_SHEET = "登録内容"
LABEL, VALUE, CONSENT, MARK, HELP = "項目", "記入欄", "公開の範囲", "照合", "書き方"
_BLANK_LINES = 8
_NOTES = (
    "うすい黄色とオレンジ色のセルに記入してください。オレンジ色は、まだ登録のない項目です。",
    "変わりのない項目は、そのままにしてください。「様式番号」と「照合」の欄は変更しないでください。",
    "「公開の範囲」で「公開」を選んだ項目だけが、冊子「むすぶ」とウェブサイトに載ります。",
)


@dataclasses.dataclass(frozen=True)
class FormRequest:
    """What is needed to write one form."""

    round_id: int
    form_id: int
    fiscal_year: int
    due_on: dt.date
    message: str
    stored: StoredProfile
    #: (number, title) of the activity fields.
    field_choices: Sequence[tuple[str, str]]


def form_number(secret: str, round_id: int, form_id: int) -> str:
    """The signed number by which a form comes back."""
    return sign_form_id(secret, KIND, round_id, form_id)


def write_group_form(request: FormRequest, secret: str) -> bytes:
    """The workbook: one sheet of the profile, one each for activities, statements and members by year."""
    target = io.BytesIO()
    number = form_number(secret, request.round_id, request.form_id)
    with open_workbook(target, constant_memory=False) as book:
        writer = _Writer(book, number, request)
        writer.main()
        for sheet in SHEETS:
            writer.years(sheet)
        writer.choices()
    return target.getvalue()


def file_name(fiscal_year: int, organization_id: int, name: str) -> str:
    """「登録内容の確認_令和8年度_12_架空の会.xlsx」, safe on Windows."""
    safe = "".join(char for char in name if char.isprintable() and char not in '\\/:*?"<>|.')[:40].strip()
    return f"登録内容の確認_{format_fiscal_year(fiscal_year)}_{organization_id}_{safe or '団体'}.xlsx"


class _Writer:
    def __init__(self, book: Any, number: str, request: FormRequest) -> None:
        self.book, self.number, self.request = book, number, request
        input_cell = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "locked": False}
        locked = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#F2F2F2"}
        self.given = book.add_format(input_cell | {"bg_color": "#FFFFE5"})
        self.wanted = book.add_format(input_cell | {"bg_color": "#FFD9B3"})
        self.locked = book.add_format(locked)
        self.label = book.add_format(locked | {"bold": True})
        self.faint = book.add_format(locked | {"font_color": "#808080", "font_size": 8})
        self.header = book.add_format({"bold": True, "bg_color": "#E8F1FE", "border": 1, "valign": "top"})
        self.lists: list[tuple[str, list[str]]] = []

    def main(self) -> None:
        """項目・記入欄・公開の範囲・照合・書き方, one line a field."""
        sheet = self.book.add_worksheet(MAIN_SHEET)
        header = self._head(sheet, "登録内容の確認", _NOTES)
        for place, (label, width) in enumerate(((LABEL, 24), (VALUE, 64), (CONSENT, 14), (MARK, 11), (HELP, 44))):
            sheet.write_string(header, place, label, self.header)
            sheet.set_column(place, place, width)
        stored = self.request.stored
        count = len(stored.values.get("fields") or ())
        consent_list = self._list("consent", [label for _, label in CONSENT_CHOICES])
        for place, row in enumerate(form_rows(self.request.field_choices, count), start=header + 1):
            self._main_row(sheet, place, row, consent_list)
        self._finish(sheet, header)

    def _main_row(self, sheet: Any, place: int, row: FormRow, consent_list: str) -> None:
        value = form_value(self.request.stored, row)
        is_wanted = row.is_wanted and value is None
        label = f"{row.column.label}(必須)" if row.column.required else row.column.label
        sheet.write_string(place, 0, label, self.label)
        self._input(sheet, place, 1, row.column.shown(value), self.wanted if is_wanted else self.given)
        consent = self.request.stored.consents.get(row.field.name) if row.field else None
        if row.field is None:
            sheet.write_string(place, 2, "―", self.locked)
        else:
            shown = ConsentLevel(consent).label if consent is not None else ""
            self._input(sheet, place, 2, shown, self.given if shown else self.wanted)
            sheet.data_validation(place, 2, place, 2, _one_of(consent_list, "公開の範囲"))
        sheet.write_string(place, 3, f"{mark_of(value)}-{mark_of(consent)[:4]}", self.faint)
        sheet.write_string(place, 4, row.help, self.faint)
        if row.column.choices:
            name = self._list(row.key.partition("_")[0], [text for _, text in row.column.choices])
            sheet.data_validation(place, 1, place, 1, _one_of(name, row.column.label))
        if row.column.multiline:
            lines = max(2, min(12, len(row.column.shown(value)) // 30 + 1))
            sheet.set_row(place, 16 * lines)

    def years(self, year_sheet: YearSheet) -> None:
        """One line a stored row, then lines to fill in."""
        sheet = self.book.add_worksheet(year_sheet.title)
        header = self._head(sheet, year_sheet.title, (year_sheet.note,))
        for place, column in enumerate(year_sheet.columns):
            label = f"{column.label}(必須)" if column.required else column.label
            sheet.write_string(header, place, label, self.header)
            sheet.set_column(place, place, column.width)
        mark_place = len(year_sheet.columns)
        sheet.write_string(header, mark_place, MARK, self.header)
        sheet.set_column(mark_place, mark_place, 16)
        stored = self.request.stored.lines.get(year_sheet.key, {})
        last_year = self.request.fiscal_year - 1
        is_missing = not any(line["fiscal_year"] == last_year for line in stored.values())
        lines: list[tuple[int | None, dict[str, Any]]] = [*stored.items()]
        lines += [(None, {})] * _BLANK_LINES
        for number, (row_id, line) in enumerate(lines):
            is_wanted = is_missing and number == len(stored)
            for place, column in enumerate(year_sheet.columns):
                style = self.wanted if is_wanted and column.required else self.given
                self._input(sheet, header + 1 + number, place, column.shown(line.get(column.key)), style)
            mark = f"{row_id}-{mark_of(line)}" if row_id is not None else ""
            sheet.write_string(header + 1 + number, mark_place, mark, self.faint)
        self._finish(sheet, header)

    def choices(self) -> None:
        """The lists of the dropdowns, hidden."""
        sheet = self.book.add_worksheet("選択肢")
        for place, (name, items) in enumerate(self.lists):
            for number, item in enumerate(items):
                sheet.write_string(number, place, item)
            letter = chr(ord("A") + place)
            self.book.define_name(f"choices_{name}", f"='選択肢'!${letter}$1:${letter}${len(items)}")
        sheet.hide()
        sheet.protect()

    def _head(self, sheet: Any, title: str, notes: Sequence[str]) -> int:
        year = format_fiscal_year(self.request.fiscal_year)
        name = str(self.request.stored.values["name"])
        sheet.write_string(0, 0, f"{title}({year})", self.book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, FORM_LABEL)
        sheet.write_string(1, 1, self.number, self.book.add_format({"font_name": "Consolas"}))
        sheet.write_string(2, 0, "団体")
        sheet.write_string(2, 1, sheet_quoted(name), self.book.add_format({"bold": True}))
        lines = [f"回答期限: {format_date(self.request.due_on)}", *notes]
        if title == "登録内容の確認":
            lines[1:1] = self.request.message.splitlines()[:5]
        for row, line in enumerate(lines, start=3):
            sheet.write_string(row, 0, line[:1_000])
        return 3 + len(lines)

    def _input(self, sheet: Any, row: int, place: int, text: str, style: Any) -> None:
        text = sheet_quoted(text)
        if text and utf16_length(text) <= EXCEL_CELL_LENGTH:
            sheet.write_string(row, place, text, style)
        else:
            sheet.write_blank(row, place, None, style)

    def _list(self, name: str, items: list[str]) -> str:
        if name not in {known for known, _ in self.lists}:
            self.lists.append((name, items))
        return f"choices_{name}"

    def _finish(self, sheet: Any, header: int) -> None:
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.freeze_panes(header + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(header)
        sheet.set_footer(f"&L{self.number}&R&P / &N")


def form_value(stored: StoredProfile, row: FormRow) -> Any:
    """The plain value that a line of the first sheet is given."""
    key, _, place = row.key.partition("_")
    if key == "fields" and place:
        numbers = stored.values.get("fields") or []
        return str(numbers[int(place) - 1]) if int(place) <= len(numbers) else None
    return blank(stored.values.get(row.key))


def _one_of(name: str, label: str) -> dict[str, str]:
    return {
        "validate": "list",
        "source": f"={name}",
        "error_title": "一覧から選んでください",
        "error_message": f"「{label[:60]}」は一覧にあるものから選んでください。",
    }
