"""Who is cleared for a proposal: on the list, declared, and nothing stands against it (rules.md 24, 25). SQL only."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.actor import Actor
from app.calls.policy import proposals_of_departments
from app.directory.affiliations import organizations_of_user
from app.japanese.dates import today_in_tokyo
from models.people import Role
from models.proposal_lines import ProposalPartner
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictDeclaration, ConflictSource
from models.reviews import ReviewMember

#: Names of their own in every query that asks them, made once: making one copies all columns, and each page asks often.
_LISTED, _DECLARING, _CONCERNED = aliased(ReviewMember), aliased(ReviewMember), aliased(ReviewMember)
_DECLARATION, _CONFLICT = aliased(ConflictDeclaration), aliased(Conflict)


def is_office(actor: Actor) -> bool:
    """Whether the actor is the committee's secretariat."""
    return actor.is_system or actor.has(Role.OFFICE)


def is_on_list(actor: Actor, call_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL: the actor is a member of that call's review (also one who left: the papers stay closed to them)."""
    if actor.user_id is None:
        return false()
    return call_id.in_(select(_LISTED.call_id).where(_LISTED.user_id == actor.user_id))


def cleared_for(user_id: int) -> ColumnElement[bool]:
    """SQL: proposals for which this member has signed "no interest", and against which nothing stands."""
    declared = (
        select(_DECLARATION.proposal_id)
        .join(_DECLARING, _DECLARING.id == _DECLARATION.member_id)
        .where(
            _DECLARING.user_id == user_id,
            _DECLARING.left_on.is_(None),
            _DECLARATION.replaced_at.is_(None),
            _DECLARATION.has_interest.is_(False),
        )
    )
    return and_(Proposal.id.in_(declared), ~in_conflict(user_id))


def in_conflict(user_id: int) -> ColumnElement[bool]:
    """SQL: a conflict stands in the list, or an affiliation of today says so and the office has lifted none."""
    standing = _conflicts_of(user_id, is_lifted=False)
    set_aside = _conflicts_of(user_id, is_lifted=True, source=ConflictSource.DERIVED)
    return or_(Proposal.id.in_(standing), and_(derived_for(user_id), Proposal.id.not_in(set_aside)))


def _conflicts_of(user_id: int, *, is_lifted: bool, source: ConflictSource | None = None) -> Select[int]:
    is_wanted = _CONFLICT.lifted_at.is_not(None) if is_lifted else _CONFLICT.lifted_at.is_(None)
    found = (
        select(_CONFLICT.proposal_id)
        .join(_CONCERNED, _CONCERNED.id == _CONFLICT.member_id)
        .where(_CONCERNED.user_id == user_id, is_wanted)
    )
    return found if source is None else found.where(_CONFLICT.source == source)


def derived_for(user_id: int) -> ColumnElement[bool]:
    """SQL: proposals of groups (or with partners) that the user belongs to today, by merged identity."""
    own = organizations_of_user(user_id, today_in_tokyo())
    partners = select(ProposalPartner.proposal_id).where(ProposalPartner.organization_id.in_(own))
    return or_(Proposal.organization_id.in_(own), Proposal.id.in_(partners))


def proposals_open_to(actor: Actor) -> ColumnElement[bool]:
    """ANDed to the scope of proposals: a member of the list sees what they are cleared for, in whatever role.

    A role of the committee opens nothing of a call on whose list the person does not stand.
    """
    if actor.user_id is None:
        return true()
    on_list = is_on_list(actor, Proposal.call_id)
    cleared = and_(on_list, cleared_for(actor.user_id))
    if actor.has(Role.OFFICE):
        return or_(~on_list, cleared)
    if actor.has(Role.COMMITTEE):
        if actor.has(Role.DEPARTMENT) and actor.departments:
            return or_(and_(~on_list, proposals_of_departments(actor)), cleared)
        return cleared
    return or_(~on_list, cleared)
