"""What an edition of むすぶ holds, in plain values: its order, its two indexes, its seal, and what differs from another."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from app.audit.chain import canonical
from app.japanese.kana import HEAD_ROWS, head_row, reading_key
from models.directory_rounds import EditionOrder


@dataclasses.dataclass(frozen=True)
class Entry:
    """One group as printed. `fields`: numbers of its activity fields, the main one first. `values`: key → text."""

    organization_id: int
    name: str
    reading: str
    fields: tuple[int, ...]
    values: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The content that is frozen and sealed."""
        return {
            "name": self.name,
            "reading": self.reading,
            "fields": list(self.fields),
            "values": dict(sorted(self.values.items())),
        }

    def without(self, keys: Iterable[str]) -> Entry:
        """The same without the texts of these keys."""
        gone = set(keys)
        return dataclasses.replace(self, values={key: text for key, text in self.values.items() if key not in gone})


def entry_from(organization_id: int, content: Mapping[str, Any]) -> Entry:
    """An entry as `as_json` wrote it."""
    return Entry(
        organization_id,
        str(content.get("name", "")),
        str(content.get("reading", "")),
        tuple(content.get("fields", ())),
        dict(content.get("values", {})),
    )


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of one entry's content."""
    return hashlib.sha256(canonical(dict(content))).hexdigest()


def seal_of(hashes: Iterable[str]) -> str:
    """The hash over the entries' hashes, in their order."""
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


# --- order and indexes -----------------------------------------------------------------------------------------


def by_reading(entry: Entry) -> tuple[Any, ...]:
    """The sort key of 五十音 order; without a reading the name stands in; the id ends every tie."""
    told = entry.reading or entry.name
    return (HEAD_ROWS.index(head_row(told)), *reading_key(told), entry.name, entry.organization_id)


def ordered(entries: Iterable[Entry], order: EditionOrder) -> list[Entry]:
    """The entries as the booklet prints them: by their main field (none: last) and reading, or by reading alone."""
    if order is EditionOrder.READING:
        return sorted(entries, key=by_reading)
    return sorted(entries, key=lambda entry: (entry.fields[0] if entry.fields else 10**6, *by_reading(entry)))


#: (title, entries) of a chapter or of a group of an index.
Group = tuple[str, list[Entry]]


def chapters(entries: Sequence[Entry], order: EditionOrder, field_names: Mapping[int, str]) -> list[Group]:
    """Chapters of the body, in order; each entry stands in exactly one."""
    if order is EditionOrder.READING:
        return reading_index(entries, title=lambda row: f"{row}行" if row != "他" else "その他")
    return _grouped(ordered(entries, order), lambda entry: field_title(entry.fields[:1], field_names))


def field_index(entries: Iterable[Entry], field_names: Mapping[int, str]) -> list[Group]:
    """Each group under every field it works in, the fields by number, the groups in 五十音 order."""
    found: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=by_reading):
        for number in entry.fields or (0,):
            found.setdefault(number, []).append(entry)
    numbers = sorted(found, key=lambda number: (number == 0, number))
    return [(field_title((number,) if number else (), field_names), found[number]) for number in numbers]


def reading_index(entries: Iterable[Entry], *, title: Callable[[str], str] = str) -> list[Group]:
    """The groups under あ か さ …, each row in 五十音 order; 「他」 for what begins with no kana."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=by_reading):
        found.setdefault(head_row(entry.reading or entry.name), []).append(entry)
    return [(title(row), found[row]) for row in HEAD_ROWS if row in found]


def field_title(numbers: Sequence[int], field_names: Mapping[int, str]) -> str:
    """「7 環境の保全」; 「分野の登録なし」 for none."""
    if not numbers:
        return "分野の登録なし"
    return f"{numbers[0]} {field_names.get(numbers[0], '')}".strip()


def _grouped(entries: Iterable[Entry], title_of: Callable[[Entry], str]) -> list[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(title_of(entry), []).append(entry)
    return list(found.items())


# --- what differs ----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Changed:
    """A group that both editions print, and what differs: (label, before, after)."""

    entry: Entry
    cells: tuple[tuple[str, str, str], ...]


@dataclasses.dataclass(frozen=True)
class EditionDifference:
    """What became of the groups from one edition to the next, each list in 五十音 order."""

    added: list[Entry]
    gone: list[Entry]
    changed: list[Changed]
    unchanged: int


def differences(
    before: Iterable[Entry],
    after: Iterable[Entry],
    labels: Mapping[str, str],
    field_names: Mapping[int, str],
    same: Callable[[int], int] = lambda organization_id: organization_id,
) -> EditionDifference:
    """Compare two editions group by group. same: organisation id → one id for the whole identity (merged records)."""
    old = {same(entry.organization_id): entry for entry in before}
    new = {same(entry.organization_id): entry for entry in after}
    changed, unchanged = [], 0
    for key, entry in new.items():
        if key in old:
            cells = _cells(old[key], entry, labels, field_names)
            if cells:
                changed.append(Changed(entry, cells))
            else:
                unchanged += 1
    return EditionDifference(
        added=sorted((entry for key, entry in new.items() if key not in old), key=by_reading),
        gone=sorted((entry for key, entry in old.items() if key not in new), key=by_reading),
        changed=sorted(changed, key=lambda one: by_reading(one.entry)),
        unchanged=unchanged,
    )


def _cells(
    before: Entry, after: Entry, labels: Mapping[str, str], field_names: Mapping[int, str]
) -> tuple[tuple[str, str, str], ...]:
    def told(entry: Entry) -> dict[str, str]:
        fields = "、".join(field_names.get(number, str(number)) for number in entry.fields)
        return {"団体名": entry.name, "よみ": entry.reading, "活動分野": fields}

    pairs = [(label, old, told(after)[label]) for label, old in told(before).items()]
    keys = [*labels, *sorted({*before.values, *after.values} - set(labels))]
    pairs += [(labels.get(key, key), before.values.get(key, ""), after.values.get(key, "")) for key in keys]
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def changed_lines(old: str, new: str) -> tuple[str, str]:
    """Of two texts of several lines (activity records, statements) those that differ, and how many more are the same.

    `changed_lines("甲\\n乙", "丙\\n乙")` gives 甲 and 丙, each with 「(ほか1行は同じ)」.
    """
    before, after = old.splitlines(), new.splitlines()
    same = set(before) & set(after)
    if not same:
        return old, new
    note = f"(ほか{len(same)}行は同じ)"
    kept = [[line for line in lines if line not in same] for lines in (before, after)]
    return "\n".join([*kept[0], note]), "\n".join([*kept[1], note])
