"""What is done with a call: prepared from an earlier one, its challenges chosen, opened, finished."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.call_forms import OpenForm, PrepareForm, ShowForm
from admin_views.pages import FormPage
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, scoped
from app.calls import call_opening, call_services, queries
from app.calls.call_calendar import deviations_of
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.problems import Invalid, Problem
from models.calls import Call
from models.reference import Program


class CallActs:
    """Mixed into the view of calls."""

    def _edit_page(self: Any, record: Any, form: Any, errors: list[str] | None = None) -> FormPage:
        page: FormPage = super()._edit_page(record, form, errors)  # type: ignore[misc]
        page.is_dense = True
        page.lead = "「必須」のほかは任意です。空の値は「未設定」として、それが要るところに表示されます。"
        return page

    # --- preparing -------------------------------------------------------------------------------------------

    @expose("/prepare/", methods=("GET", "POST"))
    def prepare_view(self: Any) -> Any:
        self.require(Permission.CALL_EDIT)
        earlier = self.db_session.scalars(
            scoped(Call, self.actor).order_by(
                Call.fiscal_year.desc(), Call.program_id, Call.round_number.desc(), Call.id
            )
        ).all()
        asked = as_key(request.args.get("source", ""))
        latest = next((call for call in earlier if call.id == asked), earlier[0] if earlier else None)
        form = PrepareForm(
            request.form,
            data={
                "fiscal_year": fiscal_year_of(today_in_tokyo()) + 1,
                "program_id": latest.program_id if latest else None,
                "copied_from_id": latest.id if latest else None,
            },
        )
        form.copied_from_id.choices = [("", form.copied_from_id.empty), *((one.id, one.name) for one in earlier)]
        page = FormPage(
            title="募集の準備",
            lead="前の募集を写して始めると、違うところだけを直せば済みます。",
            form=form,
            action_url=url_for(".prepare_view"),
            cancel_url=url_for(".index_view"),
            submit_label="準備を始める",
        )

        def prepare() -> Response:
            source = find_visible(self.db_session, Call, form.copied_from_id.data, self.actor)
            program = self.found(self.db_session.get(Program, form.program_id.data))
            if source is not None and source.program_id != program.id:
                same = next((one for one in earlier if one.program_id == program.id), None)
                form.copied_from_id.data = same.id if same is not None else None
                told = f"「{same.name}」に変えました。" if same is not None else "「写さずに始める」に変えました。"
                raise Invalid(
                    f"写し元の募集の制度が違ったため、{told}確かめて、もう一度押してください。",
                )
            call = call_services.prepare_call(
                self.db_session,
                actor=self.actor,
                program=program,
                fiscal_year=form.fiscal_year.data,
                copied_from=source,
            )
            return self.go("call.edit_view", "募集の準備を始めました。日付と金額を確かめてください。", key=call.id)

        return self.ask(page, prepare)

    @expose("/<key>/challenges/", methods=("GET", "POST"))
    def challenges_view(self: Any, key: str) -> Any:
        self.require(Permission.CALL_EDIT)
        record = self.one(key)
        rows = queries.challenges_for_call(self.db_session, self.actor, record)
        form = ShowForm(request.form, data={"challenges": [one.id for one in record.challenges]})
        form.challenges.choices = [(one.id, f"{one.title}({one.department.name})") for one in rows]
        page = FormPage(
            title=f"示す課題・テーマ: {record.name}",
            lead="提示が決まった課題から選びます。"
            if rows
            else "提示が決まった課題がまだありません。先に決定を記録してください。",
            form=form,
            action_url=url_for(".challenges_view", key=key),
            cancel_url=url_for(".details_view", key=key),
        )

        def show() -> Response:
            chosen = set(form.challenges.data or [])
            call_services.show_challenges(
                self.db_session, actor=self.actor, call=record, challenges=[one for one in rows if one.id in chosen]
            )
            return self.go("call.details_view", "示す課題・テーマを保存しました。", key=key)

        return self.ask(page, show)

    def _step(self: Any, key: str, verb: Any, message: str) -> Any:
        self.require(Permission.CALL_EDIT)
        record = self.one(key)
        try:
            verb(self.db_session, actor=self.actor, call=record)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go("call.details_view", key=key)
        return self.go("call.details_view", message, key=key)

    @expose("/<key>/open/", methods=("GET", "POST"))
    def open_view(self: Any, key: str) -> Any:
        """Opened at once; where the dates leave the program's months, a page asks for the reason first."""
        self.require(Permission.CALL_EDIT)
        record = self.one(key)
        form = OpenForm(request.form, data={"reason": record.calendar_reason})
        outside = deviations_of(record)
        page = FormPage(
            title=f"募集の公開: {record.name}",
            lead="公開すると、規則・金額・期間を固定し、担当課や委員も募集を閲覧できるようになります。",
            form=form,
            action_url=url_for(".open_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            submit_label="公開する",
            notice=("日程が制度の時期と違います", " ".join(outside), "warning") if outside else None,
        )

        def publish() -> Response:
            call_opening.open_call(self.db_session, actor=self.actor, call=record, reason=form.reason.data)
            return self.go("call.details_view", "募集を公開しました。規則の写しを固定しました。", key=key)

        return self.ask(page, publish)

    @expose("/<key>/finish/", methods=("POST",))
    def finish_view(self: Any, key: str) -> Any:
        return self._step(key, call_opening.finish_call, "募集を終了しました。")
