"""Screens of a call's briefings, questions and answers: entered, answered, ordered, put on the printed pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.call_forms import BriefingForm, QuestionForm, RemovalForm
from admin_views.home import link_waiting
from admin_views.pages import FormPage
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible
from app.calls import call_questions
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import BackOfficeForm
from models.calls import Call, CallBriefing, CallQuestion, CallState


class CallQuestionScreen(Screen):
    """説明会、質問と回答."""

    permission = Permission.CALL_EDIT
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name="説明会、質問と回答", endpoint="call-question", url="/call-questions")

    @expose("/")
    def index(self) -> Any:
        return redirect(url_for("call.index_view"))

    @expose("/<key>/")
    def call_view(self, key: str) -> Any:
        """Both, of one call."""
        call = self._call(key)
        session = self.db_session()
        questions = call_questions.questions_of(session, self.actor, call)
        last = len(questions)
        return self.render(
            "calls/questions.html",
            title=f"説明会、質問と回答: {call.name}",
            call_url=url_for("call.details_view", key=key),
            may_change=call.state is not CallState.FINISHED,
            papers=[
                (label, url_for("call-paper.paper_view", key=key, paper=code))
                for label, code in (("説明会のページを見る", "briefings"), ("質問と回答のページを見る", "questions"))
            ],
            new_question_url=url_for(".question_new_view", key=key),
            new_briefing_url=url_for(".briefing_new_view", key=key),
            waiting=sum(1 for one in questions if one.answer is None),
            questions=[
                {
                    "number": number,
                    "row": one,
                    "asked": format_date(one.asked_on),
                    "answered": format_date(one.answered_on) if one.answered_on else None,
                    "state": ("公開", "success")
                    if one.is_public
                    else ("回答待ち", "warning")
                    if one.answer is None
                    else ("非公開", "neutral"),
                    "is_first": number == 1,
                    "is_last": number == last,
                }
                for number, one in enumerate(questions, start=1)
            ],
            briefings=[
                (one, format_date(one.held_on)) for one in call_questions.briefings_of(session, self.actor, call)
            ],
        )

    # --- questions -------------------------------------------------------------------------------------------

    @expose("/<key>/question/new/", methods=("GET", "POST"))
    def question_new_view(self, key: str) -> Any:
        call = self._call(key)
        form = QuestionForm(request.form, data={"asked_on": today_in_tokyo()})

        def add() -> Response:
            call_questions.add_question(
                self.db_session(),
                actor=self.actor,
                call=call,
                asked_on=form.asked_on.data,
                question=form.question.data or "",
                answer=form.answer.data,
                answered_on=form.answered_on.data,
                is_public=form.is_public.data,
            )
            return self.go("call-question.call_view", "質問を登録しました。", key=key)

        return self.ask(self._page(f"質問の登録: {call.name}", form, call.id, "登録する"), add)

    @expose("/question/<key>/edit/", methods=("GET", "POST"))
    def question_edit_view(self, key: str) -> Any:
        row = self._question(key)
        form = QuestionForm(request.form, obj=row)
        call_id = row.call_id

        def save() -> Response:
            call_questions.update_question(
                self.db_session(),
                actor=self.actor,
                row=row,
                version=as_key(request.form.get("version", "")) or 0,
                asked_on=form.asked_on.data,
                question=form.question.data or "",
                answer=form.answer.data,
                answered_on=form.answered_on.data,
                is_public=form.is_public.data,
            )
            return self.go("call-question.call_view", "質問と回答を保存しました。", key=call_id)

        page = self._page(f"質問と回答: {row.call.name}", form, call_id, "保存する", version=row.version)
        return self.ask(page, save)

    @expose("/question/<key>/show/", methods=("POST",))
    def question_show_view(self, key: str) -> Any:
        is_public = request.form.get("public") == "1"
        message = "公開しました。" if is_public else "公開を取りやめました。"
        return self._do(
            key,
            lambda row: call_questions.show_question(self.db_session(), actor=self.actor, row=row, is_public=is_public),
            message,
        )

    @expose("/question/<key>/move/", methods=("POST",))
    def question_move_view(self, key: str) -> Any:
        up = request.form.get("way") != "down"
        return self._do(
            key,
            lambda row: call_questions.move_question(self.db_session(), actor=self.actor, row=row, up=up),
            "順序を変えました。",
        )

    @expose("/question/<key>/remove/", methods=("GET", "POST"))
    def question_remove_view(self, key: str) -> Any:
        row = self._question(key)
        return self._removal(row, "質問", f"「{row.question[:80]}」", call_questions.remove_question)

    # --- briefings -------------------------------------------------------------------------------------------

    @expose("/<key>/briefing/new/", methods=("GET", "POST"))
    def briefing_new_view(self, key: str) -> Any:
        call = self._call(key)
        form = BriefingForm(request.form)

        def add() -> Response:
            call_questions.add_briefing(self.db_session(), actor=self.actor, call=call, **_briefing(form))
            return self.go("call-question.call_view", "説明会を登録しました。", key=key)

        return self.ask(self._page(f"説明会の登録: {call.name}", form, call.id, "登録する"), add)

    @expose("/briefing/<key>/edit/", methods=("GET", "POST"))
    def briefing_edit_view(self, key: str) -> Any:
        row = self._briefing(key)
        form, call_id = BriefingForm(request.form, obj=row), row.call_id

        def save() -> Response:
            version = as_key(request.form.get("version", "")) or 0
            call_questions.update_briefing(
                self.db_session(), actor=self.actor, row=row, version=version, **_briefing(form)
            )
            return self.go("call-question.call_view", "説明会を保存しました。", key=call_id)

        page = self._page(f"説明会: {row.call.name}", form, call_id, "保存する", version=row.version)
        return self.ask(page, save)

    @expose("/briefing/<key>/remove/", methods=("GET", "POST"))
    def briefing_remove_view(self, key: str) -> Any:
        row = self._briefing(key)
        return self._removal(row, "説明会", f"{format_date(row.held_on)}の説明会", call_questions.remove_briefing)

    # --- parts -----------------------------------------------------------------------------------------------

    def _removal(self, row: Any, kind: str, named: str, verb: Any) -> Any:
        """Asks for the reason, and takes the row away by `verb`."""
        form, call_id = RemovalForm(request.form), row.call_id
        page = self._page(f"{kind}の削除: {row.call.name}", form, call_id, "削除する")
        page.lead = f"{named}を削除します。変更の記録には残ります。"

        def remove() -> Response:
            verb(self.db_session(), actor=self.actor, row=row, reason=form.reason.data or "")
            return self.go("call-question.call_view", f"{kind}を削除しました。", key=call_id)

        return self.ask(page, remove)

    def _call(self, key: str) -> Call:
        return get_visible(self.db_session(), Call, key, self.actor)

    def _question(self, key: str) -> CallQuestion:
        return get_visible(self.db_session(), CallQuestion, key, self.actor)

    def _briefing(self, key: str) -> CallBriefing:
        return get_visible(self.db_session(), CallBriefing, key, self.actor)

    def _page(
        self, title: str, form: BackOfficeForm, call_id: int, label: str, *, version: int | None = None
    ) -> FormPage:
        return FormPage(
            title=title,
            form=form,
            action_url=request.path,
            cancel_url=url_for(".call_view", key=call_id),
            submit_label=label,
            version=version,
        )

    def _do(self, key: str, verb: Callable[[CallQuestion], Any], message: str) -> Response:
        """One verb on a question, straight from the list; a refusal is told there."""
        row = self._question(key)
        call_id = row.call_id
        try:
            verb(row)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go("call-question.call_view", key=call_id)
        return self.go("call-question.call_view", message, key=call_id)


def _briefing(form: BriefingForm) -> dict[str, Any]:
    return {
        "held_on": form.held_on.data,
        "hours": form.hours.data or "",
        "place": form.place.data or "",
        "note": form.note.data,
    }


link_waiting("call_question", lambda line: url_for("call-question.call_view", key=line.key))


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [CallQuestionScreen()]
