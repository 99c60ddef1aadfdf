"""The folder of contents: written whole or not at all, named by SHA-256, spread over 256 folders."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

from app.problems import NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Store:
    """Contents under a folder outside the web root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, digest: str) -> Path:
        """Where a content lies. Raises NotFound for anything that is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise NotFound
        return self._folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Keep a content; returns its digest. On disk (fsync) when this returns; writing it twice is harmless."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path_of(digest)
        if path.exists() and path.stat().st_size == len(content):
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{digest}.{secrets.token_hex(8)}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        self._sync_folder(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """A content, checked against its digest. Raises NotFound when it is gone or damaged."""
        try:
            content = self.path_of(digest).read_bytes()
        except OSError as error:
            raise NotFound("ファイルの内容が見つかりません。システム管理者に連絡してください。") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFound("ファイルの内容が壊れています。システム管理者に連絡してください。")
        return content

    def remove(self, digest: str) -> None:
        """Forget a content. Nothing happens when it is not there."""
        with contextlib.suppress(OSError):
            self.path_of(digest).unlink()

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
