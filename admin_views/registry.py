"""Screens of the registry: the list, a project's page with its six steps, its form."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden

from admin_views.base import GuardedView
from admin_views.home import link_waiting, register_figures
from admin_views.pages import DetailsPage
from admin_views.registry_columns import COLUMNS, FILTERS
from admin_views.registry_form import GROUPS, ProjectForm, form_data
from admin_views.registry_page import FORM_FIELDS, line_cells, notes_of, sections_of
from admin_views.registry_years import YearScreen
from app.access.permissions import Permission
from app.actor import Actor
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.problems import Problem
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


class ProjectView(GuardedView):
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

    def next_steps(self, record: Project) -> list[tuple[str, str, str, str | None]]:
        if not self.may_edit(record):
            return []
        steps: list[tuple[str, str, str, str | None]] = []
        if record.status is ProjectStatus.PLANNED:
            stops = rules.blocking_start(record)
            why = f"先に{len(stops)}点の入力が要ります。「まだ入力されていないこと」をご覧ください。" if stops else None
            steps.append(("実施中にする", url_for(f"{self.endpoint}.start_view", key=record.id), "post", why))
        if record.status is ProjectStatus.IN_PROGRESS:
            steps.append(("終了にする", url_for(f"{self.endpoint}.finish_view", key=record.id), "post", None))
        if self.may("create") and record.status is not ProjectStatus.NOT_PURSUED:
            following = record.fiscal_year + 1
            label = f"{format_fiscal_year(following)}に引き継ぐ"
            found = queries.find_successor(self.db_session, self.actor, record)
            if found is None:
                steps.append((label, url_for(f"{self.endpoint}.carry_over_view", key=record.id), "post", None))
        return steps

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

    # --- steps ---------------------------------------------------------------------------------------------

    def _move(self, key: str, status: ProjectStatus, sentence: str) -> Any:
        record = self._editable(key)
        try:
            services.update_project(
                self.db_session, actor=self.actor, project=record, version=None, values={"status": status}
            )
        except Problem as problem:
            flash(" ".join([problem.message, *problem.fields.values()]), "error")
            return self.go(f"{self.endpoint}.details_view", key=record.id)
        return self.go(f"{self.endpoint}.details_view", sentence, key=record.id)

    def _editable(self, key: str) -> Project:
        self.demand("edit")
        record = self.one(key)
        if not self.may_edit(record):
            raise Forbidden
        return record

    @expose("/<key>/start/", methods=("POST",))
    def start_view(self, key: str) -> Any:
        return self._move(key, ProjectStatus.IN_PROGRESS, "実施中にしました。")

    @expose("/<key>/finish/", methods=("POST",))
    def finish_view(self, key: str) -> Any:
        return self._move(key, ProjectStatus.FINISHED, "終了にしました。振り返りと評価を書いてください。")

    @expose("/<key>/carry-over/", methods=("POST",))
    def carry_over_view(self, key: str) -> Any:
        self.demand("create")
        record = self._editable(key)
        try:
            following = services.carry_over(
                self.db_session, actor=self.actor, project=record, fiscal_year=record.fiscal_year + 1
            )
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(f"{self.endpoint}.details_view", key=record.id)
        sentence = f"{format_fiscal_year(following.fiscal_year)}の事業として引き継ぎました。内容を確かめてください。"
        return self.go(f"{self.endpoint}.details_view", sentence, key=following.id)


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
