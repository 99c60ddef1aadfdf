"""The backup file: a compressed tar with its parts, a manifest of their SHA-256 and its signature, written whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import hashlib
import hmac
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from app.problems import Problem

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
_CHUNK = 1024 * 1024
_MAX_MANIFEST = 256 * 1024 * 1024


class BadBackup(Problem):
    """The backup cannot be trusted or used; the message says why."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One member of the archive."""

    name: str
    size: int
    sha256: str


class Writer:
    """Adds parts, then signs. Use `writing(path, key)`."""

    def __init__(self, tar: tarfile.TarFile, key: bytes, moment: float) -> None:
        self._tar = tar
        self._key = key
        self._moment = int(moment)
        self.parts: list[Part] = []

    def add_file(self, name: str, path: Path) -> Part:
        """Add a file's content under `name`; what is hashed is what is written."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            reader = _HashingReader(file)
            self._tar.addfile(self._info(name, size), reader)
        part = Part(name, size, reader.digest.hexdigest())
        self.parts.append(part)
        return part

    def add_bytes(self, name: str, content: bytes) -> Part:
        """Add a small part."""
        self._tar.addfile(self._info(name, len(content)), io.BytesIO(content))
        part = Part(name, len(content), hashlib.sha256(content).hexdigest())
        self.parts.append(part)
        return part

    def finish(self, facts: dict[str, Any]) -> None:
        """Write manifest and signature."""
        manifest = facts | {"format": FORMAT, "parts": [dataclasses.asdict(part) for part in self.parts]}
        content = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
        self._tar.addfile(self._info(MANIFEST, len(content)), io.BytesIO(content))
        signature = sign(self._key, content).encode()
        self._tar.addfile(self._info(SIGNATURE, len(signature)), io.BytesIO(signature))

    def _info(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self._moment
        return info


class _HashingReader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def sign(key: bytes, manifest: bytes) -> str:
    """HMAC-SHA-256 with the audit key, for backups only."""
    return hmac.new(key, b"kyodo-backup\x00" + manifest, hashlib.sha256).hexdigest()


@contextlib.contextmanager
def writing(path: Path, key: bytes, moment: float) -> Iterator[Writer]:
    """A backup file under `path`, readable by its owner alone; only there when everything was written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with (
                gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=5, mtime=moment) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield Writer(tar, key, moment)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclasses.dataclass(frozen=True)
class Contents:
    """A read backup: its manifest, and the small parts that were asked for."""

    manifest: dict[str, Any]
    raw_manifest: bytes
    signature: str
    small: dict[str, bytes]

    def is_signed_by(self, key: bytes) -> bool:
        """Whether the manifest carries the signature of that key."""
        return hmac.compare_digest(self.signature.encode(), sign(key, self.raw_manifest).encode())


def read(path: Path, *, into: Path | None = None, wanted: str = "") -> Contents:
    """Read a backup to its end and compare every part with the manifest; nothing outside `into` is written.

    into: folder for the parts whose names begin with `wanted` (their folders are made).
    Raises BadBackup. The signature is the caller's to ask for (`is_signed_by`).
    """
    found: dict[str, Part] = {}
    small: dict[str, bytes] = {}
    last: dict[str, bytes] = {}
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for info in tar:
                if not info.isfile() or not _is_plain(info.name) or info.name in found or info.name in last:
                    raise BadBackup(f"バックアップに思いがけないものが入っています: {info.name!r}")
                source = tar.extractfile(info)
                assert source is not None
                if info.name in (MANIFEST, SIGNATURE):
                    if info.size > _MAX_MANIFEST:
                        raise BadBackup("目録が大きすぎます。")
                    last[info.name] = source.read()
                    continue
                keep = into / info.name if into is not None and info.name.startswith(wanted) else None
                found[info.name] = _take(info, source, keep, small)
            while packed.read(_CHUNK):
                pass  # to the end, so that a cut or changed file is noticed
    except (OSError, EOFError, tarfile.TarError, gzip.BadGzipFile) as error:
        raise BadBackup(
            f"バックアップのファイルが壊れています({type(error).__name__})。別のバックアップを使ってください。"
        ) from error
    if set(last) != {MANIFEST, SIGNATURE}:
        raise BadBackup("目録か署名がありません。書き込みの途中で切れたファイルの可能性があります。")
    return _checked(found, small, last)


def _take(info: tarfile.TarInfo, source: IO[bytes], keep: Path | None, small: dict[str, bytes]) -> Part:
    digest = hashlib.sha256()
    target: IO[bytes] | None = None
    if keep is not None:
        keep.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = os.fdopen(os.open(keep, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    content = b""
    try:
        while data := source.read(_CHUNK):
            digest.update(data)
            if target is not None:
                target.write(data)
            if info.size <= 4096:
                content += data
    finally:
        if target is not None:
            target.close()
    if info.size <= 4096 and "/" not in info.name.removeprefix("secrets/"):
        small[info.name] = content
    return Part(info.name, info.size, digest.hexdigest())


def _checked(found: dict[str, Part], small: dict[str, bytes], last: dict[str, bytes]) -> Contents:
    try:
        manifest = json.loads(last[MANIFEST])
        listed = {part["name"]: Part(**part) for part in manifest["parts"]}
        known_format = manifest["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadBackup("目録を読めません。") from error
    if known_format != FORMAT:
        raise BadBackup(f"このバージョンでは読めない形式です(形式{known_format})。")
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            raise BadBackup(f"目録にある「{name}」がありません。")
        if name not in listed:
            raise BadBackup(f"目録にない「{name}」が入っています。")
        if found[name] != listed[name]:
            raise BadBackup(f"「{name}」の内容が目録と一致しません。")
    return Contents(manifest, last[MANIFEST], last[SIGNATURE].decode("ascii", "replace").strip(), small)


def _is_plain(name: str) -> bool:
    return bool(name) and all(part not in ("", ".", "..") for part in name.split("/")) and "\\" not in name
