"""Erasing whom at the group to reach, on request or when the purpose has ended (domain.md 3): every copy of it."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.calls.proposal_values import CONTACTS
from app.notices.erasure import purge_address
from app.problems import Conflict, Invalid, check_version
from models.base import utc_now
from models.coordination import CoordinationNote
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal


def holds_contacts(session: Session, proposal: Proposal) -> bool:
    """Whether anything is kept that an erasure would take."""
    if any(getattr(proposal, name) for name in CONTACTS):
        return True
    names = select(CoordinationNote.id).where(
        CoordinationNote.proposal_id == proposal.id, CoordinationNote.participants != ""
    )
    return session.scalar(names.limit(1)) is not None


def erase_contacts(session: Session, *, actor: Actor, proposal: Proposal, version: int | None, reason: str) -> None:
    """Erase the contact persons, whatever the state: in the proposal, in the names of those who came to a
    conversation, in forms that wait to be taken, and in what was sent to the address. The proposal itself stays.

    Raises Invalid without a reason, Conflict when there is nothing to erase, StaleRecord.
    """
    actor.require(Permission.PROPOSAL_DELETE)
    get_visible(session, Proposal, proposal.id, actor)
    check_version(proposal, version)
    if not reason.strip():
        sentence = "消去する理由を入力してください。"
        raise Invalid(sentence, fields={"reason": sentence})
    if not holds_contacts(session, proposal):
        raise Conflict("この応募・提案には、消去する連絡先がありません。")
    with act(session, actor, "proposal:erase-contacts", f"連絡先の消去: {proposal.title}", reason=reason.strip()[:500]):
        if proposal.contact_email:
            purge_address(session, actor=actor, address=proposal.contact_email)
        for name in CONTACTS:
            setattr(proposal, name, None)
        notes = session.scalars(select(CoordinationNote).where(CoordinationNote.proposal_id == proposal.id)).all()
        for note in notes:
            note.participants = ""
        session.execute(delete(ProposalUpload).where(ProposalUpload.proposal_id == proposal.id))
        proposal.updated_at = utc_now()
        session.flush()
