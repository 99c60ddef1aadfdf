"""What the rows of a round become in the registry: projects made, mended or left, each told by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from app.japanese.normalize import fold_name
from app.registry import rules
from app.registry.services import CARRIED
from app.registry.survey_queries import content_of_row, content_registered, lines_of_project, projects_going_on
from app.registry.survey_rounds import successor_of
from app.registry.survey_rules import form_of, partners_of, registry_differences
from models.directory import Organization
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus
from models.survey import Intention, SurveyRound, SurveyRow, SurveyRowLine

#: What is copied of last year's project, besides what a row of the survey shows.
COPIED = tuple(
    selectinload(SurveyRow.predecessor).options(option)
    for option in (
        selectinload(Project.principles),
        selectinload(Project.effects),
        selectinload(Project.partners).selectinload(ProjectPartner.organization),
    )
)


@dataclasses.dataclass(frozen=True)
class Beside:
    """A project that is in the registry already, and what the answer says otherwise: (label, there, in the answer)."""

    name: str
    project_id: int
    cells: tuple[tuple[str, str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Closing:
    """What a round becomes.

    created: projects made. already_there: registered already, just as the answer says. ended: rows that do not go on.
    mended: registered already, brought in line with the answer. kept: published, given up (見送り), or changed in the registry
    after the round was opened, otherwise than the answer says; they stay. lasting: the answer says that they ended, but
    they are registered.
    """

    created: int
    already_there: int
    ended: int
    mended: tuple[Beside, ...] = ()
    kept: tuple[Beside, ...] = ()
    lasting: tuple[Beside, ...] = ()


class Registered:
    """What of the year stands in the registry already, beside the answers."""

    def __init__(self, session: Session, survey_round: SurveyRound) -> None:
        self.there = projects_going_on(session, survey_round.fiscal_year)
        self.opened_at = survey_round.opened_at

    def of(self, row: SurveyRow) -> Project | None:
        """The project of this year that goes on from the row's predecessor."""
        return self.there.get(row.predecessor_id) if row.predecessor_id else None

    def cells(self, project: Project, row: SurveyRow) -> tuple[tuple[str, str, str], ...]:
        """What the answer says otherwise than the registry."""
        found = registry_differences(content_registered(project), content_of_row(row))
        if project.status is ProjectStatus.NOT_PURSUED:
            found.insert(0, ("状況", project.status.label, row.intention.label))
        return tuple(found)

    def is_settled(self, project: Project) -> bool:
        """Whether it was published, given up, or changed in the registry by somebody after the round was opened: then the
        answer does not go over it."""
        is_given_up = project.status is ProjectStatus.NOT_PURSUED
        return project.is_published or is_given_up or project.updated_at > self.opened_at

    def sorted(self, rows: Sequence[SurveyRow]) -> Closing:
        """What becomes of each row."""
        created = already = ended = 0
        lists: dict[str, list[Beside]] = {"mended": [], "kept": [], "lasting": []}
        for row in rows:
            project, is_ended = self.of(row), row.intention is Intention.ENDED
            ended += is_ended
            if project is None:
                created += not is_ended
            elif is_ended:
                if project.status is not ProjectStatus.NOT_PURSUED:  # given up is ended
                    lists["lasting"].append(Beside(project.name, project.id))
            elif cells := self.cells(project, row):
                place = "kept" if self.is_settled(project) else "mended"
                lists[place].append(Beside(project.name, project.id, cells))
            else:
                already += 1
        return Closing(created, already, ended, **{name: tuple(found) for name, found in lists.items()})


@dataclasses.dataclass(frozen=True)
class _Reading:
    """How the cells of a project were read before: its partners, and its cells in order."""

    partners: list[ProjectPartner]
    cells: list[str]

    @classmethod
    def of(cls, project: Project | None) -> _Reading:
        """Of no project: nothing."""
        if project is None:
            return cls([], [])
        return cls(list(project.partners), [line.partners for line in lines_of_project(project)])


class Maker:
    """Makes projects of rows, with what it needs read once."""

    def __init__(self, session: Session, actor: Actor, survey_round: SurveyRound) -> None:
        self.session, self.actor, self.round = session, actor, survey_round
        self.today = today_in_tokyo()
        self.departments = {one.id: one for one in session.scalars(select(Department))}
        forms = select(CollaborationForm).options(selectinload(CollaborationForm.parent)).order_by(CollaborationForm.id)
        self.forms = {one.name: one for one in session.scalars(forms)}
        self.registered = Registered(session, survey_round)
        self.organizations: dict[str, Organization | None] = {}

    def make(self, rows: Sequence[SurveyRow]) -> Closing:
        """Projects of all rows that go on; those that are registered already say what the answer says."""
        result = self.registered.sorted(rows)
        mended = {one.project_id for one in result.mended}
        going_on = [row for row in rows if row.intention is not Intention.ENDED]
        self._read_organizations(going_on)
        for row in going_on:
            known = self.registered.of(row)
            if known is not None and known.id in mended:
                self._mend(known, row)
            row.project = known or self._project(row)
        return result

    def _project(self, row: SurveyRow) -> Project:
        before = row.predecessor
        project = Project(
            fiscal_year=self.round.fiscal_year, source=ProjectSource.SURVEY, predecessor=before, is_demo=False
        )
        if before is not None:
            for name in CARRIED:
                setattr(project, name, getattr(before, name))
            project.principles, project.effects = list(before.principles), list(before.effects)
            project.is_demo = before.is_demo
        self._tell(project, row)
        self._name_departments(project, row)
        self._name_partners(project, row, _Reading.of(before))
        project.status = rules.reported_status(project)
        self.session.add(project)
        return project

    def _mend(self, project: Project, row: SurveyRow) -> None:
        """Bring a project that is registered already in line with the answer; what says the same is not touched."""
        registered, answer = content_registered(project), content_of_row(row)
        self._tell(project, row)
        if registered.other_departments != answer.other_departments:
            self._name_departments(project, row)
        if registered.lines != answer.lines:
            as_it_was = _Reading.of(project)
            project.partners = []
            self.session.flush()  # their places are free before others take them
            self._name_partners(project, row, as_it_was)

    def _tell(self, project: Project, row: SurveyRow) -> None:
        project.name, project.summary = row.name, row.summary or None
        project.contract_note, project.contract_on = row.contract_note or None, row.contract_on

    def _name_departments(self, project: Project, row: SurveyRow) -> None:
        departments = [self.departments[row.response.department_id]]
        departments += [successor_of(one, self.departments, self.today) for one in row.other_departments]
        project.departments = list(dict.fromkeys(departments))
        # As the department wants it printed: which department comes first.
        is_many = len(project.departments) > 1
        project.department_as_published = "・".join(one.name for one in project.departments) if is_many else None

    def _name_partners(self, project: Project, row: SurveyRow, earlier: _Reading) -> None:
        """One cell a line, as the department wants it printed."""
        project.partners_as_published = "\n".join(line.partners for line in row.lines)
        for number, line in enumerate(row.lines, start=1):
            for piece in self._pieces(earlier, number, line):
                piece.position, piece.printed_line = len(project.partners) + 1, number
                project.partners.append(piece)

    def _pieces(self, earlier: _Reading, number: int, line: SurveyRowLine) -> list[ProjectPartner]:
        """The partners of a line: as read before where its cell is unchanged, else split at 「、」."""
        old, cells = earlier.partners, earlier.cells
        keeps_marks = False
        if line.partners in cells:
            place = number if cells[number - 1 : number] == [line.partners] else cells.index(line.partners) + 1
            same = [one for one in old if one.printed_line == place] or old
            found = [self._known(one) for one in same]
            keeps_marks = line.is_person == any(piece.is_person for piece in found)
        else:
            by_name = {fold_name(one.name_as_published): one for one in old}
            found = []
            for name in partners_of(line.partners):
                known = by_name.get(fold_name(name))
                piece = self._known(known) if known else ProjectPartner(organization=self.organizations.get(name))
                piece.name_as_published = name[:300]
                found.append(piece)
        for piece in found:
            piece.form, piece.form_as_published = self.forms.get(form_of(line.form)), line.form
            if piece.organization is not None and piece.kind is None:
                piece.kind = piece.organization.kind
            if not keeps_marks:
                piece.is_person = line.is_person
        return found

    def _known(self, partner: ProjectPartner) -> ProjectPartner:
        """A copy of last time's line; its organisation as it is found today (a merged one leads to where it went)."""
        organization = partner.organization
        while organization is not None and organization.merged_into_id is not None:
            organization = self.session.get(Organization, organization.merged_into_id)
        return ProjectPartner(
            name_as_published=partner.name_as_published,
            organization=organization if organization is not None and organization.deleted_at is None else None,
            kind=partner.kind,
            is_generic=partner.is_generic,
            is_person=partner.is_person,
        )

    def _read_organizations(self, rows: Sequence[SurveyRow]) -> None:
        """Organisations of exactly these names, where there is only one: a like name is for a person to judge."""
        names = {name for row in rows for line in row.lines for name in partners_of(line.partners)}
        query = scoped(Organization, self.actor).where(
            Organization.name.in_(names), Organization.merged_into_id.is_(None)
        )
        for one in self.session.scalars(query):
            self.organizations[one.name] = None if one.name in self.organizations else one
