"""Reads of the registry: projects with what a page needs, years, a partner's projects, the published list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.access.scopes import scoped, visible_to
from app.actor import Actor
from models.directory import Organization
from models.registry import Project, ProjectPartner, PublishedList

#: What a row of a list shows, in three further queries.
LIST_OPTIONS: tuple[ORMOption, ...] = (
    selectinload(Project.departments),
    selectinload(Project.partners).selectinload(ProjectPartner.form),
)
#: What a project's own page shows.
PAGE_OPTIONS: tuple[ORMOption, ...] = (
    selectinload(Project.departments),
    selectinload(Project.principles),
    selectinload(Project.effects),
    selectinload(Project.category),
    selectinload(Project.policy_basis),
    selectinload(Project.program),
    selectinload(Project.predecessor),
    selectinload(Project.partners).selectinload(ProjectPartner.form),
    selectinload(Project.partners).selectinload(ProjectPartner.organization),
)


def find_project(session: Session, key: int, actor: Actor) -> Project | None:
    """The project with all that its page shows, if the actor may see it."""
    return session.scalars(scoped(Project, actor).where(Project.id == key).options(*PAGE_OPTIONS)).one_or_none()


def fiscal_years(session: Session, actor: Actor) -> list[int]:
    """Years of which the actor sees a project, latest first: one query that steps through the index year by year."""
    latest = select(Project.fiscal_year).where(visible_to(Project, actor)).order_by(Project.fiscal_year.desc()).limit(1)
    years = select(latest.scalar_subquery().label("year")).cte("years", recursive=True)
    before = latest.where(Project.fiscal_year < years.c.year).correlate(years).scalar_subquery()
    years = years.union_all(select(before).where(years.c.year.is_not(None)))
    return list(session.scalars(select(years.c.year).where(years.c.year.is_not(None)).order_by(years.c.year.desc())))


def projects_of_year(actor: Actor, fiscal_year: int) -> Select[Project]:
    """SELECT of the year's visible projects in the order of the list; those without a number come last, by id."""
    return (
        scoped(Project, actor)
        .where(Project.fiscal_year == fiscal_year)
        .order_by(Project.number.is_(None), Project.number, Project.id)
    )


def find_published_list(session: Session, fiscal_year: int) -> PublishedList | None:
    """The list of that year, if it has been published."""
    return session.scalars(
        select(PublishedList).where(PublishedList.fiscal_year == fiscal_year, PublishedList.published_at.is_not(None))
    ).one_or_none()


def latest_published_year(session: Session) -> int | None:
    """The latest year whose list has been published."""
    return session.scalar(
        select(PublishedList.fiscal_year)
        .where(PublishedList.published_at.is_not(None))
        .order_by(PublishedList.fiscal_year.desc())
        .limit(1)
    )


def cluster_of(session: Session, organization: Organization) -> list[int]:
    """Ids of the organisation and of all that are merged with it: identity is the whole cluster."""
    known = {organization.id} | ({organization.merged_into_id} if organization.merged_into_id else set())
    while True:
        found = set(
            session.scalars(
                select(Organization.id).where(
                    or_(
                        Organization.merged_into_id.in_(known),
                        Organization.id.in_(
                            select(Organization.merged_into_id).where(
                                Organization.id.in_(known), Organization.merged_into_id.is_not(None)
                            )
                        ),
                    )
                )
            )
        )
        if found <= known:
            return sorted(known)
        known |= found


def projects_of_organization(session: Session, actor: Actor, organization: Organization) -> Sequence[Project]:
    """The visible projects in which the organisation (its cluster) is a partner, latest year first."""
    lines = exists(
        select(ProjectPartner.id).where(
            ProjectPartner.project_id == Project.id,
            ProjectPartner.organization_id.in_(cluster_of(session, organization)),
        )
    )
    return session.scalars(
        scoped(Project, actor)
        .where(lines)
        .options(*LIST_OPTIONS)
        .order_by(Project.fiscal_year.desc(), Project.number.is_(None), Project.number, Project.id)
    ).all()


def find_successor(session: Session, actor: Actor, project: Project) -> Project | None:
    """The project that goes on from this one, next year's first."""
    # Asked by itself: together with the order, SQLite would walk the years instead of the link.
    keys = session.scalars(select(Project.id).where(Project.predecessor_id == project.id)).all()
    if not keys:
        return None
    return session.scalars(
        scoped(Project, actor).where(Project.id.in_(keys)).order_by(Project.fiscal_year, Project.id).limit(1)
    ).one_or_none()


def years_chain(session: Session, actor: Actor, project: Project) -> list[Project]:
    """The project's years, first to last: it, what it goes on from, and what goes on from it (visible ones)."""
    chain, seen = [project], {project.id}
    while (before := chain[0].predecessor_id) and before not in seen:
        found = find_project(session, before, actor)
        if found is None:
            break
        chain.insert(0, found)
        seen.add(found.id)
    while (after := find_successor(session, actor, chain[-1])) is not None and after.id not in seen:
        chain.append(after)
        seen.add(after.id)
    return chain
