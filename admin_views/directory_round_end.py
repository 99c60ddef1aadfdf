"""The end of a yearly confirmation: words for those who have not answered, and closing it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.pages import ConfirmPage
from admin_views.screens import is_posted
from app.access.scopes import as_key
from app.directory import rounds, rounds_queries, rounds_reminding
from app.japanese.dates import format_fiscal_year
from app.notices.outbox import is_mail_on
from app.problems import Problem
from models.directory import Organization
from models.directory_rounds import ConfirmationState


def _why_no_mail(organization: Organization) -> str:
    """Why a group gets no mail; "" where it may."""
    address = rounds_reminding.address_of(organization)
    return {None: "メールなし", "": "メールアドレスの形が正しくありません"}.get(address, "")


class EndPages:
    """Mixed into RoundScreen."""

    @expose("/<key>/remind/", methods=("GET", "POST"))
    def remind_view(self: Any, key: str) -> Any:
        """Choose groups; what was written down (`since`: the first reminder) is shown to be copied."""
        one = self._round(key)
        session = self.db_session()
        errors: list[str] = []
        if is_posted():
            try:
                done = rounds_reminding.remind(
                    session,
                    actor=self.actor,
                    round_id=one.id,
                    form_ids=[number for value in request.form.getlist("form") if (number := as_key(value))],
                    by_mail=request.form.get("by_mail") == "yes",
                )
            except Problem as problem:
                session.rollback()
                errors = [problem.message]
                one = self._round(key)
            else:  # shown by another page: one that is loaded again must not send the mails again
                message = f"{len(done)}団体への督促を記録しました。"
                return self.go(".remind_view", message, key=key, since=min(each.id for each in done))
        since = as_key(request.args.get("since", ""))
        written = rounds_reminding.written_since(session, self.actor, one.id, since) if since else ()
        texts = [(each.form.organization.name, each.text, each.is_mailed) for each in written]
        waiting = rounds_queries.forms_page(
            session, self.actor, one, state=ConfirmationState.WAITING, page=1, per_page=rounds_reminding.MOST
        )
        return self.render(
            "confirmation/remind.html",
            title=f"未回答の団体への連絡({format_fiscal_year(one.fiscal_year)})",
            round_url=url_for(".round_view", key=key),
            action_url=url_for(".remind_view", key=key),
            waiting=[
                (form.id, str(form.organization), len(form.reminders), _why_no_mail(form.organization))
                for form in waiting.forms
            ],
            is_mail_on=is_mail_on(),
            texts=texts,
            errors=errors,
        ), 409 if errors else 200

    @expose("/<key>/close/", methods=("GET", "POST"))
    def close_view(self: Any, key: str) -> Any:
        """End the round."""
        one = self._round(key)
        year = format_fiscal_year(one.fiscal_year)
        counts = rounds_queries.state_counts(self.db_session(), one)
        page = ConfirmPage(
            title=f"登録内容の年次確認({year})を終了します",
            action_url=url_for(".close_view", key=key),
            cancel_url=url_for(".round_view", key=key),
            submit_label="終了する",
            hangs_on=[(state.label, f"{number:,}団体", None) for state, number in counts.items()],
            consequence="届いた様式のファイルと読み取った内容、様式の一式(ZIP)は消去されます。取り込んだ内容と、だれが確認したかは残ります。",
            undo_text="終了すると、この回の様式は受け付けられません。",
            is_danger=False,
        )

        def close() -> Response:
            rounds.close_round(self.db_session(), actor=self.actor, round_id=one.id)
            found: Response = self.go("confirmation-round.round_view", f"年次確認({year})を終了しました。", key=key)
            return found

        return self.confirm(page, close)
