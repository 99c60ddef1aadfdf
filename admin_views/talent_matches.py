"""Screens of a match: the list, its page with the next steps, the contact log, follow-ups, the introduction sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, shown
from admin_views.home import link_waiting
from admin_views.pages import DetailsPage
from admin_views.talent_lists import MATCH_COLUMNS, MATCH_FILTERS
from admin_views.talent_match_forms import ContactLogForm, FollowUpForm, StepForm
from admin_views.talent_match_page import STAGE_KIND, contact_pages, progress_of, sections_of
from admin_views.talent_match_texts import MatchTexts
from admin_views.talent_notes import note_names
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import format_date, to_tokyo, today_in_tokyo
from app.problems import Problem
from app.talents import coordination, queries
from app.talents.facts import TIMES, times_in_words
from app.talents.stages import DISCLOSED, MAY_FOLLOW_UP, STEPS, hindrances, steps_from
from models.matches import ContactResult, Match, Side
from models.talent_requests import TalentRequest

_REQUEST = selectinload(Match.request).selectinload(TalentRequest.organization)


class MatchView(MatchTexts, GuardedView):
    """コーディネートの一覧."""

    model = Match
    resource = "match"
    title = "コーディネートの一覧"
    singular = "コーディネート"
    columns: ClassVar[Sequence[Column]] = MATCH_COLUMNS
    filters: ClassVar[Sequence[Filter]] = MATCH_FILTERS
    default_order = (Match.stage_at,)
    is_default_descending = True
    eager = (_REQUEST, selectinload(Match.talent))
    details_template = "talents/match.html"

    def may(self, action: str) -> bool:
        """Read only here: a match changes by its steps, calls and follow-ups."""
        return action == "read" and super().may(action)

    def label_of(self, record: Match) -> str:
        return f"「{record.request.title}」と{record.talent.name or record.talent.number}"

    @expose("/")
    def index_view(self) -> Any:
        state, query = self.state()
        page = self.list_page(state, query)
        note_names(self.actor, "display", "talent", None, len(page.rows), "コーディネートの一覧の閲覧")
        return self.render(self.list_template, page=page)

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        note_names(self.actor, "display", "talent", record.talent_id, 1, "コーディネートのページの閲覧")
        return self.page_again(key)

    def page_again(self, key: str, *, forms: dict[str, Any] | None = None, errors: Sequence[str] = ()) -> Any:
        """The page with what was typed and what was refused."""
        record = self.one(key)
        context = self._context(record) | {"errors": list(errors)} | (forms or {})
        body = self.render(self.details_template, page=self.details_page(record), record=record, **context)
        return body, 422 if errors or forms else 200

    def sections(self, record: Match) -> list[tuple[str, list[tuple[str, Any]]]]:
        return sections_of(record, self._free_times(record))

    def details_page(self, record: Match) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.stage.label, STAGE_KIND[record.stage])
        page.steps = progress_of(record)
        page.back = ("進み具合の表", url_for("match-board.index"))
        page.actions = []
        if record.close_reason is not None:
            page.notice = (f"{record.stage.label}で終わりました", f"理由: {record.close_reason.label}", "info")
        page.related = [
            (
                "関連",
                [
                    (f"依頼「{record.request.title}」", url_for("talent-request.details_view", key=record.request_id)),
                    (record.talent.number, url_for("talent.details_view", key=record.talent_id)),
                ],
            )
        ]
        return page

    def _free_times(self, record: Match) -> set[str]:
        """The codes that the talent offers and no other engagement takes."""
        return set(record.talent.availability) - queries.times_taken(self.db_session, record)

    def _context(self, record: Match) -> dict[str, Any]:
        facts = queries.facts_for_steps(self.db_session, record.talent, record.request, today_in_tokyo())
        free = self._free_times(record)
        common = [code for code in TIMES if code in record.request.times and code in free]
        return {
            "next_steps": [(step, hindrances(step, facts)) for step in steps_from(record.stage)],
            "contact_pages": contact_pages(record, facts),
            "step_form": StepForm(data={"times": common[:1], "starts_on": today_in_tokyo()}),
            "log_form": ContactLogForm(data={"side": Side.TALENT, "result": ContactResult.TALKED}),
            "follow_form": FollowUpForm(data={"asked_on": today_in_tokyo()}),
            "log": queries.contacts_of(self.db_session, record),
            "is_disclosed": record.stage in DISCLOSED,
            "may_follow_up": record.stage in MAY_FOLLOW_UP,
            "shown": shown,
        }

    # --- verbs ---------------------------------------------------------------------------------------------

    @expose("/<key>/step/<code>/", methods=("POST",))
    def step_view(self, key: str, code: str) -> Any:
        """Take a step; what it asks for comes with it."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        form = StepForm(request.form)
        label = next((step.label for step in STEPS if step.code == code), "")
        form.validate()
        relevant = self._relevant_errors(form, code)
        if relevant:
            told = [f"「{label}」ができません。{sentence}" for sentence in relevant]
            return self.page_again(key, forms={"step_form": form, "open_step": code}, errors=told)
        given = coordination.Given(
            reason=form.reason.data,
            note=form.note.data,
            times=form.times.data or (),
            group_agreed=form.group_agreed.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        )
        version = as_key(request.form.get("version", ""))
        try:
            coordination.take_step(
                self.db_session, actor=self.actor, match_id=record.id, code=code, version=version or 0, given=given
            )
        except Problem as problem:
            self.db_session.rollback()
            if problem.status == 404:
                raise
            sentences = list(problem.fields.values()) or [problem.message]
            return self.page_again(key, forms={"step_form": form, "open_step": code}, errors=sentences)
        self.warn_of([("覚え書き", form.note.data)])
        return self.go(".details_view", f"「{label}」を済ませました。", key=key)

    @staticmethod
    def _relevant_errors(form: StepForm, code: str) -> list[str]:
        """Sentences about what was typed; a field that the step does not ask for says nothing."""
        return [sentence for name, sentences in form.problems().items() for sentence in sentences if name != "csrf"]

    @expose("/<key>/introduction/", methods=("POST",))
    def introduction_view(self, key: str) -> Any:
        """The two sheets to hand over: each side with the other's contact. Only once both have agreed."""
        self.require(Permission.CONTACT_DISCLOSE)
        record = self.one(key)
        if record.stage not in DISCLOSED:
            flash("双方を紹介してから、連絡先の控えを表示できます。", "error")
            return self.go(".details_view", key=key)
        note_names(self.actor, "print", "talent", record.talent_id, 1, coordination.DISCLOSURE_PURPOSE)
        record = self.one(key)
        at = record.introduced_at
        return self.render(
            "talents/introduction.html",
            record=record,
            day=format_date(to_tokyo(at).date()) if at else "",
            times=times_in_words(line.code for line in record.times) or times_in_words(record.request.times),
            back=url_for(".details_view", key=key),
        )


link_waiting("match", lambda line: url_for("match.details_view", key=line.key))
