"""Screens of the yearly confirmation: rounds, all forms as a ZIP, what came back, reminders, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.directory_forms import FormScreen
from admin_views.directory_returned import ReturnedPages, upload_line
from admin_views.directory_round_end import EndPages
from admin_views.directory_uploads import UploadScreen
from admin_views.home import link_waiting
from admin_views.job_progress import progress_of
from admin_views.listing import pages_around
from admin_views.pages import FormPage
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.audit.access_notes import note_access
from app.directory import rounds, rounds_jobs, rounds_queries
from app.files.services import download
from app.japanese.dates import fiscal_year_of, format_date, format_datetime, format_fiscal_year, today_in_tokyo
from app.problems import NotFound, Problem
from app.webforms import BackOfficeForm, DateField, FiscalYearField, LongTextField, optional
from models.directory_rounds import ConfirmationForm, ConfirmationRound, ConfirmationState

_REQUIRED = "入力してください。"
_PER_PAGE = 100
STATE_MARKS = {
    ConfirmationState.WAITING: "neutral",
    ConfirmationState.RETURNED: "warning",
    ConfirmationState.ACCEPTED: "success",
}


class RoundForm(BackOfficeForm):
    """What can be changed while a round runs."""

    due_on = DateField("回答期限", [InputRequired(_REQUIRED)])
    message = LongTextField(
        "団体への案内",
        [optional()],
        length=1_000,
        description="様式の上の方に、5行まで印刷されます。送り先や連絡先などを書いてください。",
    )


class OpenForm(RoundForm):
    """A new round."""

    fiscal_year = FiscalYearField("年度", [InputRequired(_REQUIRED)], description="例: 令和8年度、R8、2026")


class RoundScreen(ReturnedPages, EndPages, Screen):
    """登録内容の年次確認."""

    permission = Permission.CONFIRMATION_ROUND_MANAGE

    def __init__(self) -> None:
        super().__init__(name="登録内容の年次確認", endpoint="confirmation-round", url="/confirmation-rounds")

    def _round(self, key: str) -> ConfirmationRound:
        return rounds_queries.get_round(self.db_session(), self.actor, key)

    def _done(self, key: str, run: Callable[[], Any], message: Callable[[Any], str]) -> Response:
        """Run a verb and go back to the round; a refusal is shown there."""
        try:
            found = run()
        except Problem as problem:
            self.db_session().rollback()
            if isinstance(problem, NotFound):
                raise
            flash(" ".join([problem.message, *problem.fields.values()]), "error")
        else:
            flash(message(found), "success")
        return redirect(url_for("confirmation-round.round_view", key=key), code=303)  # type: ignore[return-value]

    # --- rounds --------------------------------------------------------------------------------------------

    @expose("/")
    def index(self) -> Any:
        rows = []
        for one in rounds_queries.rounds(self.db_session(), self.actor):
            counts = rounds_queries.state_counts(self.db_session(), one)
            total = sum(counts.values())
            rows.append(
                {
                    "year": format_fiscal_year(one.fiscal_year),
                    "url": url_for(".round_view", key=one.id),
                    "due": format_date(one.due_on),
                    "state": ("終了", "muted") if one.closed_at else ("受付中", "info"),
                    "answered": f"{total - counts[ConfirmationState.WAITING]:,} / {total:,}団体",
                    "accepted": f"{counts[ConfirmationState.ACCEPTED]:,}団体",
                }
            )
        has_open = any(row["state"][0] == "受付中" for row in rows)
        return self.render("confirmation/rounds.html", rows=rows, has_open=has_open)

    @expose("/open/", methods=("GET", "POST"))
    def open_view(self) -> Any:
        form = OpenForm(request.form, fiscal_year=fiscal_year_of(today_in_tokyo()))
        page = FormPage(
            title="登録内容の年次確認を始める",
            lead="あすぴあに登録している団体すべてについて、いまの登録内容を記入した様式(Excel)を用意します。",
            form=form,
            groups=[("年次確認", ["fiscal_year", "due_on", "message"])],
            action_url=url_for(".open_view"),
            cancel_url=url_for(".index"),
            submit_label="始める",
        )

        def start() -> Response:
            opened = rounds.open_round(
                self.db_session(),
                actor=self.actor,
                fiscal_year=form.fiscal_year.data,
                due_on=form.due_on.data,
                message=form.message.data or "",
            )
            message = "年次確認を始めました。様式を作って、団体に送ってください。"
            return self.go("confirmation-round.round_view", message, key=opened.id)

        return self.ask(page, start)

    @expose("/<key>/")
    def round_view(self, key: str) -> Any:
        one = self._round(key)
        session = self.db_session()
        counts = rounds_queries.state_counts(session, one)
        chosen = request.args.get("state", "")
        state = ConfirmationState(chosen) if chosen in set(ConfirmationState) else None
        wanted = min(as_key(request.args.get("page", "1")) or 1, 100_000)
        found = rounds_queries.forms_page(session, self.actor, one, state=state, page=wanted, per_page=_PER_PAGE)
        last = max(1, -(-found.total // _PER_PAGE))
        pages = None
        if last > 1:
            pages = pages_around(
                min(wanted, last), last, lambda number: url_for(".round_view", key=key, state=chosen, page=number)
            )
        is_open = one.closed_at is None
        job = rounds_jobs.last_job(session, rounds_jobs.FORMS, "confirmation_round", one.id)
        package = rounds_jobs.package_of(session, one.id)
        return self.render(
            "confirmation/round.html",
            one=one,
            title=f"登録内容の年次確認({format_fiscal_year(one.fiscal_year)})",
            due=format_date(one.due_on),
            opened=format_datetime(one.opened_at),
            closed=format_datetime(one.closed_at) if one.closed_at else None,
            is_open=is_open,
            is_late=is_open and one.due_on < today_in_tokyo() and counts[ConfirmationState.WAITING] > 0,
            total=sum(counts.values()),
            tabs=[
                ("すべて", url_for(".round_view", key=key), state is None),
                *(
                    (f"{each.label} {number:,}", url_for(".round_view", key=key, state=each.value), each is state)
                    for each, number in counts.items()
                ),
            ],
            counts=[(each.label, number, STATE_MARKS[each]) for each, number in counts.items()],
            rows=[_line(form) for form in found.forms],
            pages=pages,
            uploads=[upload_line(upload) for upload in rounds_queries.open_uploads(session, self.actor, one)],
            take_url=url_for(".take_view", key=key) if counts[ConfirmationState.RETURNED] > 1 else None,
            progress=progress_of(job, "様式の作成"),
            package=(package.name, format_datetime(package.created_at)) if package else None,
            not_asked=rounds_queries.count_not_asked(session, one) if is_open else 0,
            steps=self._steps(one, counts) if is_open else [],
            max_files=rounds.MAX_FILES,
        )

    def _steps(self, one: ConfirmationRound, counts: dict[ConfirmationState, int]) -> list[Any]:
        waiting, returned = counts[ConfirmationState.WAITING], counts[ConfirmationState.RETURNED]
        why = "すべての団体が答えています。" if not waiting else None
        stop = f"確かめていない様式が{returned}団体分あります。" if returned else None
        return [
            ("未回答の団体に連絡する", url_for(".remind_view", key=one.id), "get", why),
            ("年次確認を終了する", url_for(".close_view", key=one.id), "get", stop),
        ]

    @expose("/<key>/edit/", methods=("GET", "POST"))
    def edit_view(self, key: str) -> Any:
        one = self._round(key)
        form = RoundForm(request.form, due_on=one.due_on, message=one.message)
        page = FormPage(
            title=f"年次確認({format_fiscal_year(one.fiscal_year)})の案内と期限",
            lead="変更すると、作ってあった様式の一式(ZIP)は消えます。作り直してください。",
            form=form,
            action_url=url_for(".edit_view", key=key),
            cancel_url=url_for(".round_view", key=key),
            version=one.version,
        )

        def change() -> Response:
            rounds.update_round(
                self.db_session(),
                actor=self.actor,
                round_id=one.id,
                seen_version=as_key(request.form.get("version", "")) or 0,
                due_on=form.due_on.data,
                message=form.message.data or "",
            )
            return self.go("confirmation-round.round_view", "案内と期限を変更しました。", key=key)

        return self.ask(page, change)

    @expose("/<key>/ask/", methods=("POST",))
    def ask_view(self, key: str) -> Response:
        one = self._round(key)
        return self._done(
            key,
            lambda: rounds.ask_further(self.db_session(), actor=self.actor, round_id=one.id),
            lambda number: f"{number}団体を対象に加えました。",
        )

    # --- all forms at once ---------------------------------------------------------------------------------

    @expose("/<key>/forms/", methods=("POST",))
    def forms_view(self, key: str) -> Response:
        one = self._round(key)
        return self._done(
            key,
            lambda: rounds_jobs.request_forms(self.db_session(), actor=self.actor, round_id=one.id),
            lambda job: "様式を作り始めました。",
        )

    @expose("/<key>/progress/")
    def progress_view(self, key: str) -> Any:
        one = self._round(key)
        job = rounds_jobs.last_job(self.db_session(), rounds_jobs.FORMS, "confirmation_round", one.id)
        return self.render(
            "jobs/progress.html",
            progress=progress_of(job, "様式の作成"),
            back_url=url_for(".round_view", key=key),
        )

    @expose("/<key>/forms.zip")
    def package_view(self, key: str) -> Any:
        one = self._round(key)
        package = rounds_jobs.package_of(self.db_session(), one.id)
        if package is None:
            raise NotFound("様式の一式はまだ作られていません。")
        file_id, label = package.id, format_fiscal_year(one.fiscal_year)
        note_access(self.actor, "export", "organization", None, 1, f"登録内容の年次確認({label})の様式の受取り")
        found = download(
            self.db_session(), actor=self.actor, settings=current_app.extensions["settings"], file_id=file_id
        )
        return FlaskResponse(found.content, mimetype=found.media_type, headers=found.headers)


def _line(form: ConfirmationForm) -> dict[str, Any]:
    last = form.reminders[-1] if form.reminders else None
    return {
        "name": str(form.organization),
        "url": url_for("confirmation-form.form_view", key=form.id),
        "state": (form.state.label, STATE_MARKS[form.state]),
        "returned": format_datetime(form.returned_at) if form.returned_at else "",
        "accepted": format_datetime(form.accepted_at) if form.accepted_at else "",
        "by": form.accepted_by.display_name if form.accepted_by else "",
        "left_out": len(form.left_out or []),
        "leaves": form.stays_registered is False,
        "reminded": f"{len(form.reminders)}回({format_datetime(last.reminded_at)})" if last else "",
    }


link_waiting("confirmation_round", lambda waiting: url_for("confirmation-round.round_view", key=waiting.key))
link_waiting("confirmation_remind", lambda waiting: url_for("confirmation-round.remind_view", key=waiting.key))


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [RoundScreen(), FormScreen(), UploadScreen()]
