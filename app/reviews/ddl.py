"""Triggers that keep what a conclusion rests on, in the database itself, whoever writes.

Never changed nor deleted: scores, sealed records, corrections, disclosures. A sealed version takes only its unsealing, a signed
declaration only its replacement. Criteria and the decision rule stand still from the first sealed sheet of their call.
From the confirmed conclusion on, everything below it stands still: members, absences, declarations, conflicts, sheets,
ties, the conclusion itself, what was handed in, the opinions, the attendance. A city's decision that took effect too.
SQLite and PostgreSQL refuse in the same words; on PostgreSQL the triggers fire ALWAYS. Made after each migration.
"""

from __future__ import annotations

import functools

from sqlalchemy import Connection

from app.audit import row_guards
from app.audit.row_guards import RowGuard, both_ways

Guard = functools.partial(RowGuard, "review")

#: Table -> the call that a row belongs to, as SQL over the row {row}.
_PROPOSAL = "(SELECT p.call_id FROM proposal p WHERE p.id = {row}.proposal_id)"
_MEMBER = "(SELECT m.call_id FROM review_member m WHERE m.id = {row}.member_id)"
_SHEET = "(SELECT m.call_id FROM score_sheet s JOIN review_member m ON m.id = s.member_id WHERE s.id = {row}.sheet_id)"
_VERSION = (
    "(SELECT m.call_id FROM score_sheet_version v JOIN score_sheet s ON s.id = v.sheet_id"
    " JOIN review_member m ON m.id = s.member_id WHERE v.id = {row}.version_id)"
)
_OPINION = (
    "(SELECT p.call_id FROM department_opinion o JOIN proposal p ON p.id = o.proposal_id WHERE o.id = {row}.opinion_id)"
)
_UNDER_A_CONCLUSION = {
    "criterion": "{row}.call_id",
    "decision_rule": "{row}.call_id",
    "review_member": "{row}.call_id",
    "stage_opening": "{row}.call_id",
    "tie_decision": "{row}.call_id",
    "stage_absence": _MEMBER,
    "conflict_declaration": _MEMBER,
    "conflict": _MEMBER,
    "score_sheet": _MEMBER,
    "score_sheet_version": _SHEET,
    "score": _VERSION,
    "conclusion": "(SELECT c.call_id FROM review_conclusion c WHERE c.id = {row}.conclusion_id)",
    "proposal_version": _PROPOSAL,
    "budget_line": _PROPOSAL,
    "proposal_partner": _PROPOSAL,
    "other_subsidy": _PROPOSAL,
    "department_opinion": _PROPOSAL,
    "council_opinion": _PROPOSAL,
    "opinion_submission": _OPINION,
}
#: What a group asked for; the state and what follows the decision go on.
_PROPOSAL_CONTENT = (
    "call_id", "organization_id", "challenge_id", "title", "purpose", "content", "place", "schedule",
    "expected_effect", "organization_structure", "starts_on", "ends_on", "requested_yen",
)  # fmt: skip
_CONCLUDED = "EXISTS (SELECT 1 FROM review_conclusion rc WHERE rc.confirmed_at IS NOT NULL AND rc.call_id = {call})"
_HAS_A_SEALED_SHEET = (
    "EXISTS (SELECT 1 FROM score_sheet_version v JOIN score_sheet s ON s.id = v.sheet_id"
    " JOIN review_member m ON m.id = s.member_id WHERE m.call_id = {row}.call_id)"
)
_MEETING_CONCLUDED = (
    "EXISTS (SELECT 1 FROM review_conclusion rc WHERE rc.confirmed_at IS NOT NULL AND rc.meeting_id = {meeting})"
)
#: A paper that was there when the conclusion was confirmed; what comes later (reports) is free.
_PAPER_CONCLUDED = (
    "OLD.owner_table = 'proposal' AND EXISTS (SELECT 1 FROM review_conclusion rc JOIN proposal p ON p.call_id = rc.call_id"
    " WHERE rc.confirmed_at IS NOT NULL AND CAST(p.id AS TEXT) = OLD.owner_key AND OLD.created_at <= rc.confirmed_at)"
)
_ITEM_MEETING = "(SELECT a.meeting_id FROM agenda_item a WHERE a.id = {row}.item_id)"
#: Written once, then never: what may still be set on a row of these tables, and on which terms.
_TAKES_ONLY = {
    "score_sheet_version": ("unsealed_at", ("unsealed_at", "unsealed_by_id", "unseal_reason")),
    "conflict_declaration": ("replaced_at", ("replaced_at",)),
}
_COLUMNS = {
    "score_sheet_version": (
        "id", "sheet_id", "number", "comment", "sealed_at", "sealed_by_id", "is_on_behalf", "scan_file_id",
        "is_after_opening",
    ),
    "conflict_declaration": (
        "id", "member_id", "proposal_id", "has_interest", "kind", "text", "signed_at", "signed_by_id", "is_on_behalf",
        "scan_file_id",
    ),
}  # fmt: skip


def guards() -> list[RowGuard]:
    """All of them."""
    found: list[RowGuard] = []
    for table in ("score", "sealed_record", "review_correction", "review_disclosure"):
        found += [Guard(table, "append_only", "UPDATE"), Guard(table, "append_only", "DELETE")]
    for table, (mark, _) in _TAKES_ONLY.items():
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _COLUMNS[table])
        found.append(Guard(table, "written_once", "UPDATE", f"OLD.{mark} IS NOT NULL OR {changed}"))
        found.append(Guard(table, "written_once", "DELETE"))
    for table in ("criterion", "decision_rule"):
        found += both_ways("review", table, "frozen_by_a_sealed_sheet", _HAS_A_SEALED_SHEET)
    for table, call in _UNDER_A_CONCLUSION.items():
        found += both_ways("review", table, "concluded", _CONCLUDED.format(call=call))
    found += both_ways("review", "attendance", "concluded", _MEETING_CONCLUDED.format(meeting="{row}.meeting_id"))
    found += both_ways("review", "item_absence", "concluded", _MEETING_CONCLUDED.format(meeting=_ITEM_MEETING))
    found.append(
        Guard("proposal", "concluded", "UPDATE", _CONCLUDED.format(call="OLD.call_id"), columns=_PROPOSAL_CONTENT)
    )
    found.append(Guard("proposal", "concluded", "DELETE", _CONCLUDED.format(call="OLD.call_id")))
    for moment in ("UPDATE", "DELETE"):
        found.append(Guard("stored_file", "concluded", moment, _PAPER_CONCLUDED))
        found.append(Guard("review_conclusion", "confirmed", moment, "OLD.confirmed_at IS NOT NULL"))
        found.append(Guard("city_decision", "decided", moment, "OLD.decided_at IS NOT NULL"))
    return found


def create_guards(connection: Connection) -> None:
    """Make the triggers of the tables that are there; those that exist are made anew. Runs after each migration."""
    row_guards.create(connection, guards(), anchor="publication_record")


def drop_guards(connection: Connection) -> None:
    """Take the triggers off: before a migration copies a table (SQLite refuses to rename one that a trigger reads)."""
    row_guards.drop(connection, guards())


def guard_problems(connection: Connection) -> list[str]:
    """Names of triggers that are missing or switched off; empty when all stand."""
    return row_guards.problems(connection, guards())
