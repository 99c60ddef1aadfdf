"""A project as a row of the published list: the printed cells, and the row as it is frozen at publication. Pure."""

from __future__ import annotations

from typing import Any

from models.reference import Department
from models.registry import Project, ProjectPartner


def departments_in_order(project: Project) -> list[Department]:
    """The departments in the order in which the published cell names them, else by their number."""
    cell = project.department_as_published or ""

    def place(department: Department) -> tuple[int, int]:
        at = cell.find(department.name)
        return (at if at >= 0 else len(cell), department.id)

    return sorted(project.departments, key=place)


def department_cell(project: Project) -> str:
    """課名 as printed: 「図書館・公民館」."""
    return project.department_as_published or "・".join(department.name for department in departments_in_order(project))


def form_name(line: ProjectPartner) -> str:
    """The form as read, else as published; empty when nothing is said."""
    return line.form.name if line.form else (line.form_as_published or "")


def forms_of(project: Project) -> list[str]:
    """The forms of the row, each once, in order: a row of the published list has one."""
    return list(dict.fromkeys(name for line in project.partners if (name := form_name(line))))


def printed_lines(project: Project) -> list[list[str]]:
    """[[協働相手, 協働形態], ...], one a printed line: the cells as published, else partners joined per form."""
    if project.partners_as_published is not None:
        cells = project.partners_as_published.split("\n")
        forms: dict[int, str] = {}
        for line in project.partners:
            forms.setdefault(line.printed_line, line.form_as_published or form_name(line))
        return [[cell, forms.get(number, "")] for number, cell in enumerate(cells, start=1)]
    lines: list[list[str]] = []
    for line in project.partners:
        form = line.form_as_published or form_name(line)
        if lines and lines[-1][1] == form:
            lines[-1][0] += f"、{line.name_as_published}"
        else:
            lines.append([line.name_as_published, form])
    return lines


def frozen_row(project: Project, number: int | None = None) -> dict[str, Any]:
    """The row as a publication freezes it.

    {"project_id", "number", "department" (the printed cell), "departments" [names], "name",
    "lines" [[partners cell, form cell], ...], "partners" [segments], "forms" [names as read], "names_a_person"}
    """
    return {
        "project_id": project.id,
        "number": project.number if number is None else number,
        "department": department_cell(project),
        "departments": [department.name for department in departments_in_order(project)],
        "name": project.name,
        "lines": printed_lines(project),
        "partners": [line.name_as_published for line in project.partners],
        "forms": forms_of(project),
        "names_a_person": project.names_a_person,
    }


#: Keys of a frozen row in which a later correction is looked for, with their labels.
COMPARED = {"departments": "課名", "name": "事業名称", "partners": "協働相手", "forms": "協働形態"}


def corrections(frozen: dict[str, Any], project: Project | None) -> list[tuple[str, str, str]]:
    """公表後の修正: (label, as published, now) of whatever reads differently today."""
    if project is None or project.deleted_at is not None:
        return [("行", "掲載", "公表後に削除")]
    today = frozen_row(project, frozen["number"])
    return [
        (label, _shown(frozen[key]), _shown(today[key]))
        for key, label in COMPARED.items()
        if key in frozen and frozen[key] != today[key]
    ]


def _shown(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)
