"""Normal forms of Japanese text: `fold` for search, `fold_name` for equality of names, legal forms."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.japanese.legal_forms import BY_MARK, LEGAL_FORMS
from app.japanese.numerals import NUMERAL, digits_of
from app.japanese.variants import variant_map

_Replacement = str | Callable[[re.Match[str]], str]

# Controls, soft hyphen, zero-width and bidirectional signs, variation selectors, lone surrogates: nothing to see.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_DASHES = "\u002d\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\u30fc\ufe58\ufe63\uff0d\uff70"
_TILDES = "\u301c\u223c\uff5e"
_KANJI = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def _characters() -> dict[int, str]:
    table = {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}  # カ → か, ヽヾ → ゝゞ
    table |= {ord(sign): "ー" for sign in _DASHES} | {ord(sign): "~" for sign in _TILDES}
    return table | {ord(old): new for old, new in variant_map().items()}


_CHARACTERS = _characters()
_STANDALONE_MARKS = str.maketrans({"\u309b": "\u3099", "\u309c": "\u309a"})


def _compatible(text: str) -> str:
    """NFKC and case folding until nothing changes (three rounds at most in practice; most texts need none)."""
    if unicodedata.is_normalized("NFKC", text) and text.casefold() == text:
        return text
    text = text.translate(_STANDALONE_MARKS)
    while (folded := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())) != text:
        text = folded
    return text


def _repeat_kana(match: re.Match[str]) -> str:
    kana, marks = match[1], match[2]
    for mark in marks:
        kana += kana[-1] if mark == "ゝ" else unicodedata.normalize("NFC", kana[-1] + "\u3099")[:1]
    return kana


# In this order, the table of characters between the two; nothing is left that any of it would change again.
_SMALL_KE: tuple[tuple[re.Pattern[str], _Replacement], ...] = (
    (re.compile("[ヶヵケ](?=[月所国年条])"), "か"),
    (re.compile(f"ヶ|(?<=[{_KANJI}])ケ(?=[{_KANJI}]|$|\\s)"), "が"),
)
_STEPS: tuple[tuple[re.Pattern[str], _Replacement], ...] = (
    (re.compile("特定非営利活動"), "npo"),
    (
        re.compile(r"\((" + "|".join(map(re.escape, BY_MARK)) + r")\)"),
        lambda m: BY_MARK[m[1]],
    ),
    (re.compile(f"([{_KANJI}])([々〻]+)"), lambda m: m[1] * (1 + len(m[2]))),
    (re.compile("([ぁ-ゖ])([ゝゞ]+)"), _repeat_kana),
    (re.compile(f"(?<=第){NUMERAL}|{NUMERAL}(?=丁|番|号)"), lambda m: digits_of(m[0])),
    (re.compile(r"\s+"), " "),
    (re.compile(r"^ | $"), ""),
)
# Without one of these signs none of the patterns above finds anything: most texts are spared ten searches.
_MAY_BE_SMALL_KE = re.compile("[ヶヵケ]")
_MAY_TAKE_STEPS = re.compile(r"[特(々〻ゝゞ第丁番号\s]")


def fold(text: str) -> str:
    """The form in which texts are searched and compared; never shown.

    Widths (NFKC), case, katakana to hiragana, old and variant characters, invisible signs, dashes and long vowel
    marks (all 「ー」), iteration marks, 「ヶ」, numbers in 第二 / 三丁目 / 五番 / 一号, spaces squeezed; every spelling of a
    legal form becomes one, so that 「NPO法人」 finds 「(特非)」 and 「㈱」 finds 「株式会社」. `fold(fold(x)) == fold(x)`.
    """
    text = _compatible(_INVISIBLE.sub("", text))
    if _MAY_BE_SMALL_KE.search(text):
        for pattern, replacement in _SMALL_KE:
            text = pattern.sub(replacement, text)
    text = text.translate(_CHARACTERS)
    if _MAY_TAKE_STEPS.search(text):
        for pattern, replacement in _STEPS:
            text = pattern.sub(replacement, text)
    return text


@dataclass(frozen=True)
class Folded:
    """`text` as `fold` gives it; character i came from `source[starts[i]:ends[i]]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def without(self, pattern: re.Pattern[str]) -> Folded:
        """The same with every match of `pattern` left out."""
        return self.replaced(pattern, "")

    def replaced(self, pattern: re.Pattern[str], replacement: _Replacement) -> Folded:
        """The same with every match replaced; what stands for a match came from the whole of it."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            first, last = match.span()
            new = replacement if isinstance(replacement, str) else replacement(match)
            pieces += (self.text[at:first], new)
            starts += (*self.starts[at:first], *(self.starts[first] for _ in new))
            ends += (*self.ends[at:first], *(self.ends[last - 1] for _ in new))
            at = last
        if not pieces:
            return self
        pieces.append(self.text[at:])
        return Folded("".join(pieces), (*starts, *self.starts[at:]), (*ends, *self.ends[at:]))


def fold_with_offsets(source: str) -> Folded:
    """Like `fold`, and where each folded character came from."""
    length = len(source)
    folded = _compatible_with_offsets(
        Folded(source, tuple(range(length)), tuple(range(1, length + 1))).without(_INVISIBLE)
    )
    for pattern, replacement in _SMALL_KE:
        folded = folded.replaced(pattern, replacement)
    folded = Folded(folded.text.translate(_CHARACTERS), folded.starts, folded.ends)
    for pattern, replacement in _STEPS:
        folded = folded.replaced(pattern, replacement)
    return folded


def shows_nothing(char: str) -> bool:
    """Whether a character only changes or joins its neighbours: combining marks, variation selectors, joiners."""
    return bool(_INVISIBLE.fullmatch(char) or unicodedata.combining(char))


@functools.lru_cache(maxsize=20_000)
def _compatible_char(char: str) -> tuple[str, bool]:
    """`_compatible` of one character, and whether it is a mark that belongs to the one before."""
    is_mark = unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) or char in "\u309b\u309c"
    return _compatible(char), bool(is_mark)


def _compatible_with_offsets(source: Folded) -> Folded:
    """`_compatible` cluster by cluster; where clusters do not add up to the whole, all is one cluster."""
    clusters: list[tuple[int, int]] = []
    folded: list[str] = []
    for at, char in enumerate(source.text):
        text, is_mark = _compatible_char(char)
        if is_mark and clusters:
            clusters[-1] = (clusters[-1][0], at)
            folded[-1] = _compatible(source.text[clusters[-1][0] : at + 1])
        else:
            clusters.append((at, at))
            folded.append(text)
    whole = _compatible(source.text)
    if "".join(folded) != whole:
        clusters, folded = [(0, len(source.text) - 1)], [whole]
    pairs = list(zip(clusters, folded, strict=True))
    return Folded(
        whole,
        tuple(source.starts[first] for (first, _), text in pairs for _ in text),
        tuple(source.ends[last] for (_, last), text in pairs for _ in text),
    )


_SPELLINGS: dict[str, str] = {form.folded: form.name for form in LEGAL_FORMS} | {
    fold(spelling): form.name for form in LEGAL_FORMS for spelling in form.long
}
_BARE: dict[str, str] = {bare: form.name for form in LEGAL_FORMS for bare in form.bare}


def _alternatives(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


#: A legal form as a word of a query begins or ends with it → the spellings of which one must be found.
_STANDS_FOR: dict[str, tuple[str, ...]] = {
    "npo": ("npo",),
    **{bare: (bare, form.folded) for form in LEGAL_FORMS for bare in form.bare},
    **{form.folded: (form.folded, *form.bare) for form in LEGAL_FORMS},
}
_QUERY_HEAD = re.compile(f"({_alternatives(list(_STANDS_FOR))})(..+)")
_QUERY_TAIL = re.compile(f"(..+?)({_alternatives([form.folded for form in LEGAL_FORMS])})")
_HEAD = re.compile(f"^({_alternatives([*_SPELLINGS, *_BARE])})")
_TAIL = re.compile(f"({_alternatives(list(_SPELLINGS))})$")
_WITHIN = re.compile(_alternatives(list(_SPELLINGS)))
_NOT_A_NAME = re.compile(r"[^\w]|_")


def fold_name(text: str) -> str:
    """The form in which two names are the same: `fold` without legal forms at either end, signs and spaces.

    A name of nothing else keeps what it has. `fold_name(fold_name(x)) == fold_name(x)`.
    """
    name = fold(text)
    while True:
        bare = _NOT_A_NAME.sub("", name)
        stripped = fold(_TAIL.sub("", _HEAD.sub("", bare)) or bare)
        if not stripped or stripped == name:
            return name
        name = stripped


def parted(word: str) -> tuple[tuple[str, ...], ...]:
    """A folded word of a query as what must all be found, each in one of its spellings.

    A legal form at either end stands by itself: 「㈱みどり」 means 「みどり株式会社」 too, 「一社みどり」 「(一社)みどり」. Whatever holds
    the word holds its parts. A legal form alone is not parted.
    """
    if word in _STANDS_FOR:
        return ((word,),)
    if match := _QUERY_HEAD.fullmatch(word):
        return _STANDS_FOR[match[1]], (match[2],)
    if match := _QUERY_TAIL.fullmatch(word):
        return (match[1],), _STANDS_FOR[match[2]]
    return ((word,),)


def legal_form_of(text: str) -> str | None:
    """The legal form named in an organisation's name, as shown (「NPO法人」), or None.

    At the head or the end first, then anywhere in full: 「小平市立 ㈱山田」 gives 「株式会社」.
    """
    name = _NOT_A_NAME.sub("", fold(text))
    if match := _HEAD.search(name):
        return _SPELLINGS.get(match[0]) or _BARE[match[0]]
    found = _TAIL.search(name) or _WITHIN.search(name)
    return _SPELLINGS[found[0]] if found else None
