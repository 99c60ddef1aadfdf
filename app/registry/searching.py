"""What is found of a project: its name, departments, partners, forms and texts; names of private persons by staff only."""

from __future__ import annotations

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from app.search.documents import PUBLIC, STAFF, SearchSpec, TextByLevel, cumulative, owners, register
from models.directory import Organization
from models.registry import Project, ProjectPartner


def _texts(project: Project) -> TextByLevel:
    cell_level = STAFF if project.names_a_person else PUBLIC
    fields = [
        (PUBLIC, "A", project.name),
        *((PUBLIC, "B", department.name) for department in project.departments),
        (PUBLIC, "B", project.department_as_published),
        (cell_level, "B", project.partners_as_published),
        *_partner_texts(project),
        (PUBLIC, "C", project.summary),
        (PUBLIC, "C", project.common_goal),
        (STAFF, "C", project.why_collaborate),
        (STAFF, "C", project.why_this_partner),
    ]
    return cumulative(fields)  # type: ignore[arg-type]


def _partner_texts(project: Project) -> list[tuple[int, str, str | None]]:
    texts: list[tuple[int, str, str | None]] = []
    for line in project.partners:
        texts.append((STAFF if line.is_person else PUBLIC, "B", line.name_as_published))
        organization = line.organization
        if organization is not None:
            level = STAFF if organization.is_person else PUBLIC
            texts.append((level, "B", organization.name))
            texts.append((level, "B", organization.reading))
        if line.form is not None:
            texts.append((PUBLIC, "C", line.form.name))
    return texts


def _projects_of(organization: Organization) -> list[int]:
    """The projects in which a renamed organisation is a partner."""
    state = inspect(organization)
    names = (state.attrs.name, state.attrs.reading, state.attrs.is_person)
    if state.session is None or not any(name.history.has_changes() for name in names):
        return []
    query = select(ProjectPartner.project_id).where(ProjectPartner.organization_id == organization.id)
    return list(state.session.connection().execute(query).scalars())


def level_of(reads_persons: bool) -> int:
    """The level of consent at which an actor searches projects."""
    return STAFF if reads_persons else PUBLIC


register(
    SearchSpec(
        entity="project",
        model=Project,
        text_by_level=_texts,
        touched_by={ProjectPartner: owners("project_id"), Organization: _projects_of},
        options=(
            selectinload(Project.departments),
            selectinload(Project.partners).selectinload(ProjectPartner.organization),
            selectinload(Project.partners).selectinload(ProjectPartner.form),
        ),
    )
)
