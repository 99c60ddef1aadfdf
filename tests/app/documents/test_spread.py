"""The picture of spread: numbered marks that never cover each other."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from app.documents.spread import spread_chart

SVG = "{http://www.w3.org/2000/svg}"


@given(st.lists(st.lists(st.integers(0, 1000), max_size=8), max_size=4))
def test_no_mark_covers_another_and_each_member_keeps_number_and_colour(rows: list[list[int]]) -> None:
    drawn = spread_chart(
        "ひろがり",
        [("提案", [(number, value / 10) for number, value in enumerate(row, start=1)], 50.0) for row in rows],
    )
    tree = ElementTree.fromstring(drawn.split("\n", 1)[1])
    marks = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in tree.iter(f"{SVG}circle")]
    assert len(marks) == sum(map(len, rows))
    for place, (x, y) in enumerate(marks):
        assert all(abs(x - left) >= 19.9 or abs(y - top) >= 19.9 for left, top in marks[:place])
        assert 0 < y < float(tree.get("height", ""))
    colours: dict[str, set[str]] = {}
    for number, colour in re.findall(r'<circle[^>]* fill="([^"]+)"[^>]*/><text[^>]*>(\d+)</text>', drawn):
        colours.setdefault(colour, set()).add(number)
    assert all(len(found) == 1 for found in colours.values())
