"""What is written beside a match: calls, how it went; and the same texts put right."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, request
from flask_admin import expose

from admin_views.screens import Screen
from admin_views.talent_match_forms import ContactLogForm, FollowUpForm
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import TOKYO, today_in_tokyo
from app.problems import Problem
from app.talents import contacts, sensitive
from app.talents.stages import MAY_FOLLOW_UP


class MatchTexts(Screen):
    """Mixed into the view of matches."""

    @expose("/<key>/contacts/", methods=("POST",))
    def contact_log_view(self: Any, key: str) -> Any:
        """Note a call, mail or meeting."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        form = ContactLogForm(request.form)
        if not form.validate():
            return self.page_again(key, forms={"log_form": form})
        day = form.contacted_on.data
        is_today = day is None or day == today_in_tokyo()
        at = None if is_today else dt.datetime.combine(day, dt.time(12), TOKYO)
        try:
            contacts.log_contact(
                self.db_session,
                actor=self.actor,
                match_id=record.id,
                side=form.side.data,
                way=form.way.data,
                result=form.result.data,
                summary=form.summary.data,
                at=at,
            )
        except Problem as problem:
            self.db_session.rollback()
            form.add_problems(problem.fields)
            return self.page_again(key, forms={"log_form": form}, errors=() if problem.fields else [problem.message])
        self.warn_of([("連絡の内容", form.summary.data)])
        return self.go(".details_view", "連絡を記録しました。", key=key)

    @expose("/<key>/follow-ups/", methods=("POST",))
    def follow_up_view(self: Any, key: str) -> Any:
        """Note how it went, as one side says."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        form = FollowUpForm(request.form)
        if record.stage not in MAY_FOLLOW_UP:
            return self.page_again(key, errors=["成立したあとで、双方にその後を聞いて記録します。"])
        if not form.validate():
            return self.page_again(key, forms={"follow_form": form})
        try:
            contacts.record_follow_up(
                self.db_session,
                actor=self.actor,
                match_id=record.id,
                side=form.side.data,
                outcome=form.outcome.data,
                wants_again=form.wants_again.data,
                comment=form.comment.data,
                asked_on=form.asked_on.data,
            )
        except Problem as problem:
            self.db_session.rollback()
            form.add_problems(problem.fields)
            return self.page_again(key, forms={"follow_form": form}, errors=() if problem.fields else [problem.message])
        self.warn_of([("聞いたこと", form.comment.data)])
        return self.go(".details_view", "聞き取りを記録しました。", key=key)

    @expose("/<key>/contacts/<line_key>/", methods=("POST",))
    def correct_contact_view(self: Any, key: str, line_key: str) -> Any:
        """Put the text of a call right."""
        self.require(Permission.MATCH_EDIT)
        record, text = self.one(key), request.form.get("summary", "")
        try:
            contacts.correct_contact(
                self.db_session, actor=self.actor, match_id=record.id, line_id=as_key(line_key) or 0, summary=text
            )
        except Problem as problem:
            return self._refused_text(key, problem)
        self.warn_of([("連絡の内容", text)])
        return self.go(".details_view", "連絡の内容を直しました。", key=key)

    @expose("/<key>/note/", methods=("POST",))
    def correct_note_view(self: Any, key: str) -> Any:
        """Put the notes right."""
        self.require(Permission.MATCH_EDIT)
        record, text = self.one(key), request.form.get("note", "")
        version = as_key(request.form.get("version", "")) or 0
        try:
            contacts.correct_note(self.db_session, actor=self.actor, match_id=record.id, version=version, note=text)
        except Problem as problem:
            return self._refused_text(key, problem)
        self.warn_of([("覚え書き", text)])
        return self.go(".details_view", "覚え書きを直しました。", key=key)

    def _refused_text(self: Any, key: str, problem: Problem) -> Any:
        self.db_session.rollback()
        if problem.status == 404:
            raise problem
        return self.page_again(key, errors=list(problem.fields.values()) or [problem.message])

    def warn_of(self: Any, texts: list[tuple[str, str | None]]) -> None:
        """Say on the next page what in these texts should perhaps not stand there."""
        sentence = sensitive.warning_about(texts)
        if sentence:
            flash(sentence, "warning")
