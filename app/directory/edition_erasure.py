"""Erasure (個人情報の消去) in what was frozen or handed in: the one thing that changes an edition."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.directory.identity import cluster_ids
from app.problems import Invalid
from models.base import utc_now
from models.directory_rounds import ConfirmationForm, ConfirmationUpload, Edition, EditionEntry, UploadState
from models.records import StoredFile

ERASED = "(消去しました)"
#: (session, actor, ids of the group's whole identity) -> how many copies went. Within the caller's act.
ErasureHook = Callable[[Session, Actor, set[int]], int]
_hooks: list[ErasureHook] = []


def register_group_erasure(hook: ErasureHook) -> ErasureHook:
    """Let the rooms above forget their own passing copies of what a group handed in. Usable as a decorator."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def erase_group(session: Session, *, actor: Actor, organization_id: int, reason: str) -> tuple[int, int]:
    """Erase a group from every edition and from what it handed in, in one act: (entries, files)."""
    with act(
        session, actor, "edition:erase", f"むすぶと年次確認からの消去(団体番号{organization_id})", reason=reason.strip()
    ):
        entries = erase_from_editions(session, actor=actor, organization_id=organization_id, reason=reason)
        files = erase_from_rounds(session, actor=actor, organization_id=organization_id)
        ids = set(cluster_ids(session, organization_id))
        files += sum(hook(session, actor, ids) for hook in _hooks)
    return entries, files


def erase_from_editions(session: Session, *, actor: Actor, organization_id: int, reason: str) -> int:
    """Empty a group's entries in every edition, whole identity, and forget the booklets made of them.

    The entries' hashes stay, so that the rest of the edition can still be proven. Returns how many entries.
    """
    actor.require(Permission.EDITION_MANAGE)
    reason = reason.strip()
    if not reason:
        raise Invalid("消去する理由を入力してください。", fields={"reason": "理由を入力してください。"})
    with act(session, actor, "edition:erase", f"むすぶの掲載内容の消去(団体番号{organization_id})", reason=reason):
        ids = cluster_ids(session, organization_id)
        rows = session.scalars(
            select(EditionEntry).where(EditionEntry.organization_id.in_(ids), EditionEntry.erased_at.is_(None))
        ).all()
        touched = {row.edition_id for row in rows}
        for row in rows:
            row.content, row.erased_at = {}, utc_now()
        for edition in session.scalars(select(Edition).where(Edition.id.in_(touched)).order_by(Edition.id)):
            edition.erased_count += sum(row.edition_id == edition.id for row in rows)
            forget_booklets(session, edition.id)
        session.flush()
    return len(rows)


def forget_booklets(session: Session, edition_id: int) -> None:
    """Forget the stored booklets of an edition, within the caller's act: their contents go as orphans."""
    of_edition = select(StoredFile).where(StoredFile.owner_table == "edition", StoredFile.owner_key == str(edition_id))
    for file in session.scalars(of_edition):
        session.delete(file)


def erase_from_rounds(session: Session, *, actor: Actor, organization_id: int) -> int:
    """Forget what a group handed in: the cells read, the files, who filled them in. Returns how many files."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    with act(session, actor, "confirmation-round:erase", f"年次確認の様式の消去(団体番号{organization_id})"):
        ids = cluster_ids(session, organization_id)
        forms = session.scalars(select(ConfirmationForm).where(ConfirmationForm.organization_id.in_(ids))).all()
        for form in forms:
            form.answered_by = None
        uploads = session.scalars(
            select(ConfirmationUpload).where(ConfirmationUpload.form_id.in_([form.id for form in forms]))
        ).all()
        for upload in uploads:
            forget_upload(session, upload)
        for round_id in {form.round_id for form in forms}:
            forget_package(session, round_id)
        session.flush()
    return len(uploads)


def forget_upload(session: Session, upload: ConfirmationUpload) -> None:
    """Forget a file that came back and its cells; that it came stays told. Within the caller's act."""
    upload.content, upload.file_name = {}, ERASED
    if upload.state is UploadState.PENDING:
        upload.state = UploadState.SET_ASIDE
    if upload.file_id is not None:
        file = session.get(StoredFile, upload.file_id)
        session.execute(update(ConfirmationUpload).where(ConfirmationUpload.id == upload.id).values(file_id=None))
        if file is not None:
            session.delete(file)


def forget_package(session: Session, round_id: int) -> None:
    """Forget the ZIP of all forms of a round: it holds every group's contacts. Within the caller's act."""
    of_round = select(StoredFile).where(
        StoredFile.owner_table == "confirmation_round",
        StoredFile.owner_key == str(round_id),
        StoredFile.purpose == "forms",
    )
    for file in session.scalars(of_round):
        session.delete(file)
