"""What papers of a review are made of, for `typst/review_paper.typ`: sections with facts, paragraphs and tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from app.japanese.dates import format_date, format_datetime
from app.japanese.money import format_yen
from app.reviews.redaction import is_masked


def section(
    heading: str,
    *,
    level: int = 1,
    facts: Iterable[tuple[str, object]] = (),
    paragraphs: Iterable[str] = (),
    tables: Iterable[dict[str, Any]] = (),
    starts_page: bool = False,
) -> dict[str, Any]:
    """One section. facts without a value are left out."""
    return {
        "heading": heading,
        "level": level,
        "break": starts_page,
        "facts": [[label, str(value)] for label, value in facts if value not in (None, "")],
        "paragraphs": [paragraph for paragraph in paragraphs if paragraph],
        "tables": [one for one in tables if one["rows"]],
    }


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    widths: Sequence[float] = (),
    caption: str = "",
    height: int = 0,
) -> dict[str, Any]:
    """A table; widths are shares, one a column; height in mm, for rows that are written on by hand."""
    return {
        "caption": caption,
        "widths": list(widths) or [1] * len(header),
        "height": height,
        "header": list(header),
        "rows": [["" if cell is None else str(cell) for cell in row] for row in rows],
    }


def word(kind: Any, code: Any) -> str:
    """The label of an enum's code; a mark as it is."""
    return str(code or "") if is_masked(code) or not code else str(kind(code).label)


def joined(*texts: Any) -> str:
    """Those that there are, a line each."""
    return "\n".join(str(text) for text in texts if text)


def yen_text(value: Any) -> str:
    """An amount; a mark as it is."""
    return "" if value is None else str(value) if is_masked(value) else format_yen(value)


def day_text(value: Any) -> str:
    """An ISO day; a mark as it is."""
    return "" if not value else str(value) if is_masked(value) else format_date(dt.date.fromisoformat(value))


def moment_text(value: Any) -> str:
    """An ISO moment; a mark as it is."""
    return "" if not value else str(value) if is_masked(value) else format_datetime(dt.datetime.fromisoformat(value))
