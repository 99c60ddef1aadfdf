"""What home shows of the calls: figures of the year, and the page of each line that waits."""

from __future__ import annotations

from typing import Any

from flask import url_for

from admin_views.home import link_waiting, register_figures
from admin_views.proposal_page import STATE_MARKS
from app.access.permissions import Permission
from app.actor import Actor
from app.calls import queries
from app.japanese.dates import fiscal_year_of, today_in_tokyo


def _figures(session: Any, actor: Actor) -> list[tuple[str, str, str | None]]:
    """This year's calls with how many proposals stand where; those in which the reader sees none are left out, unless
    they run the calls."""
    if not (actor.may(Permission.CALL_READ) and actor.may(Permission.PROPOSAL_READ)):
        return []
    calls = queries.calls_of_year(session, actor, fiscal_year_of(today_in_tokyo()))
    counts = queries.state_counts(session, actor, [call.id for call in calls])
    shown = [call for call in calls if counts.get(call.id) or actor.may(Permission.CALL_EDIT)]
    return [(call.name, _told(counts.get(call.id, {})), url_for("call.details_view", key=call.id)) for call in shown]


def _told(counts: dict[Any, int]) -> str:
    order = list(STATE_MARKS)
    parts = [
        f"{state.label}{number}" for state, number in sorted(counts.items(), key=lambda pair: order.index(pair[0]))
    ]
    return "、".join(parts) or "0件"


register_figures(_figures)
link_waiting("call", lambda line: url_for("call.details_view", key=line.key))
link_waiting("challenge", lambda line: url_for("challenge.details_view", key=line.key))
link_waiting("challenge_list", lambda line: url_for("challenge.index_view") + f"?f-state={line.key}")
link_waiting("proposal", lambda line: url_for("proposal.details_view", key=line.key))
link_waiting("opinion", lambda line: url_for("opinion.opinion_view", key=line.key))
link_waiting("coordination_task", lambda line: url_for("proposal.details_view", key=line.key) + "#coordination")
