"""What a proposal's form opens with: the stored proposal, the defaults of a call, or an earlier proposal to go on from."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from admin_views.proposal_form import PLAIN, STATEMENTS
from app.actor import Actor
from app.calls import queries
from app.calls.departments import heir_of
from app.calls.proposal_values import CONTACTS, TEXTS
from app.japanese.dates import today_in_tokyo
from models.calls import Call
from models.proposals import Proposal

#: Lines of budget that a new form shows.
BLANK_LINES = 3
#: What the paper of this year says anew: dates, statements, other subsidies and the office's own note are not copied.
COPIED = ("title", *TEXTS, *CONTACTS, "requested_yen")


def form_data(proposal: Proposal) -> dict[str, Any]:
    """What the form of a stored proposal opens with."""
    answers = {True: "yes", False: "no", None: None}
    return {name: getattr(proposal, name) for name in PLAIN} | {
        "call_id": proposal.call_id,
        **{name: answers[getattr(proposal, name)] for name in STATEMENTS},
        "budget": [
            {
                name: getattr(line, name)
                for name in ("label", "category", "unit_price_yen", "quantity", "tax", "tax_percent", "is_eligible")
            }
            for line in proposal.budget_lines
        ],
        "partners": [
            {"organization_id": line.organization_id, "name": line.name, "part": line.part}
            for line in proposal.partners
        ],
        "other_subsidies": [
            {"giver": line.giver, "amount_yen": line.amount_yen, "note": line.note} for line in proposal.other_subsidies
        ],
    }


def new_data(call: Call | None, organization_id: int | None) -> dict[str, Any]:
    """A blank form: received today, carried out in the call's months, a few lines of budget."""
    return {
        "call_id": call.id if call is not None else None,
        "organization_id": organization_id,
        "received_on": today_in_tokyo(),
        "starts_on": first_day(call) if call is not None else None,
        "ends_on": call.period_until_on if call is not None else None,
        "budget": [{} for _ in range(BLANK_LINES)],
    }


def first_day(call: Call) -> dt.date | None:
    """The first day on which what the call adopts may begin: in its months, and after its decision."""
    after = call.decision_on + dt.timedelta(days=1) if call.decision_on is not None else None
    if call.period_from_on is None or after is None:
        return call.period_from_on
    return max(call.period_from_on, after)


def copied_data(earlier: Proposal, call: Call | None) -> dict[str, Any]:
    """A new form that goes on from an earlier proposal: its texts, budget, partners and contact; this call's dates."""
    stored = form_data(earlier)
    department = earlier.department
    same = next((one.id for one in (call.challenges if call else ()) if one.title == _theme(earlier)), None)
    return (
        new_data(call, earlier.organization_id)
        | {name: stored[name] for name in (*COPIED, "partners")}
        | {"budget": stored["budget"] or [{} for _ in range(BLANK_LINES)]}
        | {
            "challenge_id": same,
            "department_id": None if department is None or same is not None else heir_of(department).id,
            "predecessor_id": earlier.id if is_earlier(earlier, call) else None,
        }
    )


def _theme(proposal: Proposal) -> str | None:
    return proposal.challenge.title if proposal.challenge is not None else None


def is_earlier(proposal: Proposal, call: Call | None, before: int = 2**63) -> bool:
    """Whether a proposal for the call (entered as the row `before`) can go on from this one."""
    return call is not None and (proposal.call.fiscal_year, proposal.id) < (call.fiscal_year, before)


def predecessors(
    session: Session, actor: Actor, organization_id: int | None, call: Call | None, record: Proposal | None = None
) -> list[Proposal]:
    """The group's proposals that one for the call may go on from, the newest first."""
    if organization_id is None or call is None:
        return []
    before = record.id if record is not None else 2**63
    found = queries.earlier_proposals(session, actor, organization_id)
    return [one for one in found if is_earlier(one, call, before)]
