"""A picture of spread: one row a proposal, a mark a member on a line from 0 to 100, the mean as a bar across."""

from __future__ import annotations

from collections.abc import Sequence

from app.documents.svg import element, lines_at, picture, text_at, wrap

_WIDTH, _LEFT, _TOP, _PITCH = 760.0, 240.0, 56.0, 44.0
_SCALE = (_WIDTH - _LEFT - 40) / 100
_TEXT, _LINE, _DOT = "#1a1a1a", "#767676", "#0017c1"


def spread_chart(title: str, rows: Sequence[tuple[str, Sequence[float], float | None]]) -> str:
    """rows: (label, percents of members, mean). Equal percents stand beside each other; the table has the figures."""
    height = _TOP + _PITCH * max(1, len(rows)) + 30
    bottom = height - 30
    body = [text_at(16, 28, title, font_size=16, font_weight="bold", fill=_TEXT)]
    for step in range(0, 101, 20):
        x = _LEFT + step * _SCALE
        body.append(element("line", x1=x, x2=x, y1=_TOP, y2=bottom, stroke="#cccccc", stroke_width=1))
        body.append(text_at(x, bottom + 18, f"{step}%", font_size=13, text_anchor="middle", fill=_TEXT))
    for number, (label, percents, mean) in enumerate(rows):
        y = _TOP + _PITCH * (number + 0.5)
        body.append(lines_at(_LEFT - 12, y, wrap(label, 14, _LEFT - 30, 2), 14, text_anchor="end", fill=_TEXT))
        if percents:
            ends = (_LEFT + min(percents) * _SCALE, _LEFT + max(percents) * _SCALE)
            body.append(element("line", x1=ends[0], x2=ends[1], y1=y, y2=y, stroke=_LINE, stroke_width=2))
        seen: dict[float, int] = {}
        for value in percents:
            place = seen[value] = seen.get(value, 0) + 1
            lift = 5.0 * ((place // 2) if place % 2 else -(place // 2))
            x = _LEFT + value * _SCALE
            body.append(element("circle", cx=x, cy=y + lift, r=5, fill="#ffffff", stroke=_DOT, stroke_width=2))
        if mean is not None:
            x = _LEFT + mean * _SCALE
            body.append(element("rect", x=x - 2, y=y - 14, width=4, height=28, fill=_DOT))
    description = "提案ごとに、委員の得点率を丸で、平均を縦の棒で示した図。数字は表にあります。"
    return picture(title, description, _WIDTH, height, body)
