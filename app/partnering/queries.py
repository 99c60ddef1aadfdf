"""Reads for choosing a partner: searches, the groups of the directory, and what they did with the city."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.scopes import as_key, scoped, visible_to
from app.actor import Actor
from models.directory import Organization, OrganizationKind
from models.directory_profile import OrganizationField
from models.directory_records import ActivityRecord, FinancialStatement, MemberCount
from models.partnering import PartnerCandidate, PartnerSearch
from models.registry import Project, ProjectPartner, ProjectStatus

#: Bodies that no department chooses as its partner here: the city itself, and single persons.
NOT_PARTNERS = (OrganizationKind.GOVERNMENT, OrganizationKind.PERSON)
_PROFILE = (
    selectinload(Organization.consents),
    selectinload(Organization.fields).joinedload(OrganizationField.activity_field),
    selectinload(Organization.audiences),
    selectinload(Organization.areas),
    selectinload(Organization.activity_records),
    selectinload(Organization.statements),
    selectinload(Organization.member_counts),
)


def _could_be_chosen(actor: Actor) -> ColumnElement[bool]:
    return and_(
        visible_to(Organization, actor),
        Organization.merged_into_id.is_(None),
        Organization.is_person.is_(False),
        Organization.kind.not_in(NOT_PARTNERS),
    )


#: What a profile tells of a group that is kept in rows of their own.
_ROWS: tuple[type[ActivityRecord] | type[FinancialStatement] | type[MemberCount], ...] = (
    ActivityRecord,
    FinancialStatement,
    MemberCount,
)


def partner_versions(session: Session, actor: Actor) -> dict[int, Hashable]:
    """{group: what changes with it} of all that could be chosen: its version, which counts its consents, and of each
    kind of its rows how many there are and when one was last written. Four queries."""
    query = select(Organization.id, Organization.version).where(_could_be_chosen(actor)).order_by(Organization.id)
    found: dict[int, tuple[Hashable, ...]] = {key: (version,) for key, version in session.execute(query)}
    for model in _ROWS:
        key = model.organization_id
        for one, *mark in session.execute(select(key, func.count(), func.max(model.updated_at)).group_by(key)):
            if one in found:
                found[one] = (*found[one], model.__tablename__, *mark)
    return dict(found)


def find_search(session: Session, actor: Actor, key: object) -> PartnerSearch | None:
    """One search with its candidates, if the actor may see it."""
    number = as_key(key)
    if number is None:
        return None
    query = scoped(PartnerSearch, actor).where(PartnerSearch.id == number)
    return session.scalars(
        query.options(
            joinedload(PartnerSearch.department),
            joinedload(PartnerSearch.form),
            joinedload(PartnerSearch.project),
            joinedload(PartnerSearch.challenge),
            selectinload(PartnerSearch.fields),
            selectinload(PartnerSearch.categories),
            selectinload(PartnerSearch.candidates).joinedload(PartnerCandidate.organization),
        )
    ).one_or_none()


def possible_partners(session: Session, actor: Actor, ids: Collection[int]) -> Sequence[Organization]:
    """Those of these groups that could be chosen, by id, with their profiles. Eight queries a chunk of 500."""
    query = select(Organization).where(_could_be_chosen(actor)).options(*_PROFILE).order_by(Organization.id)
    wanted = sorted(ids)
    found: list[Organization] = []
    for start in range(0, len(wanted), 500):
        found += session.scalars(query.where(Organization.id.in_(wanted[start : start + 500]))).all()
    return found


def projects_of_partners(session: Session, actor: Actor) -> dict[int, list[tuple[int, str]]]:
    """{organization: [(fiscal year, name of the collaboration)]}, newest first, by the identity that stands for it.

    What is only planned, or was not pursued, is no experience.
    """
    query = (
        select(ProjectPartner.organization_id, Project.fiscal_year, Project.name)
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(ProjectPartner.organization_id.is_not(None), ProjectPartner.is_person.is_(False))
        .where(Project.status.not_in((ProjectStatus.PLANNED, ProjectStatus.NOT_PURSUED)))
        .where(visible_to(Project, actor))
        .order_by(Project.fiscal_year.desc(), Project.id)
    )
    heads = _heads(session)
    found: dict[int, list[tuple[int, str]]] = {}
    for key, year, name in session.execute(query):
        if key is None:
            continue
        rows = found.setdefault(heads.get(key, key), [])
        if (year, name) not in rows:
            rows.append((year, name))
    return found


def _heads(session: Session) -> dict[int, int]:
    """{merged record: the record that stands for it}."""
    merged = select(Organization.id, Organization.merged_into_id).where(Organization.merged_into_id.is_not(None))
    up = {key: above for key, above in session.execute(merged)}  # noqa: C416 - rows are no pairs to mypy
    heads = {}
    for key in up:
        seen, at = {key}, key
        while at in up and up[at] not in seen:
            at = up[at] or at
            seen.add(at)
        heads[key] = at
    return heads
