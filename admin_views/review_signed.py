"""Signed papers of a review: declarations, score sheets, minutes. PDFs and pictures open in the browser."""

from __future__ import annotations

from flask import Response, current_app
from flask_admin import expose

from admin_views.review_result_base import ResultPages
from app.access.scopes import as_key
from app.files.services import download, get_file
from app.reviews import concluding
from app.reviews.scans import call_of_scan
from models.review_results import ReviewConclusion


class SignedPages(ResultPages):
    """Part of the screen of results."""

    @expose("/<call>/signed/<file>/")
    def signed_view(self, call: str, file: str) -> Response:
        """A paper whose record the reader may see; the minutes speak of all proposals: for the secretariat alone."""
        session, one, number = self.db_session(), self.result_call(call), as_key(file) or 0
        row = get_file(session, actor=self.actor, file_id=number)
        self.found(row if call_of_scan(session, row) == one.id else None)
        if row.owner_table == ReviewConclusion.__tablename__:
            concluding.require_secretariat(session, self.actor, one.id)
        found = download(session, actor=self.actor, settings=current_app.extensions["settings"], file_id=number)
        return Response(found.content, mimetype=found.media_type, headers=found.inline_headers)
