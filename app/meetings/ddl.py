"""Confirmed minutes and all that they rest on, kept by triggers: the meeting's day and place, its items, attendance,
who was out, resolutions. Corrections are added beside and then stand still too."""

from __future__ import annotations

from sqlalchemy import Connection

from app.audit import row_guards
from app.audit.row_guards import RowGuard, append_only, both_ways, differs

_ROOM = "meetings"
_CONFIRMED = "EXISTS (SELECT 1 FROM minutes mi WHERE mi.state = 'confirmed' AND mi.meeting_id = {meeting})"
_OF_ITEM = "(SELECT a.meeting_id FROM agenda_item a WHERE a.id = {row}.%s)"
#: Table -> the meeting that a row belongs to, as SQL over the row {row}.
_MEETING = {
    "agenda_item": "{row}.meeting_id",
    "attendance": "{row}.meeting_id",
    "item_absence": _OF_ITEM % "item_id",
    "resolution": _OF_ITEM % "agenda_item_id",
}
_MEETING_CONTENT = (
    "body_id", "fiscal_year", "number", "held_on", "time_text", "place", "state", "quorum_kind", "presiding_id",
)  # fmt: skip


def guards() -> list[RowGuard]:
    """All of them."""
    found = [
        RowGuard(_ROOM, "minutes", "confirmed", moment, "OLD.state = 'confirmed'") for moment in ("UPDATE", "DELETE")
    ]
    for table, meeting in _MEETING.items():
        found += both_ways(_ROOM, table, "confirmed", _CONFIRMED.replace("{meeting}", meeting))
    held = _CONFIRMED.replace("{meeting}", "OLD.id")
    found.append(RowGuard(_ROOM, "meeting", "confirmed", "UPDATE", f"{held} AND {differs(_MEETING_CONTENT)}"))
    found.append(RowGuard(_ROOM, "meeting", "confirmed", "DELETE", held))
    return found + append_only(_ROOM, "minutes_correction")


def create_guards(connection: Connection) -> None:
    """Make the triggers. Runs after each migration."""
    row_guards.create(connection, guards(), anchor="minutes_correction")


def drop_guards(connection: Connection) -> None:
    """Take them off: before a migration copies a table."""
    row_guards.drop(connection, guards())


def guard_problems(connection: Connection) -> list[str]:
    """Names of triggers that are missing or switched off."""
    return row_guards.problems(connection, guards())
