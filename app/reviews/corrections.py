"""訂正: what came to be known after the conclusion, as a signed entry beside the sealed record, which stays as it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews.concluding import require_secretariat
from app.reviews.sealing import latest_record
from app.reviews.texts import checked_text
from models.base import utc_now
from models.proposals import Proposal
from models.review_records import ReviewCorrection


def corrections_of(session: Session, actor: Actor, call_id: int) -> Sequence[ReviewCorrection]:
    """The corrections of a call that the actor may read, oldest first."""
    return session.scalars(
        scoped(ReviewCorrection, actor).where(ReviewCorrection.call_id == call_id).order_by(ReviewCorrection.id)
    ).all()


def add_correction(
    session: Session, *, actor: Actor, call_id: int, proposal_id: int | None, text: str, reason: str
) -> ReviewCorrection:
    """Sign a correction. Raises Conflict before the conclusion is confirmed, Invalid without text and reason."""
    call = require_secretariat(session, actor, call_id)
    clean = {
        field: checked_text(value, label, field=field, required=f"{label}を書いてください。")
        for field, value, label in (("text", text, "訂正の内容"), ("reason", reason, "訂正の理由"))
    }
    if proposal_id is not None and get_visible(session, Proposal, proposal_id, actor).call_id != call_id:
        raise Invalid("この募集の提案を選んでください。", fields={"proposal": "この募集の提案を選んでください。"})
    with act(session, actor, "conclusion:correct", f"{call.name}の審査記録に訂正を加えました", reason=clean["reason"]):
        record = latest_record(session, call_id)
        if record is None:
            raise Refusal("審査結果がまだ確認されていません。確認の前は、そのまま変更できます。")
        row = ReviewCorrection(
            call_id=call_id,
            proposal_id=proposal_id,
            record_sha256=record.sha256,
            made_at=utc_now(),
            made_by_id=actor.user_id,
            made_by_label=actor.label,
            **clean,
        )
        row.sha256 = digest_of(row)
        session.add(row)
        session.flush()
    return row


def digest_of(row: ReviewCorrection) -> str:
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
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
