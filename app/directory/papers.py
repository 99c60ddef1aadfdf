"""Papers of a group (規約, 決算書, チラシ …): kept by content, open as far as the group said for their kind."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.directory.consent import is_open
from app.directory.derived import derive_completeness
from app.directory.fields import BY_NAME, FILES
from app.directory.identity import cluster_ids
from app.files.kinds import DOCX, GIF, JPEG, PDF, PNG, PPTX, WEBP, XLSX
from app.files.services import Download, remove_file, store_file, store_of
from app.problems import Invalid, NotAllowed, NotFound
from models.directory import Organization
from models.records import StoredFile

ALLOWED = (PDF, PNG, JPEG, GIF, WEBP, DOCX, XLSX, PPTX)
LIMIT_BYTES = 20 * 1024 * 1024
TABLE = "organization"


@dataclasses.dataclass(frozen=True)
class Paper:
    """One paper as its group's page lists it."""

    id: int
    organization_id: int
    label: str
    name: str
    size: int
    added_at: dt.datetime


def papers_of(session: Session, actor: Actor, organization: Organization) -> Sequence[Paper]:
    """The papers of a group's identity that the actor may read, by kind and newest first."""
    rows = session.scalars(
        select(StoredFile)
        .where(
            StoredFile.owner_table == TABLE,
            StoredFile.owner_key.in_([str(key) for key in cluster_ids(session, organization.id)]),
        )
        .order_by(StoredFile.id.desc())
    ).all()
    order = [field.name for field in FILES]
    found = [row for row in rows if row.purpose in order and _may_read(session, actor, row)]
    found.sort(key=lambda row: order.index(row.purpose))
    return [
        Paper(row.id, int(row.owner_key), BY_NAME[row.purpose].label, row.name, row.size, row.created_at)
        for row in found
    ]


def add_paper(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    organization: Organization,
    field: str,
    content: bytes,
    name: str,
) -> StoredFile:
    """Keep a paper. What it is, is decided by its content. Raises Invalid."""
    _require(session, actor, organization)
    if field not in {one.name for one in FILES}:
        raise Invalid("書類の種類を選んでください。", fields={"field": "書類の種類を選んでください。"})
    with act(session, actor, "organization-file:add", f"書類の追加: {organization}({BY_NAME[field].label})"):
        file = store_file(
            session,
            actor=actor,
            settings=settings,
            content=content,
            name=name,
            owner_table=TABLE,
            owner_key=organization.id,
            purpose=field,
            allowed=ALLOWED,
            limit=LIMIT_BYTES,
        )
        derive_completeness(session, [organization.id])
    return file


def remove_paper(
    session: Session, *, actor: Actor, settings: Settings, organization: Organization, file_id: int
) -> None:
    """Remove a paper of this very record. Raises NotFound."""
    _require(session, actor, organization)
    file = session.get(StoredFile, file_id)
    if file is None or (file.owner_table, file.owner_key) != (TABLE, str(organization.id)):
        raise NotFound
    remove_file(session, actor=actor, settings=settings, file=file)
    with act(session, actor, "organization-file:remove", f"書類の削除: {organization}"):
        derive_completeness(session, [organization.id])


def download_paper(session: Session, *, actor: Actor, settings: Settings, file_id: int) -> Download:
    """A paper's content, by its row's permission and its kind's consent. Raises NotFound."""
    file = session.get(StoredFile, file_id)
    if file is None or file.owner_table != TABLE or not _may_read(session, actor, file):
        raise NotFound
    return Download(file.name, file.media_type, store_of(settings).get(file.sha256))


def _may_read(session: Session, actor: Actor, file: StoredFile) -> bool:
    organization = find_visible(session, Organization, file.owner_key, actor)
    if organization is None or file.purpose not in BY_NAME:
        return False
    return is_open(organization, file.purpose, level_of(actor))


def _require(session: Session, actor: Actor, organization: Organization) -> None:
    actor.require(Permission.ORGANIZATION_FILE_EDIT)
    if not is_editable(session, organization, actor):
        raise NotAllowed("この団体の書類は変更できません。あすぴあへご連絡ください。")
