"""The end of a round: accepted rows become the projects of the year in one act, and the list is published."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.japanese.normalize import fold_name
from app.problems import Conflict
from app.registry import rules
from app.registry.publication import publish_list
from app.registry.services import CARRIED
from app.registry.survey_queries import ROW_OPTIONS, lines_of_project
from app.registry.survey_rounds import get_round, require_unclosed, successor_of
from app.registry.survey_rules import form_of, partners_of
from models.base import utc_now
from models.directory import Organization
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectSource, PublishedList
from models.survey import Intention, SurveyResponse, SurveyRound, SurveyRow, SurveyRowLine, SurveyState

#: What is copied of last year's project, besides what a row of the survey shows.
_COPIED = tuple(
    selectinload(SurveyRow.predecessor).options(option)
    for option in (
        selectinload(Project.principles),
        selectinload(Project.effects),
        selectinload(Project.partners).selectinload(ProjectPartner.organization),
    )
)


@dataclasses.dataclass(frozen=True)
class Closing:
    """What a round became: projects made, rows that were registered already, rows ended."""

    created: int
    already_there: int
    ended: int


def unaccepted(responses: Sequence[SurveyResponse]) -> list[SurveyResponse]:
    """Responses that stand in the way of closing."""
    return [response for response in responses if response.state is not SurveyState.ACCEPTED]


def close_round(session: Session, *, actor: Actor, round_id: int) -> Closing:
    """Make the year's projects of all accepted rows, in one act. Raises Conflict while a response is not accepted."""
    actor.require(Permission.SURVEY_MANAGE)
    with act(session, actor, "survey:close", "取組調査を一覧に反映") as current:
        survey_round = get_round(session, actor, round_id, for_update=True)
        current.label = f"取組調査({format_fiscal_year(survey_round.fiscal_year)})を一覧に反映"
        require_unclosed(survey_round)
        responses = session.scalars(
            select(SurveyResponse)
            .where(SurveyResponse.round_id == survey_round.id)
            .options(selectinload(SurveyResponse.department), selectinload(SurveyResponse.rows).options(*ROW_OPTIONS))
            .order_by(SurveyResponse.id)
            .with_for_update(of=SurveyResponse)
            .execution_options(populate_existing=True)
        ).all()
        _require_accepted(responses)
        with session.no_autoflush:  # all projects are written together
            result = _Maker(session, actor, survey_round).make([row for one in responses for row in one.rows])
        survey_round.closed_at = utc_now()
    return result


def publish_round(session: Session, *, actor: Actor, round_id: int) -> PublishedList:
    """Publish the list of a closed round: numbered, frozen. Raises Conflict while it is not closed."""
    survey_round = get_round(session, actor, round_id)
    if survey_round.closed_at is None:
        responses = session.scalars(
            select(SurveyResponse)
            .where(SurveyResponse.round_id == survey_round.id)
            .options(selectinload(SurveyResponse.department))
            .order_by(SurveyResponse.id)
        ).all()
        _require_accepted(responses)
        raise Conflict("回答を一覧に反映してから公表してください。")
    return publish_list(session, actor=actor, fiscal_year=survey_round.fiscal_year)


def _require_accepted(responses: Sequence[SurveyResponse]) -> None:
    waiting = unaccepted(responses)
    if waiting:
        names = "、".join(f"{one.department.name}({one.state.label})" for one in waiting[:5])
        more = f"、ほか{len(waiting) - 5}課" if len(waiting) > 5 else ""
        raise Conflict(
            f"確認済みでない回答が{len(waiting)}課あります: {names}{more}。すべて確認済みにしてから行ってください。"
        )


class _Maker:
    """Makes projects of rows, with what it needs read once."""

    def __init__(self, session: Session, actor: Actor, survey_round: SurveyRound) -> None:
        self.session, self.actor, self.round = session, actor, survey_round
        self.today = today_in_tokyo()
        self.departments = {one.id: one for one in session.scalars(select(Department))}
        forms = select(CollaborationForm).options(selectinload(CollaborationForm.parent)).order_by(CollaborationForm.id)
        self.forms = {one.name: one for one in session.scalars(forms)}
        self.there = {
            project.predecessor_id: project
            for project in session.scalars(
                select(Project).where(
                    Project.fiscal_year == survey_round.fiscal_year,
                    Project.predecessor_id.is_not(None),
                    Project.deleted_at.is_(None),
                )
            )
        }
        self.organizations: dict[str, Organization | None] = {}

    def make(self, rows: Sequence[SurveyRow]) -> Closing:
        """Projects of all rows that go on."""
        going_on = [row for row in rows if row.intention is not Intention.ENDED]
        self._read_organizations(going_on)
        already = 0
        for row in going_on:
            known = self.there.get(row.predecessor_id) if row.predecessor_id else None
            already += known is not None
            row.project = known or self._project(row)
        return Closing(len(going_on) - already, already, len(rows) - len(going_on))

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
        project.name, project.summary = row.name, row.summary or None
        project.contract_note, project.contract_on = row.contract_note or None, row.contract_on
        departments = [self.departments[row.response.department_id]]
        departments += [successor_of(one, self.departments, self.today) for one in row.other_departments]
        project.departments = list(dict.fromkeys(departments))
        # As the department wants it printed: which department comes first, and one cell a line.
        if len(project.departments) > 1:
            project.department_as_published = "・".join(one.name for one in project.departments)
        project.partners_as_published = "\n".join(line.partners for line in row.lines)
        for number, line in enumerate(row.lines, start=1):
            for piece in self._pieces(row, number, line):
                piece.position, piece.printed_line = len(project.partners) + 1, number
                project.partners.append(piece)
        project.status = rules.reported_status(project)
        self.session.add(project)
        return project

    def _pieces(self, row: SurveyRow, number: int, line: SurveyRowLine) -> list[ProjectPartner]:
        """The partners of a line: as read last time where its cell is unchanged, else split at 「、」."""
        old = list(row.predecessor.partners) if row.predecessor is not None else []
        cells = [one.partners for one in lines_of_project(row.predecessor)] if row.predecessor is not None else []
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
