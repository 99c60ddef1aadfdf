"""Pages of a form that came back: its differences, taking all or some of them, putting it aside."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.audit.access_notes import note_access
from app.directory import rounds, rounds_queries, rounds_taking
from app.directory.fields import CONTACTS
from app.directory.rounds_rules import BOTH, CHANGED, EMPTIED, KIND_LABELS, NEW
from app.files.services import download
from app.japanese.dates import format_date
from app.problems import NotFound, Problem
from models.directory_rounds import UploadState

_MARKS = {NEW: "success", CHANGED: "info", EMPTIED: "warning", BOTH: "danger"}


class UploadScreen(Screen):
    """届いた様式."""

    permission = Permission.CONFIRMATION_ROUND_MANAGE
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name="届いた様式", endpoint="confirmation-upload", url="/confirmation-uploads")

    @expose("/")
    def index(self) -> Any:
        return self.go("confirmation-round.index")

    @expose("/<key>/differences/")
    def differences_view(self, key: str) -> Any:
        session = self.db_session()
        upload = rounds_queries.get_upload(session, self.actor, key)
        form = upload.form
        if form is None or upload.state is not UploadState.PENDING:
            raise NotFound("このファイルは、すでに取り込んだか、使わないことになっています。")
        shown = rounds_taking.answer_of(upload).fields
        if any(field.name in shown for field in CONTACTS):
            note_access(self.actor, "display", "organization", form.organization_id, 1, "届いた年次確認の様式の確認")
            upload = rounds_queries.get_upload(session, self.actor, key)
            form = upload.form
            assert form is not None
        found, answer = rounds_taking.differences_of(session, upload), rounds_taking.answer_of(upload)
        return self.render(
            "confirmation/differences.html",
            title=f"届いた様式との違い: {form.organization}",
            form_url=url_for("confirmation-form.form_view", key=form.id),
            round_url=url_for("confirmation-round.round_view", key=form.round_id),
            organization_url=url_for("organization.details_view", key=form.organization_id),
            file_name=upload.file_name,
            problem=upload.problem,
            others=[
                (one.file_name, url_for(".differences_view", key=one.id))
                for one in form.uploads
                if one.id != upload.id and one.state is UploadState.PENDING
            ],
            facts=[
                ("記入者", _said(answer, "answered_by")),
                ("記入日", _day(_said(answer, "answered_on"))),
                ("登録の継続", {"yes": "続ける", "no": "やめる"}.get(_said(answer, "stays") or "")),
            ],
            items=[(one, KIND_LABELS[one.kind], _MARKS[one.kind]) for one in found.items],
            kept=found.kept,
            problems=answer.problems,
            remarks=answer.remarks,
            seen=rounds_taking.fingerprint(upload),
            take_url=url_for(".take_view", key=key),
            aside_url=url_for(".set_aside_view", key=key),
            file_url=url_for(".file_view", key=key) if upload.file_id else None,
        )

    @expose("/<key>/take/", methods=("POST",))
    def take_view(self, key: str) -> Response:
        upload = rounds_queries.get_upload(self.db_session(), self.actor, key)
        upload_id = upload.id
        try:
            form = rounds_taking.take(
                self.db_session(),
                actor=self.actor,
                upload_id=upload_id,
                chosen=set(request.form.getlist("item")),
                seen=request.form.get("seen", ""),
            )
        except Problem as problem:
            self.db_session().rollback()
            flash(" ".join(dict.fromkeys([problem.message, *problem.fields.values()])), "error")
            return redirect(url_for(".differences_view", key=key), code=303)  # type: ignore[return-value]
        left = f"取り入れなかった項目が{len(form.left_out)}件あります。" if form.left_out else ""
        return self.go("confirmation-form.form_view", f"様式を取り込み、確認済みにしました。{left}", key=form.id)

    @expose("/<key>/set-aside/", methods=("POST",))
    def set_aside_view(self, key: str) -> Response:
        upload = rounds_queries.get_upload(self.db_session(), self.actor, key)
        upload_id, round_id = upload.id, upload.round_id
        try:
            rounds.set_aside(self.db_session(), actor=self.actor, upload_id=upload_id)
        except Problem as problem:
            self.db_session().rollback()
            flash(problem.message, "error")
            return redirect(url_for("confirmation-round.round_view", key=round_id), code=303)  # type: ignore[return-value]
        return self.go("confirmation-round.round_view", "このファイルは使わないことにしました。", key=round_id)

    @expose("/<key>/file/")
    def file_view(self, key: str) -> Response:
        upload = rounds_queries.get_upload(self.db_session(), self.actor, key)
        file_id = upload.file_id
        if file_id is None:
            raise NotFound("このファイルは残っていません。")
        group = upload.form.organization_id if upload.form else None
        note_access(self.actor, "export", "organization", group, 1, "届いた年次確認の様式の受取り")
        found = download(
            self.db_session(), actor=self.actor, settings=current_app.extensions["settings"], file_id=file_id
        )
        return FlaskResponse(found.content, mimetype=found.media_type, headers=found.headers)


def _day(text: str | None) -> str | None:
    return format_date(dt.date.fromisoformat(text)) if text else None


def _said(answer: Any, name: str) -> str | None:
    cell = answer.fields.get(name)
    return str(cell.value) if cell is not None and cell.value is not None else None
