"""Pages of a review's sealed record: checked now, saved as it is, corrected beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, flash, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response as AnyResponse

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.review_forms import ConflictForm, set_choices
from admin_views.review_result_base import ResultPages
from admin_views.review_result_forms import CorrectionForm
from app.access.scopes import scoped
from app.audit.access_notes import note_access
from app.reviews import concluding, corrections, late_conflicts, queries
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
        content, name = record.content.encode("utf-8"), f"review-{one.id}-{record.number}.json"
        note_access(self.actor, "export", "sealed_record", record.id, 1, "封印記録の保存")
        response = Response(content, mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @expose("/<call>/correct/", methods=("GET", "POST"))
    def correct_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        self.found(latest_record(session, one.id))
        form = CorrectionForm(request.form)
        set_choices(form.proposal, [(row.id, row.title) for row in self._proposals(one.id)])
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

    def _proposals(self, call_id: int) -> Sequence[Proposal]:
        visible = scoped(Proposal, self.actor).where(Proposal.call_id == call_id)
        return self.db_session().scalars(visible.order_by(Proposal.id)).all()

    @expose("/<call>/late-conflict/", methods=("GET", "POST"))
    def late_conflict_view(self, call: str) -> Any:
        """A conflict found after the conclusion: a correction, which changes nothing that was sealed."""
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        self.found(latest_record(session, one.id))
        form = ConflictForm.of(queries.members_of(session, one.id, with_left=True), self._proposals(one.id))
        page = FormPage(
            title="確認の後に判明した利害関係",
            lead="封印した記録と審査結果は変わりません。この委員を除いた集計を添えて、訂正の記録に加えます。",
            form=form,
            action_url=url_for(".late_conflict_view", call=one.id),
            cancel_url=url_for(".record_view", call=one.id),
            submit_label="訂正を加える",
        )

        def save() -> AnyResponse:
            late_conflicts.report_late(session, actor=self.actor, **form.values())
            return self.go(".record_view", "訂正を加えました。", call=one.id)

        return self.ask(page, save)

    @expose("/<call>/look-again/", methods=("POST",))
    def look_again_view(self, call: str) -> AnyResponse:
        """Compare the list with the directory once more."""
        one = self.result_call(call)
        concluding.require_secretariat(self.db_session(), self.actor, one.id)
        found: list[tuple[int, int]] = []

        def look() -> None:
            found.append(late_conflicts.look_again(self.db_session(), actor=self.actor, call_id=one.id))

        done = self.told(one.id, look, "団体データと照合しました。", "review-result.record_view")
        if found and any(found[0]):
            notes, names = found[0]
            flash(f"訂正{notes}件を加えました。同じ名前の人が新しく{names}件見つかりました。", "info")
        return done
