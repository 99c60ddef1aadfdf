"""Attachments of a proposal; papers with persons' data (役員名簿 …) are kept apart, for the office alone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls.policy import is_office
from app.calls.proposal_services import NOT_OPEN
from app.calls.versions import FILE_OWNERS, PRIVATE_FILES
from app.config import Settings
from app.files.policy import may_read_file, register_owner, register_owner_model
from app.files.services import remove_file, store_file
from app.problems import Conflict, Invalid, NotFound
from models.proposals import Proposal
from models.records import StoredFile


def attach_file(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    proposal: Proposal,
    content: bytes,
    name: str,
    is_private: bool = False,
) -> StoredFile:
    """Keep a file for a proposal before its review. Raises Invalid for an empty, too large or disguised one."""
    _require_open(session, actor, proposal)
    if not content:
        raise Invalid("空のファイルです。内容のあるファイルを選んでください。", fields={"file": "空のファイルです。"})
    with act(session, actor, "proposal:attach", f"書類の添付: {proposal.title}"):
        return store_file(
            session,
            actor=actor,
            settings=settings,
            content=content,
            name=name,
            owner_table=PRIVATE_FILES if is_private else "proposal",
            owner_key=proposal.id,
        )


def detach_file(session: Session, *, actor: Actor, settings: Settings, proposal: Proposal, file_id: int) -> None:
    """Take a file off a proposal before its review; versions keep its name and hash."""
    _require_open(session, actor, proposal)
    file = session.get(StoredFile, file_id)
    if file is None or file.owner_table not in FILE_OWNERS or file.owner_key != str(proposal.id):
        raise NotFound
    remove_file(session, actor=actor, settings=settings, file=file)


def readable_files(session: Session, actor: Actor, proposal: Proposal) -> list[StoredFile]:
    """The files of a proposal that the actor may read, oldest first."""
    rows = session.scalars(
        select(StoredFile)
        .where(StoredFile.owner_table.in_(FILE_OWNERS), StoredFile.owner_key == str(proposal.id))
        .order_by(StoredFile.id)
    ).all()
    allowed = {
        table: next((may_read_file(session, actor, row) for row in rows if row.owner_table == table), False)
        for table in FILE_OWNERS
    }
    return [row for row in rows if allowed[row.owner_table]]


def _require_open(session: Session, actor: Actor, proposal: Proposal) -> None:
    actor.require(Permission.PROPOSAL_EDIT)
    if not is_editable(session, proposal, actor):
        raise Conflict(NOT_OPEN)


def _reads_private(session: Session, actor: Actor, key: str) -> bool:
    return is_office(actor) and find_visible(session, Proposal, key, actor) is not None


def register_files() -> None:
    """Say who reads the files of proposals."""
    register_owner_model(Proposal)
    register_owner(PRIVATE_FILES, _reads_private)
