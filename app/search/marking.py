"""Shows where a text was hit: pieces of the text as it is written, marked or not, for a template to escape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.japanese.normalize import shows_nothing
from app.search.bigrams import search_text, search_text_with_offsets
from app.search.query import parse_query

#: A piece of the text and whether it was hit.
Segment = tuple[str, bool]


def mark(text: str, query: str) -> list[Segment]:
    """The text in pieces, the words of the query marked; joined they are `text` again.

    `mark("ＮＰＯのカイゴ", "かいご")` → `[("ＮＰＯの", False), ("カイゴ", True)]`.
    """
    return _segments(text, _spans(text, query), 0, len(text))


def snippet(text: str, query: str, width: int = 80, *, folded: str | None = None) -> list[Segment]:
    """About `width` characters around the first hit, 「…」 where something is left out; the beginning when nothing is hit.

    folded: `search_text(text)`, where the caller has it.
    """
    spans = _spans(text, query, folded)
    start = max(0, spans[0][0] - width // 4) if spans and spans[0][1] > width else 0
    end = min(len(text), start + width)
    while start and shows_nothing(text[start]):
        start -= 1
    while end < len(text) and shows_nothing(text[end]):
        end += 1
    ahead: list[Segment] = [("…", False)] if start else []
    behind: list[Segment] = [("…", False)] if end < len(text) else []
    return ahead + _segments(text, spans, start, end) + behind


def _spans(text: str, query: str, folded: str | None = None) -> list[tuple[int, int]]:
    """Where `text` holds a word of the query, in order, none touching another."""
    words = {spelling for word in parse_query(query).words for spelling in word}
    folded = search_text(text) if folded is None else folded
    found = [(at, at + len(word)) for word in words for at in _places(folded, word)]
    # Most texts fold sign by sign (カ → か), so that places are the same; else they are mapped back, which takes longer.
    if len(folded) != len(text) or any(_is_moved(text[at:end], folded[at:end]) for at, end in found):
        found = list(_mapped_back(text, words))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _is_moved(written: str, folded: str) -> bool:
    """Whether something else stands there; a word written as it folds need not be folded to know."""
    return written != folded and search_text(written) != folded


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _mapped_back(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the words stand in the text as it is written."""
    folded = search_text_with_offsets(text)
    for word in words:
        for at in _places(folded.text, word):
            end = folded.ends[at + len(word) - 1]
            while end < len(text) and shows_nothing(text[end]):
                end += 1
            yield folded.starts[at], end


def _segments(text: str, spans: list[tuple[int, int]], start: int, end: int) -> list[Segment]:
    segments: list[Segment] = []
    at = start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first < last:
            segments += [(text[at:first], False), (text[first:last], True)]
            at = last
    segments.append((text[at:end], False))
    return [segment for segment in segments if segment[0]]
