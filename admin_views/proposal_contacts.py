"""Pages of whom to reach at a proposal's group: shown for a purpose, erased for a reason."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
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
from app.calls import contact_erasure
from app.calls.policy import is_office
from app.calls.workflow import FINAL_STATES
from app.webforms import BackOfficeForm, LineField


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


class ContactPages(ProposalScreen):
    """Mixed into the screen of a proposal's papers."""

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
        is_over = proposal.state in FINAL_STATES
        page = ConfirmPage(
            title=f"団体の連絡先を消去します: {proposal.title}",
            lead="代表者、連絡担当者、電話、メール、住所を消します。元には戻せません。",
            records=[(proposal.title, url_for("proposal.details_view", key=key))],
            consequence="調整の記録の出席者の氏名、取込み前の様式、このメールアドレスに送った通知の内容も消えます。"
            "応募・提案の内容と経過は残ります。バックアップの中の写しは、バックアップの保存期限に消えます。"
            + ("" if is_over else "この応募・提案は、まだ手続の途中です。消去すると団体に連絡できなくなります。"),
            form=form,
            submit_label="消去する",
            hidden=[("version", str(proposal.version))],
            action_url=url_for(".contacts_erase_view", key=key),
            cancel_url=url_for("proposal.details_view", key=key),
        )

        def erase() -> Response:
            contact_erasure.erase_contacts(
                self.db_session(),
                actor=self.actor,
                proposal=proposal,
                version=as_key(request.form.get("version", "")) or 0,
                reason=form.reason.data or "",
            )
            return self.back(proposal, "連絡先を消去しました。")

        return self.confirm(page, erase)
