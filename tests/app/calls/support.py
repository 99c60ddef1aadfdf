"""Calls and proposals for tests: an open call of each program, a proposal that keeps every rule, actors by role."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import ROLE_PERMISSIONS
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.calls import papers
from app.calls.door import door
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from models.base import utc_now
from models.calls import Call, CallState, Challenge, ChallengeState
from models.people import Role, User
from models.proposal_lines import BudgetLine
from models.proposal_story import PaperState, ProposalPaper
from models.proposals import Proposal, ProposalState
from models.reference import Department, Program
from tests import factories
from tests.support.people import make_user

SYSTEM = system_actor("試験")
TODAY = today_in_tokyo()
YEAR = fiscal_year_of(TODAY)
DAY = dt.timedelta(days=1)
_numbers = itertools.count(1)


def actor_as(session: Session, role: Role, *departments: Department) -> Actor:
    """An actor of one role, with a user of its own."""
    user: User = make_user(session, role)
    return Actor(
        user_id=user.id,
        label=user.display_name,
        roles=frozenset({role}),
        departments=frozenset(department.id for department in departments),
        permissions=frozenset(ROLE_PERMISSIONS[role]),
    )


def a_call(session: Session, program: str = "suggested", *, fiscal_year: int = YEAR, **values: Any) -> Call:
    """An open call that takes proposals today, with a challenge of the second department."""
    row = session.scalars(select(Program).where(Program.code == program)).one()
    number = next(_numbers)
    numbers = {call.round_number for call in session.scalars(select(Call).where(Call.fiscal_year == fiscal_year))}
    first_year = fiscal_year + (1 if program == "ikiiki" else 0)
    with act(session, SYSTEM, "test:call", "試験の募集"):
        call = Call(
            **{
                "program": row,
                "fiscal_year": fiscal_year,
                "round_number": next(n for n in range(1, 10) if n not in numbers),
                "name": f"試験の募集{number}",
                "state": CallState.OPEN,
                "rules": row.rules,
                "opens_on": TODAY - 30 * DAY,
                "closes_on": TODAY + 30 * DAY,
                "period_from_on": dt.date(first_year, 7 if program == "suggested" else 4, 1),
                "period_until_on": dt.date(first_year + 1, 3, 31),
                "cap_yen": row.rules["money"]["cap_yen"],
                "rate": row.rules["money"]["rate"],
                "opened_at": utc_now(),
            }
            | values
        )
        department = departments(session)[1]
        call.challenges = [
            Challenge(
                program=row,
                fiscal_year=fiscal_year,
                department=department,
                title=f"試験の課題{number}",
                state=ChallengeState.CHOSEN,
                decided_on=TODAY - 40 * DAY,
            )
        ]
        session.add(call)
    return call


def departments(session: Session) -> list[Department]:
    """Departments that still exist, in order."""
    return list(session.scalars(select(Department).where(Department.successor_id.is_(None)).order_by(Department.id)))


def a_proposal(
    session: Session, call: Call | None = None, *, state: ProposalState = ProposalState.DRAFT, **values: Any
) -> Proposal:
    """A proposal that keeps every rule of its call, its papers received, put into `state` past the door."""
    call = call or a_call(session)
    first, last = call.period_from_on, call.period_until_on
    assert first is not None and last is not None
    lines = values.pop(
        "budget_lines", [BudgetLine(label="印刷費", unit_price_yen=50_000, quantity=1, tax_percent=10, position=1)]
    )
    organization = values.pop("organization", None) or factories.an_organization(session)
    with act(session, SYSTEM, "test:proposal", "試験の応募"):
        proposal = Proposal(
            **{
                "call": call,
                "organization": organization,
                "challenge": call.challenges[0] if call.challenges else None,
                "department": call.challenges[0].department if call.challenges else None,
                "title": f"試験の提案{next(_numbers)}",
                "purpose": "目的",
                "content": "内容",
                "starts_on": first + 30 * DAY,
                "ends_on": last - 30 * DAY,
                "requested_yen": 50_000,
                "is_nonprofit": True,
                "is_organized_by_applicant": True,
                "is_in_city": True,
                "states_no_other_subsidy": True,
                "received_on": TODAY,
            }
            | values
        )
        proposal.budget_lines = lines
        session.add(proposal)
        session.flush()
        for position, paper in enumerate(papers.papers_of(call), start=1):
            session.add(
                ProposalPaper(
                    proposal=proposal, position=position, state=PaperState.RECEIVED, received_on=TODAY, **paper
                )
            )
    if state is not ProposalState.DRAFT:
        put_into(session, proposal, state)
    return proposal


def put_into(session: Session, proposal: Proposal, state: ProposalState) -> None:
    """Past the door, for tests of what follows."""
    with act(session, SYSTEM, "test:state", "試験の状況"), door():
        if state in (ProposalState.WITHDRAWN, ProposalState.DISCONTINUED, ProposalState.REVOKED):
            proposal.state_reason = "試験"
        proposal.state = state
        session.flush()
