"""A disclosure copy (開示用の写し): a sealed record and the corrections beside it, parts of both masked, as canonical JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.reviews.redaction import redact
from app.reviews.redaction_marks import Mark
from models.review_records import ReviewCorrection, SealedRecord

#: Of the copy's layout: with the corrections, and where there are none.
FORMAT, FORMAT_WITHOUT_CORRECTIONS = 2, 1


@dataclasses.dataclass(frozen=True)
class Copy:
    """A disclosure copy: canonical JSON and its SHA-256."""

    content: bytes
    sha256: str

    @property
    def data(self) -> dict[str, Any]:
        """As values."""
        data: dict[str, Any] = json.loads(self.content)
        return data


def copy_of(record: SealedRecord, marks: Sequence[Mark], corrections: Sequence[ReviewCorrection] = ()) -> Copy:
    """The copy of a sealed record, with the corrections beside it: the same for the same marks, whenever it is made."""
    sealed = json.loads(record.content)
    if corrections:
        sealed["corrections"] = [_told(row) for row in corrections]
    content = rfc8785.dumps(
        {
            "format": FORMAT if corrections else FORMAT_WITHOUT_CORRECTIONS,
            "record_number": record.number,
            "record_sha256": record.sha256,
            "marks": [mark.as_json(with_words=False) for mark in marks],
            "content": redact(sealed, marks),
        }
    )
    return Copy(content, hashlib.sha256(content).hexdigest())


def _told(row: ReviewCorrection) -> dict[str, Any]:
    return {
        "made_at": row.made_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "proposal_id": row.proposal_id,
        "text": row.text,
        "reason": row.reason,
        "sha256": row.sha256,
    }


def corrections_beside(
    session: Session, record: SealedRecord, until: dt.datetime | None = None
) -> list[ReviewCorrection]:
    """What stood beside a record (at a moment), oldest first."""
    rows = session.scalars(
        select(ReviewCorrection)
        .where(ReviewCorrection.call_id == record.call_id, ReviewCorrection.record_sha256 == record.sha256)
        .order_by(ReviewCorrection.id)
    )
    return [row for row in rows if until is None or row.made_at < until]
