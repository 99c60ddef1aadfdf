"""The conditions of conditions.py over all talents of an index at once: one row a talent, sets as bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from app.talents.conditions import Condition, served_audiences
from app.talents.facts import ANYWHERE, EVERYBODY, ONLINE, REWARDS, RequestFacts, TalentFacts

Mask = npt.NDArray[np.bool_]
_UNKNOWN = 100


class _WordSets:
    """A set of words in each row, as bits; new words widen it."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._rows = np.zeros((0, 1), np.uint64)

    def set(self, row: int, words: Iterable[str]) -> None:
        positions = [self._bits.setdefault(word, len(self._bits)) for word in words]
        width = max(1, -(-len(self._bits) // 64))
        if row >= len(self._rows) or width > self._rows.shape[1]:
            grown = np.zeros((max(row + 1, 2 * len(self._rows)), width), np.uint64)
            grown[: len(self._rows), : self._rows.shape[1]] = self._rows
            self._rows = grown
        self._rows[row] = 0
        for at in positions:
            self._rows[row, at // 64] |= np.uint64(1 << (at % 64))

    def having_any(self, words: Iterable[str], size: int) -> Mask:
        """Rows that share a word with these."""
        found = np.zeros(size, np.bool_)
        for column, mask in self._masks(words).items():
            found |= (self._rows[:size, column] & mask) != 0
        return found

    def not_empty(self, size: int) -> Mask:
        """Rows with any word at all."""
        return np.asarray(self._rows[:size].any(axis=1), np.bool_)

    def having_all(self, words: Iterable[str], size: int) -> Mask:
        """Rows that hold every one of these."""
        wanted = set(words)
        if wanted - self._bits.keys():
            return np.zeros(size, np.bool_)
        found = np.ones(size, np.bool_)
        for column, mask in self._masks(wanted).items():
            found &= (self._rows[:size, column] & mask) == mask
        return found

    def _masks(self, words: Iterable[str]) -> dict[int, np.uint64]:
        masks: dict[int, int] = {}
        for at in {self._bits[word] for word in words if word in self._bits}:
            masks[at // 64] = masks.get(at // 64, 0) | 1 << (at % 64)
        return {column: np.uint64(mask) for column, mask in masks.items()}


class ConditionTable:
    """What the conditions ask of each talent. Rows are given by the index; a freed row is set to None."""

    def __init__(self) -> None:
        self._times, self._audiences, self._areas, self._guarantees = (_WordSets() for _ in range(4))
        self._words: dict[str, int] = {}
        #: Steps of all rows by the reward offered, until a row changes.
        self._steps_up: dict[str, npt.NDArray[np.int32]] = {}
        self._numbers = np.zeros((0, 4), np.int32)  # reward, has a place on site, stands, has room

    def set(self, row: int, facts: TalentFacts | None) -> None:
        """Write one row."""
        if row >= len(self._numbers):
            grown = np.zeros((max(row + 1, 2 * len(self._numbers)), 4), np.int32)
            grown[: len(self._numbers)] = self._numbers
            self._numbers = grown
        known = facts or TalentFacts(id=0, is_active=False)
        self._times.set(row, known.free_times)
        self._audiences.set(row, served_audiences(known.audiences))
        self._areas.set(row, known.areas)
        self._guarantees.set(row, known.guarantees)
        self._steps_up = {}
        self._numbers[row] = (
            self._reward(known.reward),
            any(area != ONLINE for area in known.areas),
            known.is_active and known.is_consented and known.is_valid,
            known.free_places is None or known.free_places > 0,
        )

    def fulfilled(self, request: RequestFacts, size: int) -> dict[Condition, Mask]:
        """For each hard condition of Condition but DECLINED: which rows meet it."""
        numbers = self._numbers[:size]
        wanted = set(request.audiences)
        if EVERYBODY in wanted:
            audience = self._audiences.not_empty(size)
        elif wanted:
            audience = self._audiences.having_any(wanted | {EVERYBODY}, size)
        else:
            audience = np.zeros(size, np.bool_)
        return {
            Condition.TIME: self._times.having_any(request.times, size),
            Condition.REWARD: self._steps(request, size) < 2,
            Condition.PLACE: self._areas.having_any([ONLINE], size)
            if request.area == ONLINE
            else numbers[:, 1].astype(np.bool_),
            Condition.AUDIENCE: audience,
            Condition.GUARANTEE: self._guarantees.having_all(request.required, size),
            Condition.CAPACITY: numbers[:, 3].astype(np.bool_),
            Condition.STANDING: numbers[:, 2].astype(np.bool_),
        }

    def unmet_wishes(self, request: RequestFacts, size: int) -> npt.NDArray[np.float32]:
        """How many soft conditions each row misses."""
        unmet: npt.NDArray[np.float32] = np.asarray(self._steps(request, size) == 1, np.float32)
        if request.area not in ("", ONLINE, ANYWHERE):
            unmet = unmet + np.asarray(~self._areas.having_any([request.area, ANYWHERE], size), np.float32)
        return unmet

    def _reward(self, word: str) -> int:
        if not word:
            return -1
        return int(REWARDS[word]) if word in REWARDS else self._words.setdefault(word, _UNKNOWN + len(self._words))

    def _steps(self, request: RequestFacts, size: int) -> npt.NDArray[np.int32]:
        found = self._steps_up.get(request.reward_offered)
        if found is None or len(found) != size:
            found = self._steps_up[request.reward_offered] = self._count_steps(request, size)
        return found

    def _count_steps(self, request: RequestFacts, size: int) -> npt.NDArray[np.int32]:
        wanted = self._numbers[:size, 0]
        if not request.reward_offered:
            return np.zeros(size, np.int32)
        offered = REWARDS.get(request.reward_offered)
        if offered is None:
            known = self._words.get(request.reward_offered, -2)
            return np.asarray((wanted != known) & (wanted >= 0), np.int32)
        steps = np.clip(wanted - int(offered), 0, None)
        return np.asarray(np.where(wanted >= _UNKNOWN, 1, np.where(wanted < 0, 0, steps)), np.int32)
