"""The tally of a review (審査の集計): exact fractions from scores to rank, outcome and amount, each figure with its reason.

Source: rules.md 27 (the decision rule belongs to the call), domain.md 4.2. Pure: no database, no clock, no floats.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

from app.reviews.ballot import Ballot, Id, check_ballot
from app.reviews.counting import Count, Step, exact, two_places
from app.reviews.ranking import Candidate, Place, Share, place, walk

OUTCOMES = {"adopt": "採択", "reserve": "保留", "reject": "不採択", "no_quorum": "定足数不足"}


@dataclasses.dataclass(frozen=True)
class ProposalResult:
    """What the rule says of one proposal. `percent` is exact; None without a scoring member."""

    id: Id
    label: str
    requested_yen: int
    points: dict[str, Fraction]
    percent: Fraction | None
    meets_minimum: bool
    is_vetoed: bool
    has_quorum: bool
    outcome: str
    amount_yen: int
    rank: int | None
    tie_undecided: bool
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        """The contract's form: percent as text with two places, yen as int."""
        return {
            "id": self.id,
            "percent": None if self.percent is None else two_places(self.percent),
            "percent_exact": None if self.percent is None else exact(self.percent),
            "rank": self.rank,
            "tie_undecided": self.tie_undecided,
            "meets_minimum": self.meets_minimum,
            "vetoed": self.is_vetoed,
            "quorum": self.has_quorum,
            "outcome": self.outcome,
            "amount": self.amount_yen,
            "points": {member: exact(points) for member, points in sorted(self.points.items())},
            "steps": [dataclasses.asdict(step) for step in self.steps],
        }


@dataclasses.dataclass(frozen=True)
class Tally:
    """All proposals: the ranked ones in order of rank (shared ranks by id), then the others by id."""

    proposals: tuple[ProposalResult, ...]
    budget_yen: int

    @property
    def adopted_yen(self) -> int:
        """The sum of what is adopted (without the candidate within the remainder)."""
        return sum(one.amount_yen for one in self.proposals if one.outcome == "adopt")

    @property
    def is_undecided(self) -> bool:
        """Whether a tie waits for the chair's choice or a lot."""
        return any(one.tie_undecided for one in self.proposals)

    def as_json(self) -> dict[str, Any]:
        """{"proposals": [...], "budget_yen", "adopted_yen"}; bit for bit the same for the same ballot."""
        return {
            "proposals": [one.as_json() for one in self.proposals],
            "budget_yen": self.budget_yen,
            "adopted_yen": self.adopted_yen,
        }


def tally(ballot: Ballot) -> Tally:
    """Tally a ballot. Raises TallyError (a sentence naming member and proposal) when none can be made."""
    check_ballot(ballot)
    counts = [Count.of(ballot, entry) for entry in sorted(ballot.proposals, key=lambda one: one.key)]
    candidates = [
        Candidate(one.entry, one.percent, one.chair_points)
        for one in counts
        if one.is_candidate and one.percent is not None
    ]
    placed = place(candidates, ballot)
    shares = walk((one.entry for one, _ in placed), ballot.rule.budget_yen, ballot.rule.next_best)
    by_key = {one.entry.key: one for one in counts}
    ranked = [_result(by_key[one.key], where, shares[one.key]) for one, where in placed]
    others = [_result(one, None, None) for one in counts if not one.is_candidate]
    return Tally((*ranked, *others), ballot.rule.budget_yen)


def _result(count: Count, where: Place | None, share: Share | None) -> ProposalResult:
    steps = list(count.steps)
    if where is not None and share is not None:
        steps += [Step("tie", reason, {}) for reason in where.reasons]
        steps.append(Step("rank", f"順位は{where.rank}位。", {"rank": where.rank}))
        steps.append(Step("budget", share.reason, {"left_yen": share.left_before_yen, "amount": share.amount_yen}))
    outcome = share.outcome if share else "reject" if count.has_quorum else "no_quorum"
    amount = share.amount_yen if share else 0
    steps.append(Step("outcome", f"規則による結果は{OUTCOMES[outcome]}。", {"outcome": outcome, "amount": amount}))
    return ProposalResult(
        id=count.entry.id,
        label=count.entry.name,
        requested_yen=count.entry.requested_yen,
        points=count.points,
        percent=count.percent,
        meets_minimum=count.meets_minimum,
        is_vetoed=count.is_vetoed,
        has_quorum=count.has_quorum,
        outcome=outcome,
        amount_yen=amount,
        rank=where.rank if where else None,
        tie_undecided=where.tie_undecided if where else False,
        steps=tuple(steps),
    )
