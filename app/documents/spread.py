"""A picture of spread: one row a proposal, each member's numbered mark on a line from 0 to 100, the mean as a bar across."""

from __future__ import annotations

from collections.abc import Sequence

from app.documents.svg import element, lines_at, picture, text_at, wrap

_WIDTH, _LEFT, _TOP, _PITCH, _MARK = 760.0, 240.0, 56.0, 44.0, 20.0
_SCALE = (_WIDTH - _LEFT - 40) / 100
_TEXT, _LINE, _MEAN = "#1a1a1a", "#767676", "#1a1a1a"
#: A member's colour by place in the list; white figures stand on each. The figure tells members apart, not the colour alone.
COLOURS = ("#0017c1", "#8b3a00", "#00663c", "#8a0f6b", "#4a4a4a", "#006778", "#b00020", "#5b2d90")

#: (label, [(number of the member from 1, percent)], mean)
Row = tuple[str, Sequence[tuple[int, float]], float | None]


def spread_chart(title: str, rows: Sequence[Row]) -> str:
    """Marks that would cover each other stand one above the other; the table beside has the figures."""
    lanes = [_lanes(marks) for _, marks, _ in rows]
    heights = [max(_PITCH, _MARK * (1 + max((lane for lane, _, _ in row), default=0)) + 12) for row in lanes]
    bottom = _TOP + (sum(heights) or _PITCH)
    body = [text_at(16, 28, title, font_size=16, font_weight="bold", fill=_TEXT)]
    for step in range(0, 101, 20):
        x = _LEFT + step * _SCALE
        body.append(element("line", x1=x, x2=x, y1=_TOP, y2=bottom, stroke="#cccccc", stroke_width=1))
        body.append(text_at(x, bottom + 18, f"{step}%", font_size=13, text_anchor="middle", fill=_TEXT))
    top = _TOP
    for (label, _, mean), placed, height in zip(rows, lanes, heights, strict=True):
        body += _row(label, placed, mean, top, height)
        top += height
    description = "提案ごとに、委員の得点率を番号のある丸で、全体の得点率を縦の棒で示した図。番号は表の委員の番号、数字は表にあります。"
    return picture(title, description, _WIDTH, bottom + 30, body)


def _lanes(marks: Sequence[tuple[int, float]]) -> list[tuple[int, int, float]]:
    """(lane from 0, member, percent): in each lane no mark touches another."""
    ends: list[float] = []
    placed = []
    for number, percent in sorted(marks, key=lambda one: (one[1], one[0])):
        x = percent * _SCALE
        lane = next((at for at, end in enumerate(ends) if end + _MARK <= x), len(ends))
        ends[lane : lane + 1] = [x]
        placed.append((lane, number, percent))
    return placed


def _row(
    label: str, placed: Sequence[tuple[int, int, float]], mean: float | None, top: float, height: float
) -> list[str]:
    middle = top + height / 2
    body = [lines_at(_LEFT - 18, middle, wrap(label, 14, _LEFT - 36, 2), 14, text_anchor="end", fill=_TEXT)]
    if placed:
        ends = [_LEFT + percent * _SCALE for _, _, percent in placed]
        body.append(element("line", x1=min(ends), x2=max(ends), y1=middle, y2=middle, stroke=_LINE, stroke_width=2))
    if mean is not None:
        x = _LEFT + mean * _SCALE
        body.append(element("rect", x=x - 2, y=top + 3, width=4, height=height - 6, fill=_MEAN))
    deepest = max((lane for lane, _, _ in placed), default=0)
    for lane, number, percent in placed:
        x, y = _LEFT + percent * _SCALE, middle + _MARK * (lane - deepest / 2)
        colour = COLOURS[(number - 1) % len(COLOURS)]
        body.append(element("circle", cx=x, cy=y, r=_MARK / 2 - 1, fill=colour, stroke="#ffffff", stroke_width=1))
        body.append(text_at(x, y + 4.5, number, font_size=12, text_anchor="middle", font_weight="bold", fill="#ffffff"))
    return body
