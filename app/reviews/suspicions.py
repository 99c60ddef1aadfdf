"""Equal names of members and of people of the applicant: a queue for the office, never a decision (domain.md 2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.japanese.normalize import fold_name
from app.reviews import queries
from app.reviews.conflicts import groups_of
from models.directory_records import OrganizationOfficer
from models.proposals import Proposal
from models.review_conflicts import ConflictSuspicion


def suspect(session: Session, call_id: int) -> int:
    """Note equal names that were not noted before, inside the caller's act. Returns how many.

    Names themselves are not copied: only where the equal one stands.
    """
    members = {fold_name(one.name): one for one in queries.members_of(session, call_id)}
    found = 0
    conflicts = queries.conflict_pairs(session, call_id)
    for proposal in queries.proposals_of(session, call_id):
        for origin, name in _names_of(session, proposal):
            member = members.get(name)
            if member is None or (member.id, proposal.id) in conflicts:
                continue
            if not _is_noted(session, member.id, proposal.id, origin):
                session.add(ConflictSuspicion(member_id=member.id, proposal_id=proposal.id, origin=origin))
                found += 1
    session.flush()
    return found


def _names_of(session: Session, proposal: Proposal) -> Iterator[tuple[str, str]]:
    officers = session.execute(
        select(OrganizationOfficer.id, OrganizationOfficer.name)
        .where(OrganizationOfficer.organization_id.in_(sorted(groups_of(session, proposal))))
        .order_by(OrganizationOfficer.id)
    )
    for officer_id, name in officers:
        yield f"officer:{officer_id}", fold_name(name)
    people = {"representative": proposal.representative_name, "contact": proposal.contact_name}
    yield from ((origin, fold_name(name)) for origin, name in people.items() if name)


def _is_noted(session: Session, member_id: int, proposal_id: int, origin: str) -> bool:
    return (
        session.scalar(
            select(ConflictSuspicion.id).where(
                ConflictSuspicion.member_id == member_id,
                ConflictSuspicion.proposal_id == proposal_id,
                ConflictSuspicion.origin == origin,
            )
        )
        is not None
    )


#: What the office reads about where the equal name stands.
ORIGINS = {
    "officer": "応募団体または協力団体の役員",
    "representative": "応募団体の代表者",
    "contact": "応募団体の連絡担当者",
}


def origin_text(origin: str) -> str:
    """「応募団体の代表者」."""
    return ORIGINS.get(origin.partition(":")[0], "")
