"""Signed papers of a review as files: declarations, score sheets, minutes."""

from __future__ import annotations

import dataclasses

from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.files.kinds import JPEG, PDF, PNG
from app.files.services import store_file
from models.records import StoredFile
from models.review_conflicts import ConflictDeclaration
from models.review_results import ReviewConclusion
from models.review_sheets import ScoreSheet

#: A scanned sheet of paper.
SCANS = (PDF, PNG, JPEG)


@dataclasses.dataclass(frozen=True)
class Scan:
    """A signed paper as a file."""

    content: bytes
    name: str


def call_of_scan(session: Session, file: StoredFile) -> int | None:
    """The call that a signed paper is of; None for any other file."""
    key = int(file.owner_key) if file.owner_key.isdecimal() else 0
    if file.owner_table == ReviewConclusion.__tablename__:
        conclusion = session.get(ReviewConclusion, key)
        return conclusion.call_id if conclusion is not None else None
    found: ConflictDeclaration | ScoreSheet | None = None
    if file.owner_table == ConflictDeclaration.__tablename__:
        found = session.get(ConflictDeclaration, key)
    elif file.owner_table == ScoreSheet.__tablename__:
        found = session.get(ScoreSheet, key)
    return found.member.call_id if found is not None else None


def keep_scan(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    scan: Scan,
    owner_table: str,
    owner_key: object,
    purpose: str = "scan",
) -> StoredFile:
    """Store a signed paper with its record, within the caller's act. Raises Invalid for what is no PDF or picture."""
    return store_file(
        session,
        actor=actor,
        settings=settings,
        content=scan.content,
        name=scan.name,
        owner_table=owner_table,
        owner_key=owner_key,
        purpose=purpose,
        allowed=SCANS,
    )
