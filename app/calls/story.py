"""A line of a proposal's history that changes no state."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.actor import Actor
from models.proposal_story import ProposalEvent
from models.proposals import Proposal


def tell(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    step: str,
    label: str,
    reason: str | None = None,
    on: dt.date | None = None,
) -> None:
    """A line of the proposal's history that changes no state. Within the caller's act."""
    session.add(
        ProposalEvent(
            proposal=proposal,
            step=step,
            label=label[:300],
            reason=reason,
            happened_on=on,
            actor_id=actor.user_id,
            actor_label=actor.label,
        )
    )
