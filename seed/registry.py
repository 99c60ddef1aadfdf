"""Loads and writes out the published lists: the printed rows, and what was read into them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.japanese.normalize import fold_name, legal_form_of
from app.registry.published import departments_in_order, frozen_row
from models.base import utc_now
from models.directory import Organization, OrganizationAlias, OrganizationKind, OrganizationSource
from models.reference import CollaborationForm, Department, Program
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus, PublishedList
from seed.files import read_csv, read_toml
from seed.reference import Counts

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
CHUNK = 500

Cells = dict[str, str]


def load_lists(session: Session, folder: Path, counts: Counts) -> None:
    """Load each published list that is not there yet. A published list is frozen: one that is there is left alone."""
    for table in read_toml(folder / "published_lists.toml").get("list", []):
        year = table["fiscal_year"]
        if session.scalar(select(PublishedList.id).where(PublishedList.fiscal_year == year)) is not None:
            counts.unchanged += 1
            continue
        _ListLoader(session, folder, table, counts).load()


def _grouped(rows: list[Cells]) -> dict[int, list[Cells]]:
    groups: dict[int, list[Cells]] = defaultdict(list)
    for row in rows:
        groups[int(row["number"])].append(row)
    return groups


class _ListLoader:
    """One list: organisations, projects with their partner lines, the frozen list itself."""

    def __init__(self, session: Session, folder: Path, table: dict[str, Any], counts: Counts) -> None:
        self.session, self.table, self.counts = session, table, counts
        self.year: int = table["fiscal_year"]
        self.printed = _grouped(read_csv(folder / table["published_file"]))
        self.reading = _grouped(read_csv(folder / table["reading_file"]))
        self.departments = {row.code: row for row in session.scalars(select(Department))}
        self.forms = {row.code: row for row in session.scalars(select(CollaborationForm))}
        self.programs = {row.code: row for row in session.scalars(select(Program))}
        self.links = {link["number"]: link for link in table.get("program_link", [])}

    def load(self) -> None:
        """Write everything, in chunks of flushes."""
        organizations = self._organizations()
        projects = []
        for place, number in enumerate(sorted(self.printed), start=1):
            project = self._project(number, organizations)
            self.session.add(project)
            projects.append(project)
            if place % CHUNK == 0:
                self.session.flush()
        self.session.flush()
        self.counts.created += len(projects) + 1
        self.session.add(
            PublishedList(
                fiscal_year=self.year,
                title=self.table["title"],
                note=self.table["note"],
                source=self.table["source"],
                published_at=utc_now(),
                snapshot=[frozen_row(project) for project in projects],
            )
        )
        self.session.flush()

    def _organizations(self) -> dict[str, Organization]:
        """The bodies that the reading names, by key; those already held are kept as they are."""
        lines = [line for number in sorted(self.reading) for line in self.reading[number] if line["organization_key"]]
        keys = list(dict.fromkeys(line["organization_key"] for line in lines))
        held = {row.seed_key: row for row in self.session.scalars(select(Organization)) if row.seed_key in set(keys)}
        found: dict[str, Organization] = {}
        for key in keys:
            organization = held.get(key)
            if organization is None:
                organization = _organization(key, [line for line in lines if line["organization_key"] == key])
                self.session.add(organization)
                self.counts.created += 1
            found[key] = organization
        self.session.flush()
        return found

    def _project(self, number: int, organizations: dict[str, Organization]) -> Project:
        printed, reading = self.printed[number], self.reading[number]
        link = self.links.get(number)
        project = Project(
            fiscal_year=self.year,
            number=number,
            name=printed[0]["name"],
            department_as_published=printed[0]["department"],
            partners_as_published="\n".join(line["partners"] for line in printed),
            reading_note=link["note"] if link else None,
            program=self.programs.get(link["program"]) if link else None,
            status=ProjectStatus.FINISHED,
            source=ProjectSource.SURVEY,
            is_published=True,
            departments=[self.departments[code] for code in reading[0]["departments"].split("|")],
        )
        lines = _printed_line_of([row["partners"] for row in printed], [row["partner_published"] for row in reading])
        for row, printed_line in zip(reading, lines, strict=True):
            project.partners.append(
                ProjectPartner(
                    position=int(row["position"]),
                    printed_line=printed_line,
                    organization=organizations.get(row["organization_key"]),
                    name_as_published=row["partner_published"],
                    form_as_published=row["form_published"],
                    form=self.forms.get(row["form"]),
                    kind=OrganizationKind(row["kind"]) if row["kind"] else None,
                    is_generic=row["is_generic"] == "true",
                    is_person=row["is_person"] == "true",
                    note=row["note"] or None,
                )
            )
        return project


def _printed_line_of(cells: list[str], segments: list[str]) -> list[int]:
    """For each segment, in order, the number of the printed line in whose cell it stands."""
    found: list[int] = []
    line, at = 0, 0
    for segment in segments:
        while (place := cells[line].find(segment, at)) < 0:
            line, at = line + 1, 0
        at = place + len(segment)
        found.append(line + 1)
    return found


def _organization(key: str, lines: list[Cells]) -> Organization:
    name, kind = lines[0]["partner_name"], OrganizationKind(lines[0]["kind"])
    is_person = kind is OrganizationKind.PERSON
    # A line that names a teacher beside the university is no alias of the university.
    spellings = [line["partner_published"] for line in lines if is_person or line["is_person"] == "false"]
    return Organization(
        name=name,
        folded_name=fold_name(name),
        kind=kind,
        legal_form=legal_form_of(name),
        source=OrganizationSource.PUBLISHED_LIST,
        seed_key=key,
        is_person=is_person,
        aliases=[
            OrganizationAlias(name=spelling, folded_name=fold_name(spelling))
            for spelling in dict.fromkeys(spellings)
            if spelling != name
        ],
    )


# --- writing out ----------------------------------------------------------------------------------------------


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
