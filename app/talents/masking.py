"""What of a talent's own words may be read without its name: name, reading, numbers and addresses are blacked out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

BLACK = "●●"
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+")
_PHONE = re.compile(r"(?<!\d)0\d{1,4}[\-‐‑‒–—―−ー()() ]{0,2}\d{1,4}[\-‐‑‒–—―−ー() ]{0,2}\d{3,4}(?!\d)")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
#: A given name such as 「えま」 is no part of 「伝えます」: a kanji before it, and an ending of the polite form behind.
_MAY_BE_VERB = re.compile("[ぁ-ん]ま")
_NO_VERB = "(?<![々一-龠]..(?=[すせし]))"
_BREAKS = re.compile(r"[\s、,・/()]+")


def secrets_of(values: Iterable[str | None]) -> list[str]:
    """The strings to black out: each value, each of its parts, and both without spaces; longest first."""
    found: set[str] = set()
    for value in values:
        if not value or not value.strip():
            continue
        whole = value.strip()
        parts = [part for part in _BREAKS.split(whole) if len(part) >= 2]
        found |= {whole, "".join(whole.split()), *parts}
    return sorted((each for each in found if len(each) >= 2), key=lambda each: (-len(each), each))


def masked(text: str | None, secrets: Iterable[str]) -> str:
    """The text with all secrets, and whatever looks like a telephone number, mail or web address, blacked out.

    Spellings are compared with widths folded (NFKC) and without case; a spaced name is found with and without its space.
    """
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    squeezed = "".join(plain.split()).lower()
    for secret in secrets:
        letters = "".join(unicodedata.normalize("NFKC", secret).split())
        if letters and letters.lower() in squeezed:  # patterns are made only for what is there
            pattern = r"\s?".join(map(re.escape, letters)) + (_NO_VERB if _MAY_BE_VERB.fullmatch(letters) else "")
            plain = re.sub(pattern, BLACK, plain, flags=re.IGNORECASE)
    for shape in (_MAIL, _URL, _PHONE):
        plain = shape.sub(BLACK, plain)
    return plain
