"""Pages of a member: the interests to declare, one group after another, and what was signed."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.pages import FormPage
from admin_views.review_forms import InterestForm
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, get_visible
from app.japanese.dates import format_date
from app.problems import Invalid, Problem
from app.reviews import declarations, queries
from models.proposals import Proposal, ProposalState
from models.review_conflicts import ConflictDeclaration, InterestKind


class DeclarationScreen(Screen):
    """利害関係の申告."""

    permission = Permission.DECLARATION_SIGN

    def __init__(self) -> None:
        super().__init__(name="利害関係の申告", endpoint="declaration", url="/declaration")

    @expose("/")
    def index(self) -> Any:
        return self._page()

    @expose("/sign/", methods=("POST",))
    def sign_view(self) -> Any:
        form = request.form
        answer, kind = form.get("answer"), form.get("kind", "")
        try:
            if answer not in ("none", "interest"):
                raise Invalid(
                    "利害関係があるかないかを選んでください。", fields={"answer": "どちらかを選んでください。"}
                )
            declarations.declare(
                self.db_session(),
                actor=self.actor,
                proposal_id=as_key(form.get("proposal", "")) or 0,
                has_interest=answer == "interest",
                kind=InterestKind(kind) if kind in list(InterestKind) else None,
                text=form.get("text", "").replace("\x00", ""),
            )
        except Invalid as problem:
            return self._page(problem), 422
        return self.go("declaration.index", "申告に署名しました。")

    def _page(self, problem: Problem | None = None) -> Any:
        session = self.db_session()
        pending = declarations.pending_of(session, self.actor)
        asked = as_key(request.form.get("proposal", ""))
        now = next((one for one in pending if one.proposal_id == asked), pending[0] if pending else None)
        return self.render(
            "reviews/declarations.html",
            title="利害関係の申告",
            now=now,
            due=format_date(now.due_on) if now and now.due_on else "",
            left=len(pending),
            kinds=InterestKind.choices(),
            typed={name: text.replace("\x00", "") for name, text in request.form.items()} if problem else {},
            problem=problem,
            sign_url=url_for(".sign_view"),
            sheets_url=url_for("score-sheet.index"),
            signed=[self._signed(one) for one in declarations.own_declarations(session, self.actor)],
        )

    def _signed(self, one: ConflictDeclaration) -> tuple[Any, ...]:
        """A line of what was signed. The group is named only where the member still sees the proposal."""
        seen = find_visible(self.db_session(), Proposal, one.proposal_id, self.actor)
        may_change = (
            seen is not None
            and seen.state is ProposalState.REVIEWING
            and one.replaced_at is None
            and not queries.is_concluded(self.db_session(), seen.call_id)
        )
        return (
            shown(one.signed_at),
            seen.organization.name if seen is not None else "",
            one.member.call.name,
            url_for(".change_view", proposal=one.proposal_id) if may_change else None,
            "あり" if one.has_interest else "なし",
            one.kind.label if one.kind else "",
            one.text,
            "紙の申告書から推進担当が入力" if one.is_on_behalf else "",
            one.replaced_at is not None,
        )

    @expose("/<proposal>/change/", methods=("GET", "POST"))
    def change_view(self, proposal: str) -> Any:
        """A member notices an interest after having declared none: signed anew, the papers close at once."""
        session = self.db_session()
        row = get_visible(session, Proposal, proposal, self.actor)
        self.found(queries.find_own_member(session, self.actor, row.call_id))
        form = InterestForm(request.form)
        page = FormPage(
            title=f"利害関係の申告({row.organization.name})",
            form=form,
            action_url=url_for(".change_view", proposal=row.id),
            cancel_url=url_for(".index"),
            lead="署名すると、この応募の審査から外れ、書類も採点票も見られなくなります。自分では取り消せません。",
            submit_label="利害関係があると署名する",
        )

        def save() -> Response:
            declarations.declare(
                session,
                actor=self.actor,
                proposal_id=row.id,
                has_interest=True,
                kind=InterestKind(form.kind.data),
                text=form.text.data or "",
            )
            return self.go("declaration.index", "申告に署名しました。この応募の審査から外れました。")

        return self.ask(page, save)
