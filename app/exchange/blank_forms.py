"""The empty form of an import: its columns as headers, dropdowns where there are choices, help at each cell."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from app.exchange.cells import column_letters
from app.exchange.columns import ColumnKind
from app.exchange.specs import ImportSpec
from app.exchange.writing import Formats, open_workbook, sheet_name

_ROWS = 1_000


def blank_form(spec: ImportSpec, options: Mapping[str, Any]) -> bytes:
    """An .xlsx that the import reads as it is once filled in."""
    target = io.BytesIO()
    with open_workbook(target, constant_memory=False) as book:
        formats = Formats(book)
        sheet = book.add_worksheet(sheet_name(spec.title))
        lists = book.add_worksheet("選択肢")
        text = book.add_format({"num_format": "@", "valign": "top"})
        for place, column in enumerate(spec.columns_for(options)):
            label = f"{column.label}(必須)" if column.required else column.label
            sheet.write_string(0, place, label, formats.header)
            sheet.set_column(place, place, column.width, text)
            choices = [shown for _, shown in column.choices]
            if column.kind is ColumnKind.BOOL:
                choices = ["はい", "いいえ"]
            rule: dict[str, Any] = {"validate": "any"}
            if choices:
                lists.write_column(0, place, choices)
                name = f"choices_{place + 1}"
                letter = column_letters(place)
                book.define_name(name, f"='選択肢'!${letter}$1:${letter}${len(choices)}")
                rule = {"validate": "list", "source": f"={name}", "error_type": "warning"}
            if column.help:
                rule |= {"input_title": column.label[:32], "input_message": column.help[:255]}
            if choices or column.help:
                sheet.data_validation(1, place, _ROWS, place, rule)
        sheet.freeze_panes(1, 0)
        lists.hide()
    return target.getvalue()
