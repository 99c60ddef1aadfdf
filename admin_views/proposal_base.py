"""What the screens around one proposal have in common."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.calls import queries
from app.problems import NotAllowed, Problem
from models.proposals import Proposal


class ProposalScreen(Screen):
    """What the pages below have in common."""

    permission = Permission.PROPOSAL_READ
    in_menu = False

    def proposal_of(self, key: str) -> Proposal:
        """The proposal within the scope; 404 else."""
        number = as_key(key)
        found: Proposal = self.found(queries.find_proposal(self.db_session(), number, self.actor) if number else None)
        return found

    def back(self, proposal: Proposal, message: str, anchor: str = "") -> Response:
        """To the proposal's page, with a message."""
        flash(message, "success")
        address = url_for("proposal.details_view", key=proposal.id) + (f"#{anchor}" if anchor else "")
        return redirect(address, code=303)  # type: ignore[return-value]

    def run(self, proposal: Proposal, verb: Any, message: str, anchor: str = "") -> Response:
        """A POST without a form of its own: a refusal is told on the proposal's page."""
        key = proposal.id
        try:
            verb()
        except Problem as problem:
            if isinstance(problem, NotAllowed):
                raise
            more = [sentence for sentence in problem.fields.values() if sentence not in problem.message]
            flash(" ".join([problem.message, *more]), "error")
            return redirect(url_for("proposal.details_view", key=key), code=303)  # type: ignore[return-value]
        return self.back(proposal, message, anchor)
