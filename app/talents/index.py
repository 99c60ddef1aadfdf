"""The features of all talents, ready to be compared with many requests; changed talent by talent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from app.talents.condition_table import ConditionTable
from app.talents.facts import Key, RequestFacts, TalentFacts
from app.talents.features import Features, request_features, request_text, talent_evidence, talent_features
from app.talents.lexicon import Lexicon
from app.talents.meaning import Meaning, unit
from app.talents.scoring import Part
from app.talents.token_rows import Dense, TokenRows
from app.talents.vectors import Encoder, Vectors

#: The lexicon's middle counts like this many talents in the middle of all: a handful has no middle of its own.
_PRIOR = 20.0


@dataclass(frozen=True)
class Asked:
    """Requests with their features and, where there is an encoder, their vectors and what these resemble."""

    requests: tuple[RequestFacts, ...]
    features: tuple[Features, ...]
    #: (requests, concepts): strengths by the words of the texts.
    said: Dense
    #: As the encoder gave them.
    vectors: Vectors | None = None
    centred: Vectors | None = None
    #: (requests, concepts): strengths by the meaning of the texts.
    resembled: Dense | None = None


@dataclass(frozen=True)
class _Ready:
    """What products are made with, until a talent's words or vector change. concepts: (rows, concepts), also by concept."""

    concepts: Dense
    by_concept: Any
    rarity: Dense
    offered: Vectors


class Room:
    """Tables of products, kept from one batch of requests to the next: new memory costs more than filling it."""

    def __init__(self) -> None:
        self._kept: dict[str, Dense] = {}

    def take(self, name: str, shape: tuple[int, int]) -> Dense:
        """A table of this shape; what stands in it is to be written over."""
        size = shape[0] * shape[1]
        if name not in self._kept or self._kept[name].size < size:
            self._kept[name] = np.empty(size, np.float32)
        return self._kept[name][:size].reshape(shape)


class TalentIndex:
    """Talents by id. `encoder` None: the level without sentence vectors. Not safe for writers at the same time."""

    def __init__(self, lexicon: Lexicon, encoder: Encoder | None = None, folder: Path | None = None) -> None:
        self.lexicon = lexicon
        self.encoder = encoder
        self.table = ConditionTable()
        self.rows: dict[Key, int] = {}
        self.facts: list[TalentFacts | None] = []
        self._free: list[int] = []
        self._alive = np.zeros(0, np.bool_)
        self.grams = TokenRows(is_weighted=True)
        self._tags = TokenRows(is_weighted=False)
        self._fields = TokenRows(is_weighted=False)
        self._concepts: Dense = np.zeros((0, len(lexicon)), np.float32)
        self._vectors: Vectors = np.zeros((0, encoder.size if encoder else 0), np.float32)
        self._present: Dense = np.zeros((0, 2), np.float32)  # recent approaches, past outcome less 0.5
        self._meaning = Meaning(lexicon, encoder, folder) if encoder else None
        self._ready: _Ready | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        """Number of rows, freed ones included."""
        return len(self.facts)

    @property
    def has_vectors(self) -> bool:
        """Whether meaning is compared, or words alone."""
        return self._meaning is not None

    def put(self, facts: TalentFacts, vector: Vectors | None = None, features: Features | None = None) -> None:
        """Add a talent, or renew it. Its features are made again only where its words changed.

        vector: of `talent_text(facts)` as a passage; None keeps the one it has, or has none yet. features: of these
        very facts by this very lexicon, where somebody has kept them.
        """
        row = self.rows.get(facts.id)
        before = self.facts[row] if row is not None else None
        if row is None:
            row = self._new_row()
            self.rows[facts.id] = row
        if before is None or _words(before) != _words(facts):
            features = features or talent_features(facts, self.lexicon)
            self.grams.set(row, features.grams)
            self._tags.set(row, features.tags)
            self._fields.set(row, _unit_tokens(features.fields))
            self._concepts[row] = 0
            for number, strength in features.concepts.items():
                self._concepts[row, number] = strength
            self._ready = None
        self.facts[row] = facts
        self._alive[row] = True
        self.table.set(row, facts)
        outcome = 0.5 if facts.past_outcome is None else facts.past_outcome
        self._present[row] = facts.recent_approaches, outcome - 0.5
        if vector is not None:
            self.put_vector(facts.id, vector)

    def put_vector(self, talent_id: Key, vector: Vectors) -> None:
        """Add the meaning of a talent that is here."""
        if self._meaning is not None:
            self._vectors[self.rows[talent_id]] = vector
            self._ready = None

    def features_of(self, row: int) -> Features:
        """The features of the talent in a row, with the words behind them: made when asked for."""
        facts = self.facts[row]
        assert facts is not None
        return replace(talent_features(facts, self.lexicon), evidence=talent_evidence(facts, self.lexicon))

    def id_of(self, row: int) -> Key:
        """The talent in a row that is in use."""
        facts = self.facts[row]
        assert facts is not None
        return facts.id

    def remove(self, talent_id: Key) -> None:
        """Forget a talent; nothing of it stays."""
        row = self.rows.pop(talent_id, None)
        if row is None:
            return
        self.facts[row] = None
        self._alive[row] = False
        self.table.set(row, None)
        for rows in (self.grams, self._tags, self._fields):
            rows.set(row, None)
        self._concepts[row] = self._present[row] = 0
        if self._meaning is not None:
            self._vectors[row] = 0
        self._free.append(row)
        self._ready = None

    def ask(self, requests: Sequence[RequestFacts], vectors: Vectors | None = None) -> Asked:
        """Prepare requests. vectors: of their `request_text` as queries; encoded here where none are given."""
        features = tuple(request_features(each, self.lexicon) for each in requests)
        said = np.zeros((len(features), len(self.lexicon)), np.float32)
        for number, each in enumerate(features):
            said[number, list(each.concepts)] = list(each.concepts.values())
        if self.encoder is None or self._meaning is None:
            return Asked(tuple(requests), features, said)
        if vectors is None:
            vectors = self.encoder.encode([request_text(request) for request in requests], "query")
        centred = self._meaning.asked(vectors)
        return Asked(tuple(requests), features, said, vectors, centred, self._meaning.concepts(centred))

    def parts(self, asked: Asked, start: int, stop: int, room: Room | None = None) -> dict[Part, Dense]:
        """(requests start to stop, rows) for each part, not yet scaled. room: memory of the last call, used again."""
        ready, room = self._prepared(), room or Room()
        features, shape = asked.features[start:stop], (stop - start, self.size)
        skills = self._tags.products([each.tags for each in features], room.take("skills", shape))
        fields = self._fields.products([_unit_tokens(each.fields) for each in features], room.take("fields", shape))
        found = {
            Part.SKILLS: np.minimum(skills, 1, out=skills),
            Part.FIELDS: np.minimum(fields, 1, out=fields),
            Part.TEXT: self.grams.products([each.grams for each in features], room.take("text", shape)),
        }
        words = sparse.csr_matrix(unit(asked.said[start:stop] * ready.rarity)) @ ready.by_concept
        found[Part.WORDS] = words.toarray(out=room.take("words", shape))
        if asked.centred is None or asked.resembled is None:
            return found
        sayings, meaning = room.take("sayings", shape), room.take("meaning", shape)
        found[Part.SAYINGS] = np.matmul(asked.resembled[start:stop], ready.concepts.T, out=sayings)
        found[Part.MEANING] = np.matmul(asked.centred[start:stop], ready.offered.T, out=meaning)
        return found

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """(rows): which are in use. Not to be written to."""
        return self._alive[: self.size]

    @property
    def present(self) -> Dense:
        """(rows, 2): recent approaches, past outcome less 0.5."""
        return self._present[: self.size]

    @property
    def is_missing_vectors(self) -> bool:
        """Whether some talent's meaning has not been computed yet."""
        if self._meaning is None:
            return False
        return bool((self.alive & ~self._vectors[: self.size].any(axis=1)).any())

    def _prepared(self) -> _Ready:
        if self._ready is None:
            concepts = self._concepts[: self.size]
            rarity = np.log1p(len(self.rows) / (1 + (concepts > 0).sum(axis=0))).astype(np.float32)
            weighted = unit(concepts * rarity)
            self._ready = _Ready(weighted, sparse.csr_matrix(weighted).T.tocsr(), rarity, self._offered())
        return self._ready

    def _offered(self) -> Vectors:
        vectors = self._vectors[: self.size]
        if self._meaning is None:
            return vectors
        has = np.asarray(vectors.any(axis=1))
        centre = (vectors.sum(axis=0) + _PRIOR * self._meaning.offered_centre) / (has.sum() + _PRIOR)
        return unit((vectors - centre) * has[:, None])

    def _new_row(self) -> int:
        if self._free:
            return self._free.pop()
        row = len(self.facts)
        self.facts.append(None)
        if row >= len(self._concepts):
            room = max(64, 2 * row)
            self._concepts, self._vectors, self._present = (
                np.concatenate([old, np.zeros((room - len(old), old.shape[1]), np.float32)])
                for old in (self._concepts, self._vectors, self._present)
            )
            self._alive = np.concatenate([self._alive, np.zeros(room - len(self._alive), np.bool_)])
        return row


def _words(facts: TalentFacts) -> tuple[object, ...]:
    return facts.skills, facts.description, facts.fields


def _unit_tokens(tokens: Sequence[str]) -> Mapping[str, float]:
    return dict.fromkeys(tokens, len(tokens) ** -0.5) if tokens else {}
