"""What is found of a proposal: its title, group, challenge and texts. Contacts are not indexed; rows are scoped."""

from __future__ import annotations

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from app.search.documents import PUBLIC, STAFF, SearchSpec, TextByLevel, cumulative, register
from models.directory import Organization
from models.proposals import Proposal


def _texts(proposal: Proposal) -> TextByLevel:
    organization = proposal.organization
    level = STAFF if organization is not None and organization.is_person else PUBLIC
    return cumulative(
        [
            (PUBLIC, "A", proposal.title),
            (level, "B", organization.name if organization is not None else ""),
            (level, "B", organization.reading if organization is not None else ""),
            (PUBLIC, "B", proposal.challenge.title if proposal.challenge is not None else ""),
            (PUBLIC, "C", proposal.purpose),
            (PUBLIC, "C", proposal.content),
            (PUBLIC, "C", proposal.place),
        ]
    )


def _proposals_of(organization: Organization) -> list[int]:
    """The proposals of a renamed group."""
    state = inspect(organization)
    names = (state.attrs.name, state.attrs.reading, state.attrs.is_person)
    if state.session is None or not any(name.history.has_changes() for name in names):
        return []
    query = select(Proposal.id).where(Proposal.organization_id == organization.id)
    return list(state.session.connection().execute(query).scalars())


register(
    SearchSpec(
        entity="proposal",
        model=Proposal,
        text_by_level=_texts,
        touched_by={Organization: _proposals_of},
        options=(selectinload(Proposal.organization), selectinload(Proposal.challenge)),
    )
)
