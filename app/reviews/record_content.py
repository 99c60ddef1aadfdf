"""What the sealed record holds, read from the database as plain values: the same for the same rows, whenever it is asked."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.calls.versions import files_of
from app.reviews import queries
from app.reviews.ballot_writing import ballot_json
from app.reviews.results import result_of
from models.base import Base
from models.calls import Call
from models.coordination import CouncilOpinion, DepartmentOpinion, OpinionSubmission
from models.meetings import AgendaItem, Attendance, ItemAbsence
from models.proposal_story import ProposalVersion, RuleOverride
from models.proposals import Proposal
from models.records import StoredFile
from models.review_conflicts import Conflict, ConflictDeclaration
from models.review_results import Conclusion, ReviewConclusion
from models.review_results import TieDecision as TieDecisionRow
from models.review_sheets import Score, ScoreSheet, ScoreSheetVersion, StageOpening
from models.reviews import StageAbsence

#: Of the record's layout.
FORMAT = 1
#: Columns that say when or how often a row was written, not what it says.
_TECHNICAL = frozenset({"created_at", "updated_at", "version"})


def content_of(session: Session, call: Call) -> dict[str, Any]:
    """Everything that the call's confirmed conclusion rests on, as JSON values (ints, strings, lists, dicts)."""
    return facts_of(session, call) | tallied_of(session, call)


def tallied_of(session: Session, call: Call) -> dict[str, Any]:
    """Its part that is reckoned. Raises Problem when the rows contradict each other."""
    result = result_of(session, call)
    return {"ballot": ballot_json(result.ballot), "tally": result.tally.as_json()}


def facts_of(session: Session, call: Call) -> dict[str, Any]:
    """Its part that is read."""
    conclusion = session.scalars(select(ReviewConclusion).where(ReviewConclusion.call_id == call.id)).one()
    proposals = list(queries.proposals_of(session, call.id))
    keys = [proposal.id for proposal in proposals]
    members = queries.members_of(session, call.id, with_left=True)
    return {
        "format": FORMAT,
        "call": _row(
            call,
            ("id", "name", "fiscal_year", "round_number", "rules", "settings", "cap_yen", "rate", "budget_yen"),
        )
        | {"program": call.program.code},
        "rule": _row(queries.get_rule(session, call.id)),
        "criteria": _rows(queries.criteria_of(session, call.id)),
        "members": _rows(members),
        "absences": _rows(_of(session, StageAbsence, StageAbsence.member_id, [one.id for one in members])),
        "attendance": _attendance(session, conclusion.meeting_id),
        "declarations": _rows(_of(session, ConflictDeclaration, ConflictDeclaration.proposal_id, keys)),
        "conflicts": _rows(_of(session, Conflict, Conflict.proposal_id, keys)),
        "proposals": [_proposal(session, proposal) for proposal in proposals],
        "opinions": _opinions(session, keys),
        "council_opinions": _rows(_of(session, CouncilOpinion, CouncilOpinion.proposal_id, keys)),
        "sheets": _sheets(session, keys),
        "openings": _rows(_of(session, StageOpening, StageOpening.call_id, [call.id])),
        "tie_decisions": _rows(_of(session, TieDecisionRow, TieDecisionRow.call_id, [call.id])),
        "conclusion": _row(conclusion)
        | {"lines": _rows(_of(session, Conclusion, Conclusion.conclusion_id, [conclusion.id]))},
        "files": _files(session, proposals, conclusion),
    }


def _of(session: Session, model: type[Base], column: Any, keys: Sequence[int]) -> Sequence[Any]:
    primary = inspect(model).primary_key[0]
    return session.scalars(select(model).where(column.in_(keys)).order_by(primary)).all()


def _rows(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [_row(record) for record in records]


def _row(record: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
    """A record's columns by attribute, without those that only say when it was written."""
    every = [attribute.key for attribute in inspect(type(record)).column_attrs]
    return {name: _plain(getattr(record, name)) for name in names or every if name not in _TECHNICAL}


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _attendance(session: Session, meeting_id: int | None) -> dict[str, Any]:
    if meeting_id is None:
        return {"meeting_id": None, "members": [], "withdrawn": []}
    items = list(session.scalars(select(AgendaItem.id).where(AgendaItem.meeting_id == meeting_id)))
    return {
        "meeting_id": meeting_id,
        "members": _rows(_of(session, Attendance, Attendance.meeting_id, [meeting_id])),
        "withdrawn": _rows(_of(session, ItemAbsence, ItemAbsence.item_id, items)),
    }


def _proposal(session: Session, proposal: Proposal) -> dict[str, Any]:
    versions = _of(session, ProposalVersion, ProposalVersion.proposal_id, [proposal.id])
    overrides = _of(session, RuleOverride, RuleOverride.proposal_id, [proposal.id])
    return _row(proposal, ("id", "title", "organization_id", "requested_yen", "starts_on", "ends_on")) | {
        "organization": str(proposal.organization),
        "versions": [_row(one, ("id", "number", "label", "sha256")) for one in versions],
        "overrides": _rows(overrides),
    }


def _opinions(session: Session, keys: Sequence[int]) -> list[dict[str, Any]]:
    opinions = _of(session, DepartmentOpinion, DepartmentOpinion.proposal_id, keys)
    submissions = _of(session, OpinionSubmission, OpinionSubmission.opinion_id, [one.id for one in opinions])
    return [
        _row(one) | {"submissions": [_row(each) for each in submissions if each.opinion_id == one.id]}
        for one in opinions
    ]


def _sheets(session: Session, keys: Sequence[int]) -> list[dict[str, Any]]:
    sheets = _of(session, ScoreSheet, ScoreSheet.proposal_id, keys)
    versions = _of(session, ScoreSheetVersion, ScoreSheetVersion.sheet_id, [one.id for one in sheets])
    scores = _of(session, Score, Score.version_id, [one.id for one in versions])
    by_version: dict[int, list[dict[str, Any]]] = {}
    for score in scores:
        by_version.setdefault(score.version_id, []).append(_row(score))
    by_sheet: dict[int, list[dict[str, Any]]] = {}
    for version in versions:
        by_sheet.setdefault(version.sheet_id, []).append(_row(version) | {"scores": by_version.get(version.id, [])})
    return [_row(sheet) | {"versions": by_sheet.get(sheet.id, [])} for sheet in sheets]


def _files(session: Session, proposals: Sequence[Proposal], conclusion: ReviewConclusion) -> list[dict[str, Any]]:
    """Papers that were there at the confirmation, and the signed minutes."""
    found: list[StoredFile] = []
    for proposal in proposals:
        found += files_of(session, proposal)
    if conclusion.minutes_file is not None:
        found.append(conclusion.minutes_file)
    until = conclusion.confirmed_at
    return [
        _row(file, ("id", "owner_table", "owner_key", "name", "sha256", "size"))
        for file in sorted(found, key=lambda one: one.id)
        if until is None or file.created_at <= until
    ]
