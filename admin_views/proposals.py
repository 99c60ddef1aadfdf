"""Screens of proposals: the list of all years, the form with its live check, the page with the whole story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, request, url_for
from flask_admin import expose
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, grouped, year_options
from admin_views.pages import DetailsPage
from admin_views.proposal_check import box_of, group_facts, typed_proposal
from admin_views.proposal_form import GROUPS, ProposalForm, form_data, open_calls
from admin_views.proposal_page import STATE_MARKS, story_of
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, scoped
from app.calls import proposal_services, queries
from app.japanese.dates import format_fiscal_year, parse_fiscal_year, to_tokyo
from app.problems import Invalid, NotAllowed
from models.calls import Call
from models.directory import Organization
from models.proposals import Proposal, ProposalState
from models.reference import Department, Program


def _key(value: str) -> int:
    key = as_key(value)
    if key is None:
        raise ValueError("no key")
    return key


def _in_call(criterion: Any) -> Any:
    return Proposal.call_id.in_(select(Call.id).where(criterion))


def _years(session: Any, actor: Any) -> list[tuple[str, str]]:
    found = session.scalars(select(Call.fiscal_year).distinct().order_by(Call.fiscal_year.desc())).all()
    return year_options(found)


def _programs(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(select(Program.id, Program.name).where(Program.is_closed.is_(False)).order_by(Program.id))
    return [(str(row.id), row.name) for row in rows]


def _calls(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(
        scoped(Call, actor).with_only_columns(Call.id, Call.name).order_by(Call.fiscal_year.desc(), Call.id)
    )
    return [(str(row.id), row.name) for row in rows]


def _departments(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(select(Department.id, Department.name).order_by(Department.id))
    return [(str(row.id), row.name) for row in rows]


COLUMNS: Sequence[Column] = (
    Column("title", "事業名", lambda row: row.title),
    Column("organization", "応募団体", lambda row: str(row.organization)),
    Column("year", "年度", lambda row: format_fiscal_year(row.call.fiscal_year), is_default=False),
    Column("program", "公募制度", lambda row: row.call.program.name, is_default=False),
    Column("call", "募集", lambda row: row.call.name),
    Column(
        "number", "受付番号", lambda row: row.receipt.number if row.receipt else None, is_number=True, is_default=False
    ),
    Column("state", "状況", lambda row: row.state),
    Column(
        "since",
        "この状況になった日",
        lambda row: to_tokyo(row.state_since_at).date(),
        sort=(Proposal.state_since_at,),
    ),
    Column(
        "requested",
        "希望額(円)",
        lambda row: row.requested_yen,
        show=lambda row: grouped(row.requested_yen),
        is_number=True,
    ),
    Column(
        "decided",
        "決定額(円)",
        lambda row: row.decided_yen,
        show=lambda row: grouped(row.decided_yen),
        is_number=True,
        is_default=False,
    ),
    Column("challenge", "課題・テーマ", lambda row: row.challenge.title if row.challenge else "", is_default=False),
    Column("department", "担当課", lambda row: row.department.name if row.department else ""),
    Column("received", "受付日", lambda row: row.received_on, is_default=False),
    Column("late", "期間外の受付", lambda row: row.is_late, is_default=False),
)
FILTERS: Sequence[Filter] = (
    Filter("year", "年度", lambda value: _in_call(Call.fiscal_year == parse_fiscal_year(value)), options=_years),
    Filter("program", "公募制度", lambda value: _in_call(Call.program_id == _key(value)), options=_programs),
    Filter("call", "募集", lambda value: Proposal.call_id == _key(value), options=_calls),
    Filter(
        "state",
        "状況",
        lambda value: Proposal.state == ProposalState(value),
        options=lambda session, actor: ProposalState.choices(),
    ),
    Filter("department", "担当課", lambda value: Proposal.department_id == _key(value), options=_departments),
)


class ProposalView(GuardedView):
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

    def render(self, template: str, **kwargs: Any) -> str:
        if template == "calls/proposal_form.html":
            form = kwargs["page"].form
            kwargs["check_url"] = url_for(".check_view")
            kwargs["box"], kwargs["group"] = self._check(form)
        return str(super().render(template, **kwargs))

    def one(self, key: str) -> Proposal:
        record = super().one(key)
        found: Proposal = self.found(queries.find_proposal(self.db_session, record.id, self.actor))
        return found

    # --- the form --------------------------------------------------------------------------------------------

    def make_form(self, *, posted: Any = None, record: Any = None) -> ProposalForm:
        if record is not None:
            g.form_call_id = record.call_id
            form = ProposalForm(MultiDict(posted) if posted is not None else None, data=form_data(record))
            del form.call_id
            return form
        asked = as_key(request.values.get("call_id") or request.values.get("call") or "")
        known = {call.id for call in open_calls()}
        g.form_call_id = asked if asked in known else None
        if posted is not None:
            return ProposalForm(MultiDict(posted))
        return ProposalForm(
            data={"call_id": g.form_call_id, "budget": [{}, {}, {}], "organization_id": self._asked_group()}
        )

    def _asked_group(self) -> int | None:
        group = find_visible(self.db_session, Organization, request.args.get("organization", ""), self.actor)
        return group.id if group is not None else None

    def _call(self, form: ProposalForm) -> Call | None:
        key = form.call_id.data if "call_id" in form else g.get("form_call_id")
        return find_visible(self.db_session, Call, key, self.actor)

    def _check(self, form: ProposalForm) -> tuple[Any, Any]:
        call = self._call(form)
        if call is None:
            return None, None
        proposal = typed_proposal(self.db_session, form, call)
        group = None
        if proposal.organization_id and form.organization_id.selected:
            group = group_facts(self.db_session, self.actor, proposal.organization)
        return box_of(self.db_session, self.actor, proposal), group

    @expose("/check/", methods=("POST",))
    def check_view(self) -> Any:
        """What the rules say of the form as it is typed: a fragment for the panel beside it."""
        self.demand("create")
        g.form_call_id = as_key(request.form.get("call_id", ""))
        form = ProposalForm(request.form)
        if "call_id" not in request.form:
            record = find_visible(self.db_session, Proposal, request.form.get("proposal", ""), self.actor)
            g.form_call_id = record.call_id if record is not None else None
            del form.call_id
        form.validate()
        box, group = self._check(form)
        if box is None:
            return '<p class="text-quiet">募集を選ぶと、規則に合うかをここに表示します。</p>'
        return render_template("calls/_check.html", box=box, group=group)

    def insert(self, form: ProposalForm) -> Proposal:
        call = self._call(form)
        if call is None:
            raise Invalid("募集を選んでください。", fields={"call_id": "募集を選んでください。"})
        return proposal_services.create_proposal(
            self.db_session,
            actor=self.actor,
            call=call,
            values=form.values(),
            budget=form.budget_rows(),
            partners=form.partner_rows(),
            other_subsidies=form.subsidy_rows(),
        )

    def change(self, record: Proposal, form: ProposalForm, version: int | None) -> None:
        proposal_services.update_proposal(
            self.db_session,
            actor=self.actor,
            proposal=record,
            version=version,
            values=form.values(),
            budget=form.budget_rows(),
            partners=form.partner_rows(),
            other_subsidies=form.subsidy_rows(),
        )

    def _edit_page(self, record: Any, form: Any, errors: list[str] | None = None) -> Any:
        page = super()._edit_page(record, form, errors)
        page.hidden = [*page.hidden, ("proposal", str(record.id))]
        page.lead = f"{record.call.name}への応募・提案です。"
        return page

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
