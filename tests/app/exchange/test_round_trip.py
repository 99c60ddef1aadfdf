"""What goes out comes in again unchanged: Excel, CSV, forms; and what a file cannot hold is named."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange.cells import csv_quoted, sheet_quoted, unquoted
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.excel_forms import FormColumn, find_form_id, sign_form_id, verify_form_id, write_form
from app.exchange.reading import read_table
from app.exchange.specs import Context
from app.exchange.validating import parse_rows, resolve_lookups
from app.exchange.writing import Unwritable, export_rows
from app.problems import Invalid

COLUMNS = (
    ImportColumn("a", "団体名", multiline=True, max_length=40_000),
    ImportColumn("b", "備考", multiline=True, max_length=40_000),
    ImportColumn("n", "会員数", ColumnKind.INT, allows_negative=True),
    ImportColumn("d", "日付", ColumnKind.DATE),
    ImportColumn("f", "確認済み", ColumnKind.BOOL),
)
HEADERS = [column.label for column in COLUMNS]
TRICKY = [
    "=1+1",
    "+81-42-341-1211",
    "-",
    "@SUM(A1)",
    "'=1+1",
    "''x",
    "'そのまま",
    "＝全角",
    '=HYPERLINK("http://example.jp")',
    "=cmd|' /C calc'!A0",
    "http://example.jp/",
    "絵文字👩‍👩‍👧‍👦と𠮷と髙﨑",
    "一行目\n二行目",
    '"引用"、カンマ,と;',
    "_x0041_",
    "00123",
    "1-2",
    "1e5",
    "TRUE",
    "NULL",
]


def back(content: bytes) -> list[list[object]]:
    """The values of a file as the import reads them."""
    rows = list(parse_rows(read_table(content, COLUMNS), COLUMNS))
    assert [row.problems for row in rows] == [[]] * len(rows)
    return [[row.values.get(column.key) for column in COLUMNS] for row in rows]


def exported(kind: str, rows: list[list[object]]) -> bytes:
    """A whole export."""
    return b"".join(export_rows(kind, "一覧:試験/*", HEADERS, iter(rows)).chunks)


@pytest.mark.parametrize(
    ("cell", "found", "unknown"),
    [
        ("保健、医療又は福祉の増進、環境の保全", [["1", "保健、医療又は福祉の増進"], ["7", "環境の保全"]], 0),
        (
            "環境の保全\n学術、文化、芸術又はスポーツの振興",
            [["7", "環境の保全"], ["6", "学術、文化、芸術又はスポーツの振興"]],
            0,
        ),
        ("保健、環境の保全", [["7", "環境の保全"]], 1),
        ("医療又は福祉の増進、保健", [], 2),
    ],
)
def test_names_that_hold_the_sign_between_names_are_read_as_they_were_written(
    cell: str, found: list[list[str]], unknown: int
) -> None:
    known = {"保健、医療又は福祉の増進": "1", "学術、文化、芸術又はスポーツの振興": "6", "環境の保全": "7"}

    def lookup(session: object, actor: object, texts: frozenset[str]) -> dict[str, tuple[str, str]]:
        return {text: (known[text], text) for text in texts if text in known}

    columns = (ImportColumn("fields", "活動分野", ColumnKind.MANY, lookup=lookup),)
    content = b"".join(export_rows("xlsx", "一覧", ["活動分野"], iter([[cell]])).chunks)
    rows = list(parse_rows(read_table(content, columns), columns))
    context = SimpleNamespace(session=None, actor=None, columns={"fields"})
    resolve_lookups(cast(Context, context), columns, rows)
    assert rows[0].values["fields"] == found and len(rows[0].problems) == unknown


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_reads_back_unchanged(kind: str) -> None:
    rows: list[list[object]] = [[text, f"備考 {text}", 12, dt.date(2026, 7, 1), True] for text in TRICKY]
    rows.append(["負の数", None, -5, None, False])
    wanted = [[a, b, n, d.isoformat() if isinstance(d, dt.date) else None, f] for a, b, n, d, f in rows]
    assert back(exported(kind, rows)) == wanted


def test_a_cp932_export_reads_back_and_names_what_it_lacks() -> None:
    rows: list[list[object]] = [["=髙﨑〜の会", "①", 1, None, None]]
    assert back(exported("csv-cp932", rows)) == [["=髙﨑～の会", "①", 1, None, None]]
    bad: list[list[object]] = [["ok", "ok", 1, None, None], ["𠮷田", "👍と😀", 1, None, None]]
    with pytest.raises(Unwritable) as refused:
        export_rows("csv-cp932", "一覧", HEADERS, iter(bad))
    assert refused.value.cells == ["A3「団体名」の「𠮷」", "B3「備考」の「👍」「😀」"]


def test_a_text_too_long_for_a_cell_is_named_never_cut() -> None:
    fits, long, emoji = "あ" * 32_767, "あ" * 32_768, "👍" * 16_384
    assert back(exported("xlsx", [[fits, None, 1, None, None]]))[0][0] == fits
    with pytest.raises(Unwritable) as refused:
        exported("xlsx", [[fits, long, 1, None, None], [emoji, None, 1, None, None]])
    assert refused.value.cells == ["B2「備考」(32,768文字)", "A3「団体名」(32,768文字)"]
    assert back(exported("csv", [[long, None, 1, None, None]]))[0][0] == long


def test_no_cell_of_an_export_is_a_formula_or_a_link() -> None:
    sheet = openpyxl.load_workbook(
        io.BytesIO(exported("xlsx", [[text, None, 1, None, None] for text in TRICKY]))
    ).active
    assert sheet is not None
    cells = [sheet.cell(row, 1) for row in range(2, len(TRICKY) + 2)]
    assert {(cell.data_type, cell.hyperlink) for cell in cells} == {("s", None)}
    lines = exported("csv", [[text, None, 1, None, None] for text in TRICKY]).decode("utf-8-sig").splitlines()
    assert not [line for line in lines if line.lstrip('"').startswith(("=", "+", "-", "@", "＝"))]
    assert exported("csv", []).startswith(b"\xef\xbb\xbf")


@given(st.text())
def test_quoting_comes_off_again(text: str) -> None:
    assert unquoted(csv_quoted(text)) == text
    assert unquoted(sheet_quoted(text)) == text


LINES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Cf", "Co")), max_size=60).map(
    str.strip
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LINES, LINES), min_size=1, max_size=8), st.sampled_from(["xlsx", "csv"]))
def test_any_texts_read_back_unchanged(pairs: list[tuple[str, str]], kind: str) -> None:
    rows: list[list[object]] = [[a, b, number, None, None] for number, (a, b) in enumerate(pairs)]
    wanted = [[a or None, b or None, number, None, None] for number, (a, b) in enumerate(pairs)]
    assert back(exported(kind, rows)) == wanted


def test_a_form_is_locked_signed_and_read_back(tmp_path: Path) -> None:
    form_id = sign_form_id("secret", "survey", 3, "department", 12)
    target = tmp_path / "form.xlsx"
    columns = [
        FormColumn("団体名", is_locked=True),
        FormColumn("備考", help="自由に"),
        FormColumn("確認済み", choices=["はい", "いいえ,または、まだ"]),
        FormColumn("会員数", is_locked_when_given=True),
    ]
    write_form(target, columns, [["=みどり", "前年の内容", "はい", 12]], title="取組調査 令和8年度", form_id=form_id)
    content = target.read_bytes()
    assert back(content)[0][:3] == ["=みどり", "前年の内容", 12]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, lists = book.worksheets
    assert (sheet.protection.sheet, lists.sheet_state) == (True, "hidden")
    assert [cell.protection.locked for cell in sheet[4]] == [True, False, False, True]
    assert [cell.protection.locked for cell in sheet[5]] == [True, False, False, False]
    found = find_form_id([[cell.value for cell in row] for row in sheet.iter_rows(max_row=5)])
    assert found == form_id
    assert verify_form_id("secret", f" {found}\n") == ["survey", "3", "department", "12"]
    for wrong in ("", form_id.replace("12-", "13-"), form_id[:-1] + "!", sign_form_id("other", "survey", 3)):
        with pytest.raises(Invalid, match="様式番号"):
            verify_form_id("secret", wrong)
