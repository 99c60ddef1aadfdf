"""What the clock registers: its sources, and who may see a calendar feed (its own user alone)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false

from app.access.scopes import register_scope
from app.actor import Actor
from app.calls.clock import register_clock_source
from app.calls.clock_calls import call_entries
from app.calls.clock_meetings import meeting_entries
from app.calls.clock_proposals import opinion_entries, proposal_entries, task_entries
from models.clock import CalendarFeed


def _own(actor: Actor) -> ColumnElement[bool]:
    return CalendarFeed.user_id == actor.user_id if actor.user_id is not None else false()


register_scope(CalendarFeed, visible=_own, editable=_own)
for _source in (call_entries, opinion_entries, task_entries, proposal_entries, meeting_entries):
    register_clock_source(_source)
