"""Steps on a project's page: it begins, ends, and goes on into the next year."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_admin import expose
from werkzeug.exceptions import Forbidden

from app.japanese.dates import format_fiscal_year
from app.problems import Problem
from app.registry import queries, rules, services
from models.registry import Project, ProjectStatus


class ProjectSteps:
    """Mixed into ProjectView."""

    def next_steps(self: Any, record: Project) -> list[tuple[str, str, str, str | None]]:
        """What may be done next, each with why not yet."""
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

    def _move(self: Any, key: str, status: ProjectStatus, sentence: str) -> Any:
        record = self._editable(key)
        try:
            services.update_project(
                self.db_session, actor=self.actor, project=record, version=None, values={"status": status}
            )
        except Problem as problem:
            flash(" ".join([problem.message, *problem.fields.values()]), "error")
            return self.go(f"{self.endpoint}.details_view", key=record.id)
        return self.go(f"{self.endpoint}.details_view", sentence, key=record.id)

    def _editable(self: Any, key: str) -> Project:
        self.demand("edit")
        record = self.one(key)
        if not self.may_edit(record):
            raise Forbidden
        return record

    @expose("/<key>/start/", methods=("POST",))
    def start_view(self: Any, key: str) -> Any:
        return self._move(key, ProjectStatus.IN_PROGRESS, "実施中にしました。")

    @expose("/<key>/finish/", methods=("POST",))
    def finish_view(self: Any, key: str) -> Any:
        return self._move(key, ProjectStatus.FINISHED, "終了にしました。振り返りと評価を書いてください。")

    @expose("/<key>/carry-over/", methods=("POST",))
    def carry_over_view(self: Any, key: str) -> Any:
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
