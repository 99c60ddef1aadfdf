"""Turns rows of a file into parsed rows, cell by cell, and sorts them into new, changed, unchanged and wrong."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.exchange.cells import CellProblem, Raw, address, unquoted
from app.exchange.columns import CellError, ColumnKind, ImportColumn, Plain, required_message
from app.exchange.reading import Table
from app.exchange.specs import Context, Existing, ImportSpec, ParsedRow
from app.japanese.text import EXCEL_CELL_LENGTH, clean_line, clean_text, utf16_length
from models.exchange import RowKind

#: Kinds whose cells repeat: what was read once is not read again.
_REPEATING = {ColumnKind.ENUM, ColumnKind.BOOL, ColumnKind.FISCAL_YEAR, ColumnKind.DATE}
#: A name with more 「、」 in it is not put together again from its parts.
_MAX_PARTS = 4
_ROW_OF = re.compile(r"[A-Z]+(\d+)")


@dataclasses.dataclass(slots=True)
class SortedRow:
    """A row with its fate."""

    row: ParsedRow
    kind: RowKind
    label: str
    existing: Existing | None
    #: Columns that differ from what is stored.
    differing: Sequence[str] = ()


def parse_rows(table: Table, columns: Sequence[ImportColumn]) -> Iterator[ParsedRow]:
    """Parse every cell of the table's columns; problems are noted on the row."""
    by_key = {column.key: column for column in columns}
    places = {key: position for position, key in table.keys.items()}
    plan = [
        (position, key, _memoised(by_key[key]), by_key[key].required) for position, key in sorted(table.keys.items())
    ]
    flawed = {int(match[1]) for cell in table.flaws if (match := _ROW_OF.fullmatch(cell))}
    for number, cells in table:
        values: dict[str, Plain] = {}
        row = ParsedRow(number, values, places, cells)
        width = len(cells)
        has_flaw = number in flawed
        for position, key, parse, required in plan:
            if has_flaw and (flaw := table.flaws.get(address(number, position))):
                values[key] = None
                row.problem(key, flaw)
                continue
            raw = cells[position] if position < width else None
            try:
                value = parse(raw)
            except CellError as error:
                value = None
                row.problem(key, str(error))
            else:
                if value is None and required:
                    row.problem(key, required_message(by_key[key]))
            values[key] = value
        yield row


def _memoised(column: ImportColumn) -> Callable[[Raw], Plain]:
    parse = column.parser()
    if column.kind not in _REPEATING:
        return parse
    known: dict[str, Plain] = {}

    def parse_once(raw: Raw) -> Plain:
        if type(raw) is not str:
            return parse(raw)
        if raw in known:
            return known[raw]
        value = parse(raw)
        if len(known) < 10_000 and len(raw) < 200:
            known[raw] = value
        return value

    return parse_once


def resolve_lookups(context: Context, columns: Sequence[ImportColumn], rows: Sequence[ParsedRow]) -> None:
    """Replace the texts of lookup columns by [key, label]: one query a column for all rows."""
    for column in columns:
        if not column.is_lookup or column.key not in context.columns:
            continue
        assert column.lookup is not None
        is_many = column.kind is ColumnKind.MANY
        named = [row.values[column.key] for row in rows if row.values.get(column.key)]
        texts = frozenset(text for value in named for text in (_runs(value) if is_many else (value,)))
        if not texts:
            continue
        found = column.lookup(context.session, context.actor, texts)
        for row in rows:
            value = row.values.get(column.key)
            if not value:
                continue
            words = _rejoined(value, found) if is_many else [value]
            for word in words:
                if word not in found:
                    row.problem(column.key, column.unknown.format(text=word[:40]))
            pairs = [list(found[word]) for word in words if word in found]
            row.values[column.key] = pairs if is_many else (pairs[0] if pairs else None)


def _runs(words: Sequence[str]) -> Iterable[str]:
    """The words, and what neighbours come to together: a name may hold the very sign that parts names (保健、医療又は福祉の増進)."""
    for length in range(1, min(_MAX_PARTS, len(words)) + 1):
        for start in range(len(words) - length + 1):
            yield "、".join(words[start : start + length])


def _rejoined(words: Sequence[str], known: Container[str]) -> list[str]:
    """The names that the words stand for, the longest that is known first; a word that belongs to none stays."""
    names: list[str] = []
    start = 0
    while start < len(words):
        lengths = range(min(_MAX_PARTS, len(words) - start), 1, -1)
        length = next((one for one in lengths if "、".join(words[start : start + one]) in known), 1)
        names.append("、".join(words[start : start + length]))
        start += length
    return names


def sort_rows(
    spec: ImportSpec,
    context: Context,
    columns: Sequence[ImportColumn],
    rows: Sequence[ParsedRow],
    seen: dict[Any, int],
) -> Iterable[SortedRow]:
    """Decide what becomes of a chunk of rows. `seen`: identity → row number, over the whole file."""
    resolve_lookups(context, columns, rows)
    existing = spec.find_existing(context, rows)
    present = [column for column in columns if column.key in context.columns]
    for row in rows:
        found = existing.get(row.number)
        if not row.problems:
            spec.validate(context, row, found)
        for mark in (spec.identity(row), ("record", found.key) if found else None):
            if mark is None:
                continue
            first = seen.setdefault(mark, row.number)
            if first != row.number:
                row.problem("", f"{first}行目と同じものです。どちらかの行を削除してください。")
                break
        differing = _differing(present, row, found) if found is not None else ()
        if found is not None and found.refusal and (differing or not found.values) and not row.problems:
            row.problem("", found.refusal)
        if row.problems:
            kind = RowKind.WRONG
        elif found is None:
            kind = RowKind.NEW
        else:
            kind = RowKind.CHANGED if differing else RowKind.UNCHANGED
        yield SortedRow(row, kind, spec.label(row)[:300], found, differing)


def _differing(columns: Sequence[ImportColumn], row: ParsedRow, existing: Existing) -> list[str]:
    differing = []
    for column in columns:
        key = column.key
        if key not in existing.values:
            continue
        new, old = row.values.get(key), existing.values[key]
        if new == old:
            continue
        if new is None and (column.keeps_blank or old in ("", [])):
            row.values[key] = old
            continue
        if comparable(column, new) != comparable(column, old):
            differing.append(key)
    return differing


def comparable(column: ImportColumn, value: Plain) -> Plain:
    """A value as it is compared: references by their key, several in any order."""
    if column.kind is ColumnKind.REFERENCE and isinstance(value, (list, tuple)):
        return value[0]
    if column.kind is ColumnKind.MANY:
        return sorted(str(item[0]) if isinstance(item, (list, tuple)) else str(item) for item in value or ())
    return value


def row_values(sorted_row: SortedRow, columns: Sequence[ImportColumn]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(`values`, `old`) as the import row keeps them."""
    row, kind = sorted_row.row, sorted_row.kind
    if kind is RowKind.UNCHANGED:
        return {}, {}
    if kind is RowKind.WRONG:
        return {key: text for key, place in row.places.items() if (text := _cell_text(row.cells, place))}, {}
    if kind is RowKind.NEW:
        return row.values, {}
    assert sorted_row.existing is not None
    existing = sorted_row.existing
    return row.values, {**existing.kept, **{key: existing.values[key] for key in sorted_row.differing}}


def _cell_text(cells: Sequence[Raw], place: int) -> str:
    """A wrong row's cell as text for the file that goes back to the person; too long ones are named, not cut."""
    raw = cells[place] if place < len(cells) else None
    if raw is None or raw == "":
        return ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, str):
        text = clean_text(unquoted(raw), strip_controls=True)
        if (length := utf16_length(text)) > EXCEL_CELL_LENGTH:
            return f"({length:,}文字あるため、ここには書き出せません)"
        return text
    return clean_line(str(raw), strip_controls=True)


def problems_json(problems: Sequence[CellProblem]) -> list[list[str]]:
    """Problems as an import row keeps them; a row with hundreds keeps the first."""
    return [problem.as_json() for problem in problems[:50]]


def positions_of(keys: Mapping[int, str]) -> list[str]:
    """Column keys in the order of the file."""
    return [keys[position] for position in sorted(keys)]
