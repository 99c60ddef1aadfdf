"""Excel forms of proposals: download for a group or of a proposal, upload, the differences, taking them or not."""

from __future__ import annotations

import io
from typing import Any

from flask import current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose
from sqlalchemy import select
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, scoped, visible_to
from app.audit.access_notes import note_access
from app.calls import form_uploads
from app.calls.form_fields import PERSONAL
from app.calls.form_reading import MAX_BYTES
from app.calls.form_writing import form_of
from app.exchange.outgoing import Unwritable
from app.exchange.writing import XLSX_TYPE
from app.japanese.dates import format_datetime, today_in_tokyo
from app.problems import Invalid, Problem
from models.calls import Call, CallState
from models.directory import Organization
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal


class ProposalFormScreen(Screen):
    """応募の様式(Excel)."""

    permission = Permission.PROPOSAL_IMPORT

    def __init__(self) -> None:
        super().__init__(name="応募の様式(Excel)", endpoint="proposal-form", url="/proposal-forms")

    def _secret(self) -> str:
        return str(current_app.extensions["settings"].secret_key)

    @expose("/")
    def index(self) -> Any:
        """Forms to give out, an upload, and what waits to be looked at."""
        return self._index()

    def _index(self, errors: list[str] | None = None) -> Any:
        session = self.db_session()
        calls = session.scalars(
            scoped(Call, self.actor)
            .where(Call.state == CallState.OPEN)
            .order_by(Call.fiscal_year.desc(), Call.program_id, Call.round_number.desc(), Call.id)
        ).all()
        today = today_in_tokyo()
        uploads = session.scalars(
            scoped(ProposalUpload, self.actor).order_by(ProposalUpload.uploaded_at.desc(), ProposalUpload.id.desc())
        ).all()
        return self.render(
            "proposal_forms/index.html",
            # What takes proposals today comes first: most forms are given out for it.
            calls=[(call.id, call.name) for call in sorted(calls, key=lambda one: not one.is_accepting(today))],
            form_url=url_for(".new_form_view"),
            upload_url=url_for(".upload_view"),
            lookup_url=url_for("organization.lookup_view"),
            errors=errors or [],
            waiting=[
                (
                    one.file_name,
                    one.call.name,
                    one.proposal.title if one.proposal is not None else "新しい応募",
                    format_datetime(one.uploaded_at),
                    url_for(".differences_view", key=one.id),
                )
                for one in uploads
            ],
        )

    @expose("/form.xlsx")
    def new_form_view(self) -> Any:
        """A form for one group, with nothing but its name; or for one that is on no list yet, without."""
        session = self.db_session()
        call = find_visible(session, Call, as_key(request.args.get("call", "")), self.actor)
        organization = self._organization()
        if call is not None and request.args.get("unlisted") == "1":
            return self._send(call, None, None)
        if call is None or organization is None:
            missing = "募集" if call is None else "団体"
            return self._index([f"{missing}を選んでください。団体は、名称の一部を入力すると一覧から選べます。"]), 422
        return self._send(call, None, organization)

    def _organization(self) -> Organization | None:
        """The chosen group; without script, the one whose name is what was typed."""
        session, typed = self.db_session(), request.values.get("organization__text", "").strip()
        chosen = find_visible(session, Organization, as_key(request.values.get("organization", "")), self.actor)
        if chosen is not None or not typed:
            return chosen
        hits = session.scalars(
            select(Organization).where(visible_to(Organization, self.actor), Organization.name == typed).limit(2)
        ).all()
        return hits[0] if len(hits) == 1 else None

    @expose("/<key>/form.xlsx")
    def form_view(self, key: str) -> Any:
        """The form of a proposal as it stands; its contacts go out with it, and that is noted."""
        self.require(Permission.PROPOSAL_EXPORT)
        proposal = self.found(find_visible(self.db_session(), Proposal, key, self.actor))
        if any(getattr(proposal, name) for name in PERSONAL):
            note_access(self.actor, "export", "proposal", proposal.id, 1, "応募・提案の様式の作成")
            proposal = self.found(find_visible(self.db_session(), Proposal, key, self.actor))
        return self._send(proposal.call, proposal, proposal.organization)

    def _send(self, call: Call, proposal: Proposal | None, organization: Organization | None) -> Any:
        try:
            name, content = form_of(
                self.db_session(), call=call, proposal=proposal, organization=organization, secret=self._secret()
            )
        except Unwritable as problem:
            raise Invalid(problem.message) from None
        return send_file(io.BytesIO(content), mimetype=XLSX_TYPE, download_name=name, as_attachment=True)

    @expose("/upload/", methods=("POST",))
    def upload_view(self) -> Any:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._index(["入力した様式のファイルを選んでください。"]), 422
        content = sent.stream.read(MAX_BYTES + 1)
        try:
            upload = form_uploads.receive(
                self.db_session(), actor=self.actor, content=content, file_name=sent.filename, secret=self._secret()
            )
        except Problem as problem:
            return self._index([problem.message]), problem.status if problem.status != 404 else 422
        return redirect(url_for(".differences_view", key=upload.id), code=303)

    @expose("/<key>/differences/")
    def differences_view(self, key: str) -> Any:
        upload = self._upload(key)
        found = form_uploads.differences_of(self.db_session(), self.actor, upload)
        proposal = upload.proposal
        return self.render(
            "proposal_forms/differences.html",
            title=f"様式の内容の確認: {found.title}",
            is_new=proposal is None,
            call_name=upload.call.name,
            file_name=upload.file_name,
            found=found,
            seen=form_uploads.fingerprint(upload),
            take_url=url_for(".take_view", key=key),
            discard_url=url_for(".discard_view", key=key),
            group_url=url_for(".group_view", key=key),
            lookup_url=url_for("organization.lookup_view"),
            proposal_url=self._page_of(proposal.id) if proposal is not None else None,
        )

    @expose("/<key>/group/", methods=("POST",))
    def group_view(self, key: str) -> Response:
        """Which group filled in a form that went out without a name."""
        chosen = self._organization()
        try:
            form_uploads.name_group(
                self.db_session(),
                actor=self.actor,
                upload=self._upload(key),
                organization_id=chosen.id if chosen is not None else None,
            )
        except Problem as problem:
            flash(problem.message, "error")
        return redirect(url_for(".differences_view", key=key), code=303)  # type: ignore[return-value]

    @expose("/<key>/take/", methods=("POST",))
    def take_view(self, key: str) -> Response:
        try:
            proposal = form_uploads.take(
                self.db_session(), actor=self.actor, upload=self._upload(key), seen=request.form.get("seen", "")
            )
        except Problem as problem:
            self.db_session().rollback()
            told = " ".join(dict.fromkeys([problem.message, *problem.fields.values()]))
            flash(told, "error")
            return redirect(url_for(".differences_view", key=key), code=303)  # type: ignore[return-value]
        flash("様式を取り込みました。内容と規則の確認結果を確かめてください。", "success")
        return redirect(self._page_of(proposal.id) or url_for(".index"), code=303)  # type: ignore[return-value]

    @expose("/<key>/discard/", methods=("POST",))
    def discard_view(self, key: str) -> Response:
        form_uploads.discard(self.db_session(), actor=self.actor, upload=self._upload(key))
        return self.go(".index", "様式の取込みをやめました。応募・提案は変わっていません。")

    def _upload(self, key: str) -> ProposalUpload:
        upload: ProposalUpload = self.found(find_visible(self.db_session(), ProposalUpload, key, self.actor))
        if (
            upload.proposal is not None
            and find_visible(self.db_session(), Proposal, upload.proposal_id, self.actor) is None
        ):
            return self.found(None)  # type: ignore[no-any-return]
        return upload

    def _page_of(self, proposal_id: int) -> str | None:
        endpoint = "proposal.details_view"
        return url_for(endpoint, key=proposal_id) if endpoint in current_app.view_functions else None


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [ProposalFormScreen()]
