"""Screens of 所見書: the list, one of them, writing with a draft that keeps itself, submitting."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request, url_for
from flask_admin import expose

from admin_views.columns import shown
from admin_views.opinion_acts import OpinionActs
from admin_views.proposal_told import OPINION_MARKS, VERDICT_MARKS, budget_of, facts_of, label_of
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, is_editable, scoped
from app.calls import file_services, opinion_writing, queries, versions
from app.calls.departments import addressee
from app.calls.opinion_writing import OPEN
from app.calls.workflow import OPEN_STATES
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    LongTextField,
    optional,
)
from models.coordination import DepartmentOpinion, OpinionReminder, OpinionState, Verdict
from models.proposals import Proposal

#: Facts of a proposal that stand beside the form.
_SHORT = ("課題・テーマ", "希望額(税込)", "実施期間")


def _is_late(one: DepartmentOpinion) -> bool:
    return one.state in OPEN and one.proposal.state in OPEN_STATES and one.due_on < today_in_tokyo()


class OpinionScreen(OpinionActs):
    """所見書."""

    permission = Permission.OPINION_READ
    in_menu = True

    def __init__(self) -> None:
        super().__init__(name="所見書", endpoint="opinion", url="/opinion")

    # --- reading ---------------------------------------------------------------------------------------------

    @expose("/")
    def index(self) -> Any:
        """The 所見書 that the actor may see: those that wait first."""
        rows = self.db_session.scalars(
            scoped(DepartmentOpinion, self.actor)
            .options(*queries.OPINION_OPTIONS)
            .order_by(DepartmentOpinion.due_on.desc(), DepartmentOpinion.id.desc())
            .limit(300)
        ).all()
        order = {state: place for place, state in enumerate((*OPEN, OpinionState.SUBMITTED, OpinionState.WAIVED))}
        rows = sorted(rows, key=lambda one: order[one.state])
        return self.render(
            "calls/opinions.html",
            rows=[self._line(one) for one in rows],
            may_remind=self.actor.may(Permission.OPINION_MANAGE),
        )

    def _line(self, one: DepartmentOpinion) -> dict[str, Any]:
        return {
            "title": one.proposal.title,
            "call": one.proposal.call.name,
            "department": addressee(one),
            "state": (one.state.label, OPINION_MARKS[one.state]),
            "due": format_date(one.due_on),
            "is_late": _is_late(one),
            "url": url_for(".opinion_view", key=one.id),
            "label": "書く" if opinion_writing.may_write(self.db_session(), self.actor, one) else "見る",
        }

    @expose("/<key>/")
    def opinion_view(self, key: str) -> Any:
        opinion = self.opinion_of(key)
        return self._page(opinion, self._form(opinion, None))

    def _form(self, opinion: DepartmentOpinion, posted: Any) -> Any:
        """A form with one long text a question, and the verdict; opens with the draft, else with what was submitted."""
        draft = queries.find_draft(self.db_session(), self.actor, opinion)
        fields: dict[str, Any] = {
            question["key"]: LongTextField(question["label"], [optional()], length=opinion_writing.LONGEST)
            for question in opinion.questions
        }
        fields["verdict"] = ChoiceField("総合所見", [optional()], choices=Verdict.choices(), coerce=Verdict)
        kind = type("OpinionForm", (BackOfficeForm,), fields)
        answers = dict(opinion.answers) | (draft.answers if draft is not None else {})
        verdict = draft.verdict if draft is not None and draft.verdict else opinion.verdict
        return kind(posted, data=answers | {"verdict": verdict})

    def _page(self, opinion: DepartmentOpinion, form: Any, errors: list[str] | None = None) -> Any:
        session = self.db_session()
        may_manage = self.actor.may(Permission.OPINION_MANAGE) and is_editable(session, opinion, self.actor)
        draft = queries.find_draft(session, self.actor, opinion)
        reminders = session.scalars(
            scoped(OpinionReminder, self.actor)
            .where(OpinionReminder.opinion_id == opinion.id)
            .order_by(OpinionReminder.id.desc())
        ).all()
        is_done = opinion.state is OpinionState.SUBMITTED
        body = self.render(
            "calls/opinion.html",
            title=f"所見書({addressee(opinion)}): {opinion.proposal.title}",
            opinion=opinion,
            proposal_url=url_for("proposal.details_view", key=opinion.proposal_id),
            beside=self._beside(opinion.proposal),
            status=(opinion.state.label, OPINION_MARKS[opinion.state]),
            due=format_date(opinion.due_on),
            is_late=_is_late(opinion),
            may_write=opinion_writing.may_write(session, self.actor, opinion),
            may_manage=may_manage,
            is_open=opinion.state in OPEN,
            is_done=is_done,
            form=form,
            errors=errors or [],
            names=[question["key"] for question in opinion.questions],
            draft_url=url_for(".draft_view", key=opinion.id),
            draft_saved=shown(draft.saved_at) if draft is not None else None,
            verdict=(opinion.verdict.label, VERDICT_MARKS[opinion.verdict]) if is_done and opinion.verdict else None,
            answers=[(one["label"], opinion.answers.get(one["key"]) or "(記入なし)") for one in opinion.questions]
            if is_done
            else [],
            submitted=f"{shown(opinion.submitted_at)} {opinion.submitted_by or ''}" if opinion.submitted_at else None,
            earlier=[
                (
                    one.number,
                    shown(one.submitted_at),
                    one.verdict.label,
                    one.return_reason,
                    [(q["label"], one.answers.get(q["key"]) or "(記入なし)") for q in opinion.questions],
                )
                for one in opinion.submissions
                if one.return_reason
            ],
            reminders=[(str(shown(one.reminded_at)), "推進担当", [one.note or "督促"]) for one in reminders],
        )
        return body, 422 if errors or (form.errors and is_posted()) else 200

    def _beside(self, proposal: Proposal) -> dict[str, Any]:
        """What is judged, beside the form: the proposal in short, and its papers."""
        budget = budget_of(proposal)
        texts = [(label_of(name), getattr(proposal, name)) for name in versions.TEXTS[1:] if getattr(proposal, name)]
        return {
            "rows": [
                ("応募団体", str(proposal.organization)),
                *((label, value) for label, value in facts_of(proposal) if label in _SHORT and value),
                *texts,
                ("経費(税込)", f"{budget['total']}(うち対象{budget['eligible']})"),
            ],
            "files": [
                (file.name, url_for("proposal-paper.file_view", key=proposal.id, file=file.id))
                for file in file_services.readable_files(self.db_session(), self.actor, proposal)
            ],
        }

    # --- the department --------------------------------------------------------------------------------------

    @expose("/<key>/draft/", methods=("POST",))
    def draft_view(self, key: str) -> Any:
        """What is typed, kept a moment after the last key; logged nowhere."""
        self.require(Permission.OPINION_ANSWER)
        opinion = self.opinion_of(key)
        verdict = request.form.get("verdict", "")
        draft = opinion_writing.save_draft(
            self.db_session(),
            actor=self.actor,
            opinion=opinion,
            answers={name: text for name, text in request.form.items() if name not in ("csrf_token", "verdict")},
            verdict=Verdict(verdict) if verdict in {one.value for one in Verdict} else None,
        )
        return jsonify(saved_at=str(shown(draft.saved_at)))

    @expose("/<key>/submit/", methods=("POST",))
    def submit_view(self, key: str) -> Any:
        self.require(Permission.OPINION_ANSWER)
        opinion = self.opinion_of(key)
        form = self._form(opinion, request.form)
        errors: list[str] = []
        proposal_id = opinion.proposal_id
        if form.validate():
            answers = {question["key"]: form[question["key"]].data or "" for question in opinion.questions}
            try:
                if request.form.get("keep") == "1":
                    opinion_writing.save_draft(
                        self.db_session(), actor=self.actor, opinion=opinion, answers=answers, verdict=form.verdict.data
                    )
                    return self.go("opinion.opinion_view", "下書きを保存しました。", key=key)
                opinion_writing.submit_opinion(
                    self.db_session(),
                    actor=self.actor,
                    opinion=opinion,
                    answers=answers,
                    verdict=form.verdict.data,
                    seen_version=as_key(request.form.get("version", "")) or 0,
                )
            except Problem as problem:
                errors = form.told(problem)
            else:
                return self.go("proposal.details_view", "所見書を提出しました。", key=proposal_id)
        return self._page(opinion, form, errors)
