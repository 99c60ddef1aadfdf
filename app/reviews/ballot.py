"""What a tally starts from: criteria, rule, members, proposals with their scores. Plain values, exact numbers."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from fractions import Fraction

from app.problems import Invalid

#: An id as it was given; two ids are the same when they are the same as text.
Id = str | int


class TallyError(Invalid):
    """No tally can be made of this; the sentence says why and where."""


class Missing(enum.StrEnum):
    """How members of the list who do not score a proposal are treated (rules.md 27)."""

    DROP = "drop"
    FILL_MEAN = "fill_mean"


class Quorum(enum.StrEnum):
    """定足数: present members without a conflict against all members of the list."""

    HALF_OR_MORE = "half_or_more"
    MAJORITY = "majority"

    def is_met(self, present: int, members: int) -> bool:
        """2n ≥ N (半数以上) or 2n > N (過半数)."""
        return 2 * present > members if self is Quorum.MAJORITY else 2 * present >= members

    @property
    def word(self) -> str:
        """半数以上 or 過半数."""
        return "過半数" if self is Quorum.MAJORITY else "半数以上"


class TieRule(enum.StrEnum):
    """One link of the chain that parts equal percents."""

    SMALLER_REQUEST = "smaller_request"
    CHAIR = "chair"


class NextBest(enum.StrEnum):
    """What happens at the first proposal that the rest of the budget does not cover."""

    PARTIAL = "partial"
    PASS = "pass"


@dataclasses.dataclass(frozen=True)
class CriterionFacts:
    """One criterion: `attainable` is weight x maximum. `veto_at`: at or below it a member is against."""

    key: str
    stage: str
    maximum: int
    weight: Fraction
    veto_at: int | None = None
    minimum: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or self.key


@dataclasses.dataclass(frozen=True)
class RuleFacts:
    """The call's decision rule. `minimum_percent` is of what was attainable, 0 to 100."""

    minimum_percent: Fraction
    missing: Missing
    quorum: Quorum
    tie: tuple[TieRule, ...]
    budget_yen: int
    next_best: NextBest


@dataclasses.dataclass(frozen=True)
class MemberFacts:
    """One member of the list, there or not."""

    key: str
    is_present: bool
    is_chair: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """What people call them."""
        return self.label or self.key


@dataclasses.dataclass(frozen=True)
class ProposalEntry:
    """One proposal: scores by member and criterion, the members in conflict, those out of the room for it (退席)."""

    id: Id
    requested_yen: int
    scores: Mapping[str, Mapping[str, int]]
    conflicts: frozenset[str] = frozenset()
    label: str = ""
    withdrawn: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The id as text: what ids are compared and listed by."""
        return str(self.id)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or self.key


@dataclasses.dataclass(frozen=True)
class TieDecision:
    """What the chain could not part, parted by people: ids in order, and how (委員長の決定, くじ)."""

    order: tuple[str, ...]
    how: str


@dataclasses.dataclass(frozen=True)
class Ballot:
    """Everything a tally depends on, and nothing else."""

    criteria: tuple[CriterionFacts, ...]
    rule: RuleFacts
    members: tuple[MemberFacts, ...]
    proposals: tuple[ProposalEntry, ...]
    tie_decisions: tuple[TieDecision, ...] = ()

    @property
    def attainable(self) -> Fraction:
        """Σ weight x maximum: the full mark of one member for one proposal."""
        return sum((one.weight * one.maximum for one in self.criteria), Fraction(0))

    @property
    def chair(self) -> MemberFacts | None:
        """委員長, when the list names one."""
        return next((one for one in self.members if one.is_chair), None)

    def eligible(self, proposal: ProposalEntry) -> tuple[MemberFacts, ...]:
        """Members in the room without a conflict there: the quorum, and those who score. In the order of ids."""
        out = proposal.conflicts | proposal.withdrawn
        there = (one for one in self.members if one.is_present and one.key not in out)
        return tuple(sorted(there, key=lambda one: one.key))


def check_ballot(ballot: Ballot) -> None:
    """Raise TallyError unless a tally can be made: every refusal names the member and the proposal it is about."""
    _check_frame(ballot)
    members = {one.key: one for one in ballot.members}
    for proposal in sorted(ballot.proposals, key=lambda one: one.key):
        _check_proposal(ballot, proposal, members)


def _check_frame(ballot: Ballot) -> None:
    if not ballot.criteria:
        raise TallyError("審査基準が一つもありません。審査基準を登録してから集計してください。")
    if ballot.attainable <= 0:
        raise TallyError("審査基準の重みと満点の積の合計が0です。0より大きい重みを一つ以上入れてください。")
    if not ballot.members:
        raise TallyError("委員が一人もいません。委員の名簿を登録してから集計してください。")
    if sum(one.is_chair for one in ballot.members) > 1:
        raise TallyError("委員長が二人以上います。委員長は一人にしてください。")
    for what, keys in (
        ("審査基準", [one.key for one in ballot.criteria]),
        ("委員", [one.key for one in ballot.members]),
        ("提案", [one.key for one in ballot.proposals]),
    ):
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise TallyError(f"{what}「{twice}」が二度書かれています。一つにしてください。")


def _check_proposal(ballot: Ballot, proposal: ProposalEntry, members: Mapping[str, MemberFacts]) -> None:
    where = f"提案「{proposal.name}」"
    for key in sorted({*proposal.scores, *proposal.conflicts, *proposal.withdrawn} - members.keys()):
        raise TallyError(f"{where}に、名簿にない委員「{key}」が書かれています。")
    for key in sorted(proposal.scores):
        member, given = members[key], proposal.scores[key]
        if given and key in proposal.conflicts:
            raise TallyError(f"{where}に利害関係のある委員「{member.name}」の点数があります。除いてください。")
        if given and not member.is_present:
            raise TallyError(f"{where}に欠席の委員「{member.name}」の点数があります。除いてください。")
        if given and key in proposal.withdrawn:
            raise TallyError(f"{where}で退席した委員「{member.name}」の点数があります。除いてください。")
        _check_scores(ballot, where, member, given)
    for member in ballot.eligible(proposal):
        given = proposal.scores.get(member.key, {})
        gaps = [one.name for one in ballot.criteria if one.key not in given]
        if gaps:
            raise TallyError(f"{where}に委員「{member.name}」の点数がそろっていません(無いもの: {'、'.join(gaps)})。")


def _check_scores(ballot: Ballot, where: str, member: MemberFacts, given: Mapping[str, int]) -> None:
    criteria = {one.key: one for one in ballot.criteria}
    for key in sorted(given):
        criterion = criteria.get(key)
        if criterion is None:
            raise TallyError(f"{where}の委員「{member.name}」に、審査基準にない項目「{key}」の点数があります。")
        if not criterion.minimum <= given[key] <= criterion.maximum:
            raise TallyError(
                f"{where}の委員「{member.name}」の「{criterion.name}」は{given[key]}点ですが、"
                f"{criterion.minimum}点から{criterion.maximum}点までです。"
            )
