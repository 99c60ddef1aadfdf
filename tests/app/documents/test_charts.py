"""Charts: well-formed and safe for any label, named for screen readers, the same text for the same data."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.charts import bar_chart, grouped_bars, line_chart
from app.documents.svg import axis_steps, wrap

SVG = "{http://www.w3.org/2000/svg}"
FORMS = [("協力", 95), ("共催", 36), ("実行委員会", 14), ("委託", 12), ("協議会", 10), ("連絡会", 1)]
labels = st.text(max_size=60)
values = st.integers(0, 10**12) | st.floats(0, 1e9)


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg.encode()).iter(f"{SVG}text")]


def test_bars_carry_their_labels_and_values_in_order():
    shown = texts(bar_chart("形態別の件数", FORMS))
    assert shown[0] == "形態別の件数"
    told = [text for text in shown if text in dict(FORMS) or text.endswith("件")]
    assert told == [text for label, value in FORMS for text in (label, f"{value}件")]


def test_the_picture_is_named_and_described():
    root = ElementTree.fromstring(bar_chart("形態別の件数", FORMS).encode())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "title desc"
    assert root.find(f"{SVG}title").text == "形態別の件数"
    assert root.find(f"{SVG}desc").text.startswith("協力 95件。共催 36件。")


def test_the_longest_bar_is_in_proportion_and_inside_the_picture():
    root = ElementTree.fromstring(bar_chart("件数", [("甲", 100), ("乙", 25), ("丙", 0)]).encode())
    bars = [node for node in root.iter(f"{SVG}rect") if node.get("fill") == "#0017c1"]
    widths = [float(bar.get("width")) for bar in bars]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.01)
    assert widths[2] == 0
    assert float(bars[0].get("x")) + widths[0] < float(root.get("width"))


def test_year_against_year_differs_by_pattern_and_says_what_is_missing():
    svg = grouped_bars("年度の比較", [("協力", [95, 90]), ("連絡会", [1, None])], series=["平成30年度", "令和元年度"])
    assert "url(#fill-1)" in svg
    assert [text for text in texts(svg) if "年度" in text] == ["年度の比較", "平成30年度", "令和元年度"]
    assert "なし" in texts(svg)


def test_lines_break_where_a_year_is_missing():
    svg = line_chart(
        "団体数", ["平成28年度", "平成29年度", "平成30年度", "令和元年度"], [("登録団体", [100, None, 117, 120])]
    )
    paths = [node.get("d") for node in ElementTree.fromstring(svg.encode()).iter(f"{SVG}path")]
    assert sum(path.count("M") for path in paths if path.count(" ") > 2) >= 2


def test_no_data_says_so():
    assert texts(bar_chart("件数", [])) == ["件数", "表示するデータがありません。"]
    assert texts(line_chart("件数", [], [])) == ["件数", "表示するデータがありません。"]


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_values_that_no_bar_can_show_are_refused(value):
    with pytest.raises(ValueError, match="finite"):
        bar_chart("件数", [("甲", value)])


def test_no_style_no_script_no_handler_no_outside_address():
    svg = bar_chart("<script>alert(1)</script>", [('" onload="alert(1)', 3), ("]]><b style='x'>", 2)])
    root = ElementTree.fromstring(svg.encode())
    for node in root.iter():
        assert node.tag.removeprefix(SVG) in {"svg", "title", "desc", "rect", "text", "line", "path", "defs", "pattern"}
        assert not [name for name in node.attrib if name.startswith("on") or name == "style" or "href" in name]
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]


def test_long_labels_are_wrapped_then_cut():
    name = "東京2020オリンピック・パラリンピックを感じるスタンプラリーめぐりん小平"
    lines = wrap(name, 14, 210, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert wrap("協力", 14, 210, 2) == ["協力"]


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (95, [0, 20, 40, 60, 80, 100]), (0.5, [0, 0.1, 0.2, 0.3, 0.4, 0.5])],
)
def test_axis_steps_are_round(highest, expected):
    assert axis_steps(highest) == pytest.approx(expected)


@given(labels, st.lists(st.tuples(labels, values), max_size=8), labels)
def test_any_labels_and_values_give_a_well_formed_picture(title, rows, unit):
    svg = bar_chart(title, rows, unit=unit)
    assert ElementTree.fromstring(svg.encode()).tag == f"{SVG}svg"
    assert svg == bar_chart(title, rows, unit=unit)


@given(st.data(), st.integers(1, 5), st.integers(0, 6), labels)
def test_any_groups_and_lines_are_well_formed(data, count, rows, title):
    figures = st.lists(st.none() | values, min_size=count, max_size=count)
    names = data.draw(st.lists(labels, min_size=count, max_size=count))
    drawn = data.draw(st.lists(st.tuples(labels, figures), min_size=rows, max_size=rows))
    assert ElementTree.fromstring(grouped_bars(title, drawn, series=names).encode()).tag == f"{SVG}svg"
    series = [(name, [row[1][place] for row in drawn]) for place, name in enumerate(names)]
    assert ElementTree.fromstring(line_chart(title, [row[0] for row in drawn], series).encode()).tag == f"{SVG}svg"
