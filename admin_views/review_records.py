"""Pages of a review's sealed record: checked now, saved as it is, corrected beside."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response as AnyResponse

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.review_result_base import ResultPages
from admin_views.review_result_forms import CorrectionForm
from app.access.scopes import scoped
from app.reviews import concluding, corrections
from app.reviews.sealing import latest_record, verify_record
from models.proposals import Proposal


class RecordPages(ResultPages):
    """Part of the screen of results."""

    @expose("/<call>/record/")
    def record_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        record = self.found(latest_record(session, one.id))
        differences = verify_record(session, one, current_app.extensions["settings"])
        rows = corrections.corrections_of(session, self.actor, one.id)
        return self.render(
            "reviews/record.html",
            title=f"封印記録: {one.name}",
            call=one,
            record=record,
            made_at=shown(record.made_at),
            differences=differences,
            corrections=[
                (shown(row.made_at), row.made_by_label, row.proposal.title if row.proposal else "審査の全体", row.text,
                 row.reason, row.sha256)
                for row in rows
            ],
        )  # fmt: skip

    @expose("/<call>/record.json")
    def record_file_view(self, call: str) -> Response:
        """The canonical JSON itself, byte for byte."""
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        record = self.found(latest_record(session, one.id))
        response = Response(record.content.encode("utf-8"), mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="review-{one.id}-{record.number}.json"'
        return response

    @expose("/<call>/correct/", methods=("GET", "POST"))
    def correct_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        self.found(latest_record(session, one.id))
        form = CorrectionForm(request.form)
        visible = session.scalars(scoped(Proposal, self.actor).where(Proposal.call_id == one.id).order_by(Proposal.id))
        form.proposal.choices = [("", "審査の全体"), *((row.id, row.title) for row in visible)]
        page = FormPage(
            title="審査記録の訂正",
            lead="封印した記録は変わりません。訂正は、署名と日時のある記録として横に加わります。",
            form=form,
            action_url=url_for(".correct_view", call=one.id),
            cancel_url=url_for(".record_view", call=one.id),
            submit_label="訂正を加える",
        )

        def save() -> AnyResponse:
            corrections.add_correction(
                session,
                actor=self.actor,
                call_id=one.id,
                proposal_id=form.proposal.data,
                text=form.text.data or "",
                reason=form.reason.data or "",
            )
            return self.go(".record_view", "訂正を加えました。", call=one.id)

        return self.ask(page, save)
