"""What the rule gives for a call, as the committee finds it on its table: the tally, and a first wording of each line."""

from __future__ import annotations

import dataclasses

from sqlalchemy.orm import Session

from app.reviews.ballot import Ballot
from app.reviews.ballots import ballot_of
from app.reviews.tally import ProposalResult, Tally, tally
from models.calls import Call
from models.review_results import Outcome

_OUTCOMES = {
    "adopt": Outcome.ADOPTED,
    "reserve": Outcome.RESERVE,
    "reject": Outcome.REJECTED,
    "no_quorum": Outcome.REJECTED,
}
#: Steps of a result that say why it was not adopted.
_TELLING = ("quorum", "minimum", "veto")


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


def reason_of(result: ProposalResult) -> str:
    """Why the rule says so, in sentences that the secretariat may keep or rewrite."""
    if result.outcome == "adopt":
        return next((step.text for step in result.steps if step.about == "rank"), "")
    if result.outcome == "reserve":
        return next((step.text for step in result.steps if step.about == "budget"), "")
    told = [
        step.text
        for step in result.steps
        if step.about in _TELLING
        and (step.figures.get("is_met") is False or step.figures.get("meets") is False or step.figures.get("is_vetoed"))
    ]
    return "".join(told)
