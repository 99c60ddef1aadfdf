"""Screens of requests: the list, the form of two minutes, a request's page with its matches, its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.home import link_waiting
from admin_views.pages import ConfirmPage, DetailsPage
from admin_views.talent_candidates import CandidatePages
from admin_views.talent_contacts import ContactPages
from admin_views.talent_lists import REQUEST_COLUMNS, REQUEST_FILTERS
from admin_views.talent_notes import PURPOSES, note_names
from admin_views.talent_request_forms import (
    REQUEST_GROUPS,
    CloseForm,
    NewRequestForm,
    RequestContactForm,
    RequestForm,
)
from admin_views.talent_request_page import in_a_line, matches_of, missing_of, sections_of
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible
from app.japanese.dates import format_date
from app.problems import Problem
from app.talents import erasure, queries, requests
from app.talents.facts import EVERYBODY
from app.talents.policy import reads_names
from models.directory import Organization
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Reward

STATUS_KIND = {RequestStatus.OPEN: "info", RequestStatus.FILLED: "success", RequestStatus.CLOSED: "muted"}


class TalentRequestView(CandidatePages, ContactPages, GuardedView):
    """依頼の一覧."""

    contact_form = RequestContactForm

    model = TalentRequest
    resource = "talent-request"
    title = "依頼の一覧"
    singular = "依頼"
    lead = "団体からの「こんな人を探しています」です。登録すると、すぐに候補の人財を表示します。"
    columns: ClassVar[Sequence[Column]] = REQUEST_COLUMNS
    filters: ClassVar[Sequence[Filter]] = REQUEST_FILTERS
    default_order = (TalentRequest.received_on,)
    is_default_descending = True
    search_entity = "talent_request"
    search_hint = "件名、団体名、内容のことばで探せます。"
    form_class = RequestForm
    form_groups = REQUEST_GROUPS
    field_options: ClassVar[dict[str, dict[str, Any]]] = {"headcount": {"unit": "人", "width": "short"}}
    can_remove = True
    details_template = "talents/request.html"

    def label_of(self, record: TalentRequest) -> str:
        return record.title

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        kind = NewRequestForm if record is None else RequestForm
        if posted is not None:
            return kind(posted)
        if record is not None:
            return kind(data=RequestForm.data_of(record))
        usual = {"reward_offered": Reward.NOTHING, "headcount": 1, "audiences": [EVERYBODY]}
        asked = find_visible(self.db_session, Organization, request.args.get("organization", ""), self.actor)
        return kind(data=usual | ({"organization_id": asked.id} if asked else {}))

    def insert(self, form: Any) -> TalentRequest:
        made = requests.create_request(self.db_session, actor=self.actor, values=form.values())
        self._warn(made)
        return made

    def change(self, record: TalentRequest, form: Any, version: int | None) -> None:
        requests.update_request(
            self.db_session, actor=self.actor, request=record, version=version, values=form.values()
        )
        self._warn(record)

    def _warn(self, record: TalentRequest) -> None:
        sentence = requests.warning_of(record)
        if sentence:
            flash(sentence, "warning")

    def remove(self, record: TalentRequest, reason: str) -> None:
        requests.delete_request(self.db_session, actor=self.actor, request=record)

    def put_back(self, key: int) -> TalentRequest:
        found: TalentRequest = self.db_session.get(TalentRequest, key)
        requests.restore_request(self.db_session, actor=self.actor, request=found)
        return found

    def hanging(self, record: TalentRequest) -> list[tuple[str, str, str | None]]:
        found = queries.matches_of_request(self.db_session, self.actor, record)
        return [("コーディネート", f"{len(found)}件", url_for(".details_view", key=record.id))] if found else []

    def why_not_deletable(self, record: TalentRequest) -> str | None:
        return requests.why_not_deletable(self.db_session, record)

    # --- a request's page ----------------------------------------------------------------------------------

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        note_names(self.actor, "display", "talent_request", record.id, 1, "依頼のページの閲覧(候補の氏名を含む)")
        record = self.one(key)
        context: dict[str, Any] = {"matches": [], "purposes": PURPOSES, "may_disclose": reads_names(self.actor)}
        context["may_match"] = self.actor.may(Permission.MATCH_EDIT) and record.status is RequestStatus.OPEN
        if self.actor.may(Permission.MATCH_READ):
            context["matches"] = matches_of(self.db_session, self.actor, record)
            context |= self.advice_context(record)
        return self.render(self.details_template, page=self.details_page(record), record=record, **context)

    def sections(self, record: TalentRequest) -> list[tuple[str, list[tuple[str, Any]]]]:
        return sections_of(record)

    def details_page(self, record: TalentRequest) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.status.label, STATUS_KIND[record.status])
        has_candidates = self.actor.may(Permission.MATCH_EDIT) and record.status is RequestStatus.OPEN
        page.lead = in_a_line(record) if has_candidates else None
        if record.unfilled_reason is not None:
            ended = format_date(record.closed_on) if record.closed_on else ""
            page.notice = ("終了した依頼です", f"{ended} 理由: {record.unfilled_reason.label}", "info")
        if record.status is RequestStatus.OPEN and self.may_edit(record):
            page.missing = missing_of(record, url_for(".edit_view", key=record.id))
        if self.may_edit(record):
            if record.status is RequestStatus.OPEN:
                page.actions.append(("見つからずに終了する", url_for(".close_view", key=record.id), "get"))
            elif record.status is RequestStatus.CLOSED:
                page.actions.append(("再開する", url_for(".reopen_view", key=record.id), "post"))
        return page

    # --- contact, end --------------------------------------------------------------------------------------

    def contact_title(self, record: TalentRequest) -> str:
        return f"「{record.title}」の依頼団体({record.organization})の連絡先"

    def save_contacts(self, record: TalentRequest, version: int, values: dict[str, Any]) -> None:
        requests.update_request_contact(
            self.db_session, actor=self.actor, request=record, version=version, values=values
        )

    @expose("/<key>/close/", methods=("GET", "POST"))
    def close_view(self, key: str) -> Any:
        """End it without anybody, with the reason."""
        self.require(Permission.TALENT_REQUEST_EDIT)
        record = self.one(key)
        form = CloseForm(request.form)
        page = ConfirmPage(
            title="見つからずに終了します",
            records=[(record.title, url_for(".details_view", key=key))],
            hangs_on=self.hanging(record),
            consequence="候補の検索と対応待ちから外れます。理由は、統計に使います。",
            undo_text="終了したあとも「再開する」で募集中に戻せます。",
            form=form,
            hidden=[("version", str(record.version))],
            submit_label="終了する",
            action_url=url_for(".close_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            is_danger=False,
        )

        def close() -> Response:
            requests.close_request(
                self.db_session,
                actor=self.actor,
                request=record,
                version=as_key(request.form.get("version", "")) or 0,
                reason=form.reason.data,
            )
            return self.go(".details_view", "依頼を終了しました。", key=key)

        return self.confirm(page, close)

    @expose("/<key>/reopen/", methods=("POST",))
    def reopen_view(self, key: str) -> Any:
        """Look on."""
        self.require(Permission.TALENT_REQUEST_EDIT)
        try:
            requests.reopen_request(self.db_session, actor=self.actor, request=self.one(key), version=None)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(".details_view", key=key)
        return self.go(".details_view", "依頼を再開しました。", key=key)

    @expose("/<key>/contact/erase/", methods=("POST",))
    def erase_contact_view(self, key: str) -> Any:
        """Erase whom at the group to reach."""
        self.require(Permission.TALENT_ERASE)
        try:
            erasure.erase_request_contact(self.db_session, actor=self.actor, request=self.one(key), version=None)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(".details_view", key=key)
        return self.go(".details_view", "依頼団体の連絡先を消去しました。", key=key)


link_waiting("talent_request", lambda line: url_for("talent-request.details_view", key=line.key))
