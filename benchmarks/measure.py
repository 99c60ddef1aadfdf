"""Times a call: the median of several runs after a warm-up, in milliseconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_ms(call: Callable[[], object], *, seconds: float = 1.5, at_least: int = 5, at_most: int = 60) -> float:
    """The median duration of `call`; as many runs as fit into `seconds`, within bounds."""
    call()
    spent: list[float] = []
    started = time.perf_counter()
    while len(spent) < at_least or (time.perf_counter() - started < seconds and len(spent) < at_most):
        before = time.perf_counter()
        call()
        spent.append((time.perf_counter() - before) * 1000)
        if time.perf_counter() - started > 60:
            break
    return statistics.median(spent)


def paired_ms(
    calls: dict[str, Callable[[], object]], *, seconds: float = 3.0, at_least: int = 5, at_most: int = 40
) -> dict[str, float]:
    """Medians of several calls taken in turn, so that a noisy moment hits all of them alike."""
    for call in calls.values():
        call()
    spent: dict[str, list[float]] = {name: [] for name in calls}
    started = time.perf_counter()
    rounds = 0
    while rounds < at_least or (time.perf_counter() - started < seconds and rounds < at_most):
        for name, call in calls.items():
            before = time.perf_counter()
            call()
            spent[name].append((time.perf_counter() - before) * 1000)
        rounds += 1
        if time.perf_counter() - started > 90:
            break
    return {name: statistics.median(values) for name, values in spent.items()}
