"""Screens of calls: the years, a call's page with what is unset and what differs from last year, opening it."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from flask import url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from admin_views import call_home  # noqa: F401  (lines and figures of home)
from admin_views.base import GuardedView
from admin_views.call_acts import CallActs
from admin_views.call_forms import DATES_IN_PAIRS, SETTING_OPTIONS, CallForm, form_for, label_of
from admin_views.challenges import ChallengeView
from admin_views.columns import Column, Filter, grouped, year_filter, year_options
from admin_views.coordination import CoordinationScreen
from admin_views.opinions import OpinionScreen
from admin_views.pages import DetailsPage
from admin_views.proposal_page import STATE_MARKS
from admin_views.proposal_papers import PaperScreen
from admin_views.proposal_steps import StepScreen
from admin_views.proposals import ProposalView
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.calls import call_opening, call_services, queries
from app.calls.call_calendar import deviations_of
from app.calls.call_papers import PAPERS
from app.calls.call_settings import (
    SETTINGS,
    differences_from,
    setting_in_words,
    settings_of,
    unset_values,
)
from app.calls.policy import is_office
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.japanese.money import format_yen
from models.calls import Call, CallState

MARKS = {CallState.PREPARING: "neutral", CallState.OPEN: "success", CallState.FINISHED: "muted"}


class CallView(CallActs, GuardedView):
    """年度の募集."""

    model = Call
    resource = "call"
    title = "年度の募集"
    lead = "公募制度の年度ごとの募集です。過去の募集も、そのときの規則のまま残っています。"
    singular = "募集"
    columns = (
        Column("name", "募集の名称", lambda row: row.name),
        Column("year", "年度", lambda row: format_fiscal_year(row.fiscal_year), is_default=False),
        Column("program", "公募制度", lambda row: row.program.name, is_default=False),
        Column("state", "状況", lambda row: row.state),
        Column("opens", "募集開始日", lambda row: row.opens_on),
        Column("closes", "募集締切日", lambda row: row.closes_on),
        Column(
            "cap", "1件の限度額(円)", lambda row: row.cap_yen, show=lambda row: grouped(row.cap_yen), is_number=True
        ),
        Column(
            "budget",
            "予算(円)",
            lambda row: row.budget_yen,
            show=lambda row: grouped(row.budget_yen),
            is_number=True,
            is_default=False,
        ),
    )
    filters = (
        year_filter(
            Call.fiscal_year,
            lambda session, actor: year_options(
                session.scalars(select(Call.fiscal_year).distinct().order_by(Call.fiscal_year.desc())).all()
            ),
        ),
        Filter(
            "state",
            "状況",
            lambda value: Call.state == CallState(value),
            options=lambda session, actor: CallState.choices(),
        ),
    )
    default_order = (Call.fiscal_year,)
    is_default_descending = True
    eager = (joinedload(Call.program),)
    lookup_attribute = "name"
    form_class = CallForm
    details_template = "calls/call.html"
    list_template = "calls/calls.html"
    field_options: ClassVar[dict[str, dict[str, Any]]] = SETTING_OPTIONS
    form_groups = [
        ("基本の項目", ["name", *call_services.AMOUNTS]),
        ("日程", list(DATES_IN_PAIRS)),
        ("ハンドブックにない値(空は未設定)", [f"s_{name}" for name in SETTINGS]),
        ("募集要項の文面", list(call_services.TEXTS)),
        ("変更の理由", ["reason"]),
    ]

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            kwargs["prepare_url"] = url_for(".prepare_view") if self.actor.may(Permission.CALL_EDIT) else None
        return str(super().render(template, **kwargs))

    def one(self, key: str) -> Call:
        record = super().one(key)
        statement = scoped(Call, self.actor).where(Call.id == record.id)
        options = (joinedload(Call.program), selectinload(Call.challenges), selectinload(Call.briefings))
        found: Call = self.found(self.db_session.scalars(statement.options(*options)).one_or_none())
        return found

    def make_form(self, *, posted: Any = None, record: Any = None) -> CallForm:
        return form_for(record, posted)

    def change(self, record: Call, form: CallForm, version: int | None) -> None:
        names = ("name", *call_services.AMOUNTS, *call_services.DATES, *call_services.TEXTS)
        settings = {}
        for name, one in settings_of(record).items():
            value = form[f"s_{name}"].data
            settings[name] = {"yes": True, "no": False}.get(value or "") if one.kind == "yesno" else value
        call_services.update_call(
            self.db_session,
            actor=self.actor,
            call=record,
            version=version,
            values={name: form[name].data for name in names},
            settings=settings,
            reason=form.reason.data,
        )

    # --- the page --------------------------------------------------------------------------------------------

    def sections(self, record: Call) -> list[tuple[str, list[tuple[str, Any]]]]:
        dates: list[tuple[str, Any]] = [(label_of(name), getattr(record, name)) for name in call_services.DATES]
        if record.calendar_reason and is_office(self.actor):
            dates.append((label_of("calendar_reason"), record.calendar_reason))
        amounts: list[tuple[str, Any]] = [
            (label_of("cap_yen"), format_yen(record.cap_yen) if record.cap_yen else None),
            (label_of("rate"), record.rate),
            (label_of("budget_yen"), format_yen(record.budget_yen) if record.budget_yen else None),
        ]
        settings = [
            (
                one.label,
                None
                if (record.settings or {}).get(name) in (None, "")
                else setting_in_words(name, record.settings[name]),
            )
            for name, one in settings_of(record).items()
        ]
        texts = [(label_of(name), getattr(record, name) or None) for name in call_services.TEXTS]
        return [
            ("日程", [(label, format_date(day) if isinstance(day, dt.date) else day) for label, day in dates]),
            ("金額", amounts),
            *([("ハンドブックにない値", settings)] if is_office(self.actor) and settings else []),
            ("募集要項の文面", texts),
        ]

    def details_page(self, record: Call) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.state.label, MARKS[record.state])
        accepting = record.is_accepting(today_in_tokyo())
        page.lead = f"{record.program.name} {format_fiscal_year(record.fiscal_year)}"
        page.papers = [
            (title, url_for("call-paper.paper_view", key=record.id, paper=code), "")
            for code, (title, _) in PAPERS.items()
        ]
        if record.state is CallState.OPEN:
            page.lead += " 今日は応募を受け付けています。" if accepting else " 今日は募集期間の外です。"
        return page

    def next_steps(self, record: Call) -> list[tuple[str, str, str, str | None]]:
        steps: list[tuple[str, str, str, str | None]] = []
        if self.actor.may(Permission.PROPOSAL_CREATE) and record.state is CallState.OPEN:
            steps.append(("応募・提案を入力する", url_for("proposal.create_view", call=record.id), "get", None))
        if not self.actor.may(Permission.CALL_EDIT):
            return steps
        if record.state is CallState.PREPARING:
            missing = call_opening.what_opening_needs(record)
            steps.append(("示す課題を選ぶ", url_for(".challenges_view", key=record.id), "get", None))
            method = "get" if deviations_of(record) else "post"
            steps.append(("公開する", url_for(".open_view", key=record.id), method, " ".join(missing) or None))
        if record.state is not CallState.FINISHED:
            label = "説明会、質問と回答を入力する"
            steps.append((label, url_for("call-question.call_view", key=record.id), "get", None))
        if record.state is CallState.OPEN:
            steps.append(("募集を終了する", url_for(".finish_view", key=record.id), "post", None))
        if record.state is not CallState.PREPARING:
            prepare_url = url_for(".prepare_view", source=record.id)
            steps.append(("この募集を写して次の募集を準備する", prepare_url, "get", None))
        return steps

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        session = self.db_session
        manages = self.actor.may(Permission.CALL_EDIT)
        earlier = queries.earlier_call(session, self.actor, record) if manages else None
        counts = queries.state_counts(session, self.actor, [record.id]).get(record.id, {})
        may_read = self.actor.may(Permission.PROPOSAL_READ)
        return self.render(
            self.details_template,
            page=self.details_page(record),
            record=record,
            manages=manages,
            outside=deviations_of(record) if manages and record.state is CallState.PREPARING else [],
            unset=unset_values(session, record) if manages else [],
            earlier=(earlier.name, url_for(".details_view", key=earlier.id)) if earlier else None,
            differences=differences_from(earlier, record) if earlier else [],
            challenges=[
                (one.title, one.department.name, one.kind.label, url_for("challenge.details_view", key=one.id))
                for one in record.challenges
            ],
            links_challenges=self.actor.may(Permission.CHALLENGE_READ),
            counts=[
                (state.label, STATE_MARKS[state], number)
                for state, number in sorted(counts.items(), key=lambda pair: list(STATE_MARKS).index(pair[0]))
            ],
            proposals=[
                (
                    one.receipt.number if one.receipt else "",
                    one.title,
                    str(one.organization),
                    (one.state.label, STATE_MARKS[one.state]),
                    format_yen(one.requested_yen) if one.requested_yen else "",
                    url_for("proposal.details_view", key=one.id),
                )
                for one in queries.proposals_of_call(session, self.actor, record)
            ]
            if may_read
            else None,
        )


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [
        CallView(),
        ChallengeView(),
        ProposalView(),
        OpinionScreen(),
        StepScreen(),
        PaperScreen(),
        CoordinationScreen(),
    ]
