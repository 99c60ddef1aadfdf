"""Pages of one group's form of a yearly confirmation: its state, its workbook, confirming without one."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.downloads import attachment
from admin_views.pages import FormPage
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.audit.access_notes import note_access
from app.directory import rounds_queries, rounds_taking
from app.directory.rounds_form import file_name, form_number, write_group_form
from app.exchange.writing import XLSX_TYPE
from app.japanese.dates import format_date, format_datetime, format_fiscal_year
from app.problems import NotFound
from app.webforms import BackOfficeForm, LongTextField
from models.directory_rounds import ConfirmationState, UploadState

UPLOAD_MARKS = {
    UploadState.PENDING: "warning",
    UploadState.TAKEN: "success",
    UploadState.SET_ASIDE: "muted",
    UploadState.UNREADABLE: "danger",
}


class ConfirmForm(BackOfficeForm):
    """How a group confirmed without a form."""

    note = LongTextField(
        "確認のしかた",
        [InputRequired("入力してください。")],
        length=1_000,
        description="例: 電話で、登録内容に変わりがないことを聞き取った。",
    )


class FormScreen(Screen):
    """年次確認の様式."""

    permission = Permission.CONFIRMATION_ROUND_MANAGE
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name="年次確認の様式", endpoint="confirmation-form", url="/confirmation-forms")

    @expose("/")
    def index(self) -> Any:
        return self.go("confirmation-round.index")

    @expose("/<key>/")
    def form_view(self, key: str) -> Any:
        form = rounds_queries.get_form(self.db_session(), self.actor, key)
        one, organization = form.round, form.organization
        is_open = one.closed_at is None
        stays = {True: "続ける", False: "やめる", None: None}[form.stays_registered]
        secret = str(current_app.extensions["settings"].secret_key)
        facts = [
            ("様式番号", form_number(secret, one.id, form.id)),
            ("回答期限", format_date(one.due_on)),
            ("届いた日時", format_datetime(form.returned_at) if form.returned_at else None),
            ("記入者", form.answered_by),
            ("記入日", format_date(form.answered_on) if form.answered_on else None),
            ("登録の継続", stays),
            ("確認した日時", format_datetime(form.accepted_at) if form.accepted_at else None),
            ("確認した職員", form.accepted_by.display_name if form.accepted_by else None),
            ("確認のしかた", form.note),
            ("取り入れなかった項目", "、".join(form.left_out or []) or None),
        ]
        return self.render(
            "confirmation/form.html",
            title=f"年次確認: {organization}",
            round_title=f"登録内容の年次確認({format_fiscal_year(one.fiscal_year)})",
            round_url=url_for("confirmation-round.round_view", key=one.id),
            organization_url=url_for("organization.details_view", key=organization.id),
            organization=str(organization),
            state=(form.state.label, {"waiting": "neutral", "returned": "warning"}.get(form.state.value, "success")),
            facts=[fact for fact in facts if fact[1]],
            is_open=is_open,
            leaves=form.stays_registered is False,
            form_url=url_for(".form_file_view", key=form.id) if is_open else None,
            confirm_url=url_for(".confirm_view", key=form.id)
            if is_open and form.state is ConfirmationState.WAITING
            else None,
            uploads=[
                {
                    "name": upload.file_name,
                    "when": format_datetime(upload.uploaded_at),
                    "state": (upload.state.label, UPLOAD_MARKS[upload.state]),
                    "problem": upload.problem,
                    "url": url_for("confirmation-upload.differences_view", key=upload.id)
                    if upload.state is UploadState.PENDING
                    else None,
                }
                for upload in form.uploads
            ],
            reminders=[
                (
                    format_datetime(reminder.reminded_at),
                    reminder.reminded_by.display_name if reminder.reminded_by else "",
                    [reminder.text],
                )
                for reminder in form.reminders
            ],
        )

    @expose("/<key>/form.xlsx")
    def form_file_view(self, key: str) -> Any:
        session = self.db_session()
        form = rounds_queries.get_form(session, self.actor, key)
        if form.round.closed_at is not None:
            raise NotFound("この年次確認は終了しているため、様式は作れません。")
        form_id, round_id, organization_id = form.id, form.round_id, form.organization_id
        note_access(self.actor, "export", "organization", organization_id, 1, "登録内容の年次確認の様式の作成")
        choices = rounds_queries.field_choices(session)
        form, asked = next(rounds_queries.request_of(session, self.actor, round_id, [form_id], choices))
        name = file_name(asked.fiscal_year, organization_id, form.organization.name)
        content = write_group_form(asked, str(current_app.extensions["settings"].secret_key))
        return attachment(content, name, XLSX_TYPE)

    @expose("/<key>/confirm/", methods=("GET", "POST"))
    def confirm_view(self, key: str) -> Any:
        found = rounds_queries.get_form(self.db_session(), self.actor, key)
        form = ConfirmForm(request.form)
        page = FormPage(
            title=f"様式によらない確認: {found.organization}",
            lead="電話や窓口で、登録内容に変わりがないことを団体に確かめたときに使います。変わったところは、先に団体の画面で直してください。",
            form=form,
            action_url=url_for(".confirm_view", key=key),
            cancel_url=url_for(".form_view", key=key),
            version=found.version,
            submit_label="確認済みにする",
        )

        def confirm() -> Response:
            rounds_taking.confirm_without_form(
                self.db_session(),
                actor=self.actor,
                form_id=found.id,
                note=form.note.data or "",
                seen_version=as_key(request.form.get("version", "")) or 0,
            )
            return self.go("confirmation-form.form_view", "確認済みにしました。", key=key)

        return self.ask(page, confirm)
