"""What can be done to a user: roles, 仮のパスワード, second factor, (in)activity, 引継ぎ; each a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_admin import expose

from admin_views.account import term
from admin_views.base import GuardedView, resolver
from admin_views.pages import ConfirmPage, FormPage
from admin_views.screens import is_posted
from app.access import forms, handover, roles, users
from app.access.scopes import as_key
from app.problems import Problem
from models.people import User
from models.reference import Department


class UserActs(GuardedView):
    """Pages below a user's; each asks for the right to edit, as `UserView.may` answers it."""

    def address(self, page: str, record: User, **values: Any) -> str:
        """The address of a page of this user."""
        return url_for(f"{self.endpoint}.{page}", key=record.id, **values)

    def _asked(
        self, record: User, form: Any, *, title: str, submit: str, run: Callable[[], str], lead: str = ""
    ) -> Any:
        """A page with a small form; `run` calls the service and says what was done."""
        errors: list[str] = []
        if is_posted() and form.validate():
            try:
                sentence = run()
            except Problem as problem:
                errors = form.told(problem)
            else:
                return self.go(f"{self.endpoint}.details_view", sentence, key=record.id)
        page = FormPage(
            title=title,
            lead=lead,
            form=form,
            action_url=request.path,
            cancel_url=self.address("details_view", record),
            errors=errors,
            submit_label=submit,
        )
        return self.render("model/edit.html", page=page), 422 if is_posted() else 200

    @expose("/<key>/roles/new/", methods=("GET", "POST"))
    def assign_view(self, key: str) -> Any:
        """役割の追加."""
        self.demand("edit")
        record = self.one(key)
        form = forms.assign_form(resolver(Department))(request.form)

        def run() -> str:
            department = self.db_session.get(Department, form.department.data) if form.department.data else None
            given = roles.assign(
                self.db_session(),
                actor=self.actor,
                user=record,
                role=form.role.data,
                department=department,
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                note=form.note.data,
            )
            return f"役割「{given}」を追加しました。"

        return self._asked(record, form, title=f"{record.display_name}の役割の追加", submit="追加する", run=run)

    @expose("/<key>/roles/<assignment>/end/", methods=("GET", "POST"))
    def end_role_view(self, key: str, assignment: str) -> Any:
        """役割の終了."""
        self.demand("edit")
        record = self.one(key)
        one = self.found(next((row for row in record.assignments if row.id == as_key(assignment)), None))
        form = forms.EndRoleForm(request.form)
        name = str(one)

        def run() -> str:
            roles.unassign(
                self.db_session(),
                actor=self.actor,
                assignment=one,
                last_day=form.last_day.data,
                reason=form.reason.data,
            )
            return f"役割「{name}」の終了を登録しました。"

        title = f"{record.display_name}の役割「{name}」の終了"
        return self._asked(record, form, title=title, lead=term(one), submit="終了を登録する", run=run)

    @expose("/<key>/reset-password/", methods=("GET", "POST"))
    def reset_password_view(self, key: str) -> Any:
        """仮のパスワードの発行: shown once."""
        self.demand("edit")
        if is_posted():  # nothing is read before: the hashing must not hold the write lock
            issued = users.issue_passwords(self.db_session(), actor=self.actor, user_ids=[as_key(key) or 0])
            return self.render("people/passwords.html", issued=issued)
        record = self.one(key)
        page = ConfirmPage(
            title="仮のパスワードを発行します",
            lead="いまのパスワードは使えなくなり、ログイン中の端末はすべて終了します。",
            records=[(record.display_name, self.url_of(record))],
            action_url=request.path,
            cancel_url=self.address("details_view", record),
            submit_label="発行する",
            is_danger=False,
        )
        return self.render("model/delete.html", page=page)

    @expose("/<key>/deactivate/", methods=("GET", "POST"))
    def deactivate_view(self, key: str) -> Any:
        """無効化."""
        lead = "ただちにログインできなくなります。登録した内容や記録は残ります。"
        return self._with_reason(key, users.deactivate, "無効化", "無効にする", "無効にしました。", lead)

    @expose("/<key>/activate/", methods=("GET", "POST"))
    def activate_view(self, key: str) -> Any:
        """有効化."""
        return self._with_reason(key, users.activate, "有効化", "有効にする", "有効にしました。", "")

    @expose("/<key>/reset-second-factor/", methods=("GET", "POST"))
    def reset_second_factor_view(self, key: str) -> Any:
        """二段階認証の解除."""
        lead = (
            "スマートフォンも回復コードも使えなくなったときに解除します。本人であることを確かめてから行ってください。"
        )
        return self._with_reason(
            key, users.reset_second_factor, "二段階認証の解除", "解除する", "二段階認証を解除しました。", lead
        )

    def _with_reason(self, key: str, verb: Callable[..., None], what: str, submit: str, done: str, lead: str) -> Any:
        self.demand("edit")
        record = self.one(key)
        form = forms.ReasonForm(request.form)

        def run() -> str:
            verb(self.db_session(), actor=self.actor, user=record, reason=form.reason.data or "")
            return done

        title = f"{record.display_name}の{what}"
        return self._asked(record, form, title=title, lead=lead, submit=submit, run=run)

    @expose("/<key>/hand-over/", methods=("GET", "POST"))
    def hand_over_view(self, key: str) -> Any:
        """引継ぎ."""
        self.demand("edit")
        record = self.one(key)
        form = forms.handover_form(resolver(User))(request.form)

        def run() -> str:
            told = handover.hand_over(
                self.db_session(),
                actor=self.actor,
                from_user=record,
                to_user=self.found(self.db_session.get(User, form.to_user.data)),
                last_day=form.last_day.data,
                reason=form.reason.data,
            )
            return f"引継ぎを登録しました。{' '.join(told)}"

        lead = "役割は期日で移り、本人あての担当・下書き・保存した表示はただちに後任者に移ります。"
        return self._asked(
            record, form, title=f"{record.display_name}からの引継ぎ", lead=lead, submit="引き継ぐ", run=run
        )
