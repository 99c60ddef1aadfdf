"""Publishing a year's list: numbers are given, the rows are frozen, later corrections stand beside them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year
from app.problems import Conflict, Invalid
from app.registry.published import corrections, departments_in_order, forms_of, frozen_row
from app.registry.queries import LIST_OPTIONS, find_published_list
from app.registry.survey_rounds import require_no_open_round
from models.base import utc_now
from models.registry import Project, ProjectStatus, PublishedList

#: 資料3's note in our own words: stands above every list.
NOTE = "各課の取組を広く知らせて参考にしてもらうため、協働をあえて広い意味にとらえて載せている。"


def publish_list(
    session: Session, *, actor: Actor, fiscal_year: int, title: str | None = None, note: str | None = None
) -> PublishedList:
    """Number the year's projects, freeze them and make them public. Raises Conflict when that has been done, Invalid."""
    actor.require(Permission.PROJECT_PUBLISH)
    year = format_fiscal_year(fiscal_year)
    with act(session, actor, "project:publish", f"{year}の一覧の公表"):
        published = session.scalars(
            select(PublishedList).where(PublishedList.fiscal_year == fiscal_year).with_for_update()
        ).one_or_none()
        if published is not None and published.published_at is not None:
            raise Conflict(f"{year}の一覧は公表済みです。公表後の修正は、それぞれの事業で行ってください。")
        require_no_open_round(session, fiscal_year)
        projects = in_printing_order(session, fiscal_year)
        _require_complete(year, projects)
        for project in projects:
            project.number = None
        session.flush()
        for number, project in enumerate(projects, start=1):
            project.number = number
            project.is_published = True
        if published is None:
            published = PublishedList(fiscal_year=fiscal_year)
            session.add(published)
        published.title = title or f"協働や連携の取組一覧({year})"
        published.note = NOTE if note is None else note
        published.published_at = utc_now()
        published.snapshot = [frozen_row(project) for project in projects]
        session.flush()
    return published


def in_printing_order(session: Session, fiscal_year: int) -> list[Project]:
    """The year's projects as they will be printed: departments as in the last list, then as last year, then by id."""
    last = session.scalars(
        select(PublishedList)
        .where(PublishedList.fiscal_year < fiscal_year, PublishedList.published_at.is_not(None))
        .order_by(PublishedList.fiscal_year.desc())
        .limit(1)
    ).one_or_none()
    rank: dict[str, int] = {}
    for row in (last.snapshot or []) if last else []:
        rank.setdefault(row["department"], len(rank))
        for name in row.get("departments", []):
            rank.setdefault(name, len(rank))
    projects = session.scalars(
        select(Project)
        .where(
            Project.fiscal_year == fiscal_year,
            Project.deleted_at.is_(None),
            Project.status != ProjectStatus.NOT_PURSUED,
        )
        .options(*LIST_OPTIONS, selectinload(Project.predecessor))
        .order_by(Project.id)
    )

    def place(project: Project) -> tuple[float, int, float, int]:
        departments = departments_in_order(project)
        cell = "・".join(department.name for department in departments)
        first = departments[0] if departments else None
        ranked = rank.get(cell, rank.get(first.name, math.inf) if first else math.inf)
        before = project.predecessor.number if project.predecessor else None
        return ranked, first.id if first else 0, math.inf if before is None else before, project.id

    return sorted(projects, key=place)


def _require_complete(year: str, projects: Sequence[Project]) -> None:
    if not projects:
        raise Invalid(f"{year}の事業がありません。登録してから公表してください。")
    wrong = []
    for project in projects:
        lacks = []
        if not project.departments:
            lacks.append("課名")
        if not project.partners:
            lacks.append("協働相手")
        elif not forms_of(project):
            lacks.append("協働形態")
        if lacks:
            wrong.append(f"「{project.name}」の{'・'.join(lacks)}")
    if wrong:
        more = f"、ほか{len(wrong) - 10}件" if len(wrong) > 10 else ""
        raise Invalid(f"公表の前に、次の項目を入力してください。{'、'.join(wrong[:10])}{more}")


@dataclasses.dataclass(frozen=True)
class Correction:
    """A row of a published list that reads differently today: [(label, as published, now)]."""

    number: int
    name: str
    project_id: int | None
    changes: list[tuple[str, str, str]]
    names_a_person: bool


def corrections_of(session: Session, published: PublishedList) -> list[Correction]:
    """公表後の修正 of a list, in the order of its numbers."""
    rows: list[dict[str, Any]] = published.snapshot or []
    projects = {
        project.number: project
        for project in session.scalars(
            select(Project)
            .where(Project.fiscal_year == published.fiscal_year, Project.number.is_not(None))
            .options(*LIST_OPTIONS)
        )
    }
    found = []
    for row in rows:
        project = projects.get(row["number"])
        changes = corrections(row, project)
        if changes:
            is_personal = bool(row.get("names_a_person")) or (project is not None and project.names_a_person)
            found.append(Correction(row["number"], row["name"], project.id if project else None, changes, is_personal))
    return found


def corrections_of_project(session: Session, project: Project) -> list[tuple[str, str, str]]:
    """公表後の修正 of one project: (label, as published, now); [] when it stands as published, or in no list."""
    if project.number is None or not project.is_published:
        return []
    published = find_published_list(session, project.fiscal_year)
    rows = (published.snapshot or []) if published else []
    frozen = next((row for row in rows if row["number"] == project.number), None)
    return corrections(frozen, project) if frozen else []
