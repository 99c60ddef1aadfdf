"""What of the registry waits for whom: contracts, looking back on a finished year, publishing, linking partners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import editable_by, visible_to
from app.actor import Actor
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.registry import rules
from app.work import Waiting, register_waiting
from models.people import Role
from models.registry import Project, ProjectPartner, ProjectStatus

#: How many years back unfinished rows are still called for.
YEARS_BACK = 2
CAP = 1_000
OPEN = (ProjectStatus.PLANNED, ProjectStatus.IN_PROGRESS)


def count_of_year(session: Session, actor: Actor, fiscal_year: int) -> int:
    """How many projects of the year the actor sees."""
    query = select(func.count()).select_from(Project)
    return session.scalar(query.where(Project.fiscal_year == fiscal_year, visible_to(Project, actor))) or 0


def _capped(session: Session, *criteria: object) -> int:
    some = select(Project.id).where(*criteria).limit(CAP).subquery()  # type: ignore[arg-type]
    return session.scalar(select(func.count()).select_from(some)) or 0


def _count(number: int) -> str:
    return f"{CAP:,}件以上" if number >= CAP else f"{number}件"


@register_waiting
def registry_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Everything of the registry that waits for the actor."""
    if not actor.may(Permission.PROJECT_EDIT):
        return
    today = today_in_tokyo()
    this_year = fiscal_year_of(today)
    yield from _missing_contracts(session, actor, today, this_year)
    yield from _unfinished(session, actor, this_year)
    if actor.may(Permission.PROJECT_PUBLISH):
        yield from _unpublished(session, actor, this_year)
    if actor.has(Role.OFFICE, Role.DEPARTMENT):
        yield from _unlinked(session, actor, this_year)


def _missing_contracts(session: Session, actor: Actor, today: dt.date, this_year: int) -> Iterator[Waiting]:
    """Planned projects that begin within a month and may not start yet, the nearest twenty."""
    query = (
        select(Project)
        .where(
            editable_by(Project, actor),
            Project.fiscal_year.between(this_year - 1, this_year + 1),
            Project.status == ProjectStatus.PLANNED,
            Project.starts_on <= today + dt.timedelta(days=31),
        )
        .options(selectinload(Project.partners).selectinload(ProjectPartner.form), selectinload(Project.effects))
        .order_by(Project.starts_on, Project.id)
        .limit(20)
    )
    for project in session.scalars(query):
        stops = rules.blocking_start(project)
        if stops:
            detail = f"実施の前に{len(stops)}点の入力が要ります。"
            yield Waiting("project", str(project.id), f"「{project.name}」の準備", project.starts_on, detail)


def _unfinished(session: Session, actor: Actor, this_year: int) -> Iterator[Waiting]:
    for year in range(this_year - YEARS_BACK, this_year):
        number = _capped(session, editable_by(Project, actor), Project.fiscal_year == year, Project.status.in_(OPEN))
        if number:
            yield Waiting(
                "project_list",
                f"f-year={year}&f-status=planned&f-status=in_progress",
                f"{format_fiscal_year(year)}の事業の振り返り",
                detail=f"年度が終わり、まだ終了になっていない事業が{_count(number)}あります。",
            )


def _unpublished(session: Session, actor: Actor, this_year: int) -> Iterator[Waiting]:
    """Rule 10: what is due and not published stays on the list."""
    for year in range(this_year - YEARS_BACK, this_year):
        number = _capped(
            session,
            visible_to(Project, actor),
            Project.fiscal_year == year,
            Project.is_published.is_(False),
            Project.status != ProjectStatus.NOT_PURSUED,
        )
        if number:
            yield Waiting(
                "project_year",
                str(year),
                f"{format_fiscal_year(year)}の一覧の公表",
                detail=f"公表していない事業が{_count(number)}あります。",
            )


def _unlinked(session: Session, actor: Actor, this_year: int) -> Iterator[Waiting]:
    lines = select(ProjectPartner.project_id).where(
        ProjectPartner.project_id == Project.id,
        ProjectPartner.organization_id.is_(None),
        or_(ProjectPartner.is_generic.is_(False), ProjectPartner.is_generic.is_(None)),
        ProjectPartner.is_person.is_(False),
    )
    number = _capped(session, editable_by(Project, actor), Project.fiscal_year == this_year, lines.exists())
    if number:
        yield Waiting(
            "project_list",
            f"f-year={this_year}",
            f"{format_fiscal_year(this_year)}の協働相手と団体の結び付け",
            detail=f"団体のデータに結び付いていない協働相手のある事業が{_count(number)}あります。",
        )
