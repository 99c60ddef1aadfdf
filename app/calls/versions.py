"""What was handed in, frozen: a snapshot of a proposal, its SHA-256, and the readable difference of two (rules.md 20)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.japanese.dates import format_date
from app.japanese.money import format_yen
from models.proposal_lines import BudgetLine
from models.proposal_story import ProposalPaper, ProposalVersion
from models.proposals import Proposal
from models.records import StoredFile

#: Plain texts of a proposal, in the order of its form. Contacts are personal data and stay out (domain.md 3).
TEXTS = ("title", "purpose", "content", "place", "schedule", "expected_effect", "organization_structure")
STATEMENTS = ("is_nonprofit", "is_organized_by_applicant", "is_in_city", "states_no_other_subsidy")
#: Owners of the stored files; papers with persons' data are for the office alone.
PRIVATE_FILES = "proposal_private"
FILE_OWNERS = ("proposal", PRIVATE_FILES)
_ANSWERS = {True: "はい", False: "いいえ", None: "未記入"}


def snapshot_of(session: Session, proposal: Proposal) -> dict[str, Any]:
    """The content as plain JSON: texts, dates (ISO), amounts (yen), statements, lines, papers, hashes of files."""
    return {
        **{name: getattr(proposal, name) or "" for name in TEXTS},
        "organization": str(proposal.organization),
        "organization_id": proposal.organization_id,
        "organization_kind": proposal.organization.kind.value,
        "challenge": proposal.challenge.title if proposal.challenge else None,
        "department": proposal.department.name if proposal.department else None,
        "starts_on": _iso(proposal.starts_on),
        "ends_on": _iso(proposal.ends_on),
        "requested_yen": proposal.requested_yen,
        **{name: getattr(proposal, name) for name in STATEMENTS},
        "budget": [_budget_line(line) for line in proposal.budget_lines],
        "partners": [{"name": line.name, "part": line.part} for line in proposal.partners],
        "other_subsidies": [
            {"giver": line.giver, "amount_yen": line.amount_yen, "note": line.note} for line in proposal.other_subsidies
        ],
        "papers": [
            {"key": paper.key, "label": paper.label, "state": paper.state.value} for paper in _papers(session, proposal)
        ],
        "files": [{"name": file.name, "sha256": file.sha256} for file in files_of(session, proposal)],
    }


def files_of(session: Session, proposal: Proposal) -> list[StoredFile]:
    """The attachments of a proposal, oldest first."""
    statement = select(StoredFile).where(
        StoredFile.owner_table.in_(FILE_OWNERS), StoredFile.owner_key == str(proposal.id)
    )
    return list(session.scalars(statement.order_by(StoredFile.id)))


def digest_of(snapshot: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(snapshot)).hexdigest()


def freeze(session: Session, *, actor: Actor, proposal: Proposal, label: str) -> ProposalVersion:
    """A new version; the last one when nothing has changed since. Within the caller's act."""
    session.flush()
    snapshot = snapshot_of(session, proposal)
    digest = digest_of(snapshot)
    last = latest_version(session, proposal)
    if last is not None and last.sha256 == digest:
        return last
    version = ProposalVersion(
        proposal=proposal,
        number=(last.number if last else 0) + 1,
        label=label,
        snapshot=snapshot,
        sha256=digest,
        made_by_id=actor.user_id,
    )
    session.add(version)
    session.flush()
    return version


def latest_version(session: Session, proposal: Proposal) -> ProposalVersion | None:
    """The version frozen last."""
    newest = select(func.max(ProposalVersion.number)).where(ProposalVersion.proposal_id == proposal.id)
    return session.scalars(
        select(ProposalVersion).where(
            ProposalVersion.proposal_id == proposal.id, ProposalVersion.number == newest.scalar_subquery()
        )
    ).one_or_none()


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(label, before, after) in words, of all that changed, in the order of the form."""
    rows = []
    for name, label in LABELS.items():
        old, new = before.get(name), after.get(name)
        if old != new:
            rows.append((label, in_words(name, old), in_words(name, new)))
    return rows


def in_words(name: str, value: Any) -> str:
    """A value of a snapshot as people read it; lists a line each."""
    if name in STATEMENTS:
        return _ANSWERS[value]
    if value in (None, "", []):
        return "(なし)"
    if name == "requested_yen":
        return format_yen(value)
    if name in {"starts_on", "ends_on"}:
        return format_date(dt.date.fromisoformat(value))
    if name in _LINES:
        return "\n".join(_LINES[name](line) for line in value)
    return str(value)


# --- parts -----------------------------------------------------------------------------------------------------------


def _label(name: str) -> str:
    return str(Proposal.__table__.c[name].info["label"])


LABELS = {
    "organization": "応募団体",
    "challenge": "課題・テーマ",
    "department": "担当課",
    **{name: _label(name) for name in TEXTS},
    "starts_on": _label("starts_on"),
    "ends_on": _label("ends_on"),
    "requested_yen": _label("requested_yen"),
    "budget": "経費の内訳",
    "partners": "協力団体",
    "other_subsidies": "ほかの補助金",
    **{name: _label(name) for name in STATEMENTS},
    "papers": "提出書類",
    "files": "添付ファイル",
}
_PAPER_STATES = {"missing": "未提出", "received": "受領", "not_needed": "不要"}


def _budget_line(line: BudgetLine) -> dict[str, Any]:
    return {
        "category": line.category,
        "label": line.label,
        "unit_price_yen": line.unit_price_yen,
        "quantity": line.quantity,
        "tax": line.tax.value,
        "tax_percent": line.tax_percent,
        "is_eligible": line.is_eligible,
    }


def _budget_words(line: dict[str, Any]) -> str:
    tax = "税込" if line["tax"] == "included" else f"税抜{line['tax_percent']}%"
    eligible = "" if line["is_eligible"] else "、対象外"
    category = f"[{line['category']}] " if line["category"] else ""
    return f"{category}{line['label']} {format_yen(line['unit_price_yen'])}×{line['quantity']}({tax}{eligible})"


def _subsidy_words(line: dict[str, Any]) -> str:
    amount = format_yen(line["amount_yen"]) if line["amount_yen"] is not None else "金額未定"
    return f"{line['giver']} {amount}"


_LINES: dict[str, Callable[[dict[str, Any]], str]] = {
    "budget": _budget_words,
    "partners": lambda line: f"{line['name']}: {line['part']}" if line["part"] else str(line["name"]),
    "other_subsidies": _subsidy_words,
    "papers": lambda line: f"{line['label']}: {_PAPER_STATES[line['state']]}",
    "files": lambda line: str(line["name"]),
}


def _papers(session: Session, proposal: Proposal) -> list[ProposalPaper]:
    statement = select(ProposalPaper).where(ProposalPaper.proposal_id == proposal.id)
    return list(session.scalars(statement.order_by(ProposalPaper.position, ProposalPaper.id)))


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
