"""One proposal counted by itself, before it is set against the others: quorum, points, percent, minimum, veto (rules.md 27)."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

from app.reviews.ballot import Ballot, CriterionFacts, MemberFacts, Missing, ProposalEntry


@dataclasses.dataclass(frozen=True)
class Step:
    """One line of the way to a result: what it is about, the sentence, the figures in it (exact, as text or int)."""

    about: str
    text: str
    figures: dict[str, Any]


def two_places(value: Fraction) -> str:
    """A share ≥ 0 rounded half up to two places: Fraction(151, 2) -> "75.50"."""
    hundredths = (value * 200 + 1).numerator // (2 * (value * 200 + 1).denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def exact(value: Fraction) -> str:
    """An exact figure as text: "42" or "127/3"."""
    return str(value)


def figure(value: Fraction) -> str:
    """A figure for a sentence: as a whole number or decimal when it is one, else rounded and said so."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    shown = two_places(value)
    return (shown.rstrip("0") if Fraction(shown) == value else f"約{shown}").rstrip(".")


@dataclasses.dataclass(frozen=True)
class Count:
    """One proposal counted by itself, before it is set against the others."""

    entry: ProposalEntry
    points: dict[str, Fraction]
    percent: Fraction | None
    meets_minimum: bool
    is_vetoed: bool
    has_quorum: bool
    chair_points: Fraction | None
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, ballot: Ballot, entry: ProposalEntry) -> Count:
        scoring = ballot.eligible(entry)
        quorum, quorum_step = _quorum(ballot, entry, scoring)
        points, points_step = _points(ballot, entry, scoring)
        percent, percent_steps = _percent(ballot, list(points.values()))
        meets, minimum_step = _minimum(ballot, percent)
        vetoed, veto_steps = _veto(ballot, entry, scoring)
        chair = ballot.chair
        steps = (quorum_step, points_step, *percent_steps, minimum_step, *veto_steps)
        return cls(
            entry, points, percent, meets, vetoed, quorum, points.get(chair.key) if chair is not None else None, steps
        )

    @property
    def is_candidate(self) -> bool:
        return self.has_quorum and self.meets_minimum and not self.is_vetoed


def _quorum(ballot: Ballot, entry: ProposalEntry, scoring: tuple[MemberFacts, ...]) -> tuple[bool, Step]:
    present, members, rule = len(scoring), len(ballot.members), ballot.rule.quorum
    is_met = rule.is_met(present, members)
    text = (
        f"委員{members}人のうち、出席して利害関係のない委員は{present}人で、定足数({rule.word})を"
        f"{'満たす' if is_met else '満たさない'}。"
    )
    figures = {"present": present, "members": members, "is_met": is_met}
    out = [one for one in ballot.members if one.is_present and one.key in entry.withdrawn - entry.conflicts]
    if out:
        text += f"この提案で退席した委員{len(out)}人({'、'.join(one.name for one in out)})は数えない。"
        figures["withdrawn"] = len(out)
    return is_met, Step("quorum", text, figures)


def _points(ballot: Ballot, entry: ProposalEntry, scoring: tuple[MemberFacts, ...]) -> tuple[dict[str, Fraction], Step]:
    points = {
        member.key: sum((one.weight * entry.scores[member.key][one.key] for one in ballot.criteria), Fraction(0))
        for member in scoring
    }
    each = "、".join(f"{member.name} {figure(points[member.key])}" for member in scoring) or "採点した委員はいない"
    text = f"委員ごとの得点(重み×点数の合計、満点{figure(ballot.attainable)}): {each}。"
    figures = {"attainable": exact(ballot.attainable), "points": {key: exact(one) for key, one in points.items()}}
    return points, Step("points", text, figures)


def _percent(ballot: Ballot, points: list[Fraction]) -> tuple[Fraction | None, list[Step]]:
    if not points:
        return None, [Step("percent", "採点した委員がいないため、得点率はない。", {"percent": None})]
    total, counted, steps = sum(points, Fraction(0)), len(points), []
    if ballot.rule.missing is Missing.FILL_MEAN:
        filled = len(ballot.members) - counted
        added = total * filled // counted
        if filled:
            text = (
                f"採点しない委員{filled}人の分として、採点した委員の平均{figure(total / counted)}点×{filled}人"
                f"(端数切捨て)の{added:,}点を加える。"
            )
            steps.append(Step("fill_mean", text, {"missing": filled, "mean": exact(total / counted), "added": added}))
        total, counted = total + added, len(ballot.members)
    full = counted * ballot.attainable
    percent = 100 * total / full
    text = f"得点の合計{figure(total)}点 ÷ 満点{figure(full)}点({counted}人分) = 得点率{two_places(percent)}%。"
    figures = {"total": exact(total), "counted": counted, "full": exact(full), "percent": exact(percent)}
    return percent, [*steps, Step("percent", text, figures)]


def _minimum(ballot: Ballot, percent: Fraction | None) -> tuple[bool, Step]:
    minimum = ballot.rule.minimum_percent
    meets = percent is not None and percent >= minimum
    figures = {"minimum_percent": exact(minimum), "meets": meets}
    return meets, Step("minimum", f"最低基準{figure(minimum)}%を{'満たす' if meets else '満たさない'}。", figures)


def _veto(ballot: Ballot, entry: ProposalEntry, scoring: tuple[MemberFacts, ...]) -> tuple[bool, list[Step]]:
    vetoes = [
        _veto_on(one, one.veto_at, entry, scoring)
        for one in sorted(ballot.criteria, key=lambda one: one.key)
        if one.veto_at is not None
    ]
    return any(vetoed for vetoed, _ in vetoes), [step for _, step in vetoes]


def _veto_on(
    criterion: CriterionFacts, mark: int, entry: ProposalEntry, scoring: tuple[MemberFacts, ...]
) -> tuple[bool, Step]:
    against = sum(entry.scores[member.key][criterion.key] <= mark for member in scoring)
    vetoed = 2 * against > len(scoring)
    text = (
        f"「{criterion.name}」を{mark}点以下とした委員は、採点した{len(scoring)}人のうち{against}人"
        f"({'過半数のため不採択とする' if vetoed else '過半数に達しない'})。"
    )
    figures = {"criterion": criterion.key, "veto_at": mark, "against": against, "scoring": len(scoring)}
    return vetoed, Step("veto", text, figures | {"is_vetoed": vetoed})
