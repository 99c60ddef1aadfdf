"""Charts as SVG pictures from plain numbers: bars, bars year against year, lines. Pure: same data, same text.

They are served as pictures (`<img src>`), so that the page's strict CSP holds; the numbers stand in a table beside.
Colour is never the only signal: every bar carries its value, every series its own pattern, dash and marker.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.documents.svg import axis_steps, clean, element, lines_at, number_label, picture, text_at, width_of, wrap

Number = int | float
WIDTH = 760.0
_TOP = 56.0
_LABEL_WIDTH = 210.0
_SIZE = 14.0
_TEXT, _QUIET, _LINE = "#1a1a1a", "#595959", "#cccccc"
#: Digital Agency blue 900, then tones that differ in lightness too; each with its pattern.
_COLOURS = ("#0017c1", "#7096f8", "#115a36", "#ac3e00", "#4d4d4d")
_DASHES = (None, "8 4", "2 4", "10 3 2 3", "1 3")
_MARKERS = ("circle", "square", "triangle", "diamond", "cross")


def bar_chart(title: str, rows: Sequence[tuple[str, Number]], *, unit: str = "件") -> str:
    """Horizontal bars, one a row, each with its label and value, in the order given."""
    return grouped_bars(title, [(label, [value]) for label, value in rows], series=[""], unit=unit)


def grouped_bars(
    title: str, rows: Sequence[tuple[str, Sequence[Number | None]]], *, series: Sequence[str], unit: str = "件"
) -> str:
    """Horizontal bars in groups: for each row one bar a series (a year), None where there is no figure.

    Raises ValueError for negative or infinite values, more than five series, or rows of another length.
    """
    _check([value for _, values in rows for value in values], series, [len(values) for _, values in rows])
    if not rows:
        return _nothing(title)
    has_names = len(series) > 1
    thick = 20.0 if not has_names else 15.0
    pitch = max(len(series) * (thick + 3) + 12, 2 * _SIZE * 1.25 + 6)
    top = _TOP + (24 if has_names else 0)
    height = top + pitch * len(rows) + 40
    steps = axis_steps(max((value for _, values in rows for value in values if value is not None), default=0))
    left = _LABEL_WIDTH + 20
    room = max(width_of(f"{number_label(steps[-1])}{unit}", _SIZE), 40) + 16
    scale = (WIDTH - left - room) / steps[-1]
    bottom = top + pitch * len(rows)
    body = [_patterns(len(series)), _heading(title)]
    body += _vertical_axis(steps, left, scale, top, bottom, unit)
    if has_names:
        body.append(_legend(series, left, _TOP + 6))
    for index, (label, values) in enumerate(rows):
        middle = top + pitch * (index + 0.5)
        body.append(
            lines_at(left - 10, middle, wrap(label, _SIZE, _LABEL_WIDTH, 2), _SIZE, text_anchor="end", fill=_TEXT)
        )
        first = middle - (thick + 3) * len(values) / 2
        for place, value in enumerate(values):
            y = first + (thick + 3) * place
            body.append(_bar(value, left, y, thick, scale, place, unit))
    body.append(element("line", x1=left, x2=left, y1=top, y2=bottom, stroke=_TEXT, stroke_width=1))
    return picture(title, _bars_in_words(rows, series, unit), WIDTH, height, body)


def line_chart(
    title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[Number | None]]], *, unit: str = "件"
) -> str:
    """Lines over ordered labels (fiscal years), one a series, broken where a value is None.

    Raises ValueError like `grouped_bars`.
    """
    names = [name for name, _ in series]
    figures = [value for _, values in series for value in values]
    _check(figures, names, [len(values) for _, values in series], expected=len(labels))
    if not labels or not series:
        return _nothing(title)
    top, left, plot_height = _TOP + 30, 78.0, 280.0
    bottom = top + plot_height
    steps = axis_steps(max((value for value in figures if value is not None), default=0))
    scale = plot_height / steps[-1]
    pitch = (WIDTH - left - 40) / len(labels)
    places = [left + pitch * (index + 0.5) for index in range(len(labels))]
    body = [_heading(title), _line_legend(names, left, _TOP + 8)]
    for step in steps:
        y = bottom - step * scale
        body.append(element("line", x1=left, x2=WIDTH - 20, y1=y, y2=y, stroke=_LINE, stroke_width=1))
        body.append(text_at(left - 8, y + 5, number_label(step), font_size=_SIZE, fill=_QUIET, text_anchor="end"))
    body.append(text_at(left - 8, top - 12, f"({unit})", font_size=12, fill=_QUIET, text_anchor="end"))
    every = math.ceil(len(labels) * 64 / (WIDTH - left - 40))
    for index, (label, x) in enumerate(zip(labels, places, strict=True)):
        if index % every == 0:
            lines = wrap(label, 13, max(pitch * every - 4, 26), 2)
            body.append(lines_at(x, bottom + 24, lines, 13, text_anchor="middle", fill=_TEXT))
    for place, (_, values) in enumerate(series):
        points = [
            None if value is None else (x, bottom - value * scale) for x, value in zip(places, values, strict=True)
        ]
        body.append(_line(points, place))
        if len(series) == 1:
            body += [
                text_at(point[0], point[1] - 10, number_label(value), font_size=13, fill=_TEXT, text_anchor="middle")
                for point, value in zip(points, values, strict=True)
                if point is not None and value is not None
            ]
    rows = [(label, [values[index] for _, values in series]) for index, label in enumerate(labels)]
    return picture(title, _bars_in_words(rows, names, unit), WIDTH, bottom + 56, body)


def _check(
    values: Sequence[Number | None], series: Sequence[str], lengths: Sequence[int], expected: int | None = None
) -> None:
    if any(value is not None and (not math.isfinite(value) or value < 0) for value in values):
        raise ValueError("a chart shows finite values of 0 or more")
    if len(series) > len(_COLOURS):
        raise ValueError("a chart shows at most five series")
    if any(length != (len(series) if expected is None else expected) for length in lengths):
        raise ValueError("every row needs one value for each series")


def _heading(title: str) -> str:
    lines = wrap(title, 17, WIDTH - 40, 2)
    return lines_at(20, 28, lines, 17 if len(lines) == 1 else 15, font_weight="bold", fill="#000000")


def _nothing(title: str) -> str:
    message = text_at(20, _TOP + 24, "表示するデータがありません。", font_size=_SIZE, fill=_TEXT)
    return picture(title, "表示するデータがありません。", WIDTH, _TOP + 50, [_heading(title), message])


def _bars_in_words(rows: Sequence[tuple[str, Sequence[Number | None]]], series: Sequence[str], unit: str) -> str:
    """「協力 95件、共催 36件」, at most twelve rows: the table beside tells all."""
    words = []
    for label, values in rows[:12]:
        told = [
            f"{name} {'なし' if value is None else number_label(value) + unit}".strip()
            for name, value in zip(series, values, strict=True)
        ]
        words.append(f"{clean(label)} {'、'.join(told)}")
    more = f"。ほか{len(rows) - 12}項目" if len(rows) > 12 else ""
    return "。".join(words) + more + "。"


def _patterns(count: int) -> str:
    """Fills of the series: plain, then hatched in three ways and dotted, so that print in grey tells them apart."""
    done = []
    for place in range(1, count):
        colour = _COLOURS[place]
        base = element("rect", width=8, height=8, fill="#ffffff")
        marks = {
            1: element("path", d="M0 8L8 0M-2 2L2 -2M6 10L10 6", stroke=colour, stroke_width=3),
            2: element("path", d="M0 4H8", stroke=colour, stroke_width=3),
            3: element("path", d="M4 0V8", stroke=colour, stroke_width=3),
            4: element("circle", cx=4, cy=4, r=2.4, fill=colour),
        }[place]
        done.append(
            element("pattern", base + marks, id=f"fill-{place}", width=8, height=8, patternUnits="userSpaceOnUse")
        )
    return element("defs", "".join(done)) if done else ""


def _fill(place: int) -> str:
    return _COLOURS[0] if place == 0 else f"url(#fill-{place})"


def _bar(value: Number | None, left: float, y: float, thick: float, scale: float, place: int, unit: str) -> str:
    if value is None:
        return text_at(left + 6, y + thick * 0.78, "なし", font_size=12, fill=_QUIET)
    length = value * scale
    bar = element(
        "rect",
        x=left,
        y=y,
        width=length,
        height=thick,
        fill=_fill(place),
        stroke=_COLOURS[place],
        stroke_width=1 if place else None,
    )
    words = f"{number_label(value)}{unit}"
    return bar + text_at(left + length + 6, y + thick / 2 + 5, words, font_size=_SIZE, fill=_TEXT)


def _vertical_axis(
    steps: Sequence[float], left: float, scale: float, top: float, bottom: float, unit: str
) -> list[str]:
    done = []
    for step in steps:
        x = left + step * scale
        done.append(element("line", x1=x, x2=x, y1=top, y2=bottom, stroke=_LINE, stroke_width=1))
        done.append(text_at(x, bottom + 20, number_label(step), font_size=12, fill=_QUIET, text_anchor="middle"))
    return done


def _legend(series: Sequence[str], left: float, y: float) -> str:
    done, x = [], left
    each = (WIDTH - left - 20) / len(series)
    for place, name in enumerate(series):
        shown = "".join(wrap(name, _SIZE, each - 40, 1))
        stroke = _COLOURS[place]
        done.append(element("rect", x=x, y=y - 12, width=22, height=14, fill=_fill(place), stroke=stroke))
        done.append(text_at(x + 28, y, shown, font_size=_SIZE, fill=_TEXT))
        x += min(each, 28 + width_of(shown, _SIZE) + 24)
    return "".join(done)


def _line_legend(names: Sequence[str], left: float, y: float) -> str:
    if len(names) == 1 and not names[0]:
        return ""
    done, x = [], left
    each = (WIDTH - left - 20) / len(names)
    for place, name in enumerate(names):
        shown = "".join(wrap(name, _SIZE, each - 56, 1))
        done.append(_line([(x, y - 5), (x + 36, y - 5)], place))
        done.append(text_at(x + 44, y, shown, font_size=_SIZE, fill=_TEXT))
        x += min(each, 44 + width_of(shown, _SIZE) + 24)
    return "".join(done)


def _line(points: Sequence[tuple[float, float] | None], place: int) -> str:
    commands, is_drawing = [], False
    for point in points:
        if point is not None:
            commands.append(f"{'L' if is_drawing else 'M'}{point[0]:.2f} {point[1]:.2f}")
        is_drawing = point is not None
    colour = _COLOURS[place]
    path = element(
        "path", d=" ".join(commands), fill="none", stroke=colour, stroke_width=2.5, stroke_dasharray=_DASHES[place]
    )
    return path + "".join(_marker(*point, place) for point in points if point is not None)


def _marker(x: float, y: float, place: int) -> str:
    colour = _COLOURS[place]
    match _MARKERS[place]:
        case "circle":
            return element("circle", cx=x, cy=y, r=5, fill=colour)
        case "square":
            return element("rect", x=x - 5, y=y - 5, width=10, height=10, fill="#ffffff", stroke=colour, stroke_width=2)
        case "triangle":
            return element("path", d=f"M{x:.2f} {y - 6:.2f}l6 11h-12z", fill=colour)
        case "diamond":
            return element(
                "path", d=f"M{x:.2f} {y - 7:.2f}l6 7l-6 7l-6 -7z", fill="#ffffff", stroke=colour, stroke_width=2
            )
        case _:
            return element("path", d=f"M{x - 5:.2f} {y - 5:.2f}l10 10m0 -10l-10 10", stroke=colour, stroke_width=3)
