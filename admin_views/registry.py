"""Screens of the registry: the list, a project's page with its six steps, its form."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from admin_views.base import GuardedView
from admin_views.home import link_waiting, register_figures
from admin_views.pages import DetailsPage
from admin_views.registry_columns import COLUMNS, FILTERS
from admin_views.registry_form import GROUPS, ProjectForm, form_data
from admin_views.registry_page import FORM_FIELDS, line_cells, notes_of, sections_of
from admin_views.registry_steps import ProjectSteps
from admin_views.registry_years import YearScreen
from app.access.permissions import Permission
from app.actor import Actor
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.registry import publication, queries, rules, services
from app.registry.cells import PERSON
from app.registry.policy import reads_persons
from app.registry.published import department_cell
from app.registry.steps import steps_of
from models.reference import Department
from models.registry import Project, ProjectStatus

_STATUS_MARKS = {
    ProjectStatus.PLANNED: "neutral",
    ProjectStatus.IN_PROGRESS: "info",
    ProjectStatus.FINISHED: "success",
    ProjectStatus.NOT_PURSUED: "muted",
}
_EXEMPT = "公表済みの年度の一覧から登録した事業です。手順の記録がなくても差し支えありません。"


class ProjectView(ProjectSteps, GuardedView):
    """協働や連携の取組一覧."""

    model = Project
    resource = "project"
    title = "協働や連携の取組一覧"
    lead = "市が団体などと一緒に行っている取組です。協働を広い意味にとらえて載せています。"
    singular = "協働事業"
    columns = COLUMNS
    filters = FILTERS
    default_order = (Project.fiscal_year, Project.number)
    search_entity = "project"
    search_hint = "事業名称、課名、協働相手などで探せます。かな・カナ、NPO法人・特定非営利活動法人などの違いは気にせず入力できます。"
    lookup_column = Project.name
    form_class = ProjectForm
    form_groups = GROUPS
    can_remove = True
    list_template = "registry/projects.html"
    details_template = "registry/project.html"

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            may_import = self.may("import") and self.actor.may(Permission.IMPORT_RUN)
            kwargs["import_url"] = url_for("import.upload_view", spec_name="projects") if may_import else None
        return str(super().render(template, **kwargs))

    # --- the form ------------------------------------------------------------------------------------------

    def make_form(self, *, posted: Any = None, record: Any = None) -> ProjectForm:
        if posted is not None:
            return ProjectForm(MultiDict(posted))
        if record is not None:
            return ProjectForm(data=form_data(record))
        return ProjectForm(data=self._blank())

    def _blank(self) -> dict[str, Any]:
        """A new project opens in this year, for the actor's departments, with one empty partner line."""
        own = [
            department.id
            for department in self.db_session.query(Department).filter(Department.id.in_(self.actor.departments))
            if department.successor_id is None
        ]
        return {"fiscal_year": fiscal_year_of(today_in_tokyo()), "departments": own, "partners": [{}]}

    def insert(self, form: Any) -> Project:
        return services.create_project(
            self.db_session,
            actor=self.actor,
            values=form.values(),
            department_ids=form.departments.data,
            partners=form.lines(None),
            principle_ids=form.principles.data or [],
            effect_ids=form.effects.data or [],
            reason=form.reason.data,
        )

    def change(self, record: Project, form: Any, version: int | None) -> None:
        services.update_project(
            self.db_session,
            actor=self.actor,
            project=record,
            version=version,
            values=form.values(),
            department_ids=form.departments.data,
            partners=form.lines(record),
            principle_ids=form.principles.data or [],
            effect_ids=form.effects.data or [],
            reason=form.reason.data,
        )

    def remove(self, record: Project, reason: str) -> None:
        services.delete_project(self.db_session, actor=self.actor, project=record, reason=reason or None)

    def put_back(self, key: int) -> Project:
        project = self.db_session.get(Project, key)
        services.restore_project(self.db_session, actor=self.actor, project=project)
        found: Project = project
        return found

    def hanging(self, record: Project) -> list[tuple[str, str, str | None]]:
        hangs: list[tuple[str, str, str | None]] = [("協働相手", f"{len(record.partners)}件", None)]
        following = queries.find_successor(self.db_session, self.actor, record)
        if following is not None:
            hangs.append(("引き継いだ事業", format_fiscal_year(following.fiscal_year), self.url_of(following)))
        if record.is_published:
            hangs.append(("公表した一覧", f"{record.number}番。削除すると「公表後の修正」に表示されます。", None))
        return hangs

    # --- the page ------------------------------------------------------------------------------------------

    def one(self, key: str) -> Project:
        record = super().one(key)
        found: Project = self.found(queries.find_project(self.db_session, record.id, self.actor))
        return found

    def sections(self, record: Project) -> list[tuple[str, list[tuple[str, Any]]]]:
        return sections_of(record, self.actor)

    def details_page(self, record: Project) -> DetailsPage:
        page = super().details_page(record)
        may_edit = self.may_edit(record)
        page.status = (record.status.label, _STATUS_MARKS[record.status])
        page.lead = f"{format_fiscal_year(record.fiscal_year)} {department_cell(record)}"
        is_exempt = rules.is_exempt(record)
        page.steps = [
            (step.name, step.state, notes_of(step, in_full=may_edit and not is_exempt)) for step in steps_of(record)
        ]
        if is_exempt:
            page.notice = ("公表済みの事業です", _EXEMPT, "info")
        elif may_edit:
            edit = url_for(f"{self.endpoint}.edit_view", key=record.id)
            page.missing = [
                (str(one), f"{edit}#{FORM_FIELDS.get(one.field, one.field)}") for one in rules.findings(record)
            ]
        if not may_edit and self.may("edit"):
            page.notice = (
                "ほかの課の事業です",
                "内容を見ることはできますが、変更は担当課か推進担当が行います。",
                "info",
            )
        return page

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        chain = queries.years_chain(self.db_session, self.actor, record)
        may_read = reads_persons(self.actor)
        corrections = publication.corrections_of_project(self.db_session, record)
        if record.names_a_person and not may_read:
            corrections = [
                (label, PERSON, PERSON) if label == "協働相手" else (label, a, b) for label, a, b in corrections
            ]
        return self.render(
            self.details_template,
            page=self.details_page(record),
            record=record,
            lines=[line_cells(line, may_read) for line in record.partners],
            chain=[
                (format_fiscal_year(one.fiscal_year), one.name, self.url_of(one), one.id == record.id) for one in chain
            ],
            corrections=corrections,
            year_url=url_for("registry-year.year_view", fiscal_year=record.fiscal_year),
            year=format_fiscal_year(record.fiscal_year),
        )


def _figures(session: Any, actor: Actor) -> list[tuple[str, str, str | None]]:
    """The latest years in one line each, under the list of what waits."""
    if not actor.may(Permission.PROJECT_READ):
        return []
    from app.registry.waiting import count_of_year

    return [
        (
            f"協働や連携の取組({format_fiscal_year(year)})",
            f"{count_of_year(session, actor, year):,}件",
            url_for("registry-year.year_view", fiscal_year=year),
        )
        for year in queries.fiscal_years(session, actor)[:2]
    ]


register_figures(_figures)
link_waiting("project", lambda line: url_for("project.details_view", key=line.key))
link_waiting("project_list", lambda line: url_for("project.index_view") + f"?{line.key}")
link_waiting("project_year", lambda line: url_for("registry-year.year_view", fiscal_year=line.key))


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [ProjectView(), YearScreen()]
