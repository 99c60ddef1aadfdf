"""Writes out the published lists: the printed rows, and what was read into them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.registry.published import departments_in_order
from models.registry import Project, ProjectPartner, PublishedList

PUBLISHED_HEADERS = ("number", "line", "department", "name", "partners", "form")
READING_HEADERS = (
    "number",
    "position",
    "departments",
    "partner_published",
    "partner_name",
    "organization_key",
    "kind",
    "is_person",
    "is_generic",
    "form_published",
    "form",
    "note",
)
COLUMN_TITLES = ["課名", "事業名称", "協働相手(団体名)", "協働形態"]

Cells = dict[str, str]


def lists_to_export(session: Session) -> list[PublishedList]:
    """The published lists, demonstration years aside."""
    demo = select(Project.fiscal_year).where(Project.is_demo)
    return list(
        session.scalars(
            select(PublishedList).where(PublishedList.fiscal_year.not_in(demo)).order_by(PublishedList.fiscal_year)
        )
    )


def published_rows(published: PublishedList) -> list[Cells]:
    """The printed lines, from what was frozen."""
    rows = []
    for row in published.snapshot or []:
        for line, (partners, form) in enumerate(row["lines"], start=1):
            is_first = line == 1
            rows.append(
                {
                    "number": str(row["number"]),
                    "line": str(line),
                    "department": row["department"] if is_first else "",
                    "name": row["name"] if is_first else "",
                    "partners": partners,
                    "form": form,
                }
            )
    return rows


def list_projects(session: Session, fiscal_year: int) -> list[Project]:
    """The numbered projects of a year, deleted ones too, with all that an export needs."""
    return list(
        session.scalars(
            select(Project)
            .where(Project.fiscal_year == fiscal_year, Project.number.is_not(None))
            .order_by(Project.number, Project.id)
            .options(
                selectinload(Project.departments),
                selectinload(Project.program),
                selectinload(Project.partners).selectinload(ProjectPartner.organization),
                selectinload(Project.partners).selectinload(ProjectPartner.form),
            )
        )
    )


def reading_rows(projects: list[Project]) -> list[Cells]:
    """What was read into the printed rows, one line a partner."""
    return [_reading_row(project, line) for project in projects for line in project.partners]


def _reading_row(project: Project, line: ProjectPartner) -> Cells:
    organization = line.organization
    return {
        "number": str(project.number),
        "position": str(line.position),
        "departments": "|".join(department.code for department in departments_in_order(project)),
        "partner_published": line.name_as_published,
        "partner_name": organization.name if organization else "",
        "organization_key": (organization.seed_key or f"organization-{organization.id}") if organization else "",
        "kind": line.kind.value if line.kind else "",
        "is_person": "true" if line.is_person else "false",
        "is_generic": "true" if line.is_generic else "false",
        "form_published": line.form_as_published or "",
        "form": line.form.code if line.form else "",
        "note": line.note or "",
    }


def list_table(published: PublishedList, projects: list[Project]) -> dict[str, Any]:
    """The TOML table of a published list."""
    snapshot = published.snapshot or []
    table: dict[str, Any] = {
        "fiscal_year": published.fiscal_year,
        "title": published.title,
        "source": published.source,
        "note": published.note,
        "column_titles": COLUMN_TITLES,
        "numbered_rows": len(snapshot),
        "printed_lines": sum(len(row["lines"]) for row in snapshot),
        "published_file": f"projects_{published.fiscal_year}_published.csv",
        "reading_file": f"projects_{published.fiscal_year}_reading.csv",
    }
    links = [
        {"number": project.number, "program": project.program.code, "note": project.reading_note or ""}
        for project in projects
        if project.program
    ]
    return table | ({"program_link": links} if links else {})
