"""What the rule gives for a call, as the committee finds it on its table: the tally, and a first wording of each line."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction

from sqlalchemy.orm import Session

from app.reviews.ballot import Ballot
from app.reviews.ballots import ballot_of
from app.reviews.counting import figure
from app.reviews.tally import ProposalResult, Tally, tally
from models.calls import Call
from models.review_results import Outcome

_OUTCOMES = {
    "adopt": Outcome.ADOPTED,
    "reserve": Outcome.RESERVE,
    "reject": Outcome.REJECTED,
    "no_quorum": Outcome.REJECTED,
}


@dataclasses.dataclass(frozen=True)
class Result:
    """A call's ballot with its tally."""

    ballot: Ballot
    tally: Tally

    def of(self, proposal_id: int) -> ProposalResult | None:
        """The line of one proposal."""
        return next((one for one in self.tally.proposals if str(one.id) == str(proposal_id)), None)


def result_of(session: Session, call: Call) -> Result:
    """Tally the call. Raises Conflict while it cannot be tallied, TallyError when the record contradicts itself."""
    ballot = ballot_of(session, call)
    return Result(ballot, tally(ballot))


def outcome_of(result: ProposalResult) -> Outcome:
    """The outcome that the rule suggests."""
    return _OUTCOMES[result.outcome]


_IN_BUDGET = re.compile(r"最低基準を満たし、審査の順位\([0-9]+位\)が予算の範囲に入ったため。")
_REMAINDER = "希望額が予算の残りを超えるため、予算残額の範囲での採択候補とする。"
_SPENT = "上位の提案で予算に達したため、保留とする。"


def is_stale_reason(text: str, result: ProposalResult, *, is_adopted: bool) -> bool:
    """Whether a first wording was kept that says something else than what is concluded now: the order of tied
    proposals was decided since, or another outcome was chosen."""
    if _IN_BUDGET.fullmatch(text):
        return not is_adopted or text != reason_of(result)
    return text in (_REMAINDER, _SPENT) and (is_adopted or text != reason_of(result))


def reason_of(result: ProposalResult) -> str:
    """A first wording of why, which the secretariat keeps or rewrites. It may go to the group in a notice: so no score
    of single members and no other proposal stands in it; how the figures came about is told by the steps."""
    if result.outcome == "adopt":
        return f"最低基準を満たし、審査の順位({result.rank}位)が予算の範囲に入ったため。"
    if result.outcome == "reserve" and result.amount_yen:
        return _REMAINDER
    if result.outcome == "reserve":
        return _SPENT
    told = []
    if not result.has_quorum:
        told.append("審査に加わる委員の数が定足数に満たなかったため。")
    if not result.meets_minimum:
        minimum = next((step.figures["minimum_percent"] for step in result.steps if step.about == "minimum"), "")
        told.append(f"得点率が最低基準({figure(Fraction(minimum))}%)に達しなかったため。")
    vetoes = [step.figures for step in result.steps if step.about == "veto" and step.figures["is_vetoed"]]
    if vetoes:
        told.append("審査基準のうち、採点した委員の過半数が不採択とする水準以下とした項目があったため。")
    return "".join(told)
