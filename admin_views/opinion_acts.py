"""What the office does about 所見書: asks, hands back, waives, gives more time, reminds; the council's opinion."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.pages import FormPage
from admin_views.proposal_base import ProposalScreen
from admin_views.proposal_form import REQUIRED
from app.access.permissions import Permission
from app.access.scopes import as_key, scoped
from app.calls import council_opinions, opinion_services, queries
from app.calls.departments import addressee, heir_of
from app.calls.opinion_services import QUESTIONS
from app.calls.opinion_writing import OPEN
from app.calls.workflow import OPEN_STATES
from app.japanese.dates import today_in_tokyo
from app.lookup_fields import RelationsField
from app.webforms import BackOfficeForm, ChoiceField, ChoicesField, DateField, LineField, LongTextField, optional
from models.coordination import DepartmentOpinion, Verdict
from models.proposals import Proposal
from models.reference import Department


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


class OpinionActs(ProposalScreen):
    """The office's part of the screen of 所見書."""

    def opinion_of(self, key: str) -> DepartmentOpinion:
        """The 所見書 within the scope; NotFound else."""
        return queries.get_opinion(self.db_session(), self.actor, as_key(key) or 0)

    @expose("/request/<key>/", methods=("GET", "POST"))
    def request_view(self, key: str) -> Any:
        self.require(Permission.OPINION_MANAGE)
        proposal = self.proposal_of(key)
        related = list(proposal.challenge.related_departments) if proposal.challenge else []
        first = [proposal.department] if proposal.department else []
        chosen = list(dict.fromkeys(heir_of(row).id for row in [*first, *related]))
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
            title=f"{title}({addressee(opinion)}): {opinion.proposal.title}",
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
            .where(
                DepartmentOpinion.state.in_(OPEN),
                DepartmentOpinion.due_on < today_in_tokyo(),
                Proposal.state.in_(OPEN_STATES),
            )
            .order_by(DepartmentOpinion.id)
        ).all()
        if not late:
            return self.go("opinion.index", "期限を過ぎた所見書はありません。")
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
