"""Keep a file for a record, read it back, forget it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.files.kinds import DOCUMENTS, SHOWN_INLINE, FileKind, kind_of
from app.files.names import disposition, safe_name
from app.files.policy import may_read_file
from app.files.store import Store
from app.problems import Invalid, NotFound
from models.records import StoredFile


@dataclasses.dataclass(frozen=True)
class Download:
    """A file on its way out. The headers make every browser save it and none guess what it is."""

    name: str
    media_type: str
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the response besides its type."""
        return self._headers(is_inline=False)

    @property
    def inline_headers(self) -> dict[str, str]:
        """The same for a file that opens in the browser; only PDFs and pictures do, everything else is saved."""
        return self._headers(is_inline=self.media_type in {kind.media_type for kind in SHOWN_INLINE})

    def _headers(self, *, is_inline: bool) -> dict[str, str]:
        return {
            "Content-Disposition": disposition(self.name, is_inline=is_inline),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }


def store_of(settings: Settings) -> Store:
    """The store of this installation."""
    return Store(settings.files_dir)


def check_size(size: int, settings: Settings, limit: int | None = None) -> None:
    """Raise Invalid when a file is larger than the installation, or this use, allows."""
    most = min(settings.max_upload_bytes, limit or settings.max_upload_bytes)
    if size > most:
        raise Invalid(f"ファイルが大きすぎます({size / 1024 / 1024:.1f}MB)。{most // 1024 // 1024}MBまでです。")


def store_file(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    content: bytes,
    name: str,
    owner_table: str,
    owner_key: object,
    purpose: str = "",
    allowed: Sequence[FileKind] = DOCUMENTS,
    limit: int | None = None,
) -> StoredFile:
    """Keep a file for a record, within the caller's act. The caller has checked that the actor may change the record.

    The content lies on disk before the row is written; a row that is rolled back leaves a content that nobody names,
    which `remove_orphans` clears away.
    """
    check_size(len(content), settings, limit)
    kind = kind_of(content)
    if kind not in allowed:
        labels = "".join(f"「{item.label}」" for item in allowed)
        raise Invalid(f"{kind.label}のファイルです。ここでは{labels}を選んでください。")
    file = StoredFile(
        sha256=store_of(settings).put(content),
        name=safe_name(name, kind),
        media_type=kind.media_type,
        size=len(content),
        owner_table=owner_table,
        owner_key=str(owner_key),
        purpose=purpose,
        uploaded_by_id=actor.user_id,
    )
    session.add(file)
    session.flush()
    return file


def get_file(session: Session, *, actor: Actor, file_id: int) -> StoredFile:
    """The row, if the actor may read the record that it belongs to. Raises NotFound."""
    file = session.get(StoredFile, file_id)
    if file is None or not may_read_file(session, actor, file):
        raise NotFound
    return file


def download(session: Session, *, actor: Actor, settings: Settings, file_id: int) -> Download:
    """A stored file's content, through the scope of its owner. Raises NotFound."""
    file = get_file(session, actor=actor, file_id=file_id)
    return Download(file.name, file.media_type, store_of(settings).get(file.sha256))


def remove_file(session: Session, *, actor: Actor, settings: Settings, file: StoredFile) -> None:
    """Forget a file; its content goes once no other row names it (after the commit of the outermost act)."""
    digest = file.sha256
    with act(session, actor, "file:remove", "ファイルの削除"):
        session.delete(file)
        session.flush()
        is_shared = session.scalar(select(StoredFile.id).where(StoredFile.sha256 == digest).limit(1)) is not None
    if not is_shared and not session.in_transaction():
        store_of(settings).remove(digest)


def remove_orphans(session: Session, settings: Settings, *, older_than_seconds: float = 86_400) -> int:
    """Remove contents that no row names, a day after they were written. Returns how many."""
    import time

    known = set(session.scalars(select(StoredFile.sha256)))
    removed = 0
    for path in settings.files_dir.glob("??/*"):
        name = path.name.split(".")[1] if path.name.startswith(".") else path.name
        is_draft = path.name.startswith(".")
        if (is_draft or name not in known) and path.stat().st_mtime < time.time() - older_than_seconds:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
