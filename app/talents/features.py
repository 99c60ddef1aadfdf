"""What of a record is compared: texts as pairs of characters, tags, fields, concepts. Pure, one record at a time."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import add

from app.japanese.normalize import fold
from app.talents.facts import Key, RequestFacts, TalentFacts
from app.talents.lexicon import Found, Lexicon

#: Longer texts are compared by their beginning: nobody describes a request in more.
MOST_CHARACTERS = 4_000
_HIRAGANA = [chr(code) for code in range(ord("ぁ"), ord("ん") + 1)]
#: Pairs of hiragana are grammar more than matter.
_SAYS_LITTLE = frozenset(one + other for one in _HIRAGANA for other in _HIRAGANA)
_NOT_WORDS = re.compile(r"[^\w]+|_")
_LONGEST_TAG = 200
#: Skills stand for more than a word in a sentence does.
SKILLS_COUNT = 2.0


_ONCE = math.log1p(1)


@dataclass(frozen=True)
class Features:
    """Counts by token. `concepts` are strengths by number of the concept, `evidence` the words behind them.

    A talent's evidence is looked for when a sentence needs it (`talent_evidence`): ten thousand talents need none.
    """

    grams: Mapping[str, float]
    tags: Mapping[str, float]
    fields: tuple[str, ...]
    concepts: Mapping[int, float]
    evidence: Mapping[int, Found] = field(default_factory=dict)


def talent_text(facts: TalentFacts) -> str:
    """What is encoded for a talent: skills, then the description."""
    return " ".join(facts.skills)[:MOST_CHARACTERS] + "。" + facts.description[:MOST_CHARACTERS]


def request_text(facts: RequestFacts) -> str:
    """What is encoded for a request: title, description, wanted skills."""
    parts = f"{facts.title}。{facts.description}"[:MOST_CHARACTERS], *facts.skills_wanted
    return " ".join(parts)[: 2 * MOST_CHARACTERS]


def talent_features(facts: TalentFacts, lexicon: Lexicon) -> Features:
    """The features of a talent; its skills count in the concepts beside its text."""
    text = fold(talent_text(facts))
    concepts = lexicon.strengths(text)
    for number, strength in lexicon.strengths(" ".join(map(_folded_tag, facts.skills))[:MOST_CHARACTERS]).items():
        concepts[number] = concepts.get(number, 0.0) + SKILLS_COUNT * strength
    return Features(text_grams(text), tag_grams(facts.skills, 1.0), _fields(facts.fields), concepts)


def talent_evidence(facts: TalentFacts, lexicon: Lexicon) -> Mapping[int, Found]:
    """The words of a talent's text behind its concepts."""
    return lexicon.find(fold(talent_text(facts)))


def request_features(facts: RequestFacts, lexicon: Lexicon) -> Features:
    """The features of a request; the mean over the wanted skills is what a talent can reach."""
    text = fold(request_text(facts))
    evidence = lexicon.find(text)
    concepts = {number: found.strength for number, found in evidence.items()}
    share = 1.0 / max(len(facts.skills_wanted), 1)
    return Features(text_grams(text), tag_grams(facts.skills_wanted, share), _fields(facts.fields), concepts, evidence)


def text_grams(folded: str) -> dict[str, float]:
    """Pairs of neighbouring characters with log(1 + count); pairs of two hiragana say little and are left out."""
    counts: Counter[str] = Counter()
    for run in _NOT_WORDS.sub(" ", folded).split():
        counts.update(run if len(run) == 1 else map(add, run, run[1:]))
    return {
        gram: _ONCE if count == 1 else math.log1p(count) for gram, count in counts.items() if gram not in _SAYS_LITTLE
    }


def tag_grams(tags: Iterable[str], weight: float) -> dict[str, float]:
    """The sum of the tags' unit vectors over pairs of characters: two tags share what their words share."""
    total: dict[str, float] = {}
    for tag in tags:
        pairs = tag_vector(tag)
        for gram, value in pairs.items():
            total[gram] = total.get(gram, 0.0) + weight * value
    return total


@functools.lru_cache(maxsize=20_000)
def _fold_once(tag: str) -> str:
    return fold(tag)


def _folded_tag(tag: str) -> str:
    """A tag's normal form: talents share most of their tags. What is no tag but a text is not remembered."""
    return _fold_once(tag) if len(tag) <= _LONGEST_TAG else fold(tag[:MOST_CHARACTERS])


@functools.lru_cache(maxsize=20_000)
def tag_vector(tag: str) -> Mapping[str, float]:
    """A tag as a unit vector over its pairs of characters."""
    word = _NOT_WORDS.sub("", _folded_tag(tag[:_LONGEST_TAG]))
    pairs = {word[at : at + 2] for at in range(len(word) - 1)} or ({word} if word else set())
    return dict.fromkeys(pairs, 1 / math.sqrt(len(pairs))) if pairs else {}


def tag_likeness(one: str, other: str) -> float:
    """How alike two tags are written, from 0 to 1."""
    first, second = tag_vector(one), tag_vector(other)
    return sum(value * second.get(gram, 0.0) for gram, value in first.items())


def _fields(values: Iterable[Key]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(str(value)) for value in values))
