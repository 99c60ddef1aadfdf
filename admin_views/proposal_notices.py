"""Notices about proposals, drawn up for one or for many at once: 受理通知, 不備の連絡, 面接の案内, 所見書の依頼."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request, url_for
from flask_admin import expose

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.calls.notices import KINDS, Kind, candidates, make_notices
from app.japanese.dates import DateError, parse_date
from app.problems import Problem


class ProposalNoticeScreen(Screen):
    """応募・提案の通知."""

    permission = Permission.NOTICE_EDIT

    def __init__(self) -> None:
        super().__init__(name="応募・提案の通知", endpoint="proposal-notice", url="/proposal-notices")

    def is_accessible(self) -> bool:
        return super().is_accessible() and self.actor.may(Permission.PROPOSAL_EDIT)

    @expose("/")
    def index(self) -> Any:
        """Choose the notice, then whom it is for. `?proposal=` comes from a proposal's page."""
        kind = KINDS.get(request.args.get("template", ""))
        chosen = [number for text in request.args.getlist("proposal") if (number := as_key(text)) is not None]
        if kind is None:
            extra = {"proposal": chosen} if chosen else {}
            return self.render(
                "proposal_notices/choose.html",
                kinds=[
                    (one.label, len(self._rows(one, chosen)), url_for(".index", template=one.code, **extra))
                    for one in KINDS.values()
                ],
            )
        return self._form(kind, chosen)

    def _rows(self, kind: Kind, chosen: list[int]) -> list[Any]:
        rows = candidates(self.db_session(), self.actor, kind)
        return [row for row in rows if not chosen or row.id in chosen]

    def _form(self, kind: Kind, chosen: list[int], problems: dict[str, str] | None = None, message: str = "") -> Any:
        rows = candidates(self.db_session(), self.actor, kind)
        return self.render(
            "proposal_notices/form.html",
            title=f"{kind.label}を作る",
            kind=kind,
            rows=[
                (
                    row.id,
                    row.title,
                    str(row.organization),
                    row.call.name,
                    row.state.label,
                    row.id in chosen,
                )
                for row in rows
            ],
            fields=[
                (f"v{place}", name, label, help_text, is_long, may_be_empty, request.form.get(f"v{place}", ""))
                for place, (name, label, help_text, is_long, may_be_empty) in enumerate(kind.asks)
            ],
            problems=problems or {},
            message=message,
            make_url=url_for(".make_view"),
        )

    @expose("/make/", methods=("POST",))
    def make_view(self) -> Any:
        kind = self.found(KINDS.get(request.form.get("template", "")))
        chosen = [number for text in request.form.getlist("proposal") if (number := as_key(text)) is not None]
        values: dict[str, str | dt.date | None] = {}
        problems: dict[str, str] = {}
        for place, (name, *_) in enumerate(kind.asks):
            text = request.form.get(f"v{place}", "").strip()
            values[name] = text
            if name == "期限" and text:
                try:
                    values[name] = parse_date(text)
                except DateError as error:
                    problems[name] = str(error)
        if problems:
            return self._form(kind, chosen, problems, "入力を確かめてください。"), 422
        try:
            made = make_notices(self.db_session(), actor=self.actor, code=kind.code, proposal_ids=chosen, values=values)
        except Problem as problem:
            self.db_session().rollback()
            return self._form(kind, chosen, problem.fields, problem.message), 422
        if len(made) == 1:
            message = f"{kind.label}の下書きを作りました。内容を確かめて発出してください。"
            return self.go("notice.details_view", message, key=made[0].id)
        message = f"{kind.label}の下書きを{len(made)}件作りました。内容を確かめて発出してください。"
        return self.go("notice.index_view", message)


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [ProposalNoticeScreen()]
