"""A review for tests: an open call, two proposals before the committee, three members with a login, a rule and criteria."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import ROLE_PERMISSIONS
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.reviews import criteria, declarations, queries, setting_up, sheets
from app.reviews.sheet_values import SheetValues
from models.bodies import Body, MemberRole, Membership
from models.calls import Call
from models.directory_records import Affiliation
from models.people import Role, User
from models.proposals import Proposal, ProposalState
from models.review_sheets import ScoreSheetVersion
from models.reviews import Criterion, MissingRule, NextBestRule, ReviewMember, ReviewQuorum, ReviewStage
from tests.app.calls.support import a_call, a_proposal
from tests.support.people import make_user

SYSTEM = system_actor("試験")
RULE: dict[str, Any] = {
    "minimum_percent": "50",
    "missing": MissingRule.DROP,
    "quorum": ReviewQuorum.MAJORITY,
    "tie": ["smaller_request", "chair"],
    "next_best": NextBestRule.PARTIAL,
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


def actor_for(user: User, *roles: Role, departments: frozenset[int] = frozenset()) -> Actor:
    """The actor that this user would be with these roles."""
    permissions = frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
    return Actor(user.id, user.display_name, frozenset(roles), departments, permissions=permissions)


@dataclasses.dataclass
class Case:
    """What a test needs by name. Members in order; the first is the chair."""

    session: Session
    call: Call
    proposals: list[Proposal]
    users: list[User]
    office: Actor

    @property
    def members(self) -> list[ReviewMember]:
        return list(queries.members_of(self.session, self.call.id))

    def actor(self, number: int) -> Actor:
        return actor_for(self.users[number], Role.COMMITTEE)

    def criteria(self, stage: ReviewStage = ReviewStage.DOCUMENT) -> list[Criterion]:
        return list(queries.criteria_of(self.session, self.call.id, stage))

    def values(self, *marks: int, stage: ReviewStage = ReviewStage.DOCUMENT, comment: str = "") -> SheetValues:
        keys = [one.id for one in self.criteria(stage)]
        return SheetValues(dict(zip(keys, marks, strict=True)), {}, comment)

    def declare(self, number: int, *places: int) -> None:
        """The member signs "no interest" for these proposals (all)."""
        for place in places or range(len(self.proposals)):
            declarations.declare(
                self.session, actor=self.actor(number), proposal_id=self.proposals[place].id, has_interest=False
            )

    def seal(self, number: int, place: int, *marks: int, seen: int = 0, **more: Any) -> ScoreSheetVersion:
        return sheets.seal(
            self.session,
            actor=self.actor(number),
            proposal_id=self.proposals[place].id,
            stage=ReviewStage.DOCUMENT,
            values=self.values(*(marks or (4, 3)), **more),
            seen=seen,
        )

    def seal_all(self) -> None:
        for number in range(len(self.users)):
            for place in range(len(self.proposals)):
                self.seal(number, place, 3 + number % 3, 2 + place % 3)


def a_case(session: Session, *, members: int = 3, proposals: int = 2, criteria_too: bool = True) -> Case:
    """A prepared review of which only the committee's list is new; other memberships end yesterday."""
    call = a_call(session, budget_yen=100_000)
    rows = [a_proposal(session, call, state=ProposalState.REVIEWING) for _ in range(proposals)]
    users = [make_user(session, Role.COMMITTEE, name=f"試験委員{number}") for number in range(members)]
    seat(session, users)
    case = Case(session, call, rows, users, actor_for(make_user(session, Role.OFFICE), Role.OFFICE))
    setting_up.prepare_review(session, actor=case.office, call=call)
    setting_up.update_rule(session, actor=case.office, call_id=call.id, values=RULE)
    if criteria_too:
        for label, highest, weight in (("公益性", 5, "2"), ("実現性", 5, "1")):
            row = {"stage": "document", "label": label, "highest": highest, "weight": weight}
            criteria.add_criterion(session, actor=case.office, call_id=call.id, values=row)
    return case


def seat(session: Session, users: list[User]) -> None:
    """Make these users the committee, and nobody else."""
    body = session.scalars(select(Body).where(Body.code == "committee")).one()
    with act(session, SYSTEM, "test:seat", "試験の委員"):
        for membership in list(body.memberships):
            membership.role = MemberRole.SECRETARIAT
        for number, user in enumerate(users):
            role = MemberRole.CHAIR if number == 0 else MemberRole.MEMBER
            body.memberships.append(
                Membership(
                    name=user.display_name, role=role, user_id=user.id, position=number, from_on=today_in_tokyo()
                )
            )


def affiliate(session: Session, user: User, organization_id: int, **values: Any) -> Affiliation:
    """The user belongs to the group, told by nobody (as an import past the services would)."""
    with act(session, SYSTEM, "test:affiliation", "試験の所属"):
        row = Affiliation(user_id=user.id, organization_id=organization_id, **values)
        session.add(row)
    return row
