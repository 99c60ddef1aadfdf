"""CSV: which character set, which delimiter, and its records."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from app.exchange.cells import Raw
from app.problems import Invalid

#: Longer cells are read, so that the column can say by how much they are too long.
MAX_CELL = 5_000_000
csv.field_size_limit(MAX_CELL)

_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_HINT = "Excelで開き、「CSV UTF-8(コンマ区切り)」または「Excelブック(.xlsx)」で保存し直してください。"


def decode(content: bytes) -> tuple[str, str]:
    """(text, name of the character set): UTF-8 with or without BOM, UTF-16 with BOM, else cp932. Raises Invalid."""
    if content.startswith(_BINARY):
        raise Invalid(f"CSVでもExcelブック(.xlsx)でもないファイルです。{_HINT}")
    if content[:5].lower() == b"<html" or content[:14].lower() == b"<!doctype html":
        raise Invalid(f"Webページ(HTML)のファイルです。{_HINT}")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16"), "UTF-16"
    if content.startswith(codecs.BOM_UTF8):
        return _decoded(content, "utf-8-sig"), "UTF-8(BOM付き)"
    if content.count(0) * 20 > len(content):
        raise Invalid(f"文字ではないデータが多く含まれています。{_HINT}")
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decoded(content, "cp932"), "Shift_JIS(cp932)"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"文字コードが分かりません。{line}行目のあたりに、UTF-8でもShift_JISでも読めない文字があります。{_HINT}"
        ) from None


def rows(text: str) -> Iterator[tuple[int, list[Raw]]]:
    """(number of the record, cells). A record is a row as Excel shows it, also when a cell has line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(
                f'{number}行目がCSVとして読めません。引用符(")が閉じていないか、一つのセルが長すぎます。{_HINT}'
            ) from None
        yield number, cells  # type: ignore[misc]


def _delimiter(text: str) -> str:
    """Tab or comma, whichever the first lines hold more of."""
    head = text[:4_000]
    return "\t" if head.count("\t") > head.count(",") else ","
