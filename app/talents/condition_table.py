"""The conditions of conditions.py over all talents of an index at once: one row a talent, sets as bits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from app.talents.conditions import Condition, served_audiences
from app.talents.facts import ANYWHERE, EVERYBODY, ONLINE, REWARDS, RequestFacts, TalentFacts

Mask = npt.NDArray[np.bool_]
Wishes = npt.NDArray[np.float32]
Found = TypeVar("Found", npt.NDArray[np.bool_], npt.NDArray[np.float32], npt.NDArray[np.int32])
_UNKNOWN = 100
_ONES = (1 << 64) - 1
#: Answers kept until a row changes: requests ask for the same times and audiences again and again.
_MOST_KEPT = 2_000


class _WordSets:
    """A set of words in each row, as bits; new words widen it."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        #: Bits of sets that were met before: many talents have the same.
        self._known: dict[frozenset[str], int] = {}
        self._rows = np.zeros((0, 1), np.uint64)

    def set(self, row: int, words: frozenset[str]) -> None:
        bits = self._known.get(words)
        if bits is None:
            bits = sum(1 << self._bits.setdefault(word, len(self._bits)) for word in words)
            if len(self._known) < _MOST_KEPT:
                self._known[words] = bits
        width = max(1, -(-len(self._bits) // 64))
        if row >= len(self._rows) or width > self._rows.shape[1]:
            grown = np.zeros((max(row + 1, 2 * len(self._rows)), width), np.uint64)
            grown[: len(self._rows), : self._rows.shape[1]] = self._rows
            self._rows = grown
        for column in range(width):
            self._rows[row, column] = bits >> 64 * column & _ONES

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
        self._kept: dict[tuple[Hashable, ...], Any] = {}
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
        self._areas.set(row, frozenset(known.areas))
        self._guarantees.set(row, known.guarantees)
        self._kept.clear()
        self._numbers[row] = (
            self._reward(known.reward),
            any(area != ONLINE for area in known.areas),
            known.is_active and known.is_consented and known.is_valid,
            known.free_places is None or known.free_places > 0,
        )

    def fulfilled(self, request: RequestFacts, size: int) -> dict[Condition, Mask]:
        """For each hard condition of Condition but DECLINED: which rows meet it. Not to be written to."""
        wanted, times, required = frozenset(request.audiences), frozenset(request.times), request.required
        numbers, online = self._numbers, request.area == ONLINE
        return {
            Condition.TIME: self._once(("time", times), size, lambda: self._times.having_any(times, size)),
            Condition.REWARD: self._once(
                ("reward", request.reward_offered), size, lambda: self._steps(request, size) < 2
            ),
            Condition.PLACE: self._once(("place", online), size, lambda: self._place(online, size)),
            Condition.AUDIENCE: self._once(("audience", wanted), size, lambda: self._audience(wanted, size)),
            Condition.GUARANTEE: self._once(
                ("guarantee", required), size, lambda: self._guarantees.having_all(required, size)
            ),
            Condition.CAPACITY: self._once(("capacity",), size, lambda: numbers[:size, 3].astype(np.bool_)),
            Condition.STANDING: self._once(("standing",), size, lambda: numbers[:size, 2].astype(np.bool_)),
        }

    def able(self, request: RequestFacts, size: int) -> Mask:
        """Which rows meet all of them at once; the caller's own array."""
        first, *others = self.fulfilled(request, size).values()
        found = first.copy()
        for fulfilled in others:
            found &= fulfilled
        return found

    def unmet_wishes(self, request: RequestFacts, size: int) -> Wishes:
        """How many soft conditions each row misses. Not to be written to."""
        key = ("wishes", request.reward_offered, request.area)
        return self._once(key, size, lambda: self._unmet(request, size))

    def _unmet(self, request: RequestFacts, size: int) -> Wishes:
        unmet: Wishes = np.asarray(self._steps(request, size) == 1, np.float32)
        if request.area not in ("", ONLINE, ANYWHERE):
            unmet = unmet + np.asarray(~self._areas.having_any([request.area, ANYWHERE], size), np.float32)
        return unmet

    def _once(self, key: tuple[Hashable, ...], size: int, ask: Callable[[], Found]) -> Found:
        found: Found | None = self._kept.get((size, *key))
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[size, *key] = ask()
        return found

    def _place(self, online: bool, size: int) -> Mask:
        return self._areas.having_any([ONLINE], size) if online else self._numbers[:size, 1].astype(np.bool_)

    def _audience(self, wanted: frozenset[str], size: int) -> Mask:
        if EVERYBODY in wanted:
            return self._audiences.not_empty(size)
        return self._audiences.having_any(wanted | {EVERYBODY}, size) if wanted else np.zeros(size, np.bool_)

    def _reward(self, word: str) -> int:
        if not word:
            return -1
        return int(REWARDS[word]) if word in REWARDS else self._words.setdefault(word, _UNKNOWN + len(self._words))

    def _steps(self, request: RequestFacts, size: int) -> npt.NDArray[np.int32]:
        return self._once(("steps", request.reward_offered), size, lambda: self._count_steps(request, size))

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
