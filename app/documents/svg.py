"""What charts are drawn with: escaped elements, measured and wrapped Japanese text, round axis steps."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

FONT = "Noto Sans JP, Noto Sans CJK JP, BIZ UDPGothic, Hiragino Sans, Yu Gothic UI, Meiryo, sans-serif"
#: Characters that XML 1.0 cannot carry at all, and the two non-characters.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """One line of text that XML can carry; what it cannot becomes U+FFFD."""
    return " ".join(_NOT_XML.sub("\ufffd", str(text)).split())


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """An SVG element. `content` is markup already; attribute names write `_` for `-`; None is left out."""
    parts = [
        f" {key.strip('_').replace('_', '-')}={quoteattr(_attribute(value))}"
        for key, value in attributes.items()
        if value is not None
    ]
    return f"<{name}{''.join(parts)}>{content}</{name}>" if content else f"<{name}{''.join(parts)}/>"


def _attribute(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return clean(value)


def text_at(x: float, y: float, text: object, **attributes: object) -> str:
    """A line of text with its baseline at (x, y)."""
    return element("text", escape(clean(text)), x=x, y=y, **attributes)


def width_of(text: str, size: float) -> float:
    """About how wide the text is drawn: wide characters one em, the others 0.6."""
    return sum(_em(char) for char in text) * size


def _em(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.6


def wrap(text: str, size: float, width: float, lines: int) -> list[str]:
    """The text in at most `lines` lines of `width`; what does not fit ends in 「…」 (the table beside has it whole)."""
    rest = clean(text)
    done: list[str] = []
    while rest and len(done) < lines:
        used, count = 0.0, 0
        while count < len(rest) and used + _em(rest[count]) * size <= width:
            used += _em(rest[count]) * size
            count += 1
        count = max(count, 1)
        done.append(rest[:count].rstrip())
        rest = rest[count:].lstrip()
    if rest and done:
        last = done[-1]
        while last and width_of(last + "…", size) > width:
            last = last[:-1]
        done[-1] = last + "…"
    return done


def lines_at(x: float, middle: float, lines: Sequence[str], size: float, **attributes: object) -> str:
    """Lines of text, one under the other, centred on the height `middle`."""
    leading = size * 1.25
    first = middle - leading * (len(lines) - 1) / 2 + size * 0.36
    return "".join(
        text_at(x, first + leading * number, line, font_size=size, **attributes) for number, line in enumerate(lines)
    )


def axis_steps(highest: float, wanted: int = 5) -> list[float]:
    """Round values from 0 to at least `highest`, about `wanted` steps of 1, 2 or 5 times a power of ten."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    if float(highest).is_integer():
        step = max(1.0, step)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def number_label(value: float) -> str:
    """「1,234」, 「12.5」."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def picture(title: str, description: str, width: float, height: float, body: Iterable[str]) -> str:
    """The whole SVG document: named and described for screen readers, no style, no script."""
    head = element("title", escape(clean(title)), id="title") + element("desc", escape(clean(description)), id="desc")
    content = head + element("rect", width=width, height=height, fill="#ffffff") + "".join(body)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + element(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        lang="ja",
        aria_labelledby="title desc",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        font_family=FONT,
    )
