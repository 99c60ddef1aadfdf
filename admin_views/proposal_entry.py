"""Entering a proposal: which call, a form of what is needed first, going on from an earlier one, the live check."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from admin_views.editing import Editing
from admin_views.proposal_check import box_of, group_facts, typed_proposal, unread_of
from admin_views.proposal_data import copied_data, form_data, new_data, predecessors
from admin_views.proposal_form import FOLDED_GROUPS, OPEN_GROUPS, STATEMENTS, ProposalForm, open_calls
from app.access.scopes import as_key, find_visible
from app.calls import proposal_services, queries
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Invalid
from models.calls import Call
from models.directory import Organization
from models.proposals import Proposal


def folded(form: ProposalForm) -> list[tuple[str, list[str], bool]]:
    """(heading, names, stands open) of the folded groups: what is filled in, or wrong, is not hidden."""
    return [
        (heading, names, any(form[name].data or form[name].errors for name in names))
        for heading, names in FOLDED_GROUPS
    ]


def span_of(call: Call) -> str:
    """「令和8年11月3日から令和8年12月3日まで」."""
    days = [format_date(day, weekday=False) if day else "未設定" for day in (call.opens_on, call.closes_on)]
    return f"{days[0]}から{days[1]}まで"


class ProposalEntry(Editing):
    """Mixed into the view of proposals."""

    def render(self, template: str, **kwargs: Any) -> str:
        if template == "calls/proposal_form.html":
            form = kwargs["page"].form
            kwargs |= {
                "check_url": url_for(".check_view"),
                "call": self._call(form) if "call_id" in form else None,
                "open_groups": OPEN_GROUPS,
                "folded": folded(form),
                "answers": [form[name].id for name in STATEMENTS],
                "may_copy": "call_id" in form,
            }
            kwargs["box"], kwargs["group"] = self._check(form)
        return str(super().render(template, **kwargs))

    def make_form(self, *, posted: Any = None, record: Any = None) -> ProposalForm:
        self._set_choices(posted, record)
        if record is not None:
            form = ProposalForm(MultiDict(posted) if posted is not None else None, data=form_data(record))
            del form.call_id
            return form
        if posted is not None:
            return ProposalForm(MultiDict(posted))
        call = next((one for one in open_calls() if one.id == g.form_call_id), None)
        group = find_visible(self.db_session, Organization, request.args.get("organization", ""), self.actor)
        return ProposalForm(data=new_data(call, group.id if group is not None else None))

    def _set_choices(self, posted: Any, record: Proposal | None) -> None:
        """What the selects of this request's form offer: the call's challenges, the group's earlier proposals."""
        call = record.call if record is not None else self._asked_call()
        g.form_call_id = call.id if call is not None else None
        g.form_stored = record
        chosen = (posted if posted is not None else request.args).get("organization_id") or ""
        group = as_key(chosen) or (record.organization_id if record is not None else None)
        g.form_predecessors = predecessors(self.db_session, self.actor, group, call, record)

    def _asked_call(self) -> Call | None:
        asked = as_key(request.values.get("call_id") or request.values.get("call") or "")
        return next((call for call in open_calls() if call.id == asked), None)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Which call; then its form, blank or going on from an earlier proposal of the group."""
        self.demand("create")
        if request.method == "GET" and self._asked_call() is None:
            return self._calls_page()
        if "copy" in (request.form if request.method == "POST" else request.args):
            return self._copied_page()
        return super().create_view()

    def _calls_page(self) -> Any:
        """The calls into which a proposal may be entered; the one that takes proposals today goes to its form."""
        today = today_in_tokyo()
        accepting = [call for call in open_calls() if call.is_accepting(today)]
        carried = {name: value for name, value in request.args.items() if name in ("organization", "copy")}
        if "call" in request.args:
            flash("その募集には、応募・提案を入力できません。募集を選び直してください。", "error")
        elif len(accepting) == 1 and "choose" not in request.args:
            return redirect(url_for(".create_view", call=accepting[0].id, **carried))
        return self.render(
            "calls/choose_call.html",
            title="応募・提案の登録",
            calls=[
                (call.name, url_for(".create_view", call=call.id, **carried), call.is_accepting(today), span_of(call))
                for call in sorted(open_calls(), key=lambda one: not one.is_accepting(today))
            ],
            cancel_url=url_for(".index_view"),
        )

    def _copied_page(self) -> Any:
        """The form again, filled from an earlier proposal; nothing is saved."""
        call = self._asked_call()
        earlier = self.found(
            queries.find_proposal(self.db_session, as_key(request.values.get("copy", "")) or 0, self.actor)
        )
        g.form_call_id = call.id if call is not None else None
        g.form_predecessors = predecessors(self.db_session, self.actor, earlier.organization_id, call)
        page = self._create_page(ProposalForm(data=copied_data(earlier, call)), [])
        page.notice = (
            "前の内容を写しました",
            f"{earlier.call.name}「{earlier.title}」の内容です。届いた書類と見比べて直してください。申出と期間は写していません。",
            "info",
        )
        return self.render(self.create_template, page=page)

    def created_at(self, record: Proposal) -> tuple[str, dict[str, Any]]:
        """To the page; or straight to the receiving of what was just typed."""
        if request.form.get("then") == "receive":
            return "proposal-step.step_view", {"key": record.id, "code": "submit"}
        return super().created_at(record)

    def _call(self, form: ProposalForm) -> Call | None:
        key = form.call_id.data if "call_id" in form else g.get("form_call_id")
        return find_visible(self.db_session, Call, key, self.actor)

    def _check(self, form: ProposalForm) -> tuple[Any, Any]:
        call = self._call(form)
        if call is None:
            return None, None
        proposal = typed_proposal(self.db_session, form, call, g.get("form_stored"))
        group = None
        if proposal.organization_id and form.organization_id.selected:
            group = group_facts(self.db_session, self.actor, proposal.organization)
        return box_of(self.db_session, self.actor, proposal), group

    @expose("/check/", methods=("POST",))
    def check_view(self) -> Any:
        """What the rules say of the form as it is typed: a fragment for the panel beside it."""
        self.demand("create")
        record = None
        if "call_id" not in request.form:
            record = find_visible(self.db_session, Proposal, request.form.get("proposal", ""), self.actor)
        self._set_choices(request.form, record)
        form = ProposalForm(request.form)
        if "call_id" not in request.form:
            del form.call_id
        form.validate()
        unread = unread_of(form)
        box, group = self._check(form)
        if box is None:
            return '<p class="text-quiet">募集を選ぶと、規則に合うかをここに表示します。</p>'
        return render_template("calls/_check.html", box=box, group=group, may_copy="call_id" in form, unread=unread)

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
