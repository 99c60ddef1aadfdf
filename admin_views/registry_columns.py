"""Columns and filters of the list of projects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from admin_views.columns import Column, Filter, year_filter, year_options
from app.access.login import current_actor
from app.access.scopes import as_key, find_visible
from app.actor import Actor
from app.japanese.dates import format_fiscal_year
from app.registry import queries
from app.registry.cells import PERSON, PartnerCells, department_cells, partner_cells
from app.registry.policy import reads_persons
from models.directory import Organization, OrganizationKind
from models.reference import CollaborationForm, Department, ProjectCategory
from models.registry import Project, ProjectPartner, ProjectStatus, project_department


def partner_names(project: Project) -> str:
    """The partners in one cell; private persons only for those who may read them."""
    may_read = reads_persons(current_actor())
    return "、".join(line.name_as_published if may_read or not line.is_person else PERSON for line in project.partners)


def _joined(of: Callable[[PartnerCells], Iterable[Any]]) -> Callable[[PartnerCells | None], str]:
    return lambda found: "、".join(getattr(one, "label", one) for one in of(found)) if found else ""


def _plain(attribute: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, attribute)


COLUMNS: Sequence[Column] = (
    Column("name", "事業名称", _plain("name"), sort=(Project.name,), needs=("name",)),
    Column(
        "year",
        "年度",
        lambda row: format_fiscal_year(row.fiscal_year),
        sort=(Project.fiscal_year, Project.number),
        needs=("fiscal_year",),
    ),
    Column("number", "番号", _plain("number"), is_number=True, needs=("number",)),
    Column("departments", "課名", lambda cell: cell, fetch=department_cells),
    Column("partners", "協働相手", _joined(lambda found: found.names), fetch=partner_cells),
    Column("forms", "形態", _joined(lambda found: found.forms), fetch=partner_cells),
    Column("status", "状況", _plain("status"), needs=("status",)),
    Column("kinds", "相手の種別", _joined(lambda found: found.kinds), fetch=partner_cells, is_default=False),
    Column("summary", "概要", _plain("summary"), is_default=False, needs=("summary",)),
    Column("cost", "事業費(円)", _plain("cost_yen"), is_number=True, is_default=False, needs=("cost_yen",)),
    Column("published", "公表済み", _plain("is_published"), is_default=False, needs=("is_published",)),
)


def _key(value: str) -> int:
    key = as_key(value)
    if key is None:
        raise ValueError("no key")
    return key


def _with_line(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    return Project.id.in_(select(ProjectPartner.project_id).where(criterion))


def _in_department(value: str) -> ColumnElement[bool]:
    return Project.id.in_(
        select(project_department.c.project_id).where(project_department.c.department_id == _key(value))
    )


def _in_form(value: str) -> ColumnElement[bool]:
    key = _key(value)
    children = select(CollaborationForm.id).where(CollaborationForm.parent_id == key)
    return _with_line(or_(ProjectPartner.form_id == key, ProjectPartner.form_id.in_(children)))


def _rows(model: type[Any], *order: Any) -> Any:
    def options(session: Session, actor: Actor) -> list[tuple[str, str]]:
        return [(str(row.id), row.name) for row in session.execute(select(model.id, model.name).order_by(*order))]

    return options


def _organization_words(session: Session, actor: Actor, value: str) -> str:
    found = find_visible(session, Organization, value, actor)
    return found.name if found is not None else value


def _kind(value: str) -> ColumnElement[bool]:
    return _with_line(ProjectPartner.kind == OrganizationKind(value))


FILTERS: Sequence[Filter] = (
    year_filter(Project.fiscal_year, lambda session, actor: year_options(queries.fiscal_years(session, actor))),
    Filter("department", "課名", _in_department, options=_rows(Department, Department.id)),
    Filter("form", "形態", _in_form, options=_rows(CollaborationForm, CollaborationForm.position)),
    Filter(
        "category",
        "事業の分類",
        lambda value: Project.category_id == _key(value),
        options=_rows(ProjectCategory, ProjectCategory.number),
    ),
    Filter(
        "partner",
        "協働相手の団体",
        lambda value: _with_line(ProjectPartner.organization_id == _key(value)),
        kind="lookup",
        lookup="organization.lookup_view",
        words=_organization_words,
    ),
    Filter("kind", "相手の種別", _kind, options=lambda session, actor: OrganizationKind.choices()),
    Filter(
        "status",
        "状況",
        lambda value: Project.status == ProjectStatus(value),
        options=lambda session, actor: ProjectStatus.choices(),
    ),
)
