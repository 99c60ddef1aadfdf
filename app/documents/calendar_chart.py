"""A bar calendar as an SVG picture: one row a subject, bars and days on an axis of months. Pure: same data, same text.

Like all charts it is served as a picture, with a table of the same rows beside. Each kind has its own pattern and its
word on the bar or beside it, so that colour is never the only signal.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from app.documents.svg import clean, element, lines_at, picture, text_at, width_of, wrap
from app.japanese.dates import format_fiscal_year
from app.japanese.eras import era_of

WIDTH = 1060.0
_LABEL_WIDTH, _LEFT, _RIGHT, _TOP = 220.0, 240.0, 20.0, 92.0
_SIZE, _SMALL, _LANE = 14.0, 12.0, 24.0
_TEXT, _QUIET, _LINE = "#1a1a1a", "#595959", "#cccccc"
#: kind -> (colour, pattern, word on a light ground)
_LOOKS = {
    "call": ("#0017c1", None),
    "coordination": ("#7096f8", "slant"),
    "review": ("#ac3e00", "dots"),
    "work": ("#115a36", None),
    "money": ("#6f4d00", "back"),
    "report": ("#4d4d4d", "slant"),
    "meeting": ("#8a1ca8", None),
}
_OTHER = ("#4d4d4d", None)


@dataclasses.dataclass(frozen=True)
class Bar:
    """first..last, both days included; the same day twice is drawn as a mark."""

    first: dt.date
    last: dt.date
    text: str
    kind: str = ""


def calendar_chart(
    title: str,
    rows: Sequence[tuple[str, Sequence[Bar]]],
    *,
    first: dt.date,
    last: dt.date,
    today: dt.date | None = None,
) -> str:
    """The picture of `rows` between two days; what lies outside is cut off. Raises ValueError when last < first."""
    if last < first:
        raise ValueError("a calendar ends after it begins")
    axis = _Axis(first, last)
    body = [_patterns(), lines_at(20, 26, wrap(title, 17, WIDTH - 40, 1), 17, font_weight="bold", fill="#000000")]
    kept = [(label, _lanes([bar for bar in bars if axis.shows(bar)], axis)) for label, bars in rows]
    kept = [(label, lanes) for label, lanes in kept if lanes]
    heights = [max(len(lanes) * _LANE + 14, 46) for _, lanes in kept]
    bottom = _TOP + sum(heights)
    body += axis.drawn(bottom)
    y = _TOP
    for (label, lanes), height in zip(kept, heights, strict=True):
        body.append(element("line", x1=20, x2=WIDTH - _RIGHT, y1=y, y2=y, stroke=_LINE, stroke_width=1))
        body.append(lines_at(20, y + height / 2, wrap(label, _SIZE, _LABEL_WIDTH - 10, 2), _SIZE, fill=_TEXT))
        for number, lane in enumerate(lanes):
            body += [_drawn(bar, axis, y + 7 + number * _LANE) for bar in lane]
        y += height
    body.append(element("line", x1=20, x2=WIDTH - _RIGHT, y1=bottom, y2=bottom, stroke=_TEXT, stroke_width=1))
    if not kept:
        body.append(text_at(20, _TOP + 30, "表示する予定はありません。", font_size=_SIZE, fill=_TEXT))
        bottom += 44
    if today is not None and first <= today <= last:
        x = axis.x(today)
        body.append(element("line", x1=x, x2=x, y1=_TOP - 22, y2=bottom, stroke="#ce0000", stroke_width=2))
        body.append(text_at(x, _TOP - 26, "今日", font_size=_SMALL, fill="#ce0000", text_anchor="middle"))
    return picture(title, _in_words(kept), WIDTH, bottom + 16, body)


class _Axis:
    """Days along the width, with a line for each month (or each quarter, when there are many)."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self.scale = (WIDTH - _LEFT - _RIGHT) / ((last - first).days + 1)

    def shows(self, bar: Bar) -> bool:
        return bar.last >= self.first and bar.first <= self.last

    def x(self, day: dt.date) -> float:
        """Where a day begins."""
        return _LEFT + (day - self.first).days * self.scale

    def drawn(self, bottom: float) -> list[str]:
        done = []
        every = 1 if (self.last - self.first).days < 500 else 3
        month = self.first.replace(day=1)
        while month <= self.last:
            if month >= self.first and (month.month - 4) % every == 0:
                x = self.x(month)
                strong = month.month in (1, 4)
                done.append(
                    element(
                        "line",
                        x1=x,
                        x2=x,
                        y1=_TOP - 18,
                        y2=bottom,
                        stroke=_QUIET if strong else _LINE,
                        stroke_width=1,
                    )
                )
                done.append(text_at(x + 4, _TOP - 6, f"{month.month}月", font_size=_SMALL, fill=_TEXT))
                if strong and (every == 1 or month.month == 4):
                    year = f"{era_of(month).year_label(month.year)}年" if every == 1 else format_fiscal_year(month.year)
                    done.append(text_at(x + 4, _TOP - 40, year, font_size=_SMALL, fill=_QUIET))
            month = (month + dt.timedelta(days=32)).replace(day=1)
        return done


def _is_mark(bar: Bar) -> bool:
    return bar.first == bar.last


def _span(bar: Bar, axis: _Axis) -> tuple[float, float]:
    """From where to where a bar and its words take room."""
    start = max(axis.x(max(bar.first, axis.first)), _LEFT)
    end = min(axis.x(min(bar.last, axis.last)) + axis.scale, WIDTH - _RIGHT)
    room = width_of(bar.text, _SMALL)
    if _is_mark(bar) or room + 12 > end - start:
        beside = max(end, start + 8) + 14 + room
        if beside > WIDTH - _RIGHT:
            start = min(start, end) - room - 20
        else:
            end = beside
    return start, end + 6


def _lanes(bars: list[Bar], axis: _Axis) -> list[list[Bar]]:
    """Bars in as few lines as they fit in without touching one another."""
    lanes: list[tuple[float, list[Bar]]] = []
    for bar in sorted(bars, key=lambda bar: (_span(bar, axis)[0], bar.last, bar.text)):
        start, end = _span(bar, axis)
        for number, (used, lane) in enumerate(lanes):
            if start >= used:
                lanes[number] = end, [*lane, bar]
                break
        else:
            lanes.append((end, [bar]))
    return [lane for _, lane in lanes]


def _drawn(bar: Bar, axis: _Axis, y: float) -> str:
    colour, pattern = _LOOKS.get(bar.kind, _OTHER)
    start = max(axis.x(bar.first), _LEFT)
    end = min(axis.x(bar.last) + axis.scale, WIDTH - _RIGHT)
    height, middle = _LANE - 6, y + (_LANE - 6) / 2
    room = width_of(bar.text, _SMALL)
    if _is_mark(bar):
        centre = (start + end) / 2
        shape = element("path", d=f"M{centre:.2f} {middle - 8:.2f}l8 8l-8 8l-8 -8z", fill=colour)
        start, end = centre - 8, centre + 8
    else:
        shape = element("rect", x=start, y=y, width=max(end - start, 3), height=height, fill=colour, rx=2)
        if pattern:
            shape += element(
                "rect", x=start, y=y, width=max(end - start, 3), height=height, fill=f"url(#{pattern})", rx=2
            )
        if room + 12 <= end - start:
            plate = ""
            if pattern:
                plate = element("rect", x=start + 3, y=y + 1, width=room + 6, height=height - 2, fill="#ffffff")
            ink = _TEXT if pattern else "#ffffff"
            return shape + plate + text_at(start + 6, middle + 4.5, bar.text, font_size=_SMALL, fill=ink)
    if end + 10 + room > WIDTH - _RIGHT:
        return shape + text_at(start - 6, middle + 4.5, bar.text, font_size=_SMALL, fill=_TEXT, text_anchor="end")
    return shape + text_at(end + 6, middle + 4.5, bar.text, font_size=_SMALL, fill=_TEXT)


def _patterns() -> str:
    def pattern(name: str, drawing: str) -> str:
        return element("pattern", drawing, id=name, width=8, height=8, patternUnits="userSpaceOnUse")

    stroke = {"stroke": "#ffffff", "stroke_width": 2, "fill": "none"}
    return element(
        "defs",
        pattern("slant", element("path", d="M0 8L8 0", **stroke))
        + pattern("back", element("path", d="M0 0L8 8", **stroke))
        + pattern("dots", element("circle", cx=4, cy=4, r=1.6, fill="#ffffff")),
    )


def _in_words(rows: Sequence[tuple[str, Sequence[Sequence[Bar]]]]) -> str:
    words = []
    for label, lanes in rows[:12]:
        bars = sorted((bar for lane in lanes for bar in lane), key=lambda bar: bar.first)
        words.append(f"{clean(label)} " + "、".join(f"{bar.text} {_days(bar)}" for bar in bars))
    return ("。".join(words) or "表示する予定はありません") + "。"


def _days(bar: Bar) -> str:
    first = f"{bar.first.year}年{bar.first.month}月{bar.first.day}日"
    return first if _is_mark(bar) else f"{first}から{bar.last.year}年{bar.last.month}月{bar.last.day}日"
