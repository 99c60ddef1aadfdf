"""Pages of ties and of the confirmation: the chair's own, or the secretariat's with the signed minutes."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_admin import expose
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from admin_views.pages import FormPage
from admin_views.review_result_base import ResultPages
from admin_views.review_result_forms import ConfirmForm, TieForm, tie_form
from admin_views.screens import is_posted
from app.access.scopes import as_key
from app.problems import Conflict, Invalid
from app.reviews import concluding, confirming, queries, ties
from app.reviews.results import result_of
from app.reviews.scans import Scan
from models.proposals import Proposal
from models.review_results import TieMeans

MAX_MINUTES = 30 * 1024 * 1024


class ConfirmationPages(ResultPages):
    """Part of the screen of results."""

    @expose("/<call>/tie/", methods=("GET", "POST"))
    def tie_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        decided = {row.id: row for row in ties.ties_in_force(session, one.id)}
        again = decided.get(as_key(request.args.get("again", "")) or 0)
        tied = ties.tied_groups(result_of(session, one))
        if again is None and not tied:
            raise Conflict("同率で順の決まっていない提案はありません。")
        keys = list(again.proposal_ids) if again is not None else tied[0]
        titles = dict(session.execute(select(Proposal.id, Proposal.title).where(Proposal.id.in_(keys))).all())
        form: TieForm = tie_form([(key, titles[key]) for key in sorted(keys)])(request.form)
        places = [f"place_{number}" for number in range(1, len(keys) + 1)]
        page = FormPage(
            title="同率の提案の順" if again is None else "同率の提案の順を直す",
            lead="委員長の決定か、くじの結果を、上位から順に記録します。"
            + ("" if again is None else "前の記録は、置き換えた記録として残ります。"),
            form=form,
            action_url=url_for(".tie_view", call=one.id, again=again.id if again is not None else None),
            cancel_url=url_for(".call_view", call=one.id),
            groups=[("上位からの順", places), ("決め方", ["means", "note"])],
            submit_label="記録する",
        )

        def save() -> AnyResponse:
            ties.record_tie(
                session,
                actor=self.actor,
                call_id=one.id,
                proposal_ids=[int(form._fields[name].data or 0) for name in places],
                means=TieMeans(form.means.data),
                note=form.note.data or "",
            )
            return self.go(".call_view", "同率の順を記録しました。", call=one.id)

        return self.ask(page, save)

    @expose("/<call>/confirm/", methods=("GET", "POST"))
    def confirm_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        chair = confirming.may_confirm(session, self.actor, one)
        if chair is None:
            concluding.require_secretariat(session, self.actor, one.id)
        conclusion = self.found(concluding.find_conclusion(session, one.id))
        if conclusion.confirmed_at is not None:
            raise Conflict(queries.CONCLUDED)
        form = ConfirmForm(request.form)
        if chair is not None:
            del form.minutes
        page = FormPage(
            title=f"審査結果の確認: {one.name}",
            lead=(
                "確認すると、提案・所見・申告・採点・規則・出欠・集計を封印し、以後は変更できなくなります。"
                "訂正は、署名のある訂正の記録として加えます。"
            ),
            form=form,
            action_url=url_for(".confirm_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
            version=conclusion.version,
            has_file=chair is None,
            submit_label="委員長として確認する" if chair else "議事録により確認する",
        )

        def confirm() -> AnyResponse:
            confirming.confirm(
                session,
                actor=self.actor,
                call_id=one.id,
                seen_version=self.seen_version(),
                minutes=None if chair else self._minutes(),
                settings=current_app.extensions["settings"],
            )
            return self.go(".call_view", "審査結果を確認し、記録を封印しました。", call=one.id)

        return self.ask(page, confirm)

    def _minutes(self) -> Scan:
        sent = request.files.get("minutes") if is_posted() else None
        if sent is None or not sent.filename:
            sentence = "委員長の署名のある議事録を添付してください。"
            raise Invalid(sentence, fields={"minutes": sentence})
        return Scan(sent.stream.read(MAX_MINUTES + 1), sent.filename)
