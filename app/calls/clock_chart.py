"""The clock as rows of a bar calendar: each call a row with its steps, all else gathered by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from app.calls.clock import ClockEntry
from app.documents.calendar_chart import Bar


def chart_rows(entries: Iterable[ClockEntry]) -> list[tuple[str, list[Bar]]]:
    """(subject, bars) in the order of the entries; what has no day is in the table alone."""
    rows: dict[str, list[Bar]] = {}
    gathered: dict[str, Counter[tuple[dt.date, dt.date, str, str]]] = {}
    for entry in entries:
        first, last = entry.first or entry.due_on, entry.due_on or entry.first
        if first is None or last is None:
            continue
        first = last if entry.is_deadline else min(first, last)
        bars = rows.setdefault(entry.subject, [])
        if entry.order[:1] == (1,):
            word = entry.label.split(":")[0] if ":" in entry.label else entry.subject
            gathered.setdefault(entry.subject, Counter())[first, last, word, entry.kind] += 1
        else:
            bars.append(Bar(first, last, entry.label, entry.kind))
    for subject, counts in gathered.items():
        for (first, last, word, kind), count in sorted(counts.items()):
            rows[subject].append(Bar(first, last, f"{word} {count}件" if count > 1 else word, kind))
    return list(rows.items())
