"""What other rooms keep of a group, on its page: requests, proposals, talks, searches for a partner, the yearly form.

Each is asked within the reader's own scope, for the group's whole identity; what there is nothing of is not named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.access.scopes import scoped
from app.actor import Actor
from app.directory.rounds_queries import last_form_of
from app.japanese.dates import format_date, format_fiscal_year
from app.talents.policy import reads_names
from models.coordination import CoordinationNote
from models.directory import Organization
from models.partnering import PartnerCandidate
from models.proposals import Proposal
from models.talent_requests import TalentRequest

#: A line: (text, address, what stands beside it).
Line = tuple[str, str, str]
Section = tuple[str, Sequence[Line]]
#: So many of the newest lines of each kind; the rooms' own lists have the others.
_MOST = 20


def further_sections(
    session: Session, actor: Actor, organization: Organization, cluster: Iterable[int]
) -> list[Section]:
    """[(heading, lines)] of what there is for this reader. cluster: the ids of the group's identity."""
    ids = sorted(cluster)
    told = [("年次確認", _yearly(session, actor, organization))]
    told += [(heading, teller(session, actor, ids)) for heading, teller in _TELLERS]
    return [section for section in told if section[1]]


def _yearly(session: Session, actor: Actor, organization: Organization) -> list[Line]:
    form = last_form_of(session, actor, organization.id)
    if form is None:
        return []
    year = f"登録内容の年次確認({format_fiscal_year(form.round.fiscal_year)})"
    return [(year, url_for("confirmation-form.form_view", key=form.id), form.state.label)]


def _requests(session: Session, actor: Actor, ids: Sequence[int]) -> list[Line]:
    rows = session.scalars(
        scoped(TalentRequest, actor)
        .where(TalentRequest.organization_id.in_(ids))
        .order_by(TalentRequest.received_on.desc(), TalentRequest.id.desc())
        .limit(_MOST)
    )
    return [
        (
            row.title if reads_names(actor) else str(row),
            url_for("talent-request.details_view", key=row.id),
            f"{format_date(row.received_on, weekday=False)}受付、{row.status.label}",
        )
        for row in rows
    ]


def _proposals(session: Session, actor: Actor, ids: Sequence[int]) -> list[Line]:
    rows = session.scalars(
        scoped(Proposal, actor)
        .where(Proposal.organization_id.in_(ids))
        .options(joinedload(Proposal.call))
        .order_by(Proposal.id.desc())
        .limit(_MOST)
    )
    return [
        (row.title, url_for("proposal.details_view", key=row.id), f"{row.call.name}、{row.state.label}") for row in rows
    ]


def _talks(session: Session, actor: Actor, ids: Sequence[int]) -> list[Line]:
    """Conversations on the group's proposals; those who may see a proposal see its notes."""
    rows = session.scalars(
        scoped(CoordinationNote, actor)
        .where(CoordinationNote.proposal_id.in_(select(Proposal.id).where(Proposal.organization_id.in_(ids))))
        .options(joinedload(CoordinationNote.proposal))
        .order_by(CoordinationNote.held_on.desc(), CoordinationNote.id.desc())
        .limit(_MOST)
    )
    return [
        (
            f"{format_date(row.held_on)} {row.means.label}",
            url_for("proposal.details_view", key=row.proposal_id) + "#coordination",
            row.proposal.title,
        )
        for row in rows
    ]


def _searches(session: Session, actor: Actor, ids: Sequence[int]) -> list[Line]:
    rows = session.scalars(
        scoped(PartnerCandidate, actor)
        .where(PartnerCandidate.organization_id.in_(ids))
        .options(joinedload(PartnerCandidate.search))
        .order_by(PartnerCandidate.id.desc())
        .limit(_MOST)
    )
    return [
        (
            row.search.title,
            url_for("partner-search.details_view", key=row.search_id),
            f"{format_fiscal_year(row.search.fiscal_year)}、{'選定' if row.is_chosen else '候補'}",
        )
        for row in rows
    ]


_TELLERS: tuple[tuple[str, Callable[[Session, Actor, Sequence[int]], list[Line]]], ...] = (
    ("人財の森への依頼", _requests),
    ("応募・提案", _proposals),
    ("話し合いの記録", _talks),
    ("パートナー選び", _searches),
)
