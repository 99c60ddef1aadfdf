"""Looks at a sheet's XML before calamine does: how far its values reach, formulas without a value, error cells."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from app.exchange.cells import address, column_index
from app.exchange.packages import NOT_A_WORKBOOK, Package
from app.problems import Invalid

#: Cells of the rectangle around all values; the reader holds them all in memory.
MAX_CELLS = 8_000_000
_MAX_ROW_BYTES = 64 * 1024 * 1024
_MAX_FLAWS = 2_000

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_VALUED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/]>(?!</c>)')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_WHOLE = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"([^>]*[^/])?>(.*?)</c>', re.DOTALL)
_VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>")
_NOT_COMPUTED = "数式の計算結果が保存されていません。Excelで開いて保存し直すか、値だけを貼り付けてください。"


@dataclasses.dataclass
class SheetScan:
    """What the scan saw. `flaws`: address → sentence."""

    max_row: int = 0
    max_column: int = 0
    formulas: int = 0
    flaws: dict[str, str] = dataclasses.field(default_factory=dict)

    def add_flaw(self, cell: str, message: str) -> None:
        """Note a cell that cannot be read; beyond a limit only the first ones are kept."""
        if len(self.flaws) < _MAX_FLAWS:
            self.flaws[cell] = message

    def check_box(self) -> None:
        """Raise Invalid when the rectangle around the values is too large to read."""
        if self.max_row * self.max_column > MAX_CELLS:
            corner = address(self.max_row, self.max_column - 1)
            raise Invalid(
                f"使われている範囲が広すぎます(A1から{corner}まで)。データより下の行と右の列を選んで削除し、"
                "保存し直してください。"
            )


def sheet_parts(package: Package) -> list[tuple[str, str]]:
    """(sheet name, part) of the worksheets, in order."""
    try:
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    except (ElementTree.ParseError, KeyError, ValueError, LookupError) as error:
        raise NOT_A_WORKBOOK from error
    targets = {
        item.get("Id"): item.get("Target", "") for item in relations if item.get("Type", "").endswith("/worksheet")
    }
    parts = []
    for sheet in book.iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        target = targets.get(key)
        if target:
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"
            parts.append((sheet.get("name", ""), part))
    return parts


def scan_sheet(package: Package, part: str) -> SheetScan:
    """Scan one worksheet. Raises Invalid when it is too large or no XML."""
    scan = SheetScan()
    if not package.has(part):
        return scan
    for block in _row_blocks(package.stream(part)):
        if not _scan_block(scan, block):
            scan = _scan_slowly(package, part)
            break
    scan.check_box()
    return scan


def _row_blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The XML in pieces that end between rows."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(b"row>")
        if end > 0:
            yield rest[: end + 4]
            rest = rest[end + 4 :]
        elif len(rest) > _MAX_ROW_BYTES:
            raise Invalid("一つの行が大きすぎて読めません。行を分けて保存し直してください。")
    if rest:
        yield rest


def _scan_block(scan: SheetScan, block: bytes) -> bool:
    """Scan a piece whose cells are written the usual way; False when they are not."""
    cells = _CELL.findall(block)
    if len(cells) != len(_ANY_CELL.findall(block)):
        return False
    if not cells:
        return True
    bottom = max(map(int, {row for _, row in cells}))
    right = max(column_index(letters.decode()) for letters in {letters for letters, _ in cells}) + 1
    if bottom > scan.max_row or right > scan.max_column:
        if bottom > 20_000 or right > 200:  # formatted but empty cells do not count
            valued = _VALUED.findall(block)
            bottom = max((int(row) for _, row in valued), default=0)
            right = max((column_index(letters.decode()) + 1 for letters, _ in valued), default=0)
        scan.max_row, scan.max_column = max(scan.max_row, bottom), max(scan.max_column, right)
    if b"<f" in block or b't="e"' in block:
        _find_flaws(scan, block)
    return True


def _find_flaws(scan: SheetScan, block: bytes) -> None:
    for match in _WHOLE.finditer(block):
        attributes, body = match[2] or b"", match[3]
        is_formula = b"<f" in body
        is_error = b't="e"' in attributes
        if not (is_formula or is_error):
            continue
        value = _VALUE.search(body)
        _judge(
            scan,
            match[1].decode(),
            is_formula,
            is_error,
            b't="str"' in attributes,
            value[1].decode() if value else None,
        )


def _judge(scan: SheetScan, cell: str, is_formula: bool, is_error: bool, is_text: bool, value: str | None) -> None:
    scan.formulas += is_formula
    if is_error:
        shown = value or "#エラー"
        scan.add_flaw(cell, f"エラー値「{shown}」になっています。数式を直すか、値を入力してください。")
    elif is_formula and not value and not (is_text and value is not None):
        scan.add_flaw(cell, _NOT_COMPUTED)


class _SlowScan:
    """The same by a real XML parser, for sheets written in an unusual way (prefixes, no addresses)."""

    def __init__(self) -> None:
        self.scan = SheetScan()
        self.row = self.column = 0
        self.attributes: dict[str, str] | None = None
        self.is_formula = self.is_inside_value = False
        self.value: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isascii() and number.isdecimal() else self.row + 1
            self.column = -1
        elif name == "c":
            match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", attributes.get("r", ""))
            if match:
                self.column, self.row = column_index(match[1]), int(match[2])
            else:
                self.column += 1
            self.attributes, self.is_formula, self.value = attributes, False, None
        elif name == "f":
            self.is_formula = True
        elif name in {"v", "t"}:
            self.is_inside_value, self.value = True, self.value or ""

    def text(self, data: str) -> None:
        if self.is_inside_value and self.value is not None and len(self.value) < 100:
            self.value += data

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self.is_inside_value = False
        elif name == "c" and self.attributes is not None:
            if self.value is not None:
                self.scan.max_row = max(self.scan.max_row, self.row)
                self.scan.max_column = max(self.scan.max_column, self.column + 1)
            kind = self.attributes.get("t")
            cell = address(self.row, self.column)
            _judge(self.scan, cell, self.is_formula, kind == "e", kind == "str", self.value)
            self.attributes = None


def _scan_slowly(package: Package, part: str) -> SheetScan:
    slow = _SlowScan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = slow.start, slow.end
    parser.CharacterDataHandler = slow.text
    try:
        for chunk in package.stream(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise NOT_A_WORKBOOK from error
    return slow.scan
