"""Screens of challenges: a department drafts and submits, the council's decision is recorded, a call shows them."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_admin import expose
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from admin_views.base import GuardedView
from admin_views.challenge_forms import ChallengeForm, DecisionForm, ReturnForm, label_of
from admin_views.columns import Column, Filter, year_filter, year_options
from admin_views.pages import DetailsPage, FormPage
from app.access.permissions import Permission
from app.actor import Actor
from app.calls import challenge_services
from app.calls.departments import is_gone
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.problems import Problem
from models.base import Base
from models.calls import Challenge, ChallengeState
from models.reference import Department

MARKS = {
    ChallengeState.DRAFT: "neutral",
    ChallengeState.SUBMITTED: "info",
    ChallengeState.CHOSEN: "success",
    ChallengeState.DECLINED: "muted",
}


_LEFT_OUT = {label_of("position"), label_of("deleted_at"), label_of("state")}  # the state stands under the title
#: Told once they are there: a draft has no decision, and nobody has to write all texts (rules.md 17).
_ONCE_THERE = {label_of(name) for name in ("call_id", "project_id", "submitted_at", "decided_on", "decision_note")}
_WRITTEN = {label_of(name) for name in ("background", "current_situation", "expectation")}


def _own_departments(actor: Actor) -> Select[tuple[Department]]:
    return select(Department).where(Department.id.in_(sorted(actor.departments))).order_by(Department.id)


class ChallengeView(GuardedView):
    """市の課題・テーマ."""

    model = Challenge
    resource = "challenge"
    title = "市の課題・テーマ"
    lead = "市が協働で解決したい課題やテーマです。課が下書きを出し、決まったものを募集に示します。"
    singular = "課題・テーマ"
    columns = (
        Column("title", "課題・テーマ", lambda row: row.title),
        Column("year", "年度", lambda row: format_fiscal_year(row.fiscal_year)),
        Column("program", "公募制度", lambda row: row.program.name),
        Column("department", "担当課", lambda row: row.department.name),
        Column("kind", "新規・既存", lambda row: row.kind),
        Column("state", "状況", lambda row: row.state),
        Column("call", "示している募集", lambda row: row.call.name if row.call else ""),
    )
    filters = (
        year_filter(
            Challenge.fiscal_year,
            lambda session, actor: year_options(
                session.scalars(select(Challenge.fiscal_year).distinct().order_by(Challenge.fiscal_year.desc())).all()
            ),
        ),
        Filter(
            "state",
            "状況",
            lambda value: Challenge.state == ChallengeState(value),
            options=lambda session, actor: ChallengeState.choices(),
        ),
    )
    default_order = (Challenge.fiscal_year,)
    is_default_descending = True
    eager = (joinedload(Challenge.program), joinedload(Challenge.department), joinedload(Challenge.call))
    lookup_attribute = "title"
    form_class = ChallengeForm
    form_groups = [
        ("基本の項目", ["title", "program_id", "fiscal_year", "department_id", "related_departments"]),
        ("内容", ["kind", "project_id", "background", "current_situation", "expectation"]),
    ]
    can_remove = True

    def may(self, action: str) -> bool:
        """Who edits challenges also drafts and takes back their own."""
        if action in ("create", "delete"):
            return self.actor.may(Permission.CHALLENGE_EDIT)
        return super().may(action)

    def label_of(self, record: Any) -> str:
        return str(record.title)

    def make_form(self, *, posted: Any = None, record: Any = None) -> ChallengeForm:
        if posted is not None:
            return ChallengeForm(MultiDict(posted))
        if record is not None:
            return ChallengeForm(obj=record)
        own = [row.id for row in self.db_session.scalars(_own_departments(self.actor)) if not is_gone(row)]
        return ChallengeForm(
            data={
                "fiscal_year": fiscal_year_of(today_in_tokyo()) + 1,
                "department_id": own[0] if len(own) == 1 else None,
            }
        )

    def insert(self, form: ChallengeForm) -> Challenge:
        return challenge_services.draft_challenge(
            self.db_session,
            actor=self.actor,
            values=form.values(),
            related_ids=form.related_departments.data or [],
        )

    def change(self, record: Challenge, form: ChallengeForm, version: int | None) -> None:
        challenge_services.update_challenge(
            self.db_session,
            actor=self.actor,
            challenge=record,
            version=version,
            values=form.values(),
            related_ids=form.related_departments.data or [],
        )

    def remove(self, record: Challenge, reason: str) -> None:
        challenge_services.delete_challenge(self.db_session, actor=self.actor, challenge=record, reason=reason or None)

    def put_back(self, key: int) -> Base:
        found: Challenge = self.db_session.get(Challenge, key)
        challenge_services.restore_challenge(self.db_session, actor=self.actor, challenge=found)
        return found

    def sections(self, record: Challenge) -> list[tuple[str, list[tuple[str, Any]]]]:
        sections = super().sections(record)
        heading, rows = sections[0]
        told = {
            label: value or "未記入" if label in _WRITTEN else value
            for label, value in rows
            if label not in _LEFT_OUT and (value or label not in _ONCE_THERE)
        }
        told[label_of("fiscal_year")] = format_fiscal_year(record.fiscal_year)
        others = "、".join(row.name for row in record.related_departments)
        return [(heading, [*told.items(), ("関連課", others or "なし")])]

    def details_page(self, record: Challenge) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.state.label, MARKS[record.state])
        page.lead = f"{format_fiscal_year(record.fiscal_year)} {record.program.name} {record.department.name}"
        return page

    def next_steps(self, record: Challenge) -> list[tuple[str, str, str, str | None]]:
        steps: list[tuple[str, str, str, str | None]] = []
        if record.state is ChallengeState.DRAFT and self.may_edit(record):
            steps.append(("推進担当に提出する", url_for(".submit_view", key=record.id), "post", None))
        if not self.actor.may(Permission.CHALLENGE_DECIDE):
            return steps
        if record.state in (ChallengeState.SUBMITTED, ChallengeState.DRAFT):
            steps.append(("決定を記録する", url_for(".decide_view", key=record.id), "get", None))
        if record.state is ChallengeState.SUBMITTED:
            steps.append(("理由を書いて差し戻す", url_for(".return_view", key=record.id), "get", None))
        if record.state in (ChallengeState.CHOSEN, ChallengeState.DECLINED):
            why = "募集に示しています。先に募集から外してください。" if record.call_id else None
            steps.append(("決定を取り消す", url_for(".reopen_view", key=record.id), "get", why))
        return steps

    # --- steps -----------------------------------------------------------------------------------------------

    @expose("/<key>/submit/", methods=("POST",))
    def submit_view(self, key: str) -> Any:
        self.demand("edit")
        record = self.one(key)
        if not self.may_edit(record):
            raise Forbidden
        try:
            challenge_services.submit_challenge(self.db_session, actor=self.actor, challenge=record)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(f"{self.endpoint}.details_view", key=key)
        return self.go(f"{self.endpoint}.details_view", "提出しました。庁内検討会議の議題になります。", key=key)

    def _step(self, key: str, form: Any, title: str, label: str, verb: Any, message: str) -> Any:
        self.require(Permission.CHALLENGE_DECIDE)
        record = self.one(key)
        page = FormPage(
            title=f"{title}: {record.title}",
            form=form,
            action_url=request.path,
            cancel_url=url_for(f"{self.endpoint}.details_view", key=key),
            submit_label=label,
        )

        def run() -> Response:
            verb(record)
            return self.go(f"{self.endpoint}.details_view", message, key=key)

        return self.ask(page, run)

    @expose("/<key>/decide/", methods=("GET", "POST"))
    def decide_view(self, key: str) -> Any:
        form = DecisionForm(request.form)

        def verb(record: Challenge) -> None:
            challenge_services.decide_challenge(
                self.db_session,
                actor=self.actor,
                challenge=record,
                is_chosen=form.decision.data == "chosen",
                decided_on=form.decided_on.data,
                note=form.note.data,
            )

        return self._step(key, form, "決定の記録", "記録する", verb, "決定を記録しました。")

    @expose("/<key>/return/", methods=("GET", "POST"))
    def return_view(self, key: str) -> Any:
        form = ReturnForm(request.form)

        def verb(record: Challenge) -> None:
            challenge_services.return_challenge(
                self.db_session, actor=self.actor, challenge=record, reason=form.reason.data or ""
            )

        return self._step(key, form, "課題・テーマの差戻し", "差し戻す", verb, "担当課に差し戻しました。")

    @expose("/<key>/reopen/", methods=("GET", "POST"))
    def reopen_view(self, key: str) -> Any:
        form = ReturnForm(request.form)

        def verb(record: Challenge) -> None:
            challenge_services.reopen_challenge(
                self.db_session, actor=self.actor, challenge=record, reason=form.reason.data or ""
            )

        return self._step(key, form, "決定の取消し", "取り消す", verb, "決定を取り消しました。")
