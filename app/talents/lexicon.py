"""What everyday words mean in terms of what people can do: concepts with their words, cues and sayings, read from files.

`seed/<city>/matching_words.csv` (concept, fields, words, cues, sentence) and `matching_sayings.csv` (concept, saying). A
city may extend both; without them matching runs on tags and texts alone. Each list is written with | between entries.
"""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from operator import add
from pathlib import Path

from app.japanese.normalize import fold

_SEED = Path(__file__).resolve().parents[2] / "seed"
#: What a text says of a concept: a word of the field names it, cues (「きしむ」) hint at it.
WORD, SECOND_WORD, CUE, THIRD_CUE = 2.0, 0.5, 1.0, 0.5
#: What follows a whole word.
_PARTICLES = frozenset("はがをにでともへやの")


@dataclass(frozen=True)
class Concept:
    """Something people do for each other, e.g. 修理・大工."""

    name: str
    fields: tuple[int, ...]
    words: tuple[str, ...]
    cues: tuple[str, ...]
    sayings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a text says of one concept: how strongly, and by which of its words."""

    strength: float
    words: tuple[str, ...]


class Lexicon:
    """The concepts, and how to find them in a text."""

    def __init__(self, concepts: tuple[Concept, ...]) -> None:
        self.concepts = concepts
        self._entries: dict[str, list[tuple[int, bool]]] = {}
        #: How an entry is written in the files: that is what people are shown.
        self._written: dict[str, str] = {}
        for number, concept in enumerate(concepts):
            for words, is_word in ((concept.words, True), (concept.cues, False)):
                for word in words:
                    self._entries.setdefault(fold(word), []).append((number, is_word))
                    self._written.setdefault(fold(word), word)
        self._entries.pop("", None)
        #: Entries by their first two characters; those of one character stand by that.
        self._heads: dict[str, list[str]] = {}
        for entry in self._entries:
            self._heads.setdefault(entry[:2], []).append(entry)
        self.digest = hashlib.sha256(repr(concepts).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.concepts)

    def find(self, folded: str) -> Mapping[int, Found]:
        """The concepts that a folded text names or hints at, by their number."""
        words: dict[int, list[str]] = {}
        cues: dict[int, list[str]] = {}
        for hit in sorted(self._hits(folded), key=lambda entry: (-len(entry), entry)):
            end = folded.find(hit) + len(hit)
            shown = self._written[hit] + ("…" if _goes_on(hit, folded[end : end + 1]) else "")
            for number, is_word in self._entries[hit]:
                (words if is_word else cues).setdefault(number, []).append(shown)
        return {
            number: Found(_strength(len(words.get(number, ())), len(cues.get(number, ()))), _both(words, cues, number))
            for number in sorted(words.keys() | cues.keys())
        }

    def strengths(self, folded: str) -> dict[int, float]:
        """How strongly `find` finds each concept, without the words behind it: for many texts."""
        words: dict[int, int] = {}
        cues: dict[int, int] = {}
        for hit in self._hits(folded):
            for number, is_word in self._entries[hit]:
                counts = words if is_word else cues
                counts[number] = counts.get(number, 0) + 1
        found = words.keys() | cues.keys()
        return {number: _strength(words.get(number, 0), cues.get(number, 0)) for number in sorted(found)}

    def _hits(self, folded: str) -> list[str]:
        """The entries that stand in a folded text; only those are looked for whose first two characters do."""
        heads = set(map(add, folded, folded[1:])).union(folded) & self._heads.keys()
        return [entry for head in heads for entry in self._heads[head] if entry in folded]

    @property
    def sayings(self) -> tuple[tuple[int, str], ...]:
        """(number of the concept, saying), in order."""
        return tuple((number, saying) for number, concept in enumerate(self.concepts) for saying in concept.sayings)


def _goes_on(piece: str, following: str) -> bool:
    """Whether a piece of a text is the stem of a word there: 「閉まらな」 of 「閉まらない」, but not 「いす」 of 「いすを」."""
    return "ぁ" <= piece[-1] <= "ん" and "ぁ" <= following <= "ん" and following not in _PARTICLES


def _strength(words: int, cues: int) -> float:
    strength = WORD * (words > 0) + SECOND_WORD * (words > 1)
    return strength + CUE * min(cues, 2) + THIRD_CUE * (cues > 2)


def _both(words: dict[int, list[str]], cues: dict[int, list[str]], number: int) -> tuple[str, ...]:
    return (*words.get(number, ()), *cues.get(number, ()))


@functools.lru_cache(maxsize=8)
def load_lexicon(city: str) -> Lexicon:
    """The lexicon of a city; an empty one where it has none."""
    words, sayings = _SEED / city / "matching_words.csv", _SEED / city / "matching_sayings.csv"
    if not words.is_file():
        return Lexicon(())
    said: dict[str, list[str]] = {}
    if sayings.is_file():
        for row in _rows(sayings):
            said.setdefault(row["concept"], []).append(row["saying"])
    return Lexicon(
        tuple(
            Concept(
                name=row["concept"],
                fields=tuple(int(number) for number in row["fields"].split()),
                words=_parts(row["words"]),
                cues=_parts(row["cues"]),
                sayings=(*said.get(row["concept"], ()), row["sentence"]),
            )
            for row in _rows(words)
        )
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)
