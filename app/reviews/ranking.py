"""Ranks, the tie chain and the walk down the budget (rules.md 27). Pure; amounts in whole yen."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import groupby
from typing import Any

from app.reviews.ballot import Ballot, NextBest, ProposalEntry, TieDecision, TieRule


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A proposal with quorum, minimum met and no veto."""

    entry: ProposalEntry
    percent: Fraction
    chair_points: Fraction | None

    @property
    def key(self) -> str:
        """Its id as text."""
        return self.entry.key


@dataclasses.dataclass(frozen=True)
class Place:
    """A rank and how it was reached. Undecided: shared with others that nothing parted."""

    rank: int
    tie_undecided: bool
    reasons: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Share:
    """What the budget walk gives: outcome code, amount, the rest before it, why."""

    outcome: str
    amount_yen: int
    left_before_yen: int
    reason: str


def place(candidates: Iterable[Candidate], ballot: Ballot) -> list[tuple[Candidate, Place]]:
    """Candidates in the order of their rank, those that share one by id; ranks run 1, 1, 3."""
    by_percent = sorted(candidates, key=lambda one: (-one.percent, one.key))
    places: list[tuple[Candidate, Place]] = []
    for _, equals in groupby(by_percent, key=lambda one: one.percent):
        for group, reasons in _part(list(equals), ballot):
            rank = len(places) + 1
            places += [(one, Place(rank, len(group) > 1, tuple(reasons))) for one in group]
    return places


#: Candidates that share a place so far, with the reasons that parted them from others.
_Groups = list[tuple[list[Candidate], list[str]]]
#: What a link of the chain answers: the value to order by (None: it cannot), and the sentence.
_Order = tuple[Mapping[str, Any] | None, str]
_Link = Callable[[list[Candidate]], _Order]


def _part(equals: list[Candidate], ballot: Ballot) -> _Groups:
    groups: _Groups = [(equals, [])]
    links: list[_Link] = [
        _by_request if rule is TieRule.SMALLER_REQUEST else functools.partial(_by_chair, ballot=ballot)
        for rule in ballot.rule.tie
    ]
    links += [functools.partial(_by_decision, decision=decision) for decision in ballot.tie_decisions]
    for link in links:
        groups = [smaller for group, reasons in groups for smaller in _apply(link, group, reasons)]
    return [(group, [*reasons, _undecided(group)] if len(group) > 1 else reasons) for group, reasons in groups]


def _apply(link: _Link, group: list[Candidate], reasons: list[str]) -> _Groups:
    if len(group) == 1:
        return [(group, reasons)]
    order, sentence = link(group)
    told = [*reasons, sentence] if sentence else reasons
    if order is None:
        return [(group, told)]
    ordered = sorted(group, key=lambda one: (order[one.key], one.key))
    return [(list(part), told) for _, part in groupby(ordered, key=lambda one: order[one.key])]


def _by_request(group: list[Candidate]) -> _Order:
    return {one.key: one.entry.requested_yen for one in group}, f"{_names(group)}は同率のため、希望額の小さい順とした。"


def _by_chair(group: list[Candidate], ballot: Ballot) -> _Order:
    if ballot.chair is None:
        return None, "委員長がいないため、委員長の点数による順は使わない。"
    order: dict[str, Fraction] = {}
    for one in group:
        if one.chair_points is None:
            return None, f"委員長が「{one.entry.name}」を採点していないため、委員長の点数による順は使わない。"
        order[one.key] = -one.chair_points
    return order, f"{_names(group)}は同率のため、委員長の点数の高い順とした。"


def _by_decision(group: list[Candidate], decision: TieDecision) -> _Order:
    places = {key: number for number, key in enumerate(decision.order)}
    if any(one.key not in places for one in group):
        return None, ""
    return places, f"{_names(group)}は同率のため、{decision.how}による順とした。"


def _undecided(group: list[Candidate]) -> str:
    return f"{_names(group)}は同率のまま決まっていない。委員長の決定か、くじの結果の記録が要る。"


def _names(group: list[Candidate]) -> str:
    return "".join(f"「{one.entry.name}」" for one in sorted(group, key=lambda one: one.key))


def walk(ranked: Iterable[ProposalEntry], budget_yen: int, next_best: NextBest) -> dict[str, Share]:
    """Give out the budget in rank order: {id as text: share}."""
    shares: dict[str, Share] = {}
    left, crossed = budget_yen, None
    for entry in ranked:
        if crossed is not None and next_best is NextBest.PARTIAL:
            reason = f"上位の「{crossed.name}」で予算に達したため、保留とする。"
            shares[entry.key] = Share("reserve", 0, left, reason)
        elif entry.requested_yen <= left:
            reason = f"希望額{entry.requested_yen:,}円は予算の残り{left:,}円に収まるため、全額を採択とする。"
            shares[entry.key] = Share("adopt", entry.requested_yen, left, reason)
            left -= entry.requested_yen
        elif next_best is NextBest.PARTIAL:
            reason = (
                f"希望額{entry.requested_yen:,}円が予算の残り{left:,}円を超えるため、"
                f"予算残額の範囲での採択候補({left:,}円)とする。"
            )
            shares[entry.key] = Share("reserve", left, left, reason)
            crossed = entry
        else:
            reason = f"希望額{entry.requested_yen:,}円が予算の残り{left:,}円を超えるため保留とし、次の順位へ進む。"
            shares[entry.key] = Share("reserve", 0, left, reason)
    return shares
