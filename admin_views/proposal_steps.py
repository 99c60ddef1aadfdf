"""Screens of the steps of a proposal, and of decisions taken over from paper."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.pages import FormPage
from admin_views.proposal_base import ProposalScreen
from admin_views.proposal_form import REQUIRED
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, is_editable
from app.calls import services
from app.calls.guards import obstacles
from app.calls.policy import is_office
from app.calls.workflow import STEPS, find_step, taken_over_states
from app.japanese.dates import today_in_tokyo
from app.problems import NotAllowed, Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField, LongTextField, YenField, optional
from models.proposals import Proposal, ProposalState


class StepForm(BackOfficeForm):
    """What a step asks for."""

    happened_on = DateField("日付", [optional()], description="空のときは今日です。例: 令和8年7月1日")
    reason = LongTextField("理由", [optional()], length=5_000)


class TakeOverForm(BackOfficeForm):
    """A decision made on paper."""

    target = ChoiceField(
        "決定後の状況", [InputRequired(REQUIRED)], coerce=ProposalState, choices=ProposalState.choices()
    )
    decided_on = DateField("決定日", [InputRequired(REQUIRED)])
    decided_yen = YenField("決定額", [optional()])
    reason = LongTextField(
        "引き継ぐ理由と根拠",
        [InputRequired(REQUIRED)],
        length=5_000,
        description="簿冊の名前や文書番号など、決定がどこに記録されているかを書いてください。",
    )


class StepScreen(ProposalScreen):
    """手続."""

    def __init__(self) -> None:
        super().__init__(name="手続", endpoint="proposal-step", url="/proposal-step")

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("proposal.index_view"))

    @expose("/<key>/take-over/", methods=("GET", "POST"))
    def take_over_view(self, key: str) -> Any:
        self.require(Permission.PROPOSAL_ADVANCE)
        proposal = self.proposal_of(key)
        if not is_office(self.actor):
            raise NotAllowed
        form = TakeOverForm(request.form)
        states = taken_over_states(proposal.call.program.code)
        form.target.choices = [("", "(選択してください)"), *((state.value, state.label) for state in states)]
        page = FormPage(
            title=f"紙の決定を引き継ぐ: {proposal.title}",
            lead="このシステムより前に紙で決まったものを、1回の手続で今の状況にします。",
            form=form,
            action_url=url_for(".take_over_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="引き継ぐ",
        )

        def take_over() -> Response:
            services.take_over(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                target=form.target.data,
                reason=form.reason.data or "",
                decided_on=form.decided_on.data,
                decided_yen=form.decided_yen.data,
            )
            return self.back(proposal, "紙の決定を引き継ぎました。", "history")

        return self.ask(page, take_over)

    @expose("/<key>/<code>/", methods=("GET", "POST"))
    def step_view(self, key: str, code: str) -> Any:
        self.require(Permission.PROPOSAL_ADVANCE)
        proposal = self.proposal_of(key)
        step = find_step(proposal.call.program.code, proposal.state, code)
        if step is None:
            if is_posted():
                return self.run(proposal, lambda: self._advance(proposal, code, StepForm(request.form)), "")
            if code not in {one.code for one in STEPS}:
                raise NotFound
            flash(services.CHANGED_MEANWHILE, "error")
            return redirect(url_for("proposal.details_view", key=key))
        if not services.may_take(self.actor, proposal, step):
            raise NotAllowed
        found = obstacles(self.db_session(), self.actor, proposal, step)
        form = StepForm(request.form)
        form.happened_on.label.text = "受付日" if code == "submit" else "日付"
        if code == "submit" and not is_posted():
            form.happened_on.data = proposal.received_on or today_in_tokyo()
        if step.asks_reason or any(one.is_overridable for one in found):
            form.reason.flags.required = True
            form.reason.description = (
                "上の「確かめること」を認める理由を書いてください。記録され、審査の資料に載ります。"
                if not step.asks_reason
                else "経過に残ります。"
            )
        page = FormPage(
            title=f"{step.label}: {proposal.title}",
            form=form,
            action_url=url_for(".step_view", key=key, code=code),
            cancel_url=url_for("proposal.details_view", key=key),
            version=proposal.version,
            submit_label=step.label,
        )

        def advance() -> Response:
            self._advance(proposal, code, form)
            return self.back(proposal, f"「{step.label}」を行いました。")

        if is_posted() and form.validate():
            try:
                return advance()
            except NotAllowed:
                raise
            except Problem as problem:
                page.errors = form.told(problem)
        return self.render(
            "calls/step.html",
            page=page,
            step=step,
            change=(proposal.state.label, step.target.label),
            obstacles=[(one.message, one.clause, one.is_overridable) for one in found],
            papers_url=url_for("proposal-paper.papers_view", key=key),
            edit_url=url_for("proposal.edit_view", key=key)
            if self.actor.may(Permission.PROPOSAL_EDIT) and is_editable(self.db_session(), proposal, self.actor)
            else None,
        ), 422 if is_posted() else 200

    def _advance(self, proposal: Proposal, code: str, form: StepForm) -> None:
        services.advance(
            self.db_session(),
            actor=self.actor,
            proposal=proposal,
            step=code,
            reason=form.reason.data,
            seen_version=as_key(request.form.get("version", "")) or 0,
            happened_on=form.happened_on.data,
        )
