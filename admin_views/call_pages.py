"""The call in public: its papers as pages and as PDF (行政手続: what is judged by, and how long it takes)."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask_admin import expose

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import find_visible, scoped
from app.calls.call_papers import PAPERS, paper_of
from app.calls.paper_sections import UNSET, CallPaper
from app.documents.pdf import render_pdf
from app.files.names import disposition
from app.japanese.dates import format_date, today_in_tokyo
from models.calls import Call


class CallPaperScreen(Screen):
    """募集要項など."""

    permission = Permission.CALL_READ

    def __init__(self) -> None:
        super().__init__(name="募集要項など", endpoint="call-paper", url="/call-papers")

    @expose("/")
    def index(self) -> Any:
        """Every call that the reader may see, the newest first, with its papers."""
        calls = self.db_session().scalars(
            scoped(Call, self.actor).order_by(
                Call.fiscal_year.desc(), Call.program_id, Call.round_number.desc(), Call.id
            )
        )
        today = today_in_tokyo()
        return self.render(
            "call_papers/index.html",
            rows=[
                (
                    call.name,
                    ("募集中", "success") if call.is_accepting(today) else (call.state.label, "neutral"),
                    _span(call),
                    [(title, url_for(".paper_view", key=call.id, paper=code)) for code, (title, _) in PAPERS.items()],
                )
                for call in calls
            ],
        )

    @expose("/<key>/<paper>/")
    def paper_view(self, key: str, paper: str) -> Any:
        call, found = self._paper(key, paper)
        return self.render(
            "call_papers/paper.html",
            paper=found,
            title=f"{call.name} {found.title}",
            tabs=[
                (title, url_for(".paper_view", key=key, paper=code), code == paper)
                for code, (title, _) in PAPERS.items()
            ],
            pdf_url=url_for(".pdf_view", key=key, paper=paper),
            may_edit=self.actor.may(Permission.CALL_EDIT),
        )

    @expose("/<key>/<paper>.pdf")
    def pdf_view(self, key: str, paper: str) -> Response:
        call, found = self._paper(key, paper)
        footer = f"{format_date(today_in_tokyo(), weekday=False)}現在"
        response = Response(render_pdf("call_paper", found.as_json() | {"footer": footer}), mimetype="application/pdf")
        response.headers["Content-Disposition"] = disposition(f"{call.name}_{found.title}.pdf")
        return response

    def _paper(self, key: str, code: str) -> tuple[Call, CallPaper]:
        call: Call = self.found(find_visible(self.db_session(), Call, key, self.actor))
        return call, self.found(paper_of(self.db_session(), call, code))


def _span(call: Call) -> str:
    if call.opens_on is None or call.closes_on is None:
        return UNSET
    return f"{format_date(call.opens_on)}〜{format_date(call.closes_on)}"


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [CallPaperScreen()]
