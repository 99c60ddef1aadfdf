"""Excel forms that go out to be filled in: dropdowns, locked cells, and a signed number by which they come back."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.exchange.cells import Raw, column_letters
from app.exchange.writing import Formats, Unwritable, open_workbook, sheet_name, write_cell
from app.problems import Invalid

FORM_LABEL = "様式番号"
_PART = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SIGNED = re.compile(r"([A-Za-z0-9_.:-]{1,200})-([0-9A-F]{16})")
_LISTS = "選択肢"
_EXCEL_LIST_ROWS = 1_048_576


@dataclasses.dataclass(frozen=True)
class FormColumn:
    """A column of a form. `choices`: a dropdown. `help`: shown when a cell is entered.

    `is_locked`: shown, never changed. `is_locked_when_given`: only blank rows may be filled in there.
    """

    label: str
    width: int = 16
    choices: Sequence[str] = ()
    is_locked: bool = False
    is_locked_when_given: bool = False
    is_required: bool = False
    help: str = ""


def sign_form_id(secret: str, *parts: object) -> str:
    """A number for a form that only this installation can make: "survey:3:department:12-9F3A…"."""
    words = [str(part) for part in parts]
    if not words or not all(_PART.fullmatch(word) for word in words):
        raise ValueError("parts of a form id are ASCII words")
    text = ":".join(words)
    return f"{text}-{_seal(secret, text)}"


def verify_form_id(secret: str, text: str) -> list[str]:
    """The parts of a signed number. Raises Invalid when it was not made here."""
    match = _SIGNED.fullmatch("".join(text.split()))
    if match is None or not hmac.compare_digest(match[2], _seal(secret, match[1])):
        raise Invalid(
            "様式番号が正しくありません。このシステムからダウンロードした様式を、そのまま使ってください"
            "(様式番号のセルは変更しないでください)。"
        )
    return match[1].split(":")


def _seal(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), f"excel form:{text}".encode(), hashlib.sha256).hexdigest()[:16].upper()


def find_form_id(rows: Sequence[Sequence[Raw]]) -> str | None:
    """The number beside 「様式番号」 in the first rows of a sheet; None when there is none."""
    for cells in rows[:20]:
        for place, cell in enumerate(cells[:-1]):
            if isinstance(cell, str) and cell.strip().startswith(FORM_LABEL):
                value = cells[place + 1]
                return value.strip() if isinstance(value, str) else None
    return None


def write_form(
    target: Path | io.BytesIO,
    columns: Sequence[FormColumn],
    rows: Sequence[Sequence[Any]],
    *,
    title: str,
    form_id: str,
    notes: Sequence[str] = (),
    blank_rows: int = 30,
) -> None:
    """A protected sheet: title, notes, form number, header, the given rows and blank ones to fill in.

    Input cells are unlocked, everything else is locked (without a password: it keeps from mistakes, not from intent).
    Dropdowns take their choices from a hidden sheet by a defined name, so that commas in them do no harm.
    Raises Unwritable when a text is too long for a cell.
    """
    with open_workbook(target, constant_memory=False) as book:
        formats = Formats(book)
        sheet = book.add_worksheet(sheet_name(title))
        header = _write_head(book, sheet, formats, title, form_id, notes, columns)
        styles = {
            False: book.add_format(
                {
                    "num_format": "@",
                    "text_wrap": True,
                    "valign": "top",
                    "border": 1,
                    "locked": False,
                    "bg_color": "#FFFFE5",
                }
            ),
            True: book.add_format(
                {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#F2F2F2"}
            ),
        }
        last = header + len(rows) + blank_rows
        too_long: list[str] = []
        for number in range(header + 1, last + 1):
            given = rows[number - header - 1] if number - header <= len(rows) else ()
            for place, column in enumerate(columns):
                style = styles[column.is_locked or (column.is_locked_when_given and bool(given))]
                value = given[place] if place < len(given) else None
                _write_input(sheet, formats, style, number, place, value, too_long, column.label)
        if too_long:
            raise Unwritable("Excelのセルに入りきらない文章があります(32,767文字まで)。", too_long[:30], len(too_long))
        _add_dropdowns(book, sheet, columns, header + 1, last)
        sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
        sheet.freeze_panes(header + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(header)


def _write_head(
    book: Any,
    sheet: Any,
    formats: Formats,
    title: str,
    form_id: str,
    notes: Sequence[str],
    columns: Sequence[FormColumn],
) -> int:
    """Write what stands above the rows; returns the header's row (from 0)."""
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, FORM_LABEL)
    sheet.write_string(1, 1, form_id, book.add_format({"font_name": "Consolas"}))
    row = 2
    for note in notes:
        sheet.write_string(row, 0, note)
        row += 1
    for place, column in enumerate(columns):
        label = f"{column.label}(必須)" if column.is_required else column.label
        sheet.write_string(row, place, label, formats.header)
        sheet.set_column(place, place, column.width)
    return row


def _write_input(
    sheet: Any, formats: Formats, style: Any, row: int, place: int, value: Any, too_long: list[str], label: str
) -> None:
    sheet.write_blank(row, place, None, style)
    if value is None or value == "":
        return
    kept = formats.text, formats.integer, formats.date
    formats.text = style
    try:
        if not write_cell(sheet, formats, row, place, value if type(value) is not int else str(value)):
            too_long.append(f"{row + 1}行目「{label}」")
    finally:
        formats.text, formats.integer, formats.date = kept


def _add_dropdowns(book: Any, sheet: Any, columns: Sequence[FormColumn], first: int, last: int) -> None:
    chosen = [(place, column) for place, column in enumerate(columns) if column.choices and not column.is_locked]
    lists = book.add_worksheet(_LISTS) if chosen else None
    for number, (place, column) in enumerate(chosen):
        for row, choice in enumerate(column.choices[:_EXCEL_LIST_ROWS]):
            assert lists is not None
            lists.write_string(row, number, choice)
        name = f"choices_{number + 1}"
        letter = column_letters(number)
        book.define_name(name, f"='{_LISTS}'!${letter}$1:${letter}${len(column.choices)}")
        sheet.data_validation(
            first,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": f"={name}",
                "error_title": "一覧から選んでください",
                "error_message": f"「{column.label[:60]}」は一覧にあるものから選んでください。",
                **_prompt(column),
            },
        )
    for place, column in enumerate(columns):
        if column.help and not column.choices and not column.is_locked:
            sheet.data_validation(first, place, last, place, {"validate": "any", **_prompt(column)})
    if lists is not None:
        lists.hide()
        lists.protect()


def _prompt(column: FormColumn) -> dict[str, str]:
    return {"input_title": column.label[:32], "input_message": column.help[:255]} if column.help else {}
