"""Every bad file of the issue gets a sentence, every good one is read as it stands."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.reading import Table, read_table
from app.exchange.validating import parse_rows
from app.problems import Invalid
from tests.app.exchange.conftest import make_xlsx

COLUMNS = (
    ImportColumn("name", "団体名", required=True, aliases=["名称"], max_length=300),
    ImportColumn("count", "会員数(人)", ColumnKind.INT),
    ImportColumn("held_on", "日付", ColumnKind.DATE),
    ImportColumn("amount_yen", "金額", ColumnKind.YEN),
    ImportColumn("note", "備考", multiline=True, max_length=100_000),
)


def parsed(content: bytes) -> list[tuple[int, dict[str, Any], list[list[str]]]]:
    """[(row number, values, problems)] of a file."""
    rows = parse_rows(read_table(content, COLUMNS), COLUMNS)
    return [(row.number, row.values, [problem.as_json() for problem in row.problems]) for row in rows]


def refusal(content: bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(Invalid) as refused:
        list(read_table(content, COLUMNS))
    return refused.value.message


def book(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook whose only sheet `fill(book, sheet)` fills."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        fill(made, made.add_worksheet("一覧"))
    return target.getvalue()


def rezipped(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


PLAIN = make_xlsx([["団体名", "会員数(人)"], ["みどりの会", 12]])
SHEET = "xl/worksheets/sheet1.xml"


# --- no table at all -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"%PDF-1.7 ...", "CSVでもExcelブック"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "CSVでもExcelブック"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "HTML"),
        (bytes(range(256)) * 8, "文字コードが分かりません"),
        (b"\0" * 5_000, "文字ではないデータ"),
        (b"PK\x03\x04" + b"\0" * 40, "壊れています"),
        (PLAIN[:-30], "壊れています"),
        (PLAIN[: len(PLAIN) // 2], "壊れています"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "パスワード"),
        ("あいう\r\nえお".encode(), "見出しの行が見つかりません"),
        ('団体名,備考\r\n"閉じない'.encode(), "CSVとして読めません"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    if words == "CSVとして読めません":
        assert parsed(content) == [(2, {"name": "閉じない", "note": None}, [])]  # an open quote at the end is forgiven
    else:
        assert words in refusal(content)


def test_other_packages_are_named() -> None:
    def package(*names: str) -> bytes:
        return rezipped(PLAIN, lambda parts: (parts.clear(), parts.update(dict.fromkeys(names, b"<x/>")))[0])

    assert "Word" in refusal(package("[Content_Types].xml", "word/document.xml"))
    assert "OpenDocument" in refusal(package("mimetype", "content.xml"))
    assert "xlsb" in refusal(package("[Content_Types].xml", "xl/workbook.bin"))
    assert "Excelブック" in refusal(package("readme.txt"))


def test_a_macro_workbook_is_refused() -> None:
    assert "マクロ" in refusal(rezipped(PLAIN, lambda parts: parts.update({"xl/vbaProject.bin": b"x"})))

    def macro_type(parts: dict[str, bytes]) -> None:
        name = "[Content_Types].xml"
        parts[name] = parts[name].replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")

    assert "マクロ" in refusal(rezipped(PLAIN, macro_type))


def test_a_zip_bomb_is_refused_by_what_it_really_unpacks_to() -> None:
    def swell(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(b"<sheetData>", b"<sheetData>" + b" " * 60_000_000)

    bomb = rezipped(PLAIN, swell)
    assert len(bomb) < 200_000
    assert "圧縮爆弾" in refusal(bomb)
    # the same with sizes in the directory that lie
    place = bomb.rfind(b"PK\x01\x02", 0, bomb.rfind(SHEET.encode()))
    lying = bytearray(bomb)
    lying[place + 24 : place + 28] = struct.pack("<I", 1_000)
    assert "圧縮爆弾" in refusal(bytes(lying)) or "壊れています" in refusal(bytes(lying))


def test_a_declared_entity_is_refused() -> None:
    def declare(parts: dict[str, bytes]) -> None:
        parts[SHEET] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + parts[SHEET]

    assert "DOCTYPE" in refusal(rezipped(PLAIN, declare))


def test_two_far_corners_do_not_fill_the_memory() -> None:
    def corners(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["団体名"])
        sheet.write(1_048_575, 16_383, "x")

    assert "範囲が広すぎます(A1からXFD1048576まで)" in refusal(book(corners))


def test_a_million_empty_rows_do_no_harm() -> None:
    def empty(made: Any, sheet: Any) -> None:
        style = made.add_format({"bg_color": "#eeeeee"})
        sheet.write_row(0, 0, ["団体名"])
        sheet.write(1, 0, "みどりの会")
        sheet.write_blank(1_048_575, 0, None, style)
        sheet.write_blank(500_000, 0, None, style)

    assert parsed(book(empty)) == [(2, {"name": "みどりの会"}, [])]

    def spaced(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["団体名"])
        sheet.write(1, 0, "みどりの会")
        sheet.write(1_048_575, 0, " ")

    assert parsed(book(spaced)) == [(2, {"name": "みどりの会"}, [])]
    lines = "団体名,備考\r\nみどりの会,\r\n" + ",\r\n" * 1_048_574
    assert parsed(lines.encode()) == [(2, {"name": "みどりの会", "note": None}, [])]


def test_too_many_rows_are_refused() -> None:
    assert "100,000行まで" in refusal(("団体名\r\n" + "会\r\n" * 100_001).encode())


# --- headers ---------------------------------------------------------------------------------------------------


def test_headers_are_recognised_by_alias_width_and_below_a_title() -> None:
    rows = [["令和8年度 団体一覧"], [], ["名称(必須)", "会員数\n（人）", "知らない列"], ["みどりの会", "１２", "x"]]
    table = read_table(make_xlsx(rows), COLUMNS)
    assert (table.header.row, table.keys) == (3, {0: "name", 1: "count"})
    assert table.notes[-1] == "次の見出しの列は読み取りません: 知らない列(C3)"
    assert [row.values for row in parse_rows(table, COLUMNS)] == [{"name": "みどりの会", "count": 12}]


def test_duplicate_and_missing_headers_are_named() -> None:
    assert refusal(make_xlsx([["団体名", "備考", "名称"], ["a", "b", "c"]])) == (
        "見出し「名称」がA1とC1の二か所にあります。どちらかを削除してください。"
    )
    assert (
        refusal("会員数(人),備考\r\n1,2\r\n".encode())
        == "必要な列「団体名」がありません。1行目を見出しとして読みました。"
    )


def test_the_sheet_whose_header_fits_best_is_read() -> None:
    def sheets(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["表紙", "備考"])
        hidden = made.add_worksheet("選択肢")
        hidden.write_row(0, 0, ["団体名", "会員数(人)", "日付", "金額"])
        hidden.hide()
        made.add_worksheet("データ").write_row(0, 0, ["団体名", "備考"])
        made.worksheets()[2].write_row(1, 0, ["みどりの会", "x"])

    table = read_table(book(sheets), COLUMNS)
    assert (table.sheet, table.notes) == ("データ", ["シート「データ」を読みました。ほかのシートは読み取りません。"])


# --- cells -----------------------------------------------------------------------------------------------------


def test_formula_cells_are_read_never_evaluated() -> None:
    def formulas(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["団体名", "会員数(人)", "備考"])
        sheet.write_string(1, 0, "みどりの会")
        sheet.write_formula(1, 1, "=6*7", None, 42)
        sheet.write_formula(1, 2, '=IF(TRUE,"x","y")', None, "x")
        sheet.write_string(2, 0, "ひかりの会")
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")

    content = book(formulas)
    table = read_table(content, COLUMNS)
    assert table.notes[1] == "数式のセルが3個あります。保存されている計算結果の値を読み取りました。"
    assert parsed(content)[1][2] == [
        ["B3", "count", "エラー値「#N/A」になっています。数式を直すか、値を入力してください。"]
    ]
    bare = rezipped(content, lambda parts: parts.update({SHEET: parts[SHEET].replace(b"<v>42</v>", b"")}))
    assert parsed(bare)[0][2] == [
        [
            "B2",
            "count",
            "数式の計算結果が保存されていません。Excelで開いて保存し直すか、値だけを貼り付けてください。",
        ]
    ]


def test_an_unusually_written_sheet_is_scanned_as_well() -> None:
    def prefixed(parts: dict[str, bytes]) -> None:
        import re

        parts[SHEET] = re.sub(rb"<(/?)(?!\?)(\w+)", rb"<\1x:\2", parts[SHEET]).replace(b"xmlns=", b"xmlns:x=")
        parts[SHEET] = parts[SHEET].replace(b"<x:v>12</x:v>", b"<x:f>1+</x:f>")

    found = parsed(rezipped(PLAIN, prefixed))
    assert [problems[0][0] for _, _, problems in found if problems] == ["B2"]


def test_merged_cells_are_named_and_refused_where_there_is_data() -> None:
    def merged(made: Any, sheet: Any) -> None:
        sheet.merge_range("A1:E1", "題名")
        sheet.write_row(1, 0, ["団体名", "備考"])
        sheet.merge_range("A3:A4", "みどりの会")
        sheet.write(2, 1, "x")
        sheet.write(3, 1, "y")
        sheet.write_row(4, 0, ["ひかりの会", "z"])

    message = "セルが結合されています(A3:A4)。結合を解除し、それぞれのセルに値を入力してください。"
    assert [(number, problems) for number, _, problems in parsed(book(merged))] == [
        (3, [["A3", "name", message]]),
        (4, [["A4", "name", message]]),
        (5, []),
    ]


def test_dates_in_every_way_and_impossible_ones() -> None:
    typed = ["2026-07-01", "2026/7/1", "R8.7.1", "令和8年7月1日(水)", "２０２６／７／１", dt.date(2026, 7, 1)]
    rows = [["団体名", "日付"], *[["会", value] for value in typed]]
    assert [values["held_on"] for _, values, _ in parsed(make_xlsx(rows))] == ["2026-07-01"] * 6
    wrong = ["2026-02-30", "平成31年5月1日", "7/1", "令和8年度", "あした", dt.datetime(2026, 7, 1, 3, 4)]  # noqa: DTZ001 - as a sheet has it
    rows = [["団体名", "日付"], *[["会", value] for value in wrong]]
    assert [[where for where, _, _ in problems] for _, _, problems in parsed(make_xlsx(rows))] == [
        [f"B{number}"] for number in range(2, 8)
    ]


def test_numbers_and_money_with_full_width_digits() -> None:
    rows = [
        ["団体名", "会員数(人)", "金額"],
        ["会", "１，２００", "¥１００万円"],
        ["会", 1200.0, 1_000_000.0],
        ["会", "約12人", "0.5"],
        ["会", "12人", "5"],
    ]
    found = parsed(make_xlsx(rows))
    assert [(values["count"], values["amount_yen"]) for _, values, _ in found[:2]] == [(1200, 1_000_000)] * 2
    assert [problem[:2] for problem in found[2][2]] == [["B4", "count"], ["C4", "amount_yen"]]
    assert found[3][1]["count"] == 12


def test_nul_and_long_cells_are_named() -> None:
    found = parsed(("団体名,備考\r\nみ\0どり," + "あ" * 200_000 + "\r\n").encode())
    assert found[0][2] == [
        ["A2", "name", "2文字目に使えない文字(制御文字 U+0000)があります。取り除いてください。"],
        ["B2", "note", "「備考」は100,000文字までです。いま200,000文字あります。100,000文字減らしてください。"],
    ]
    found = parsed(make_xlsx([["団体名"], ["み\0どり"]]))
    assert found[0][2][0][:2] == ["A2", "name"]


def test_a_text_that_excel_made_a_date_of_is_not_taken_silently() -> None:
    found = parsed(make_xlsx([["団体名"], [dt.date(2026, 1, 2)]]))
    assert found[0][2] == [
        ["A2", "name", "日付として保存されています。セルの書式を「文字列」にして入力し直してください。"]
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_in_every_character_set(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["団体名", "備考"]) + "\r\n" + delimiter.join(["髙﨑の会", '"一行目\r\n二行目"']) + "\r\n"
    assert parsed(text.encode(encoding)) == [(2, {"name": "髙﨑の会", "note": "一行目\n二行目"}, [])]


def test_a_table_is_a_table() -> None:
    table = read_table(PLAIN, COLUMNS)
    assert isinstance(table, Table)
    assert parsed(PLAIN) == [(2, {"name": "みどりの会", "count": 12}, [])]
