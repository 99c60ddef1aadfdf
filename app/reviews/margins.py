"""How far each result is from another one: what would have to be different (issue's meeting sheet). Pure, exact.

Sentences are advice for the discussion; nothing is reckoned from them.
"""

from __future__ import annotations

from app.japanese.money import format_yen
from app.reviews.ballot import Ballot, ProposalEntry
from app.reviews.counting import figure
from app.reviews.tally import ProposalResult, Tally

#: (what it is about: "quorum", "minimum", "veto", "rank", "budget"; sentence). The last two name other proposals or sums.
Margin = tuple[str, str]


def margins_of(ballot: Ballot, found: Tally) -> dict[str, list[Margin]]:
    """Proposal (id as text) → its sentences, in the order in which the rule is applied."""
    entries = {one.key: one for one in ballot.proposals}
    ranked = [one for one in found.proposals if one.rank is not None]
    return {
        str(one.id): [
            *_quorum(ballot, entries[str(one.id)], one),
            *_minimum(ballot, one),
            *_vetoes(ballot, entries[str(one.id)]),
            *_neighbours(ranked, one),
            *_budget(one),
        ]
        for one in found.proposals
    }


def _quorum(ballot: Ballot, entry: ProposalEntry, one: ProposalResult) -> list[Margin]:
    there, all_ = len(ballot.eligible(entry)), len(ballot.members)
    if not one.has_quorum:
        wanted = next(number for number in range(there, all_ + 1) if ballot.rule.quorum.is_met(number, all_))
        return [("quorum", f"あと{wanted - there}人の委員が加われば、定足数を満たす。")]
    if there and not ballot.rule.quorum.is_met(there - 1, all_):
        return [("quorum", "委員があと1人減ると、定足数を満たさない。")]
    return []


def _minimum(ballot: Ballot, one: ProposalResult) -> list[Margin]:
    if one.percent is None:
        return []
    away = one.percent - ballot.rule.minimum_percent
    if away == 0:
        return [("minimum", "得点率は最低基準とちょうど同じ。")]
    return [("minimum", f"得点率は最低基準を{figure(abs(away))}ポイント{'上回る' if away > 0 else '下回る'}。")]


def _vetoes(ballot: Ballot, entry: ProposalEntry) -> list[Margin]:
    scoring, found = ballot.eligible(entry), []
    for one in ballot.criteria:
        if one.veto_at is None or not scoring:
            continue
        against = sum(entry.scores[member.key][one.key] <= one.veto_at for member in scoring)
        half = len(scoring) // 2
        if against > half:
            words = (
                f"「{one.name}」を{one.veto_at}点以下とした委員が、あと{against - half}人少なければ、過半数に達しない。"
            )
            found.append(("veto", words))
        elif against:
            words = f"「{one.name}」を{one.veto_at}点以下とする委員が、あと{half + 1 - against}人増えると不採択となる。"
            found.append(("veto", words))
    return found


def _neighbours(ranked: list[ProposalResult], one: ProposalResult) -> list[Margin]:
    if one not in ranked or one.percent is None:
        return []
    place, found = ranked.index(one), []
    above = [other for other in ranked[:place] if other.percent != one.percent]
    below = [other for other in ranked[place + 1 :] if other.percent != one.percent]
    if above and above[-1].percent is not None:
        away = figure(above[-1].percent - one.percent)
        found.append(("rank", f"上の順位の「{above[-1].label}」との差は{away}ポイント。"))
    if below and below[0].percent is not None:
        found.append(
            ("rank", f"下の順位の「{below[0].label}」との差は{figure(one.percent - below[0].percent)}ポイント。")
        )
    return found


def _budget(one: ProposalResult) -> list[Margin]:
    step = next((step for step in one.steps if step.about == "budget"), None)
    if step is None:
        return []
    away = step.figures["left_yen"] - one.requested_yen
    if one.outcome == "adopt":
        return [("budget", f"希望額を差し引いた予算の残りは{format_yen(away)}。")]
    if away < 0:
        return [("budget", f"予算の残りがあと{format_yen(-away)}多ければ、希望額の全額が収まる。")]
    return []
