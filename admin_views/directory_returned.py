"""What comes back in a yearly confirmation: many files at once, read; many forms at once, taken."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.screens import is_posted
from app.access.scopes import as_key
from app.directory import rounds, rounds_bulk, rounds_queries
from app.directory.fields import CONTACTS
from app.directory.rounds_rules import Difference
from app.directory.rounds_taking import answer_of
from app.japanese.dates import format_datetime, format_fiscal_year
from app.problems import NotFound, Problem
from models.directory_rounds import UploadState


class ReturnedPages:
    """Mixed into RoundScreen."""

    @expose("/<key>/upload/", methods=("POST",))
    def upload_view(self: Any, key: str) -> Response:
        """Read the files."""
        one = self._round(key)
        sent = [file for file in request.files.getlist("files") if file.filename]
        files = [
            rounds.Sent(str(file.filename), file.stream.read(rounds_queries.MAX_READ_BYTES))
            for file in sent[: rounds.MAX_FILES + 1]
        ]
        found: Response = self._done(
            key,
            lambda: rounds.receive(
                self.db_session(),
                actor=self.actor,
                settings=current_app.extensions["settings"],
                round_id=one.id,
                files=files,
            ),
            _received,
        )
        return found

    @expose("/<key>/take/", methods=("GET", "POST"))
    def take_view(self: Any, key: str) -> Any:
        """Forms that say nothing odd, side by side with what they change: taken together."""
        one = self._round(key)
        round_id, session = one.id, self.db_session()
        errors: list[str] = []
        if is_posted():
            seen = {
                number: request.form.get(f"seen-{number}", "")
                for value in request.form.getlist("upload")
                if (number := as_key(value)) is not None
            }
            try:
                number = rounds_bulk.take_whole(session, actor=self.actor, round_id=round_id, seen=seen)
            except Problem as problem:
                session.rollback()
                if isinstance(problem, NotFound):
                    raise
                errors, one = [" ".join(dict.fromkeys([problem.message, *problem.fields.values()]))], self._round(key)
            else:
                return self.go(
                    "confirmation-round.round_view", f"{number}団体の様式を取り込み、確認済みにしました。", key=key
                )
        found = [] if one.closed_at else rounds_bulk.returned_forms(session, self.actor, one)
        return self.render(
            "confirmation/take.html",
            title=f"届いた様式をまとめて取り込む({format_fiscal_year(one.fiscal_year)})",
            round_url=url_for(".round_view", key=key),
            action_url=url_for(".take_view", key=key),
            plain=[_told(each) for each in found if not each.why],
            odd=[_told(each) for each in found if each.why],
            errors=errors,
            most=rounds_bulk.MOST,
        ), 409 if errors else 200


def _told(one: rounds_bulk.Returned) -> dict[str, Any]:
    cell = answer_of(one.upload).fields.get("answered_by")
    return {
        "id": one.upload.id,
        "seen": one.seen,
        "group": str(one.upload.form.organization) if one.upload.form else "",
        "by": str(cell.value) if cell is not None and cell.value else "",
        "items": [_change(each) for each in one.found.items],
        "why": one.why,
        "url": url_for("confirmation-upload.differences_view", key=one.upload.id),
    }


def _change(one: Difference) -> tuple[str, str]:
    """The label and what changes; contacts are read on the form's own page, where it is noted who reads them."""
    if one.key.removeprefix("field:") in {field.name for field in CONTACTS}:
        return one.label, "変更あり"
    return one.label, f"{one.stored or '(空欄)'} → {one.answered or '(空欄)'}"


def _received(uploads: list[Any]) -> str:
    matched = sum(upload.state is UploadState.PENDING for upload in uploads)
    unreadable = sum(upload.state is UploadState.UNREADABLE for upload in uploads)
    repeated = len(uploads) - matched - unreadable
    parts = [f"{len(uploads)}個のファイルを受け取りました。", f"{matched}個を団体の様式として読み取りました。"]
    if unreadable:
        parts.append(f"{unreadable}個は読み取れません。下の説明をご覧ください。")
    if repeated:
        parts.append(f"{repeated}個は、すでに届いているファイルと同じです。")
    return "".join(parts)


def upload_line(upload: Any) -> dict[str, Any]:
    is_pending = upload.state is UploadState.PENDING
    return {
        "name": upload.file_name,
        "group": str(upload.form.organization) if upload.form else "",
        "when": format_datetime(upload.uploaded_at),
        "problem": upload.problem,
        "state": ("違いを確かめる", "warning") if is_pending else ("読み取れません", "danger"),
        "url": url_for("confirmation-upload.differences_view", key=upload.id) if is_pending else None,
        "file_url": url_for("confirmation-upload.file_view", key=upload.id) if upload.file_id else None,
        "aside_url": url_for("confirmation-upload.set_aside_view", key=upload.id),
    }
