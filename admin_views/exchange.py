"""Screens of imports: choose and upload a file, preview, apply, report, undo; progress; downloads."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.home import link_waiting
from admin_views.import_page import counts_in_words, facts_of, list_url_of, progress_of
from admin_views.listing import pages_around
from admin_views.screens import Screen, is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.exchange import queries, services
from app.exchange.blank_forms import blank_form
from app.exchange.describing import (
    columns_of,
    counts_of,
    options_from,
    row_line,
    status_of,
)
from app.exchange.queries import RunState
from app.exchange.report import wrong_rows_file
from app.exchange.specs import ImportSpec, get_import, imports_for
from app.exchange.writing import XLSX_TYPE
from app.files.names import disposition
from app.files.services import download
from app.japanese.dates import format_datetime
from app.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from models.exchange import RowKind

_PER_PAGE = 50
_RUNS_PER_PAGE = 30
_KIND_MARKS = {RowKind.WRONG: "danger", RowKind.NEW: "success", RowKind.CHANGED: "info", RowKind.UNCHANGED: "neutral"}


class ImportScreen(Screen):
    """取込."""

    permission = Permission.IMPORT_RUN

    def __init__(self) -> None:
        super().__init__(name="Excel・CSVの取込み", endpoint="import", url="/imports")

    # --- what pages share ----------------------------------------------------------------------------------

    @property
    def settings(self) -> Any:
        """The installation's settings."""
        return current_app.extensions["settings"]

    def _state(self, key: str) -> RunState:
        number = as_key(key)
        if number is None:
            raise NotFound
        return queries.get_run(self.db_session(), actor=self.actor, run_id=number, settings=self.settings)

    def _spec(self, name: str) -> ImportSpec:
        spec = get_import(name)
        if not self.actor.may(spec.permission):
            raise NotAllowed
        return spec

    # --- list and upload -----------------------------------------------------------------------------------

    @expose("/")
    def index(self) -> Any:
        wanted = as_key(request.args.get("page", "1")) or 1
        page = min(wanted, 1_000_000)
        runs, total = queries.list_runs(self.db_session(), actor=self.actor, page=page, per_page=_RUNS_PER_PAGE)
        last = max(1, -(-total // _RUNS_PER_PAGE))
        rows = [
            {
                "url": url_for(".run_view", key=run.id),
                "title": run.title,
                "file": run.file_name,
                "who": run.actor_label,
                "when": format_datetime(run.created_at),
                "status": status_of(queries.state_of(run, self.actor, self.settings)),
                "counts": counts_in_words(run),
            }
            for run in runs
        ]
        pages = pages_around(page, last, lambda number: url_for(".index", page=number)) if last > 1 else None
        return self.render("exchange/list.html", rows=rows, pages=pages, specs=imports_for(self.actor))

    @expose("/new/")
    def choose_view(self) -> Any:
        return self.render("exchange/choose.html", specs=imports_for(self.actor))

    @expose("/new/<spec_name>/", methods=("GET", "POST"))
    def upload_view(self, spec_name: str) -> Any:
        spec = self._spec(spec_name)
        problem: Problem | None = None
        if is_posted():
            sent = request.files.get("file")
            try:
                options = options_from(spec, request.form)
                if sent is None or not sent.filename:
                    raise Invalid("ファイルを選んでください。", fields={"file": "ファイルを選んでください。"})
                run = services.start_import(
                    self.db_session(),
                    actor=self.actor,
                    settings=self.settings,
                    spec_name=spec.name,
                    content=sent.stream.read(),
                    name=sent.filename,
                    options=options,
                )
            except NotAllowed:
                raise
            except Problem as found:
                self.db_session().rollback()
                problem = found
            else:
                return self.go(".run_view", key=run.id)
        fields = dict(problem.fields) if problem else {}
        columns = spec.columns_for({})
        page = self.render(
            "exchange/upload.html",
            spec=spec,
            columns=columns,
            keeps_all=all(column.keeps_blank or column.required for column in columns),
            sent=request.form,
            fields=fields,
            problem=problem if problem and not fields else None,
            limit_mb=self.settings.max_upload_bytes // 1024 // 1024,
        )
        return page, 422 if problem else 200

    @expose("/new/<spec_name>/form.xlsx")
    def blank_form_view(self, spec_name: str) -> Response:
        spec = self._spec(spec_name)
        return _attachment(blank_form(spec, {}), f"{spec.title}_様式.xlsx")

    # --- one import ----------------------------------------------------------------------------------------

    @expose("/<key>/")
    def run_view(self, key: str) -> Any:
        state = self._state(key)
        run = state.run
        counts = counts_of(run)
        kind = self._chosen_kind(counts)
        total = dict(counts)[kind]
        last = max(1, -(-total // _PER_PAGE))
        page = min(as_key(request.args.get("page", "1")) or 1, last)
        columns = columns_of(run)
        shows_rows = state.is_own and not state.is_busy and not run.is_purged and total > 0
        rows = (
            queries.rows_page(self.db_session(), actor=self.actor, run=run, kind=kind, page=page, per_page=_PER_PAGE)
            if shows_rows
            else []
        )
        pages = None
        if shows_rows and last > 1:
            pages = pages_around(page, last, lambda number: url_for(".run_view", key=run.id, kind=kind, page=number))
        tabs = [
            (f"{one.label} {number:,}件", url_for(".run_view", key=run.id, kind=one), one is kind)
            for one, number in counts
        ]
        return self.render(
            "exchange/run.html",
            state=state,
            run=run,
            status=status_of(state),
            facts=facts_of(state),
            list_url=list_url_of(state),
            counts=[(one.label, f"{number:,}件", _KIND_MARKS[one]) for one, number in counts],
            tabs=tabs,
            kind=kind,
            columns=columns,
            rows=[row_line(row, columns) for row in rows],
            shows_rows=shows_rows,
            pages=pages,
            progress=progress_of(state, self.settings),
        )

    def _chosen_kind(self, counts: list[tuple[RowKind, int]]) -> RowKind:
        asked = request.args.get("kind", "")
        if asked in set(RowKind):
            return RowKind(asked)
        return next((kind for kind, number in counts if number), RowKind.NEW)

    @expose("/<key>/progress/")
    def progress_view(self, key: str) -> Any:
        state = self._state(key)
        return self.render("exchange/progress.html", state=state, progress=progress_of(state, self.settings))

    # --- verbs ---------------------------------------------------------------------------------------------

    def _done(self, key: str, call: Callable[[int], Any], message: str | None = None) -> Response:
        state = self._state(key)
        try:
            call(state.run.id)
        except (Conflict, Invalid) as problem:
            self.db_session().rollback()
            flash(problem.message, "error")
            return redirect(url_for(".run_view", key=key), code=303)  # type: ignore[return-value]
        return self.go(".run_view", message, key=key)

    @expose("/<key>/preview/", methods=("POST",))
    def preview_view(self, key: str) -> Response:
        return self._done(key, lambda run_id: self._ask(services.request_preview, run_id))

    @expose("/<key>/apply/", methods=("POST",))
    def apply_view(self, key: str) -> Response:
        return self._done(key, lambda run_id: self._ask(services.request_apply, run_id))

    @expose("/<key>/undo/", methods=("POST",))
    def undo_view(self, key: str) -> Response:
        return self._done(key, lambda run_id: self._ask(services.request_undo, run_id))

    @expose("/<key>/discard/", methods=("POST",))
    def discard_view(self, key: str) -> Response:
        return self._done(key, lambda run_id: self._ask(services.discard, run_id), "取込を取りやめました。")

    def _ask(self, service: Callable[..., Any], run_id: int) -> None:
        service(self.db_session(), actor=self.actor, settings=self.settings, run_id=run_id)

    # --- downloads -----------------------------------------------------------------------------------------

    @expose("/<key>/wrong.xlsx")
    def wrong_rows_view(self, key: str) -> Response:
        state = self._state(key)
        if not state.is_own:
            raise NotFound
        content = wrong_rows_file(self.db_session(), actor=self.actor, run=state.run)
        return _attachment(content, f"誤りのある行_{state.run.title}.xlsx")

    @expose("/<key>/file/")
    def file_view(self, key: str) -> Response:
        run = self._state(key).run
        if run.file_id is None:
            raise NotFound("ファイルの保存期限が過ぎています。")
        found = download(self.db_session(), actor=self.actor, settings=self.settings, file_id=run.file_id)
        return FlaskResponse(found.content, mimetype=found.media_type, headers=found.headers)


def _attachment(content: bytes, name: str) -> Response:
    response = send_file(io.BytesIO(content), mimetype=XLSX_TYPE)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def screens() -> list[Screen]:
    """The screens of this module."""
    return [ImportScreen()]


link_waiting("import_run", lambda waiting: url_for("import.run_view", key=waiting.key))
