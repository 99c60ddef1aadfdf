"""What of a proposal's story is written once, kept by triggers: versions, events, exceptions, receipt numbers, and what
a department submitted. The ORM's guard (door.py) tells a programmer earlier; these hold whoever writes."""

from __future__ import annotations

from sqlalchemy import Connection

from app.audit import row_guards
from app.audit.row_guards import RowGuard, append_only, differs

_ROOM = "calls"
_SUBMITTED = "OLD.state = 'submitted' AND NEW.state = 'submitted'"


def guards() -> list[RowGuard]:
    """All of them."""
    found: list[RowGuard] = []
    for table in ("proposal_version", "proposal_event", "rule_override", "receipt_number"):
        found += append_only(_ROOM, table)
    # A submission takes only the reason for which it was handed back, once.
    written = differs(("id", "opinion_id", "number", "submitted_at", "submitted_by_id", "verdict"))
    texts = "CAST(OLD.answers AS TEXT) <> CAST(NEW.answers AS TEXT)"
    found.append(
        RowGuard(
            _ROOM,
            "opinion_submission",
            "written_once",
            "UPDATE",
            f"OLD.return_reason IS NOT NULL OR {written} OR {texts}",
        )
    )
    found.append(RowGuard(_ROOM, "opinion_submission", "written_once", "DELETE"))
    # An opinion that is in stands as it is until the office hands it back.
    content = differs(("proposal_id", "department_id", "verdict", "submitted_at", "submitted_by_id"))
    found.append(
        RowGuard(
            _ROOM,
            "department_opinion",
            "submitted",
            "UPDATE",
            f"{_SUBMITTED} AND ({content} OR {texts})",
        )
    )
    found.append(RowGuard(_ROOM, "department_opinion", "submitted", "DELETE", "OLD.state = 'submitted'"))
    return found


def create_guards(connection: Connection) -> None:
    """Make the triggers. Runs after each migration."""
    row_guards.create(connection, guards(), anchor="opinion_submission")


def drop_guards(connection: Connection) -> None:
    """Take them off: before a migration copies a table."""
    row_guards.drop(connection, guards())


def guard_problems(connection: Connection) -> list[str]:
    """Names of triggers that are missing or switched off."""
    return row_guards.problems(connection, guards())
