"""Pages of the office on a review: where it stands, its list, dates and rule."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import select
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.review_base import meeting_text
from admin_views.review_board import board_context
from admin_views.review_conflicts import ConflictPages
from admin_views.review_criteria import CriterionPages
from admin_views.review_entry import EntryPages
from admin_views.review_forms import TIES, RuleForm, SettingForm, set_choices, tie_code
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.japanese.dates import format_date
from app.reviews import criteria, queries, setting_up
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.reviews import DecisionRule, MissingRule, NextBestRule, ReviewQuorum, ReviewSetting

_YES = {"yes": True, "no": False}
_SAID = {True: "yes", False: "no"}
_DATES = ("declarations_due_on", "document_due_on", "interview_on", "interview_due_on")


class ReviewScreen(CriterionPages, ConflictPages, EntryPages):
    """審査の進行."""

    permission = Permission.SHEET_MANAGE

    def __init__(self) -> None:
        super().__init__(name="審査の進行", endpoint="review", url="/review")

    @expose("/")
    def index(self) -> Any:
        session = self.db_session()
        wanted = select(Proposal.call_id).where(Proposal.state == ProposalState.REVIEWING)
        prepared = select(ReviewSetting.call_id)
        calls = session.scalars(
            scoped(Call, self.actor)
            .where(Call.id.in_(wanted) | Call.id.in_(prepared))
            .order_by(Call.fiscal_year.desc(), Call.id.desc())
        ).all()
        settings = {one.call_id for one in session.scalars(select(ReviewSetting))}
        waiting = set(session.scalars(select(Proposal.call_id).where(Proposal.state == ProposalState.REVIEWING)))
        return self.render(
            "reviews/calls.html",
            title="審査の進行",
            rows=[
                (
                    one.name,
                    url_for(".call_view", call=one.id),
                    one.id in settings,
                    one.id in waiting,
                    queries.is_concluded(session, one.id),
                )
                for one in calls
            ],
        )

    @expose("/<call>/")
    def call_view(self, call: str) -> Any:
        session, one = self.db_session(), self.call_of(call)
        setting = queries.find_setting(session, one.id)
        context: dict[str, Any] = {"setting": None, "presets": criteria.presets(session)}
        if setting is not None:
            context |= board_context(session, self.actor, one, setting) | {
                "rule": _rule_facts(queries.get_rule(session, one.id), one),
                "dates": _dates(setting),
                "criteria": queries.criteria_of(session, one.id),
                "is_frozen": setting_up.is_frozen(session, one.id),
                "is_concluded": queries.is_concluded(session, one.id),
            }
        return self.render("reviews/review.html", title=f"審査: {one.name}", call=one, **context)

    @expose("/<call>/prepare/", methods=("POST",))
    def prepare_view(self, call: str) -> Response:
        one = self.call_of(call)
        return self.done(
            one.id,
            lambda: setting_up.prepare_review(self.db_session(), actor=self.actor, call=one),
            "選考審査会の委員を、この審査の名簿に写しました。",
        )

    @expose("/<call>/setting/", methods=("GET", "POST"))
    def setting_view(self, call: str) -> Any:
        session, one = self.db_session(), self.call_of(call)
        setting = self.found(queries.find_setting(session, one.id))
        if why := self.why_concluded(one.id):
            return self.closed("審査の日程と設定", one.id, why, [*_dates(setting), *_told(setting)])
        form = SettingForm(
            request.form,
            **{name: getattr(setting, name) for name in (*_DATES, "meeting_id")},
            tells_criterion_means=_SAID.get(setting.tells_criterion_means),
            publishes_member_scores=_SAID.get(setting.publishes_member_scores),
        )
        set_choices(form.meeting_id, self.meetings_of_committee())
        page = FormPage(
            title="審査の日程と設定",
            form=form,
            action_url=url_for(".setting_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
            version=setting.version,
        )

        def save() -> Response:
            values = {name: form[name].data for name in (*_DATES, "meeting_id")}
            values |= {
                name: _YES.get(form[name].data or "") for name in ("tells_criterion_means", "publishes_member_scores")
            }
            setting_up.update_setting(
                session, actor=self.actor, call_id=one.id, values=values, version=self.seen_version()
            )
            return self.go("review.call_view", "審査の日程と設定を変更しました。", call=one.id)

        return self.ask(page, save)

    @expose("/<call>/rule/", methods=("GET", "POST"))
    def rule_view(self, call: str) -> Any:
        session, one = self.db_session(), self.call_of(call)
        self.found(queries.find_setting(session, one.id))
        rule = queries.get_rule(session, one.id)
        if why := self.why_frozen(one.id):
            return self.closed("審査の規則", one.id, why, _rule_facts(rule, one))
        form = RuleForm(
            request.form,
            minimum_percent=rule.minimum_percent,
            missing=rule.missing.value if rule.missing else None,
            quorum=rule.quorum.value if rule.quorum else None,
            tie=tie_code(rule.tie),
            next_best=rule.next_best.value if rule.next_best else None,
            source=rule.source,
        )
        page = FormPage(
            title="審査の規則",
            form=form,
            action_url=url_for(".rule_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
            version=rule.version,
            lead="手引きにない値は、決まるまで未設定のままにしてください。未設定があるうちは、採点票を確定できません。",
        )

        def save() -> Response:
            setting_up.update_rule(
                session,
                actor=self.actor,
                call_id=one.id,
                values={
                    "minimum_percent": form.minimum_percent.data,
                    "missing": MissingRule(form.missing.data) if form.missing.data else None,
                    "quorum": ReviewQuorum(form.quorum.data) if form.quorum.data else None,
                    "tie": [str(link) for link in TIES[form.tie.data][1]] if form.tie.data else None,
                    "next_best": NextBestRule(form.next_best.data) if form.next_best.data else None,
                    "source": form.source.data or "",
                },
                version=self.seen_version(),
            )
            return self.go("review.call_view", "審査の規則を変更しました。", call=one.id)

        return self.ask(page, save)


def _rule_facts(rule: DecisionRule, call: Call) -> list[tuple[str, Any]]:
    code = tie_code(rule.tie)
    return [
        ("最低基準", f"{rule.minimum_percent}%" if rule.minimum_percent else None),
        ("採点しない委員の扱い", rule.missing.label if rule.missing else None),
        ("定足数", rule.quorum.label if rule.quorum else None),
        ("同率のときの順", TIES[code][0] if code else None),
        ("予算に達したとき", rule.next_best.label if rule.next_best else None),
        ("募集全体の予算", f"¥{call.budget_yen:,}" if call.budget_yen is not None else None),
        ("出どころ", rule.source),
    ]


def _dates(setting: ReviewSetting) -> list[tuple[str, Any]]:
    days: list[tuple[str, Any]] = [(_label(name), _day(getattr(setting, name))) for name in _DATES]
    return [*days, ("審査会の会議", meeting_text(setting.meeting) if setting.meeting else None)]


def _told(setting: ReviewSetting) -> list[tuple[str, Any]]:
    words = {True: "はい", False: "いいえ", None: None}
    names = ("tells_criterion_means", "publishes_member_scores")
    return [(_label(name), words[getattr(setting, name)]) for name in names]


def _label(name: str) -> str:
    return str(ReviewSetting.__table__.c[name].info["label"])


def _day(value: Any) -> str | None:
    return format_date(value) if value else None
