"""What the record adds to the conditions of a step: earlier subsidies, the calendar, the challenge's decision, the day of
the decision. A breach can be set aside with a reason wherever the rule says so."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls.findings import check_proposal
from app.calls.workflow import Guard, Obstacle, register_guard
from models.proposals import Proposal

#: step -> rules of the record that are asked before it. `call_open` and the words of the proposal are asked by the step
#: itself.
_ASKED = {
    "submit": ("submission_window", "challenge_decided", "decision_before_start", "earlier_subsidy"),
    "start_review": ("challenge_decided", "coordination_window", "decision_before_start", "earlier_subsidy"),
}


def _guard_of(rules: tuple[str, ...]) -> Guard:
    def guard(session: Session, actor: Actor, proposal: Proposal) -> Iterable[Obstacle | str]:
        return [
            Obstacle(finding.rule, finding.message, finding.clause, finding.overridable)
            for finding in check_proposal(session, proposal).result.broken
            if finding.rule in rules
        ]

    return guard


_GUARDS = {step: _guard_of(rules) for step, rules in _ASKED.items()}


def register() -> None:
    """Add them to the table of steps (at start; twice is once)."""
    for step, guard in _GUARDS.items():
        register_guard(step, guard)
