"""The whole rule check of a proposal: its words, what is on record, other subsidies, and what the office set aside.

`check_proposal` is the one function for the live form, every step and `flask calls check --proposal`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.checking import facts_of, overridden, rules_of
from app.calls.clauses import Clause
from app.calls.earlier_subsidies import Found, find_earlier
from app.calls.program_rules import ProgramRules
from app.calls.rule_facts import CheckResult, Finding
from app.calls.rules import check
from app.calls.rules_project import finding_of
from app.calls.rules_record import RECORD_RULES, RecordFacts
from app.japanese.dates import today_in_tokyo
from models.calls import CallState, Challenge
from models.coordination import CoordinationNote, CouncilOpinion
from models.proposals import Proposal


@dataclasses.dataclass(frozen=True)
class Judgement:
    """The check of one proposal. reasons: {rule: why the office set the broken rule aside}."""

    result: CheckResult
    reasons: dict[str, str]
    found: tuple[Found, ...]

    @property
    def ok(self) -> bool:
        """Whether no rule is broken, overridden or not."""
        return self.result.ok

    @property
    def open(self) -> tuple[Finding, ...]:
        """Broken rules that nobody has set aside: they hold back the receipt."""
        return tuple(finding for finding in self.result.broken if finding.rule not in self.reasons)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Those of the open ones that cannot be set aside at all."""
        return tuple(finding for finding in self.open if not finding.overridable)

    def as_json(self) -> dict[str, Any]:
        """The contract's object, with the reasons of what was set aside."""
        overrides = [{"rule": rule, "reason": reason} for rule, reason in sorted(self.reasons.items())]
        return {**self.result.as_json(), "overrides": overrides}


def check_proposal(session: Session, proposal: Proposal, *, on: dt.date | None = None) -> Judgement:
    """Every rule for a proposal that is stored, or being entered (built with its call and organisation, and
    not added to the session). on: today, for a paper that has no day of receipt yet.

    Raises RulesError when the call's copy of the rules cannot be read.
    """
    with session.no_autoflush:
        rules = rules_of(proposal.call)
        found = tuple(find_earlier(session, proposal))
        record = _record_facts(session, proposal, on or today_in_tokyo())
        more = [finding for rule in RECORD_RULES if (finding := rule(record, rules)) is not None]
        more += _earlier_finding(rules, found)
        result = check(facts_of(proposal), rules, more=more)
        return Judgement(result, _reasons(session, proposal, result), found)


def _earlier_finding(rules: ProgramRules, found: tuple[Found, ...]) -> list[Finding]:
    """Rule 12 ③ over the record. Where the program does not forbid other subsidies, it only tells."""
    suspicions = [one for one in found if one.is_suspicion]
    if suspicions:
        # No names: the one who reads this finding may not read those records. `found` tells, within its reader's scope.
        message = f"同じ事業への補助・委託かもしれない記録が{len(suspicions)}件あります。内容を確かめてください。"
    else:
        message = "同じ事業への補助・委託の記録は見つかりません。"
    ok = not (suspicions and rules.forbids_other_public_subsidy)
    return [
        finding_of(
            rules,
            "earlier_subsidy",
            Clause.REQUIREMENTS,
            ok=ok,
            message=message,
            overridable=True,
            needs_look=ok and bool(suspicions),
        )
    ]


def _record_facts(session: Session, proposal: Proposal, today: dt.date) -> RecordFacts:
    call = proposal.call
    challenge = proposal.challenge or session.get(Challenge, proposal.challenge_id or 0)
    notes: tuple[dt.date, ...] = ()
    opinions: tuple[dt.date, ...] = ()
    if proposal.id:
        notes = tuple(
            session.scalars(
                select(CoordinationNote.held_on)
                .where(CoordinationNote.proposal_id == proposal.id)
                .order_by(CoordinationNote.held_on, CoordinationNote.id)
            )
        )
        opinions = tuple(
            session.scalars(
                select(CouncilOpinion.given_on)
                .where(CouncilOpinion.proposal_id == proposal.id)
                .order_by(CouncilOpinion.given_on, CouncilOpinion.id)
            )
        )
    window = (call.coordination_from_on, call.coordination_until_on)
    return RecordFacts(
        fiscal_year=call.fiscal_year,
        received_on=proposal.received_on or today,
        is_call_open=call.state is not CallState.PREPARING,
        call_opens_on=call.opens_on,
        call_closes_on=call.closes_on,
        challenge_title=challenge.title if challenge is not None else None,
        challenge_is_shown=challenge is not None and challenge.call_id == call.id,
        challenge_decided_on=challenge.decided_on if challenge is not None else None,
        coordination=window if any(window) else None,
        coordinated_on=notes,
        council_opinions_on=opinions,
        start_on=proposal.starts_on,
        decision_on=proposal.decided_on or call.decision_on,
        is_decided=proposal.decided_on is not None,
    )


def _reasons(session: Session, proposal: Proposal, result: CheckResult) -> dict[str, str]:
    """Broken rules that were set aside. An override holds for what it was given for: another message, another breach."""
    reasons: dict[str, str] = {}
    if proposal.is_late and proposal.late_reason:
        reasons |= {finding.rule: proposal.late_reason for finding in result.broken if finding.rule == "call_open"}
    if not proposal.id:
        return reasons
    known = overridden(session, proposal)
    for finding in result.broken:
        if finding.overridable and (finding.rule, finding.message) in known:
            reasons[finding.rule] = known[finding.rule, finding.message].reason
    return reasons
