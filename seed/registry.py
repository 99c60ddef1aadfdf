"""Loads the published lists: the printed rows, and what was read into them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.duplicates import refresh_candidates
from app.japanese.normalize import fold_name, legal_form_of
from app.registry.published import frozen_row
from models.base import utc_now
from models.directory import Organization, OrganizationAlias, OrganizationKind, OrganizationSource
from models.reference import CollaborationForm, Department, Program
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus, PublishedList
from seed.files import read_csv, read_toml
from seed.reference import Counts

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
        refresh_candidates(self.session, [row.id for key, row in found.items() if key not in held])
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
