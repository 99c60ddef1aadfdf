"""The sheet that the secretariat shows at the meeting: members x proposals, spread, advice on severity, and "what if".

Built for one reader from what the reader may see; a "what if" is a tally of a changed copy and saves nothing
(rules.md 28). Severity and consistency are advice in rounded figures; no result is reckoned from them.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from fractions import Fraction

from app.reviews.ballot import Ballot, ProposalEntry
from app.reviews.counting import two_places
from app.reviews.tally import ProposalResult, Tally, tally

CONFLICTED, ABSENT, WITHDRAWN = "除斥", "欠席", "退席"


@dataclasses.dataclass(frozen=True)
class Line:
    """One proposal: each member's percent (or why there is none) in the order of the list, and the spread."""

    result: ProposalResult
    marks: tuple[tuple[str, Fraction | None], ...]
    lowest: Fraction | None
    highest: Fraction | None
    deviation: float | None

    @property
    def percents(self) -> list[Fraction]:
        """The percents that there are."""
        return [percent for _, percent in self.marks if percent is not None]


@dataclasses.dataclass(frozen=True)
class Advice:
    """How one member stands against the others: points of percent above (+) or below, and agreement from -1 to 1."""

    name: str
    severity: float | None
    consistency: float | None


@dataclasses.dataclass(frozen=True)
class MeetingSheet:
    """What the page draws."""

    members: tuple[str, ...]
    lines: tuple[Line, ...]
    advice: tuple[Advice, ...]

    def adjusted(self, line: Line) -> float | None:
        """The mean of a line's percents with each member's severity taken off: advice, not a result."""
        given = [
            float(percent) - severity
            for (_, percent), severity in zip(line.marks, (one.severity for one in self.advice), strict=True)
            if percent is not None and severity is not None
        ]
        return statistics.fmean(given) if given else None


@dataclasses.dataclass(frozen=True)
class WhatIf:
    """Changes to try: another minimum (decimal text), weights by criterion key, one member left out."""

    minimum_percent: str | None = None
    weights: Mapping[str, str] = dataclasses.field(default_factory=dict)
    without: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return self.minimum_percent is None and not self.weights and self.without is None


def sheet_of(ballot: Ballot, found: Tally, visible: frozenset[str]) -> MeetingSheet:
    """The sheet over the proposals whose ids (as text) are visible."""
    entries = {one.key: one for one in ballot.proposals}
    lines = tuple(
        _line(ballot, entries[str(result.id)], result) for result in found.proposals if str(result.id) in visible
    )
    members = tuple(one.name for one in ballot.members)
    return MeetingSheet(members, lines, tuple(_advice(place, name, lines) for place, name in enumerate(members)))


def _line(ballot: Ballot, entry: ProposalEntry, result: ProposalResult) -> Line:
    marks: list[tuple[str, Fraction | None]] = []
    for member in ballot.members:
        if member.key in entry.conflicts:
            marks.append((CONFLICTED, None))
        elif not member.is_present:
            marks.append((ABSENT, None))
        elif member.key in entry.withdrawn:
            marks.append((WITHDRAWN, None))
        else:
            percent = 100 * result.points[member.key] / ballot.attainable
            marks.append((two_places(percent), percent))
    given = [percent for _, percent in marks if percent is not None]
    deviation = statistics.pstdev(float(one) for one in given) if len(given) > 1 else None
    return Line(result, tuple(marks), min(given, default=None), max(given, default=None), deviation)


def _advice(place: int, name: str, lines: Sequence[Line]) -> Advice:
    own, others = [], []
    for line in lines:
        mark = line.marks[place][1]
        rest = [percent for at, (_, percent) in enumerate(line.marks) if at != place and percent is not None]
        if mark is not None and rest:
            own.append(float(mark))
            others.append(float(sum(rest, Fraction(0)) / len(rest)))
    if not own:
        return Advice(name, None, None)
    severity = statistics.fmean(own) - statistics.fmean(others)
    varies = len(own) > 2 and statistics.pstdev(own) > 0 and statistics.pstdev(others) > 0
    return Advice(name, severity, statistics.correlation(own, others) if varies else None)


def tried(ballot: Ballot, what: WhatIf) -> Tally:
    """The tally of a changed copy. Raises TallyError when the change leaves nothing to tally."""
    criteria = tuple(
        dataclasses.replace(one, weight=Fraction(what.weights[one.key])) if one.key in what.weights else one
        for one in ballot.criteria
    )
    rule = ballot.rule
    if what.minimum_percent is not None:
        rule = dataclasses.replace(rule, minimum_percent=Fraction(what.minimum_percent))
    members, proposals = ballot.members, ballot.proposals
    if what.without is not None:
        members = tuple(one for one in members if one.key != what.without)
        proposals = tuple(
            dataclasses.replace(
                one,
                scores={key: given for key, given in one.scores.items() if key != what.without},
                conflicts=one.conflicts - {what.without},
                withdrawn=one.withdrawn - {what.without},
            )
            for one in proposals
        )
    return tally(dataclasses.replace(ballot, criteria=criteria, rule=rule, members=members, proposals=proposals))
