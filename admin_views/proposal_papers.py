"""Screens of a proposal's papers, files and versions, and asking for the group's contact."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, redirect, request, url_for
from flask_admin import expose
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.pages import ConfirmPage, FormPage
from admin_views.proposal_base import ProposalScreen
from admin_views.proposal_form import REQUIRED
from admin_views.proposal_page import may_ask_contacts
from admin_views.proposal_told import contacts_of
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, is_editable
from app.audit.access_notes import note_access
from app.calls import contact_erasure, file_services, proposal_services, queries, versions
from app.calls.policy import is_office
from app.calls.workflow import FINAL_STATES
from app.files.services import download
from app.japanese.dates import format_date
from app.problems import Invalid, Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, NeededWhen, optional
from models.proposal_story import PaperState


class PapersForm(BackOfficeForm):
    """The day of receipt; one choice a paper is added by the page."""

    received_on = DateField("受領日", [optional()], description="新しく受領にした書類の日付です。空のときは今日です。")


class PurposeForm(BackOfficeForm):
    """Why a contact is asked for."""

    purpose = LineField(
        "目的", [InputRequired(REQUIRED)], length=200, description="例: 日程の調整のため。閲覧の記録に残ります。"
    )


class EraseForm(BackOfficeForm):
    """Why a contact is erased."""

    reason = LineField(
        "消去する理由", [InputRequired(REQUIRED)], length=200, description="例: 本人からの申出、事業の完了"
    )


class PaperScreen(ProposalScreen):
    """提出書類と版."""

    def __init__(self) -> None:
        super().__init__(name="提出書類", endpoint="proposal-paper", url="/proposal-paper")

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("proposal.index_view"))

    @expose("/<key>/papers/", methods=("GET", "POST"))
    def papers_view(self, key: str) -> Any:
        self.require(Permission.PROPOSAL_EDIT)
        proposal = self.proposal_of(key)
        rows = queries.papers_of_proposal(self.db_session(), self.actor, proposal)
        fields = {
            f"paper_{row.key}": ChoiceField(
                row.label,
                [NeededWhen("必須の書類") if row.is_required else optional()],
                choices=PaperState.choices(),
                coerce=PaperState,
                empty=None,
            )
            for row in rows
        }
        form = type("ChecklistForm", (PapersForm,), fields)(
            request.form, data={f"paper_{row.key}": row.state for row in rows}
        )
        page = FormPage(
            title=f"提出書類の確認: {proposal.title}",
            form=form,
            action_url=url_for(".papers_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            groups=[("書類", list(fields)), ("受領", ["received_on"])],
            template="calls/papers.html",
            values={"answers": [form[name].id for name in fields]},
        )

        def save() -> Response:
            proposal_services.set_papers(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                states={row.key: form[f"paper_{row.key}"].data or row.state for row in rows},
                received_on=form.received_on.data,
            )
            return self.back(proposal, "提出書類の状況を保存しました。", "papers")

        return self.ask(page, save)

    @expose("/<key>/file/", methods=("POST",))
    def file_add_view(self, key: str) -> Response:
        self.require(Permission.PROPOSAL_EDIT)
        proposal = self.proposal_of(key)
        settings = current_app.extensions["settings"]
        sent = request.files.get("file")

        def attach() -> None:
            if sent is None or not sent.filename:
                raise Invalid("添付するファイルを選んでください。")
            file_services.attach_file(
                self.db_session(),
                actor=self.actor,
                settings=settings,
                proposal=proposal,
                content=sent.stream.read(settings.max_upload_bytes + 1),
                name=sent.filename,
                is_private=request.form.get("is_private") == "y",
            )

        return self.run(proposal, attach, "書類を添付しました。", "papers")

    @expose("/<key>/file/<file>/")
    def file_view(self, key: str, file: str) -> FlaskResponse:
        proposal = self.proposal_of(key)
        number = as_key(file) or 0
        known = {row.id for row in file_services.readable_files(self.db_session(), self.actor, proposal)}
        if number not in known:
            raise NotFound
        found = download(
            self.db_session(), actor=self.actor, settings=current_app.extensions["settings"], file_id=number
        )
        return FlaskResponse(found.content, mimetype=found.media_type, headers=found.headers)

    @expose("/<key>/file/<file>/remove/", methods=("POST",))
    def file_remove_view(self, key: str, file: str) -> Response:
        self.require(Permission.PROPOSAL_EDIT)
        proposal = self.proposal_of(key)

        def detach() -> None:
            file_services.detach_file(
                self.db_session(),
                actor=self.actor,
                settings=current_app.extensions["settings"],
                proposal=proposal,
                file_id=as_key(file) or 0,
            )

        return self.run(proposal, detach, "添付を外しました。", "papers")

    @expose("/<key>/freeze/", methods=("POST",))
    def freeze_view(self, key: str) -> Response:
        self.require(Permission.PROPOSAL_EDIT)
        proposal = self.proposal_of(key)
        return self.run(
            proposal,
            lambda: proposal_services.freeze_version(
                self.db_session(), actor=self.actor, proposal=proposal, label="調整後"
            ),
            "版を確定しました。",
            "versions",
        )

    @expose("/<key>/version/<number>/")
    def version_view(self, key: str, number: str) -> Any:
        """One version, and what differs from the one before (or from `?with=n`)."""
        proposal = self.proposal_of(key)
        rows = queries.versions_of(self.db_session(), self.actor, proposal)
        version = queries.get_version(self.db_session(), self.actor, proposal, as_key(number) or 0)
        other_number = as_key(request.args.get("with", "")) or version.number - 1
        other = next((row for row in rows if row.number == other_number), None)
        return self.render(
            "calls/version.html",
            title=f"第{version.number}版({version.label}): {proposal.title}",
            proposal_url=url_for("proposal.details_view", key=key),
            version=version,
            made=format_date(version.made_at.date()),
            rows=[
                (label, versions.in_words(name, version.snapshot.get(name))) for name, label in versions.LABELS.items()
            ],
            other=other,
            differences=versions.differences(other.snapshot, version.snapshot) if other else [],
            links=[
                (f"第{row.number}版と比べる", url_for(".version_view", key=key, number=number, **{"with": row.number}))
                for row in rows
                if row.number != version.number
            ],
        )

    @expose("/<key>/contacts/", methods=("GET", "POST"))
    def contacts_view(self, key: str) -> Any:
        """The group's contact for the department in charge: on purpose, and noted."""
        proposal = self.proposal_of(key)
        number = proposal.id
        if not may_ask_contacts(self.actor, proposal):
            if is_office(self.actor) and is_editable(self.db_session(), proposal, self.actor):
                return redirect(url_for("proposal.details_view", key=key))
            raise NotFound
        form = PurposeForm(request.form)
        page = FormPage(
            title=f"団体の連絡先: {proposal.title}",
            lead="担当課が団体と調整するときに表示できます。だれが、何のために見たかが記録されます。",
            form=form,
            action_url=url_for(".contacts_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
            submit_label="連絡先を表示する",
        )
        if is_posted() and form.validate():
            note_access(self.actor, "display", "proposal", number, 1, form.purpose.data or "")
            proposal = self.proposal_of(key)
            return self.render(
                "calls/contacts.html",
                title=f"団体の連絡先: {proposal.title}",
                rows=contacts_of(proposal),
                back_url=url_for("proposal.details_view", key=key),
            )
        return self.render("model/edit.html", page=page), 422 if is_posted() else 200

    @expose("/<key>/contacts/erase/", methods=("GET", "POST"))
    def contacts_erase_view(self, key: str) -> Any:
        """Ask, then erase whom at the group to reach, for good."""
        self.require(Permission.PROPOSAL_DELETE)
        proposal = self.proposal_of(key)
        form = EraseForm(request.form)
        errors: list[str] = []
        if is_posted() and form.validate():
            try:
                contact_erasure.erase_contacts(
                    self.db_session(),
                    actor=self.actor,
                    proposal=proposal,
                    version=as_key(request.form.get("version", "")) or 0,
                    reason=form.reason.data or "",
                )
            except Problem as problem:
                self.db_session().rollback()
                errors = form.told(problem)
            else:
                return self.back(proposal, "連絡先を消去しました。")
        proposal = self.proposal_of(key)
        is_over = proposal.state in FINAL_STATES
        page = ConfirmPage(
            title=f"団体の連絡先を消去します: {proposal.title}",
            lead="代表者、連絡担当者、電話、メール、住所を消します。元には戻せません。",
            records=[(proposal.title, url_for("proposal.details_view", key=key))],
            consequence="調整の記録の出席者の氏名、取込み前の様式、このメールアドレスに送った通知の内容も消えます。"
            "応募・提案の内容と経過は残ります。バックアップの中の写しは、バックアップの保存期限に消えます。"
            + ("" if is_over else "この応募・提案は、まだ手続の途中です。消去すると団体に連絡できなくなります。"),
            form=form,
            errors=errors,
            submit_label="消去する",
            hidden=[("version", str(proposal.version))],
            action_url=url_for(".contacts_erase_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
        )
        return self.render("model/delete.html", page=page), 422 if is_posted() else 200
