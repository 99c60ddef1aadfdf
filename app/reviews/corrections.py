"""訂正: what came to be known after the conclusion, as a signed entry beside the sealed record, which stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews.concluding import require_secretariat
from app.reviews.correction_digest import correction_digest
from app.reviews.sealing import latest_record
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.proposals import Proposal
from models.review_records import ReviewCorrection, SealedRecord


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
    # The reason stands in the entry, sealed: not in the log, which others read.
    with act(session, actor, "conclusion:correct", f"{call.name}の審査記録に訂正を加えました"):
        record = latest_record(session, call_id)
        if record is None:
            raise Refusal("審査結果がまだ確認されていません。確認の前は、そのまま変更できます。")
        return sign(
            session,
            actor,
            call_id=call_id,
            record=record,
            proposal_id=proposal_id,
            text=clean["text"],
            reason=clean["reason"],
        )


def sign(
    session: Session,
    actor: Actor,
    *,
    call_id: int,
    record: SealedRecord,
    text: str,
    reason: str,
    proposal_id: int | None = None,
    member_id: int | None = None,
) -> ReviewCorrection:
    """Write the entry with its hash, inside the caller's act."""
    # Corrections and disclosures of a call come one after the other: a copy holds all that was signed before it.
    session.execute(select(Call.id).where(Call.id == call_id).with_for_update())
    row = ReviewCorrection(
        call_id=call_id,
        proposal_id=proposal_id,
        member_id=member_id,
        record_sha256=record.sha256,
        made_at=utc_now(),
        made_by_id=actor.user_id,
        made_by_label=actor.label,
        text=text,
        reason=reason,
    )
    row.sha256 = correction_digest(row)
    session.add(row)
    session.flush()
    return row
