"""Screens of coordination: noting a conversation with the tasks out of it, and telling that a task is done."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms import FieldList, FormField
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.pages import FormPage
from admin_views.proposal_base import ProposalScreen
from admin_views.proposal_form import REQUIRED
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible, is_editable
from app.calls import coordination_services
from app.calls.coordination_services import TaskRow
from app.japanese.dates import today_in_tokyo
from app.lookup_fields import RelationField
from app.problems import NotAllowed
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, optional
from models.coordination import CoordinationMeans, CoordinationNote, CoordinationTask
from models.reference import Department


class TaskForm(BackOfficeForm):
    """A task; without a department it is the office's."""

    title = LineField("すること", [optional()], length=200)
    department_id = RelationField(
        "担当",
        [],
        lookup="department.lookup_view",
        resolve=resolver(Department),
        description="空のときは推進担当の宿題です。",
    )
    due_on = DateField("期限", [optional()])


class NewTaskForm(TaskForm):
    """A task without a note."""

    title = LineField("すること", [InputRequired(REQUIRED)], length=200)


class NoteForm(BackOfficeForm):
    """A conversation."""

    held_on = DateField("日付", [InputRequired(REQUIRED)])
    means = ChoiceField("方法", choices=CoordinationMeans.choices(), coerce=CoordinationMeans, empty=None)
    participants = LineField("出席者", [InputRequired(REQUIRED)], description="例: 団体の代表、環境政策課、推進担当")
    content = LongTextField("話し合った内容", [InputRequired(REQUIRED)])
    agreed = LongTextField("合意したこと", [optional()])
    changes = LongTextField("提案の変更点", [optional()])


class NewNoteForm(NoteForm):
    """A conversation with its tasks."""

    tasks = FieldList(FormField(TaskForm, "宿題"), "宿題", min_entries=1, max_entries=20)


class ResultForm(BackOfficeForm):
    """What came of a task."""

    result = LongTextField("結果", [InputRequired(REQUIRED)], length=5_000)


class CoordinationScreen(ProposalScreen):
    """調整."""

    def __init__(self) -> None:
        super().__init__(name="調整", endpoint="coordination", url="/coordination")

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("proposal.index_view"))

    @expose("/note/<key>/new/", methods=("GET", "POST"))
    def note_new_view(self, key: str) -> Any:
        proposal = self.proposal_of(key)
        if not coordination_services.may_note(self.db_session(), self.actor, proposal):
            raise NotAllowed("この応募・提案には、調整記録を書けません。")
        form = NewNoteForm(request.form, data={"held_on": today_in_tokyo(), "means": CoordinationMeans.MEETING})
        page = FormPage(
            title=f"調整の記録: {proposal.title}",
            lead="いつ、だれと、何を話し、何が決まったかを残します。宿題は担当の対応待ち一覧に表示されます。",
            form=form,
            action_url=url_for(".note_new_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="記録する",
        )

        def add() -> Response:
            coordination_services.add_note(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                held_on=form.held_on.data,
                means=form.means.data,
                participants=form.participants.data or "",
                content=form.content.data or "",
                agreed=form.agreed.data or "",
                changes=form.changes.data or "",
                tasks=[
                    TaskRow(task["title"] or "", task["department_id"], task["due_on"])
                    for task in form.tasks.data
                    if task["title"] or task["department_id"] or task["due_on"]
                ],
            )
            return self.back(proposal, "調整を記録しました。", "coordination")

        return self.ask(page, add)

    @expose("/note/<key>/edit/", methods=("GET", "POST"))
    def note_edit_view(self, key: str) -> Any:
        note = get_visible(self.db_session(), CoordinationNote, key, self.actor)
        if not is_editable(self.db_session(), note, self.actor):
            raise NotAllowed("この調整記録は、書いた課だけが、審査に入る前に直せます。")
        form = NoteForm(request.form, obj=note)
        page = FormPage(
            title=f"調整の記録の修正: {note.proposal.title}",
            form=form,
            action_url=url_for(".note_edit_view", key=key),
            cancel_url=url_for("proposal.details_view", key=note.proposal_id),
            version=note.version,
        )

        def save() -> Response:
            coordination_services.update_note(
                self.db_session(),
                actor=self.actor,
                note=note,
                version=as_key(request.form.get("version", "")) or 0,
                values=form.data,
            )
            return self.back(note.proposal, "調整の記録を直しました。", "coordination")

        return self.ask(page, save)

    @expose("/task/<key>/new/", methods=("GET", "POST"))
    def task_new_view(self, key: str) -> Any:
        self.require(Permission.PROPOSAL_EDIT)
        proposal = self.proposal_of(key)
        form = NewTaskForm(request.form)
        page = FormPage(
            title=f"宿題を加える: {proposal.title}",
            form=form,
            action_url=url_for(".task_new_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="加える",
        )

        def add() -> Response:
            task = TaskRow(form.title.data or "", form.department_id.data, form.due_on.data)
            coordination_services.add_task(self.db_session(), actor=self.actor, proposal=proposal, task=task)
            return self.back(proposal, "宿題を加えました。", "coordination")

        return self.ask(page, add)

    def _task(self, key: str) -> CoordinationTask:
        task = get_visible(self.db_session(), CoordinationTask, key, self.actor)
        if not is_editable(self.db_session(), task, self.actor):
            raise NotAllowed("この宿題の担当ではありません。")
        return task

    @expose("/task/<key>/done/", methods=("GET", "POST"))
    def task_done_view(self, key: str) -> Any:
        task = self._task(key)
        if task.done_at is not None and not is_posted():
            flash("この宿題は、もう済んでいます。", "info")
            return redirect(url_for("proposal.details_view", key=task.proposal_id) + "#coordination")
        form = ResultForm(request.form)
        page = FormPage(
            title=f"宿題の結果: {task.title}",
            lead=f"「{task.proposal.title}」の宿題です。",
            form=form,
            action_url=url_for(".task_done_view", key=key),
            cancel_url=url_for("proposal.details_view", key=task.proposal_id),
            submit_label="済みにする",
        )

        def finish() -> Response:
            coordination_services.finish_task(
                self.db_session(), actor=self.actor, task=task, result=form.result.data or ""
            )
            return self.back(task.proposal, "宿題を済みにしました。", "coordination")

        return self.ask(page, finish)

    @expose("/task/<key>/reopen/", methods=("POST",))
    def task_reopen_view(self, key: str) -> Any:
        task = self._task(key)
        return self.run(
            task.proposal,
            lambda: coordination_services.reopen_task(self.db_session(), actor=self.actor, task=task),
            "宿題を再開しました。",
            "coordination",
        )
