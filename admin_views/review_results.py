"""審査の結果: the sheet of the meeting, what is concluded and decided, the sealed record and its corrections."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response as AnyResponse

from admin_views.home import link_waiting
from admin_views.pages import FormPage
from admin_views.review_confirmation import ConfirmationPages
from admin_views.review_decisions import DecisionPages
from admin_views.review_disclosures import DisclosurePages
from admin_views.review_forms import set_choices
from admin_views.review_packs import PackScreen
from admin_views.review_publication import PublicationPages
from admin_views.review_records import RecordPages
from admin_views.review_result_forms import (
    conclusion_data,
    conclusion_form,
    conclusion_options,
)
from admin_views.review_result_page import find_sheet, result_context, visible_of
from admin_views.review_result_sheets import ResultSheetPages
from admin_views.review_signed import SignedPages
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.documents.spread import spread_chart
from app.problems import Conflict, NotFound
from app.reviews import concluding, queries
from app.reviews.meeting_sheet import WhatIf
from app.reviews.results import result_of
from models.calls import Call
from models.reviews import ReviewSetting, ReviewStage

link_waiting("review_result", lambda waiting: url_for("review-result.call_view", call=waiting.key))
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


class ResultScreen(
    ConfirmationPages, DecisionPages, RecordPages, DisclosurePages, PublicationPages, ResultSheetPages, SignedPages
):
    """審査の結果."""

    permission = Permission.SCORE_READ

    def __init__(self) -> None:
        super().__init__(name="審査の結果", endpoint="review-result", url="/review-result")

    @expose("/")
    def index(self) -> Any:
        session = self.db_session()
        settings = session.scalars(
            scoped(ReviewSetting, self.actor)
            .join(Call, Call.id == ReviewSetting.call_id)
            .order_by(Call.fiscal_year.desc(), Call.id.desc())
        ).all()
        rows = []
        for setting in settings:
            call = setting.call
            stages = queries.stages_of(queries.criteria_of(session, call.id))
            is_open = bool(stages) and set(stages) <= queries.open_stages(session, call.id)
            state = "結論が確定" if queries.is_concluded(session, call.id) else "集計できます" if is_open else "採点中"
            rows.append((call.name, url_for(".call_view", call=call.id), state))
        return self.render("reviews/results.html", title="審査の結果", rows=rows)

    # --- the sheet -----------------------------------------------------------------------------------------

    @expose("/<call>/")
    def call_view(self, call: str) -> Any:
        one = self.result_call(call)
        what, sentences = self._what_if(one)
        session = self.db_session()
        context = result_context(session, self.actor, one, what)
        if context["sheet"] is None and (opened := queries.open_stages(session, one.id)):
            context |= self._opened(one, opened)
        return self.render(
            "reviews/result.html",
            title=f"審査の結果: {one.name}",
            call=one,
            is_large=request.args.get("view") == "large",
            what_if_problems=[*sentences, *context.pop("refused")],
            **context,
        )

    def _opened(self, call: Call, stages: set[ReviewStage]) -> dict[str, Any]:
        """Before there is a tally: where the sheets of a stage that is complete are read."""
        session = self.db_session()
        visible = visible_of(session, self.actor, call)
        return {
            "opened_stages": "・".join(stage.label for stage in ReviewStage if stage in stages),
            "opened": [
                (visible[key].title, url_for(".sheets_view", proposal=key))
                for key in queries.proposal_ids(session, call.id)
                if key in visible
            ],
        }

    @expose("/<call>/spread.svg")
    def spread_view(self, call: str) -> Response:
        """The spread as a picture."""
        one = self.result_call(call)
        sheet = find_sheet(self.db_session(), self.actor, one)
        if sheet is None:
            raise NotFound
        rows = [
            (
                line.result.label,
                [
                    (number, float(percent))
                    for number, (_, percent) in enumerate(line.marks, start=1)
                    if percent is not None
                ],
                None if line.result.percent is None else float(line.result.percent),
            )
            for line in sheet.lines
        ]
        return Response(spread_chart("委員ごとの得点率のひろがり", rows), mimetype="image/svg+xml")

    def _what_if(self, call: Call) -> tuple[WhatIf, list[str]]:
        """What the address tries; only the secretariat may, and nothing of it is saved."""
        if not self.actor.may(Permission.CONCLUSION_EDIT):
            return WhatIf(), []
        wrong: list[str] = []

        def decimal(name: str, label: str) -> str | None:
            typed = request.args.get(name, "").strip()
            if typed and not _DECIMAL.fullmatch(typed):
                wrong.append(f"{label}は、0以上の数(小数は4桁まで)で入力してください。")
                return None
            return typed or None

        minimum = decimal("minimum", "最低基準")
        if minimum is not None and float(minimum) > 100:
            wrong.append("最低基準は100以下にしてください。")
            minimum = None
        weights = {}
        for criterion in queries.criteria_of(self.db_session(), call.id):
            weight = decimal(f"weight-{criterion.id}", f"{criterion.label}の重み")
            if weight is not None and weight != criterion.weight:
                weights[str(criterion.id)] = weight
        without = request.args.get("without") or None
        known = {str(member.id) for member in queries.members_of(self.db_session(), call.id)}
        return WhatIf(minimum, weights, without if without in known else None), wrong

    # --- the conclusion --------------------------------------------------------------------------------------

    @expose("/<call>/draft/", methods=("POST",))
    def draft_view(self, call: str) -> AnyResponse:
        one = self.result_call(call)
        return self.told(
            one.id,
            lambda: concluding.draft_conclusion(self.db_session(), actor=self.actor, call_id=one.id),
            "規則による結果から、審査結果の下書きを作りました。",
        )

    @expose("/<call>/conclusion/", methods=("GET", "POST"))
    def conclusion_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        conclusion = self.found(concluding.find_conclusion(session, one.id))
        if conclusion.confirmed_at is not None:
            raise Conflict("審査結果は確認済みのため、変更できません。訂正は、訂正の記録として加えてください。")
        result = result_of(session, one)
        order = [int(found.id) for found in result.tally.proposals]
        lines = sorted(
            (line for line in conclusion.lines if line.proposal_id in order),
            key=lambda line: order.index(line.proposal_id),
        )
        form_class, groups = conclusion_form(lines, result)
        held = {"meeting_id": conclusion.meeting_id, "concluded_on": conclusion.concluded_on, "note": conclusion.note}
        form = form_class(request.form, data=held | conclusion_data(lines))
        set_choices(form.meeting_id, self.meetings_of_committee())
        page = FormPage(
            title=f"審査結果の記入: {one.name}",
            form=form,
            action_url=url_for(".conclusion_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
            groups=groups,
            field_options=conclusion_options(lines),
            template="reviews/conclusion.html",
            version=conclusion.version,
        )

        def save() -> AnyResponse:
            concluding.save_conclusion(
                session,
                actor=self.actor,
                call_id=one.id,
                seen_version=self.seen_version(),
                meeting_id=form.meeting_id.data,
                concluded_on=form.concluded_on.data,
                note=form.note.data or "",
                lines=form.lines(),
            )
            return self.go(".call_view", "審査結果を保存しました。", call=one.id)

        return self.ask(page, save)


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [ResultScreen(), PackScreen()]
