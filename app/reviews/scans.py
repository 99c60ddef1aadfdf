"""Signed papers of a review as files: declarations, score sheets, minutes."""

from __future__ import annotations

import dataclasses

from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.files.kinds import JPEG, PDF, PNG
from app.files.services import store_file
from models.records import StoredFile

#: A scanned sheet of paper.
SCANS = (PDF, PNG, JPEG)


@dataclasses.dataclass(frozen=True)
class Scan:
    """A signed paper as a file."""

    content: bytes
    name: str


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
