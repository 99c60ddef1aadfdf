"""The wrong rows of an import as an Excel file: as they were typed, with what is wrong written beside them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange.cells import sheet_quoted
from app.exchange.queries import wrong_rows
from app.exchange.specs import get_import
from app.exchange.writing import Formats, open_workbook, sheet_name, write_cell
from app.problems import NotFound
from models.exchange import ImportRun

REASON = "誤りの内容"
ROW = "元の行"


def wrong_rows_file(session: Session, *, actor: Actor, run: ImportRun) -> bytes:
    """An .xlsx that can be corrected and imported as it is: columns of the file first, messages to the right.

    Wrong cells are coloured and carry their message as a comment. Raises NotFound when nothing is wrong (any more).
    """
    if not run.wrong_count or run.is_purged:
        raise NotFound("誤りのある行はありません。")
    columns = {column.key: column for column in get_import(run.spec_name).columns_for(run.options)}
    keys = [key for key in run.column_keys if key in columns]
    target = io.BytesIO()
    with open_workbook(target, constant_memory=False) as book:
        sheet = book.add_worksheet(sheet_name(f"誤り {run.title}"))
        formats = Formats(book)
        marked = book.add_format({"num_format": "@", "bg_color": "#FFE0E0", "text_wrap": True, "valign": "top"})
        red = book.add_format({"font_color": "#B00000", "text_wrap": True, "valign": "top"})
        headers = [*(columns[key].label for key in keys), ROW, REASON]
        for place, label in enumerate(headers):
            sheet.write_string(0, place, label, formats.header)
            sheet.set_column(place, place, 60 if label == REASON else 16)
        sheet.freeze_panes(1, 0)
        for number, (values, row_number, problems) in enumerate(_rows(session, actor, run), start=1):
            wrong: dict[str, str] = {}
            for _, key, message in problems:
                wrong.setdefault(key, message)
            for place, key in enumerate(keys):
                text = values.get(key, "")
                if key in wrong:
                    _write_marked(sheet, number, place, text, wrong[key], marked)
                else:
                    write_cell(sheet, formats, number, place, text)
            sheet.write_number(number, len(keys), row_number)
            reason = "\n".join(f"{where}: {message}" for where, _, message in problems)
            sheet.write_string(number, len(keys) + 1, reason[:30_000], red)
    return target.getvalue()


def _rows(session: Session, actor: Actor, run: ImportRun) -> Iterator[tuple[dict[str, Any], int, list[list[str]]]]:
    for row in wrong_rows(session, actor=actor, run=run):
        yield row.values, row.row_number, row.problems


def _write_marked(sheet: Any, row: int, place: int, text: str, message: str, style: Any) -> None:
    if text:
        sheet.write_string(row, place, sheet_quoted(text), style)
    else:
        sheet.write_blank(row, place, None, style)
    sheet.write_comment(row, place, message[:1_000], {"x_scale": 2})
