"""Pages of the city's decisions on a call's proposals, and the notices drawn up from them."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.review_result_base import ResultPages
from admin_views.review_result_forms import DecisionForm
from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.japanese.money import format_yen
from app.problems import Conflict
from app.reviews import deciding, letters
from models.proposals import Proposal
from models.review_results import Outcome


class DecisionPages(ResultPages):
    """Part of the screen of results."""

    def _proposal(self, key: str) -> Proposal:
        self.require(Permission.REVIEW_DECISION_EDIT)
        found: Proposal = get_visible(self.db_session(), Proposal, key, self.actor)
        return found

    @expose("/proposal/<proposal>/decision/", methods=("GET", "POST"))
    def decision_view(self, proposal: str) -> Any:
        session, one = self.db_session(), self._proposal(proposal)
        line = self.found(deciding.find_line(session, one.id))
        decision = deciding.find_decision(session, one.id)
        if decision is not None and decision.decided_at is not None:
            raise Conflict("この提案の決定は済んでいます。訂正は、審査記録の訂正として加えてください。")
        if decision is not None:
            form = DecisionForm(request.form, obj=decision, outcome=decision.outcome.value)
        else:
            is_reserve = line.outcome is Outcome.RESERVE
            form = DecisionForm(
                request.form,
                outcome=(Outcome.ADOPTED if is_reserve else line.outcome).value,
                amount_yen=line.amount_yen or None,
                conditions=line.conditions,
                reason=line.reason,
            )
        page = FormPage(
            title=f"市の決定: {one.title}",
            lead=f"審査結果は「{line.outcome.label}」{format_yen(line.amount_yen)}です。",
            form=form,
            action_url=url_for(".decision_view", proposal=one.id),
            cancel_url=url_for(".call_view", call=one.call_id),
            version=decision.version if decision is not None else None,
        )

        def save() -> Response:
            deciding.save_decision(
                session,
                actor=self.actor,
                proposal_id=one.id,
                values=form.values(),
                seen_version=self.seen_version(),
            )
            return self.go(
                ".call_view",
                "市の決定を保存しました。決裁が済んだら「決定を確定する」を押してください。",
                call=one.call_id,
            )

        return self.ask(page, save)

    @expose("/proposal/<proposal>/decide/", methods=("POST",))
    def decide_view(self, proposal: str) -> Response:
        one = self._proposal(proposal)
        return self.told(
            one.call_id,
            lambda: deciding.decide(
                self.db_session(), actor=self.actor, proposal_id=one.id, seen_version=self.seen_version()
            ),
            f"「{one.title}」の決定を確定しました。",
        )

    @expose("/proposal/<proposal>/reserve/", methods=("POST",))
    def reserve_view(self, proposal: str) -> Response:
        one = self._proposal(proposal)
        return self.told(
            one.call_id,
            lambda: deciding.hold_in_reserve(self.db_session(), actor=self.actor, proposal_id=one.id),
            f"「{one.title}」を保留にしました。団体の意向を確かめてください。",
        )

    @expose("/proposal/<proposal>/paper/")
    def paper_view(self, proposal: str) -> Any:
        """起案: the decision as a printable paper."""
        session, one = self.db_session(), self._proposal(proposal)
        decision = self.found(deciding.find_decision(session, one.id))
        line = self.found(deciding.find_line(session, one.id))
        return self.render(
            "reviews/decision_paper.html",
            title=f"起案: {one.title}",
            back=url_for(".call_view", call=one.call_id),
            rows=[
                ("文書番号", decision.document_number),
                ("起案日", shown(decision.drafted_on)),
                ("決裁日", shown(decision.decided_on)),
                ("決裁区分", decision.decision_class),
                ("合議", decision.consulted),
                ("募集", one.call.name),
                ("団体", str(one.organization)),
                ("事業名", one.title),
                ("希望額", format_yen(one.requested_yen or 0)),
                ("審査会の審査結果", f"{line.outcome.label} {format_yen(line.amount_yen)}"),
                ("審査結果の理由", line.reason),
                ("市の決定", f"{decision.outcome.label} {format_yen(decision.amount_yen)}"),
                ("条件", decision.conditions or "なし"),
                ("決定の理由", decision.reason),
                ("審査結果と異なる理由", decision.departure_reason or "なし"),
            ],
        )

    @expose("/<call>/letters/", methods=("POST",))
    def letters_view(self, call: str) -> Response:
        """The notices of every decision that has none yet."""
        self.require(Permission.REVIEW_DECISION_EDIT)
        one = self.result_call(call)

        def draw_up() -> None:
            if not letters.draw_up_all(self.db_session(), actor=self.actor, call=one):
                raise Conflict("新しく作る通知はありません。決定を確定した提案の通知は、すでに作られています。")

        return self.told(one.id, draw_up, "決定の通知を作りました。「通知」の画面で内容を確かめて、出してください。")
