"""What the rooms below tell the calls: 引継ぎ moves drafts, erasure forgets forms, stored files belong to
proposals."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.handover import register_handover
from app.actor import Actor
from app.calls import door, record_guards
from app.calls.file_services import register_files
from app.directory.edition_erasure import register_group_erasure
from models.coordination import OpinionDraft
from models.people import User
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal


@register_handover
def move_drafts(session: Session, actor: Actor, from_user: User, to_user: User) -> list[str]:
    """Drafts of 所見書 are the department's; the name of the one who writes moves to the successor."""
    moved = session.execute(update(OpinionDraft).where(OpinionDraft.user_id == from_user.id).values(user_id=to_user.id))
    number = int(getattr(moved, "rowcount", 0))
    return [f"所見書の下書き{number}件を引き継ぎました。"] if number else []


@register_group_erasure
def forget_forms(session: Session, actor: Actor, organization_ids: set[int]) -> int:
    """Forms of the group that were read and not taken yet: they hold names, telephones, addresses."""
    rows = session.scalars(
        select(ProposalUpload)
        .outerjoin(Proposal, Proposal.id == ProposalUpload.proposal_id)
        .order_by(ProposalUpload.id)
    ).all()
    gone = [
        row
        for row in rows
        if (row.proposal.organization_id if row.proposal else row.content.get("organization_id")) in organization_ids
    ]
    for row in gone:
        session.delete(row)
    return len(gone)


register_files()
door.install()
record_guards.register()
