"""Screens of proposals: the list of all years, the form with its live check, the page with the whole story."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_admin import expose

from admin_views.base import GuardedView
from admin_views.pages import DetailsPage
from admin_views.proposal_check import box_of
from admin_views.proposal_columns import COLUMNS, FILTERS
from admin_views.proposal_entry import ProposalEntry
from admin_views.proposal_form import GROUPS, ProposalForm
from admin_views.proposal_page import STATE_MARKS, story_of
from app.access.permissions import Permission
from app.calls import proposal_services, queries
from app.problems import NotAllowed
from models.proposals import Proposal, ProposalState


class ProposalView(ProposalEntry, GuardedView):
    """応募・提案."""

    model = Proposal
    resource = "proposal"
    title = "応募・提案"
    lead = "すべての年度の応募・提案です。年度や状況で絞り込めます。"
    singular = "応募・提案"
    columns = COLUMNS
    filters = FILTERS
    default_order = (Proposal.state_since_at,)
    is_default_descending = True
    eager = queries.LIST_OPTIONS
    search_entity = "proposal"
    search_hint = "事業名、団体名、課題、内容のことばで探せます。"
    form_class = ProposalForm
    form_groups = GROUPS
    can_remove = True
    create_template = "calls/proposal_form.html"
    edit_template = "calls/proposal_form.html"
    details_template = "calls/proposal.html"
    empty = ("応募・提案はまだありません。", "あなたが閲覧できる応募・提案がここに並びます。")

    def label_of(self, record: Any) -> str:
        return str(record.title)

    def one(self, key: str) -> Proposal:
        record = super().one(key)
        found: Proposal = self.found(queries.find_proposal(self.db_session, record.id, self.actor))
        return found

    def remove(self, record: Proposal, reason: str) -> None:
        proposal_services.delete_draft(self.db_session, actor=self.actor, proposal=record, reason=reason or None)

    def why_not_deletable(self, record: Proposal) -> str | None:
        if record.state is ProposalState.DRAFT and record.receipt is None:
            return None
        return "受け付けた応募・提案は削除できません。「取下げを受け付ける」を行ってください。"

    def may_delete(self, record: Any) -> bool:
        return super().may_delete(record) and self.why_not_deletable(record) is None

    def put_back(self, key: int) -> Proposal:
        found: Proposal = self.db_session.get(Proposal, key)
        if found.state is not ProposalState.DRAFT:
            raise NotAllowed
        proposal_services.restore_draft(self.db_session, actor=self.actor, proposal=found)
        return found

    # --- the page --------------------------------------------------------------------------------------------

    def details_page(self, record: Proposal) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.state.label, STATE_MARKS[record.state])
        number = f" 受付番号{record.receipt.number}" if record.receipt else ""
        page.lead = f"{record.call.name}{number} {record.organization}"
        if self.actor.may(Permission.PROPOSAL_EXPORT):
            page.actions.append(("様式(Excel)で受け渡す", url_for("proposal-form.form_view", key=record.id), "get"))
        if self.may("create"):
            copy_url = url_for(".create_view", choose=1, copy=record.id)
            page.actions.append(("写して新しく入力する", copy_url, "get"))
        if self.actor.may(Permission.NOTICE_EDIT):
            page.actions.append(("通知を作る", url_for("proposal-notice.index", proposal=record.id), "get"))
        return page

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        page = self.details_page(record)
        return self.render(
            self.details_template,
            page=page,
            record=record,
            story=story_of(self.db_session, self.actor, record),
            may_edit=self.may_edit(record),
            may_check=self.actor.may(Permission.PROPOSAL_EDIT),
            box=box_of(self.db_session, self.actor, record, only_broken=True),
        )
