"""Screens of a proposal's papers, files and versions."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, redirect, request, url_for
from flask_admin import expose
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.proposal_contacts import ContactPages
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.calls import file_services, proposal_services, queries, versions
from app.files.services import download
from app.japanese.dates import format_date
from app.problems import Invalid
from app.webforms import BackOfficeForm, ChoiceField, DateField, NeededWhen, optional
from models.proposal_story import PaperState


class PapersForm(BackOfficeForm):
    """The day of receipt; one choice a paper is added by the page."""

    received_on = DateField("受領日", [optional()], description="新しく受領にした書類の日付です。空のときは今日です。")


class PaperScreen(ContactPages):
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
