"""Pages of a department's Excel form: download, upload, the differences, taking them or not."""

from __future__ import annotations

import io
from typing import Any

from flask import current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.survey_answers import AnswerScreen, number_of, refuse
from app.access.permissions import Permission
from app.exchange.writing import XLSX_TYPE
from app.problems import Conflict, Invalid
from app.registry import survey_exchange, survey_uploads

MAX_UPLOAD_BYTES = 5 * 1024 * 1024
KINDS = {"new": "新規", "changed": "変更", "unchanged": "違いなし", "wrong": "読み取れない行"}
KIND_MARKS = {"new": "success", "changed": "info", "unchanged": "neutral", "wrong": "danger"}


class FormPages(AnswerScreen):
    """Part of the screen of a response."""

    def _secret(self) -> str:
        return str(current_app.extensions["settings"].secret_key)

    @expose("/<key>/form.xlsx")
    def form_file_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_ANSWER)
        name, content = survey_exchange.form_file(self.db_session(), self.actor, number_of(key), self._secret())
        return send_file(io.BytesIO(content), mimetype=XLSX_TYPE, download_name=name, as_attachment=True)

    @expose("/<key>/upload/", methods=("POST",))
    def upload_view(self, key: str) -> Response:
        self.require(Permission.SURVEY_ANSWER)
        number = number_of(key)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self.done(number, lambda: refuse("入力した様式のファイルを選んでください。"), "")
        content = sent.stream.read(MAX_UPLOAD_BYTES + 1)
        if len(content) > MAX_UPLOAD_BYTES:
            return self.done(
                number, lambda: refuse("ファイルが大きすぎます(5MBまで)。ダウンロードした様式を使ってください。"), ""
            )
        try:
            survey_uploads.receive(
                self.db_session(),
                actor=self.actor,
                response_id=number,
                content=content,
                file_name=sent.filename,
                secret=self._secret(),
            )
        except (Conflict, Invalid) as problem:
            flash(problem.message, "error")
            return redirect(url_for(".response_view", key=key), code=303)  # type: ignore[return-value]
        return redirect(url_for(".differences_view", key=key), code=303)  # type: ignore[return-value]

    @expose("/<key>/differences/")
    def differences_view(self, key: str) -> Any:
        self.require(Permission.SURVEY_ANSWER)
        response = self.response_of(key)
        upload = self.found(survey_uploads.find_upload(self.db_session(), self.actor, response.id))
        found = survey_uploads.differences_of(self.db_session(), response, upload)
        return self.render(
            "survey/differences.html",
            title=f"様式と回答の違い({response.department.name})",
            file_name=upload.file_name,
            response_url=url_for(".response_view", key=key),
            take_url=url_for(".take_view", key=key),
            discard_url=url_for(".discard_view", key=key),
            seen=survey_uploads.fingerprint(response, upload),
            counts=[(label, found.count(kind)) for kind, label in KINDS.items()],
            rows=[(KINDS[row.kind], KIND_MARKS[row.kind], row) for row in found.rows if row.kind != "unchanged"],
            kept=found.kept,
            wrong=found.count("wrong"),
        )

    @expose("/<key>/take/", methods=("POST",))
    def take_view(self, key: str) -> Response:
        self.require(Permission.SURVEY_ANSWER)
        number = number_of(key)
        try:
            found = survey_uploads.take(
                self.db_session(), actor=self.actor, response_id=number, seen=request.form.get("seen", "")
            )
        except (Conflict, Invalid) as problem:
            flash(problem.message, "error")
            return redirect(url_for(".differences_view", key=key), code=303)  # type: ignore[return-value]
        message = f"様式を取り込みました(新規{found.count('new')}件、変更{found.count('changed')}件)。内容を確かめて提出してください。"
        return self.go("survey-response.response_view", message, key=number)

    @expose("/<key>/discard/", methods=("POST",))
    def discard_view(self, key: str) -> Response:
        number = number_of(key)
        return self.done(
            number,
            lambda: survey_uploads.discard(self.db_session(), actor=self.actor, response_id=number),
            "様式の取込みをやめました。回答は変わっていません。",
        )
