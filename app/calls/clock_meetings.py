"""The clock of meetings: each meeting that the actor may see, in the row of its body."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.calls.clock import ClockEntry
from models.meetings import Meeting, MeetingState


def meeting_entries(session: Session, actor: Actor) -> Iterable[ClockEntry]:
    """Meetings that are planned, called or were held."""
    rows = session.scalars(
        scoped(Meeting, actor)
        .where(Meeting.state != MeetingState.CANCELLED)
        .options(selectinload(Meeting.body))
        .order_by(Meeting.held_on, Meeting.id)
    )
    for row in rows:
        yield ClockEntry(
            key=f"meeting-{row.id}",
            subject=row.body.name,
            label=f"第{row.number}回{row.body.short_name or row.body.name}",
            kind="meeting",
            fiscal_year=row.fiscal_year,
            who=row.body.short_name or row.body.name,
            first=row.held_on,
            last=row.held_on,
            note="、".join(part for part in (row.time_text, row.place, row.state.label) if part),
            link=("meeting", str(row.id)),
            is_done=row.state is MeetingState.HELD,
            order=(2, row.body_id),
        )
