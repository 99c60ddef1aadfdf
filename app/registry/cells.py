"""The cells of a list of projects that stand in other tables: departments and partner lines, one query for a page each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.registry.policy import reads_persons
from models.directory import OrganizationKind
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, project_department

#: What stands for a private person's name.
PERSON = "(個人)"


@dataclasses.dataclass(frozen=True)
class PartnerCells:
    """The partner lines of one project: names, and forms and kinds each once, in order."""

    names: tuple[str, ...]
    forms: tuple[str, ...]
    kinds: tuple[OrganizationKind, ...]


def department_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, str]:
    """Project id → 課名 as printed, else the names of its departments (`published.department_cell`)."""
    rows = session.execute(
        select(Project.id, Project.department_as_published, Department.name)
        .outerjoin(project_department, project_department.c.project_id == Project.id)
        .outerjoin(Department, Department.id == project_department.c.department_id)
        .where(Project.id.in_(keys))
        .order_by(Project.id, Department.id)
    )
    cells: dict[int, str] = {}
    for key, published, name in rows:
        before = cells.get(key)
        cells[key] = published or (f"{before}・{name}" if before else name or "")
    return cells


def partner_cells(session: Session, actor: Actor, keys: Sequence[int]) -> Mapping[int, PartnerCells]:
    """Project id → its partner lines; names of private persons only for those who may read them."""
    may_read = reads_persons(actor)
    form = func.coalesce(CollaborationForm.name, ProjectPartner.form_as_published)
    rows = session.execute(
        select(
            ProjectPartner.project_id,
            ProjectPartner.name_as_published,
            ProjectPartner.is_person,
            ProjectPartner.kind,
            form,
        )
        .outerjoin(CollaborationForm, CollaborationForm.id == ProjectPartner.form_id)
        .where(ProjectPartner.project_id.in_(keys))
        .order_by(ProjectPartner.project_id, ProjectPartner.position)
    )
    lines: dict[int, list[tuple[str, str | None, OrganizationKind | None]]] = {}
    for key, name, is_person, kind, form_name in rows:
        lines.setdefault(key, []).append((PERSON if is_person and not may_read else name, form_name, kind))
    return {
        key: PartnerCells(
            names=tuple(name for name, _, _ in found),
            forms=tuple(dict.fromkeys(one for _, one, _ in found if one)),
            kinds=tuple(dict.fromkeys(kind for _, _, kind in found if kind)),
        )
        for key, found in lines.items()
    }
