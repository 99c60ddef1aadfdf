"""How much a talent is liked for a request: parts from 0 to 1, their weights, one sum. Pure, no database.

The parts, each a product of features of the two records:

- SKILLS: wanted against offered skills by their pairs of characters, so that 「着付け」 meets 「浴衣の着付け」;
- FIELDS: cosine of the two sets of the 20 fields;
- WORDS: concepts of the lexicon (修理/修繕/日曜大工, and cues of everyday speech: きしむ) that both texts touch, rare ones
  counting more, a talent's skills counting three times;
- SAYINGS: which concept's sayings the request resembles in meaning (nearest saying, softened, and a ridge regression on
  all sayings), against the talent's concepts;
- MEANING: cosine of the sentence vectors of both texts, each centred;
- TEXT: cosine of rarity-weighted pairs of characters.

Each but FIELDS is scaled to 0–1 over those who can do it, per request. The weights were chosen by hand from a coarse grid on
the development set of benchmarks/matching_data, with every part of it in view: all choices within 0.01 of the best counted
as equal, and the plainest was taken. No part is therefore a clean held-out set (benchmarks/README.md says how each came
about). Cross-validated afterwards: 500 random sets of weights, each chosen on two parts and tried on the third, were nowhere
better than these by more than 0.01 and worse by up to 0.06. Without sentence vectors SAYINGS and MEANING are absent and TEXT counts more.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Part(enum.Enum):
    """A part of the score: code, how it is called, weight with and without sentence vectors, whether it is scaled."""

    SKILLS = "skills", "技能", 2.0, 2.0, True
    FIELDS = "fields", "分野", 0.6, 0.6, False
    WORDS = "words", "言葉", 1.0, 1.0, True
    SAYINGS = "sayings", "言い回し", 1.2, 0.0, True
    MEANING = "meaning", "文の意味", 1.0, 0.0, True
    TEXT = "text", "文字の重なり", 0.3, 0.5, True

    def __init__(self, code: str, label: str, weight: float, weight_without_vectors: float, is_scaled: bool) -> None:
        self.code = code
        self.label = label
        self.weight = weight
        self.weight_without_vectors = weight_without_vectors
        self.is_scaled = is_scaled


#: Parts whose lowest value says nothing by itself.
_FROM_LOWEST = frozenset({Part.MEANING})
#: Values that all lie this near tell nobody from another.
_NO_REACH = 1e-6
#: What each unmet wish (a step of fee, a town outside) takes away: a fortieth of what the parts can sum up to, the ratio
#: of the plain sum of two parts, less 0.05, from which this began.
WISH_PENALTY = 0.15
#: What each recent approach takes away, up to MOST_APPROACHES: the same person is not asked again and again (rules.md 34).
ROTATION_PENALTY = 0.12
MOST_APPROACHES = 5
#: What good or bad experience moves, at most, to either side.
OUTCOME_RANGE = 0.08


def weight_of(part: Part, *, has_vectors: bool) -> float:
    """The weight of a part."""
    return part.weight if has_vectors else part.weight_without_vectors


def scaled(part: Part, values: Column) -> Column:
    """The values of one request's feasible talents, from 0 to 1."""
    if not len(values):
        return values
    if not part.is_scaled:
        return np.asarray(np.clip(values, 0, 1), np.float32)
    lowest = float(values.min()) if part in _FROM_LOWEST else 0.0
    reach = float(values.max()) - lowest
    if reach <= _NO_REACH:
        return np.zeros_like(values)
    return np.asarray((values - lowest) * np.float32(1 / reach), np.float32)


def total(
    parts: Mapping[Part, Column], wishes: Column, approaches: Column, outcomes: Column, *, has_vectors: bool
) -> Column:
    """The score of each talent. `parts` are scaled; `outcomes` are past outcomes less 0.5, 0 where there is no past."""
    score = np.float32(-WISH_PENALTY) * wishes
    score -= np.float32(ROTATION_PENALTY) * np.minimum(approaches, np.float32(MOST_APPROACHES))
    score += np.float32(2 * OUTCOME_RANGE) * outcomes
    for part, values in parts.items():
        score += np.float32(weight_of(part, has_vectors=has_vectors)) * values
    return np.asarray(score, np.float32)


def current(present: Column, *, has_vectors: bool) -> Column:
    """(rows): what each talent's present adds and takes away. present: (rows, 2), recent approaches and past outcomes."""
    nothing = np.zeros(len(present), np.float32)
    return total({}, nothing, present[:, 0], present[:, 1], has_vectors=has_vectors)


def total_over(
    parts: Mapping[Part, Column], able: Mask, wishes: Column, present: Column, *, has_vectors: bool
) -> Column:
    """`total` of `scaled` parts over all rows at once, for many requests; the rows of who cannot do it mean nothing.

    parts: over all rows, not scaled; those of FIELDS are at most 1, none but MEANING is below 0. present: of `current`.
    """
    score = np.float32(-WISH_PENALTY) * wishes
    score += present
    counting, spare = able.astype(np.float32), np.empty_like(score)
    for part, values in parts.items():
        weight, lowest, reach = weight_of(part, has_vectors=has_vectors), 0.0, 1.0
        if part in _FROM_LOWEST:
            among = values[able]
            lowest = float(among.min(initial=np.inf))
            reach = float(among.max(initial=-np.inf)) - lowest
        elif part.is_scaled:
            reach = float(np.multiply(values, counting, out=spare).max(initial=0))
        if reach > _NO_REACH:
            score += np.multiply(values, np.float32(weight / reach), out=spare)
            score -= np.float32(weight / reach * lowest)
    return score
