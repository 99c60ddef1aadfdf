"""The bar calendar as a picture: what lies where, and that it never breaks on odd input."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.calendar_chart import Bar, calendar_chart

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2027, 3, 31)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31))
BARS = st.builds(
    lambda one, other, text, kind: Bar(min(one, other), max(one, other), text, kind),
    DAYS,
    DAYS,
    st.text(max_size=20),
    st.sampled_from(["call", "review", "", "unknown"]),
)


def test_a_bar_lies_between_its_days_and_a_day_is_a_mark() -> None:
    bars = [Bar(FIRST, LAST, "実施", "work"), Bar(dt.date(2026, 7, 31), dt.date(2026, 7, 31), "締切", "call")]
    svg = calendar_chart("予定", [("募集", bars)], first=FIRST, last=LAST, today=dt.date(2026, 10, 1))
    drawn = [
        (element.get("x"), element.get("width"))
        for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
        if element.get("rx")
    ]
    assert drawn == [("240", "800")]
    assert "締切" in svg and "今日" in svg and "4月" in svg
    assert "募集 実施 2026年4月1日から2027年3月31日、締切 2026年7月31日。" in svg


def test_what_lies_outside_is_not_drawn() -> None:
    bar = Bar(dt.date(2028, 4, 1), dt.date(2029, 3, 31), "評価")
    svg = calendar_chart("予定", [("募集", [bar])], first=FIRST, last=LAST)
    assert "評価" not in svg
    assert "表示する予定はありません。" in svg


@given(rows=st.lists(st.tuples(st.text(max_size=30), st.lists(BARS, max_size=6)), max_size=5), today=DAYS)
def test_any_rows_make_a_picture_within_its_frame(rows: list[tuple[str, list[Bar]]], today: dt.date) -> None:
    svg = calendar_chart("予定<&>", rows, first=FIRST, last=LAST, today=today)
    root = ET.fromstring(svg)
    width = float(root.get("width") or 0)
    for element in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, wide = float(element.get("x") or 0), float(element.get("width") or 0)
        assert x >= 0 and x + wide <= width + 0.01
    assert not re.search("<(script|style)", svg)
    assert svg == calendar_chart("予定<&>", rows, first=FIRST, last=LAST, today=today)


def test_a_calendar_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="after it begins"):
        calendar_chart("予定", [], first=LAST, last=FIRST)
