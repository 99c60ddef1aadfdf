"""The hash that a correction is signed with."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import rfc8785

from models.review_records import ReviewCorrection


def correction_digest(row: ReviewCorrection) -> str:
    """SHA-256 over the canonical JSON of a correction: what it says, who signed it when, and which record it is beside."""
    content: dict[str, Any] = {
        "call_id": row.call_id,
        "proposal_id": row.proposal_id,
        "text": row.text,
        "reason": row.reason,
        "record_sha256": row.record_sha256,
        "made_at": row.made_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "made_by": row.made_by_label,
    }
    if row.member_id is not None:
        content["member_id"] = row.member_id
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
