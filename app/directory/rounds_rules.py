"""What a returned form changes, item by item: pure, from what is stored and what was read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.directory.fields import BY_NAME
from app.directory.rounds_columns import SHEETS, YearSheet
from app.directory.rounds_reading import Answer, Cell, Line
from app.directory.rounds_values import StoredProfile, blank, mark_of, same
from app.exchange.column_kinds import SHOWN, ColumnKind
from models.directory_profile import ConsentLevel

#: Kinds of difference, and whether one is ticked when the page opens.
NEW, CHANGED, EMPTIED, BOTH = "new", "changed", "emptied", "both"
KIND_LABELS = {NEW: "追加", CHANGED: "変更", EMPTIED: "空欄になった", BOTH: "両方で変更"}
_NAMES = {"name": "団体名", "reading": "よみ", "legal_form": "法人格"}
_ANSWERS = ("stays", "answered_by", "answered_on")


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that can be taken over or not. `key`: "field:purpose", "consent:purpose", "activity_records:12" or
    "activity_records:new:0". `kind`: BOTH when the record was changed here after the form had been written.
    """

    key: str
    label: str
    stored: str
    answered: str
    kind: str
    note: str = ""

    @property
    def is_offered(self) -> bool:
        """Whether it is ticked from the start: what both sides changed is for a person to decide."""
        return self.kind != BOTH


@dataclasses.dataclass(frozen=True)
class Differences:
    """What differs, and what was changed here since the form went out and stays (labels)."""

    items: list[Difference]
    kept: list[str]


def differences(stored: StoredProfile, answer: Answer, field_names: Mapping[int, str]) -> Differences:
    """Everything on the form that is not as stored. Cells that the group left as they were never undo a later edit."""
    items: list[Difference] = []
    kept: list[str] = []
    for name, cell in answered_fields(answer).items():
        now, label = stored.values.get(name), _label(name)
        if same(now, cell.value):
            continue
        is_untouched, is_stale = _fate(cell, now) if name != "fields" else _fate_of_fields(answer, now)
        if is_untouched:
            kept.append(label)
            continue
        kind = BOTH if is_stale else EMPTIED if blank(cell.value) is None else CHANGED
        before, after = told(name, now, field_names), told(name, cell.value, field_names)
        items.append(Difference(f"field:{name}", label, before, after, kind))
    for name, cell in answer.consents.items():
        said = stored.consents.get(name)
        if cell.value is None or cell.value == said:
            continue
        label = f"{_label(name)}の公開の範囲"
        if cell.mark and cell.mark == mark_of(cell.value)[:4]:
            kept.append(label)
            continue
        kind = BOTH if cell.mark and cell.mark != mark_of(said)[:4] else CHANGED
        shown = ConsentLevel(said).label if said is not None else ""
        items.append(Difference(f"consent:{name}", label, shown, ConsentLevel(cell.value).label, kind))
    for sheet in SHEETS:
        items += _line_differences(sheet, stored, answer.lines.get(sheet.key, []), kept)
    return Differences(items, list(dict.fromkeys(kept)))


def _fate(cell: Cell, now: Any) -> tuple[bool, bool]:
    """(the group left it as it was, it was changed here since). Both False without a mark: two sides are compared."""
    if not cell.mark:
        return False, False
    return cell.mark == mark_of(cell.value), cell.mark != mark_of(now)


def _fate_of_fields(answer: Answer, now: Any) -> tuple[bool, bool]:
    """The same of the activity fields, each place of which has its own mark."""
    numbers = [str(number) for number in now or ()]
    fates = []
    for name, cell in answer.fields.items():
        if name.startswith("fields_"):
            place = int(name.partition("_")[2]) - 1
            fates.append(_fate(cell, numbers[place] if place < len(numbers) else None))
    has_marks = all(cell.mark for name, cell in answer.fields.items() if name.startswith("fields_"))
    return has_marks and all(fate[0] for fate in fates), any(fate[1] for fate in fates)


def answered_fields(answer: Answer) -> dict[str, Cell]:
    """name → what was answered, the activity fields put together, what is asked beside the profile left out."""
    found = {
        name: cell for name, cell in answer.fields.items() if name not in _ANSWERS and not name.startswith("fields_")
    }
    chosen = [
        (int(name.partition("_")[2]), cell.value) for name, cell in answer.fields.items() if name.startswith("fields_")
    ]
    if chosen:
        found["fields"] = Cell(list(dict.fromkeys(int(value) for _, value in sorted(chosen, key=_first) if value)))
    return found


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]


def told(name: str, value: Any, field_names: Mapping[int, str]) -> str:
    """A plain value as a person reads it."""
    if blank(value) is None:
        return ""
    if name == "fields":
        return "、".join(f"{number} {field_names.get(number, '')}".strip() for number in value)
    if isinstance(value, (list, tuple)):
        return "、".join(str(item) for item in value)
    return str(value)


def line_told(sheet: YearSheet, values: Mapping[str, Any]) -> str:
    """A line by year as a person reads it: 「収入: 320,000 支出: 310,000」."""
    parts = [
        f"{column.label}: {column.shown(values[column.key])}"
        for column in sheet.columns
        if values.get(column.key) is not None and values.get(column.key) != ""
    ]
    return " / ".join(parts)


def _line_differences(
    sheet: YearSheet, stored: StoredProfile, lines: Sequence[Line], kept: list[str]
) -> list[Difference]:
    here = stored.lines.get(sheet.key, {})
    by_identity = {_identity(sheet, values): row_id for row_id, values in here.items()}
    found: list[Difference] = []
    for number, line in enumerate(lines):
        row_id = line.row_id if line.row_id in here else by_identity.get(_identity(sheet, line.values))
        if row_id is None:
            label, words = f"{sheet.title}({_year(line.values)})", line_told(sheet, line.values)
            note = deficit_note(sheet, line.values)
            found.append(Difference(f"{sheet.key}:new:{number}", label, "", words, NEW, note))
            continue
        now = here[row_id]
        if all(same(now.get(key), value) for key, value in line.values.items()):
            continue
        if line.mark and line.mark == mark_of(line.values):
            kept.append(f"{sheet.title}({_year(now)})")
            continue
        kind = BOTH if line.mark and line.mark != mark_of(now) else CHANGED
        label = f"{sheet.title}({_year(now)})"
        before, after = line_told(sheet, now), line_told(sheet, line.values)
        found.append(Difference(f"{sheet.key}:{row_id}", label, before, after, kind, deficit_note(sheet, line.values)))
    return found


def line_of(sheet: YearSheet, stored: StoredProfile, lines: Sequence[Line], key: str) -> Line | None:
    """The line that a difference's key names; None when there is none any more."""
    head, _, rest = key.partition(":")
    if head != sheet.key:
        return None
    if rest.startswith("new:"):
        place = rest.removeprefix("new:")
        return lines[int(place)] if place.isdecimal() and int(place) < len(lines) else None
    here = stored.lines.get(sheet.key, {})
    by_identity = {_identity(sheet, values): row_id for row_id, values in here.items()}
    for line in lines:
        row_id = line.row_id if line.row_id in here else by_identity.get(_identity(sheet, line.values))
        if str(row_id) == rest:
            return line
    return None


def deficit_note(sheet: YearSheet, values: Mapping[str, Any]) -> str:
    """Expenditure above income is allowed, and said."""
    if sheet.key != "statements":
        return ""
    income, expenditure = values.get("income_yen"), values.get("expenditure_yen")
    if income is None or expenditure is None or expenditure <= income:
        return ""
    return f"支出が収入を{SHOWN[ColumnKind.YEN](expenditure - income)}円上回っています。"


def _identity(sheet: YearSheet, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in sheet.identity)


def _year(values: Mapping[str, Any]) -> str:
    return SHOWN[ColumnKind.FISCAL_YEAR](values["fiscal_year"])


def _label(name: str) -> str:
    return _NAMES.get(name) or BY_NAME[name].label
