"""What an imported change replaced, kept so that undoing brings back exactly that: links, kinds and notes that a person set
by hand stand in no cell of the file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.columns import Plain
from app.problems import Invalid
from app.registry.import_cells import put_plain
from app.registry.lines import PartnerLine, line_of, set_lines
from models.directory import OrganizationKind
from models.reference import Department
from models.registry import Project

_KEY = "kept_project"
_PUBLISHED = ("department_as_published", "partners_as_published")


def kept(project: Project) -> dict[str, Plain]:
    """Departments, partner lines and printed cells of a project as they stand, as one text of JSON."""
    state = {
        "departments": [one.id for one in project.departments],
        "lines": [dataclasses.asdict(line_of(partner)) for partner in project.partners],
        "printed": [partner.printed_line for partner in project.partners],
        **{name: getattr(project, name) for name in _PUBLISHED},
    }
    return {_KEY: json.dumps(state, ensure_ascii=False)}


def put_back(session: Session, project: Project, old: Mapping[str, Plain]) -> None:
    """Bring a project back to `old`: the cells that had differed, and what was kept with them. Call inside an act."""
    if _KEY not in old:
        raise Invalid("この取込みは、前の版のソフトで行われたため、取り消せません。事業の画面で直してください。")
    put_plain(project, old, frozenset(old))
    if "name" in old and project.name != old["name"]:
        project.name = str(old["name"])
    state = json.loads(str(old[_KEY]))
    if {one.id for one in project.departments} != set(state["departments"]):
        wanted = select(Department).where(Department.id.in_(state["departments"])).order_by(Department.id)
        project.departments = list(session.scalars(wanted))
    standing = {partner.id for partner in project.partners}
    set_lines(session, project, [_line(line, standing) for line in state["lines"]])
    for partner, printed in zip(project.partners, state["printed"], strict=True):
        if partner.printed_line != printed:
            partner.printed_line = printed
    for name in _PUBLISHED:
        if getattr(project, name) != state[name]:
            setattr(project, name, state[name])


def _line(values: Mapping[str, object], standing: set[int]) -> PartnerLine:
    kind = values["kind"]
    # A line that the import had taken away comes back as a new row.
    key = values["id"] if values["id"] in standing else None
    return PartnerLine(**{**values, "id": key, "kind": OrganizationKind(kind) if kind else None})  # type: ignore[arg-type]
