"""Which stored project a row of an imported list means, and cells that say what is stored in the words of our own list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.exchange.columns import Plain
from app.exchange.specs import PlannedRow
from app.japanese.normalize import fold
from app.registry.import_cells import stored_values
from app.registry.published import department_cell, forms_of, printed_lines
from models.reference import CollaborationForm
from models.registry import Project, ProjectPartner


def with_lines() -> Select[Project]:
    """SELECT of projects with all that their cells are made of."""
    return select(Project).options(
        selectinload(Project.departments),
        selectinload(Project.partners).selectinload(ProjectPartner.form).selectinload(CollaborationForm.parent),
        selectinload(Project.partners).selectinload(ProjectPartner.organization),
    )


def projects_of(session: Session, rows: Sequence[PlannedRow]) -> dict[int, Project]:
    """The stored projects of these rows by their id."""
    keys = [int(row.record_key) for row in rows if row.record_key]
    return {one.id: one for one in session.scalars(with_lines().where(Project.id.in_(keys)))} if keys else {}


def the_one_of(candidates: Sequence[Project], values: Mapping[str, Plain], *, is_single: bool) -> Project | None:
    """The one with the same partners; else the only one of that name, where the file has one such row too."""
    wanted = fold(values.get("partners") or "")
    same = [
        one
        for one in candidates
        if wanted in {fold("\n".join(cell for cell, _ in printed_lines(one))), fold(listed_cells(one)[0])}
    ]
    if len(same) == 1:
        return same[0]
    return candidates[0] if len(candidates) == 1 and is_single else None


def listed_cells(project: Project) -> tuple[str, str]:
    """(協働相手, 形態) as the list on screen and its export write them: every name, every form once."""
    return "、".join(line.name_as_published for line in project.partners), "、".join(forms_of(project))


def as_stored(values: dict[str, Plain], project: Project) -> None:
    """A cell that reads as our own export writes it says what is stored: its lines and signs stay as published."""
    stored = stored_values(project)
    for key, listed in zip(("partners", "form"), listed_cells(project), strict=True):
        if values.get(key) == listed:
            values[key] = stored[key]


def predecessors(session: Session, rows: Sequence[PlannedRow]) -> dict[int, Project]:
    """Row number → last year's project of the same department and name, where there is one alone."""
    names = {row.values["name"] for row in rows}
    years = {row.values["fiscal_year"] - 1 for row in rows}
    if not names:
        return {}
    query = with_lines().where(Project.fiscal_year.in_(years), Project.name.in_(names), Project.deleted_at.is_(None))
    stored: dict[tuple[Any, ...], list[Project]] = {}
    for one in session.scalars(query.order_by(Project.id)):
        stored.setdefault((one.fiscal_year + 1, fold(department_cell(one)), one.name), []).append(one)
    found = {}
    for row in rows:
        values = row.values
        key = (values["fiscal_year"], fold(values["departments"]), values["name"])
        project = the_one_of(stored.get(key, []), values, is_single=True)
        if project is not None:
            found[row.number] = project
    return found
