"""What the lexicon's sayings teach about a text's meaning: from a sentence vector to strengths of concepts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.talents.lexicon import Lexicon
from app.talents.vectors import Encoder, Vectors, encode_once

#: How sharply the nearest saying wins over the others.
_SOFTNESS = 0.1
#: How much the regression counts beside the nearest saying, and how strongly it is held back.
_REGRESSION_SHARE = 0.5
_RIDGE = 5.0


class Meaning:
    """Centres of what is asked and of what is offered, and the concepts of a request's vector."""

    def __init__(self, lexicon: Lexicon, encoder: Encoder, folder: Path | None) -> None:
        self._size = len(lexicon)
        self._owners = np.array([number for number, _ in lexicon.sayings], np.int64)
        said = encode_once(encoder, [saying for _, saying in lexicon.sayings], "query", folder)
        offered = [f"{concept.name} {' '.join(concept.words)}" for concept in lexicon.concepts]
        passages = encode_once(encoder, offered, "passage", folder)
        empty = np.zeros(encoder.size, np.float32)
        #: The middle of requests, and of talents as far as too few are known.
        self.asked_centre: Vectors = said.mean(axis=0) if len(said) else empty
        self.offered_centre: Vectors = passages.mean(axis=0) if len(passages) else empty
        self._sayings = unit(said - self.asked_centre)
        targets = np.zeros((len(said), self._size), np.float32)
        targets[np.arange(len(said)), self._owners] = 1
        targets -= targets.mean(axis=0) if len(said) else 0
        normal = self._sayings.T @ self._sayings + _RIDGE * np.eye(encoder.size, dtype=np.float32)
        self._regression = np.linalg.solve(normal, self._sayings.T @ targets).astype(np.float32)
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))

    def asked(self, vectors: Vectors) -> Vectors:
        """Vectors of requests, centred, each of length 1."""
        return unit(vectors - self.asked_centre)

    def concepts(self, asked: Vectors) -> Vectors:
        """(requests, concepts): what centred vectors of requests resemble, each row of length 1."""
        if not self._size or not len(self._owners):
            return np.zeros((len(asked), self._size), np.float32)
        nearest = np.full((len(asked), self._size), -1, np.float32)
        nearest[:, self._owners[self._starts]] = np.maximum.reduceat(asked @ self._sayings.T, self._starts, axis=1)
        soft = np.exp((nearest - nearest.max(axis=1, keepdims=True)) / _SOFTNESS)
        learnt = np.maximum(asked @ self._regression, 0)
        return unit(unit(soft) + _REGRESSION_SHARE * unit(learnt))


def unit(rows: npt.NDArray[np.float32]) -> Vectors:
    """Each row brought to length 1; a row of nothing stays."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)
