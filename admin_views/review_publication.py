"""Pages of publication: which part of a review is public from when, what that is today, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.columns import shown
from admin_views.downloads import attachment
from admin_views.pages import FormPage
from admin_views.review_forms import REQUIRED
from admin_views.review_result_base import ResultPages
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible, scoped
from app.japanese.dates import today_in_tokyo
from app.reviews import concluding, publication, publication_files
from app.webforms import BackOfficeForm, ChoiceField, ChoicesField, DateField, LineField, optional
from models.proposals import Proposal
from models.review_records import PublicationRecord

_MAKERS = {
    "csv": (publication_files.public_csv, "text/csv"),
    "json": (publication_files.public_json, "application/json"),
    "pdf": (publication_files.public_pdf, "application/pdf"),
}


class PublicationForm(BackOfficeForm):
    """One decision on publication."""

    parts = ChoicesField(
        "公表するもの",
        [InputRequired("公表するものを選んでください。")],
        choices=[(part.key, f"{part.label}({part.help})" if part.help else part.label) for part in publication.PARTS],
    )
    proposal = ChoiceField("対象", [optional()], coerce=int, empty="すべての提案")
    public_from_on = DateField("公表日", [InputRequired(REQUIRED)], description="この日から公表します。")
    place = LineField("公表の場所", [optional()], length=200, description="例: 市ホームページ")
    note = LineField("備考", [optional()], length=300)


class EndForm(BackOfficeForm):
    """Taking a part back."""

    reason = LineField("取りやめる理由", [InputRequired(REQUIRED)], length=300)


def _by_part(row: PublicationRecord) -> tuple[bool, int, int]:
    """What is in force first, of all proposals before single ones, in the order of the parts."""
    part = publication.BY_KEY.get(row.part)
    place = publication.PARTS.index(part) if part is not None else len(publication.PARTS)
    return row.ended_at is not None, row.proposal_id or 0, place


class PublicationPages(ResultPages):
    """Part of the screen of results."""

    @expose("/<call>/publication/")
    def publication_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        content = publication.public_content(session, one, today_in_tokyo())
        header, lines = publication_files.rows_of(content)
        may = self.actor.may(Permission.REVIEW_DECISION_EDIT)
        records = publication.records_of(session, self.actor, one.id)
        return self.render(
            "reviews/publication.html",
            title=f"審査結果の公表: {one.name}",
            call=one,
            rows=[self._line(row, may) for row in sorted(records, key=_by_part)],
            header=header,
            lines=lines,
            criteria=content.get("criteria", []),
            may=may,
        )

    def _line(self, row: PublicationRecord, may: bool) -> dict[str, Any]:
        part = publication.BY_KEY.get(row.part)
        is_over = row.ended_at is not None
        starts_later = row.public_from_on > today_in_tokyo()
        return {
            "part": part.label if part is not None else row.part,
            "proposal": row.proposal.title if row.proposal is not None else "すべて",
            "from": shown(row.public_from_on),
            "place": "、".join(text for text in (row.place, row.note) if text),
            "state": "取りやめ" if is_over else "公表前" if starts_later else "公表中",
            "mark": "muted" if is_over else "info" if starts_later else "success",
            "reason": row.end_reason,
            "end_url": url_for(".end_publication_view", call=row.call_id, key=row.id) if may and not is_over else None,
        }

    @expose("/<call>/publication/new/", methods=("GET", "POST"))
    def publish_view(self, call: str) -> Any:
        self.require(Permission.REVIEW_DECISION_EDIT)
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        form = PublicationForm(request.form, public_from_on=today_in_tokyo())
        visible = session.scalars(scoped(Proposal, self.actor).where(Proposal.call_id == one.id).order_by(Proposal.id))
        form.proposal.choices = [("", "すべての提案"), *((row.id, row.title) for row in visible)]
        page = FormPage(
            title="公表するものを決める",
            form=form,
            action_url=url_for(".publish_view", call=one.id),
            cancel_url=url_for(".publication_view", call=one.id),
            submit_label="公表することにする",
        )

        def save() -> Response:
            publication.publish_parts(
                session,
                actor=self.actor,
                call_id=one.id,
                parts=form.parts.data or [],
                proposal_id=form.proposal.data,
                public_from_on=form.public_from_on.data,
                place=form.place.data or "",
                note=form.note.data or "",
            )
            return self.go(".publication_view", "公表することにしました。", call=one.id)

        return self.ask(page, save)

    @expose("/<call>/publication/<key>/end/", methods=("GET", "POST"))
    def end_publication_view(self, call: str, key: str) -> Any:
        self.require(Permission.REVIEW_DECISION_EDIT)
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        row = get_visible(session, PublicationRecord, key, self.actor)
        self.found(row if row.call_id == one.id else None)
        form = EndForm(request.form)
        page = FormPage(
            title="公表の取りやめ",
            lead="公表したという記録は残ります。",
            form=form,
            action_url=url_for(".end_publication_view", call=one.id, key=row.id),
            cancel_url=url_for(".publication_view", call=one.id),
            submit_label="取りやめる",
        )

        def end() -> Response:
            publication.end_publication(
                session, actor=self.actor, record_id=as_key(key) or 0, reason=form.reason.data or ""
            )
            return self.go(".publication_view", "公表を取りやめました。", call=one.id)

        return self.ask(page, end)

    @expose("/<call>/publication/public.<form>")
    def public_file_view(self, call: str, form: str) -> Response:
        """What is public today, as a file to put out: csv, json or pdf."""
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        make, media_type = self.found(_MAKERS.get(form))
        content = publication.public_content(session, one, today_in_tokyo())
        return attachment(make(content), f"審査結果の公表_{one.name}.{form}", media_type)
