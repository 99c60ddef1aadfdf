"""A year in numbers: what `flask registry summary` prints and the charts of the year's page draw."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import visible_to
from app.actor import Actor
from models.directory import OrganizationKind
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, project_department

NO_FORM = "未設定"


@dataclasses.dataclass(frozen=True)
class YearSummary:
    """Counts of one fiscal year over the projects that the actor sees.

    partner_links: partner lines, linked to an organisation or not. organizations: different linked ones.
    by_form: one form a project, its first line's. by_department: a project counts in each of its departments.
    by_kind: partner lines by kind of partner.
    """

    fiscal_year: int
    projects: int
    partner_links: int
    organizations: int
    departments: int
    by_form: dict[str, int]
    by_department: dict[str, int]
    by_kind: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "projects": self.projects,
            "partner_links": self.partner_links,
            "organizations": self.organizations,
            "departments": self.departments,
            "by_form": self.by_form,
            "by_department": self.by_department,
        }


def summarize(session: Session, actor: Actor, fiscal_year: int) -> YearSummary:
    """Count a year. Five queries, whatever the number of projects."""
    in_year = (Project.fiscal_year == fiscal_year, visible_to(Project, actor))
    projects = session.scalar(select(func.count()).select_from(Project).where(*in_year)) or 0
    links, organizations = session.execute(
        select(func.count(ProjectPartner.id), func.count(func.distinct(ProjectPartner.organization_id)))
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(*in_year)
    ).one()
    by_department = session.execute(
        select(Department.name, func.count())
        .join(project_department, project_department.c.department_id == Department.id)
        .join(Project, Project.id == project_department.c.project_id)
        .where(*in_year)
        .group_by(Department.id, Department.name)
        .order_by(func.count().desc(), Department.id)
    ).all()
    kinds = session.execute(
        select(ProjectPartner.kind, func.count())
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(*in_year)
        .group_by(ProjectPartner.kind)
    ).all()
    counted = {row[0]: row[1] for row in kinds}
    by_kind = {kind.label: counted[kind] for kind in OrganizationKind if kind in counted}
    if None in counted:
        by_kind[NO_FORM] = counted[None]
    return YearSummary(
        fiscal_year=fiscal_year,
        projects=projects,
        partner_links=links,
        organizations=organizations,
        departments=len(by_department),
        by_form=_by_form(session, in_year, projects),
        by_department={row[0]: row[1] for row in by_department},
        by_kind=by_kind,
    )


def _by_form(session: Session, in_year: tuple[Any, ...], projects: int) -> dict[str, int]:
    first = (
        select(ProjectPartner.project_id, func.min(ProjectPartner.position).label("position"))
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(*in_year)
        .group_by(ProjectPartner.project_id)
        .subquery()
    )
    rows = session.execute(
        select(CollaborationForm.name, ProjectPartner.form_as_published, func.count())
        .select_from(first)
        .join(
            ProjectPartner,
            (ProjectPartner.project_id == first.c.project_id) & (ProjectPartner.position == first.c.position),
        )
        .outerjoin(CollaborationForm, CollaborationForm.id == ProjectPartner.form_id)
        .group_by(CollaborationForm.name, ProjectPartner.form_as_published)
    ).all()
    counts: Counter[str] = Counter()
    for name, as_published, number in rows:
        counts[name or as_published or NO_FORM] += number
    if projects > counts.total():
        counts[NO_FORM] += projects - counts.total()
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NO_FORM, -item[1], item[0])))
