"""Screens of 所見書: ask departments, write with a draft that keeps itself, submit, return, waive, remind."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.proposal_form import REQUIRED
from admin_views.proposal_page import OPINION_MARKS, VERDICT_MARKS
from admin_views.proposal_steps import ProposalScreen
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, is_editable, scoped
from app.calls import council_opinions, opinion_services, opinion_writing, queries
from app.calls.opinion_services import QUESTIONS
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    ChoicesField,
    DateField,
    LineField,
    LongTextField,
    RelationsField,
    optional,
)
from models.coordination import DepartmentOpinion, OpinionReminder, OpinionState, Verdict
from models.proposals import Proposal
from models.reference import Department

OPEN = (OpinionState.REQUESTED, OpinionState.RETURNED)


class RequestForm(BackOfficeForm):
    """Departments, due date, questions: one step for all of them."""

    departments = RelationsField(
        "依頼する課",
        [InputRequired("依頼する課を1つ以上選んでください。")],
        lookup="department.lookup_view",
        resolve=resolver(Department),
    )
    due_on = DateField("期限", [InputRequired(REQUIRED)])
    questions = ChoicesField("質問", choices=list(QUESTIONS), default=[key for key, _ in QUESTIONS])
    note = LongTextField("依頼の説明", [optional()], length=2_000, description="依頼を受けた課の画面に表示されます。")


class ReasonForm(BackOfficeForm):
    """Why it is returned, or waived."""

    reason = LongTextField("理由", [InputRequired(REQUIRED)], length=5_000)


class DueForm(BackOfficeForm):
    """Until when."""

    due_on = DateField("新しい期限", [InputRequired(REQUIRED)])


class RemindForm(BackOfficeForm):
    """What is said with a reminder."""

    note = LongTextField("連絡事項", [optional()], length=2_000, description="依頼を受けた課の画面に表示されます。")


class CouncilForm(BackOfficeForm):
    """The council's opinion."""

    given_on = DateField("意見の日", [InputRequired(REQUIRED)])
    verdict = ChoiceField(
        "総合意見", [InputRequired("総合意見を選んでください。")], choices=Verdict.choices(), coerce=Verdict
    )
    text = LongTextField("意見", [InputRequired(REQUIRED)], length=10_000)
    source_note = LineField("会議・根拠", [optional()], description="例: 第3回 協働推進庁内検討会議")


class OpinionScreen(ProposalScreen):
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
        is_late = one.state in OPEN and one.due_on < today_in_tokyo()
        return {
            "title": one.proposal.title,
            "call": one.proposal.call.name,
            "department": one.department.name,
            "state": (one.state.label, OPINION_MARKS[one.state]),
            "due": format_date(one.due_on),
            "is_late": is_late,
            "url": url_for(".opinion_view", key=one.id),
            "label": "書く" if opinion_writing.may_write(self.db_session(), self.actor, one) else "見る",
        }

    def opinion_of(self, key: str) -> DepartmentOpinion:
        """The 所見書 within the scope; NotFound else."""
        return queries.get_opinion(self.db_session(), self.actor, as_key(key) or 0)

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
            title=f"所見書({opinion.department.name}): {opinion.proposal.title}",
            opinion=opinion,
            proposal_url=url_for("proposal.details_view", key=opinion.proposal_id),
            status=(opinion.state.label, OPINION_MARKS[opinion.state]),
            due=format_date(opinion.due_on),
            is_late=opinion.state in OPEN and opinion.due_on < today_in_tokyo(),
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
                errors = form.told(problem) or [problem.message]
            else:
                return self.go("proposal.details_view", "所見書を提出しました。", key=proposal_id)
        return self._page(opinion, form, errors or ["入力を確かめてください。"])

    # --- the office ------------------------------------------------------------------------------------------

    @expose("/request/<key>/", methods=("GET", "POST"))
    def request_view(self, key: str) -> Any:
        self.require(Permission.OPINION_MANAGE)
        proposal = self.proposal_of(key)
        related = list(proposal.challenge.related_departments) if proposal.challenge else []
        first = [proposal.department] if proposal.department else []
        chosen = [row.id for row in dict.fromkeys([*first, *related]) if row.successor_id is None]
        form = RequestForm(request.form, data={"departments": chosen, "due_on": proposal.call.opinions_due_on})
        page = FormPage(
            title=f"所見書の依頼: {proposal.title}",
            lead="選んだすべての課に、同じ期限と質問で依頼します。各課の対応待ち一覧に表示されます。",
            form=form,
            action_url=url_for(".request_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="依頼する",
        )

        def ask() -> Response:
            made = opinion_services.request_opinions(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                department_ids=form.departments.data or [],
                due_on=form.due_on.data,
                question_keys=form.questions.data or ["-"],
                note=form.note.data or "",
            )
            return self.back(proposal, f"{len(made)}課に所見書を依頼しました。", "opinions")

        return self.ask(page, ask)

    def _managed(self, key: str, form: Any, title: str, label: str, verb: Any, message: str) -> Any:
        self.require(Permission.OPINION_MANAGE)
        opinion = self.opinion_of(key)
        page = FormPage(
            title=f"{title}({opinion.department.name}): {opinion.proposal.title}",
            form=form,
            action_url=request.path,
            cancel_url=url_for(".opinion_view", key=key),
            submit_label=label,
        )

        def run() -> Response:
            verb(opinion)
            return self.go("opinion.opinion_view", message, key=key)

        return self.ask(page, run)

    @expose("/<key>/return/", methods=("GET", "POST"))
    def return_view(self, key: str) -> Any:
        form = ReasonForm(request.form)

        def verb(opinion: DepartmentOpinion) -> None:
            opinion_services.return_opinion(
                self.db_session(), actor=self.actor, opinion=opinion, reason=form.reason.data or ""
            )

        return self._managed(
            key, form, "所見書の差戻し", "差し戻す", verb, "差し戻しました。課の対応待ち一覧に表示されます。"
        )

    @expose("/<key>/waive/", methods=("GET", "POST"))
    def waive_view(self, key: str) -> Any:
        form = ReasonForm(request.form)

        def verb(opinion: DepartmentOpinion) -> None:
            opinion_services.waive_opinion(
                self.db_session(), actor=self.actor, opinion=opinion, reason=form.reason.data or ""
            )

        return self._managed(key, form, "所見書の省略", "省略する", verb, "所見書を省略しました。")

    @expose("/<key>/ask-again/", methods=("GET", "POST"))
    def ask_again_view(self, key: str) -> Any:
        form = DueForm(request.form)

        def verb(opinion: DepartmentOpinion) -> None:
            opinion_services.ask_again(self.db_session(), actor=self.actor, opinion=opinion, due_on=form.due_on.data)

        return self._managed(key, form, "所見書の期限の変更", "期限を変える", verb, "期限を変えました。")

    @expose("/<key>/remind/", methods=("GET", "POST"))
    def remind_view(self, key: str) -> Any:
        form = RemindForm(request.form)

        def verb(opinion: DepartmentOpinion) -> None:
            opinion_services.remind(self.db_session(), actor=self.actor, opinions=[opinion], note=form.note.data or "")

        return self._managed(key, form, "所見書の督促", "督促する", verb, "督促しました。")

    @expose("/remind-all/", methods=("POST",))
    def remind_all_view(self) -> Any:
        """Everybody who is late, in one step."""
        self.require(Permission.OPINION_MANAGE)
        session = self.db_session()
        late = session.scalars(
            scoped(DepartmentOpinion, self.actor)
            .join(Proposal, Proposal.id == DepartmentOpinion.proposal_id)
            .where(DepartmentOpinion.state.in_(OPEN), DepartmentOpinion.due_on < today_in_tokyo())
            .order_by(DepartmentOpinion.id)
        ).all()
        number = opinion_services.remind(session, actor=self.actor, opinions=late)
        return self.go("opinion.index", f"期限を過ぎた{number}件を督促しました。")

    @expose("/council/<key>/", methods=("GET", "POST"))
    def council_view(self, key: str) -> Any:
        self.require(Permission.OPINION_MANAGE)
        proposal = self.proposal_of(key)
        form = CouncilForm(request.form)
        page = FormPage(
            title=f"庁内検討会議の意見: {proposal.title}",
            form=form,
            action_url=url_for(".council_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="記録する",
        )

        def record() -> Response:
            council_opinions.record_council_opinion(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                given_on=form.given_on.data,
                verdict=form.verdict.data,
                text=form.text.data or "",
                source_note=form.source_note.data or "",
            )
            return self.back(proposal, "意見を記録しました。", "opinions")

        return self.ask(page, record)
