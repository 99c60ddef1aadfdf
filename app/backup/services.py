"""Create and verify a backup: database, files and anchor of the log; secrets only when asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from app.actor import Actor
from app.audit import anchor as anchors
from app.audit.anchor import BrokenAnchor
from app.audit.recorder import act
from app.audit.verify import verify as verify_chain
from app.backup import archive, databases
from app.backup.archive import BadBackup, Contents
from app.config import Settings
from app.japanese.dates import to_tokyo
from models.base import db, utc_now

PREFIX = "kyodo-backup-"
SUFFIX = ".tar.gz"
ANCHOR = "audit_anchor"
SECRETS = ("secret_key", "audit_key")


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    path: Path
    created_at: str
    dialect: str
    revision: str | None
    sequence: int
    hash: str
    files: int
    bytes: int
    has_secrets: bool
    #: Contents of files that vanished while the backup was made (erased meanwhile).
    missing: tuple[str, ...] = ()


# --- create --------------------------------------------------------------------------------------------------------


def create(
    settings: Settings, *, actor: Actor, out: Path | None = None, with_secrets: bool = False, keep: int = 0
) -> Summary:
    """Write a backup while the system runs; read it back; then remove all but the newest `keep` of that folder.

    out: a folder (the file is named by the moment) or a file. The database is copied first, files after it: they are
    named by their content and only added, so every file that the copy of the database knows is there.
    Raises BadBackup.
    """
    target = _target(settings, out)
    if target.exists():
        raise BadBackup(f"{target} はもうあります。")
    moment = utc_now()
    with tempfile.TemporaryDirectory(prefix="kyodo-backup-") as folder:
        part = databases.PART[db.engine.dialect.name]
        copy = Path(folder) / part
        snapshot = databases.snapshot(db.engine, copy)
        with archive.writing(target, key_of(settings), moment.timestamp()) as writer:
            writer.add_file(part, copy)
            copy.unlink()
            missing = _add_files(writer, settings.files_dir)
            if (anchor := _anchor_line()) is not None:
                writer.add_bytes(ANCHOR, anchor)
            if with_secrets:
                for name, value in zip(SECRETS, (settings.secret_key, settings.audit_key), strict=True):
                    writer.add_bytes(f"secrets/{name}", value.encode())
            writer.finish(
                dataclasses.asdict(snapshot)
                | {"created_at": moment.isoformat(timespec="seconds"), "with_secrets": with_secrets, "missing": missing}
            )
    summary = summary_of(target, archive.read(target))
    label = f"バックアップの作成({target.name}、操作記録{snapshot.sequence}番まで)"
    with act(db.session(), actor, "backup:create", label, keep_when_empty=True):
        pass
    if keep > 0:
        _rotate(target, keep)
    return summary


def _target(settings: Settings, out: Path | None) -> Path:
    out = out if out is not None else settings.data_dir / "backups"
    if out.is_dir() or not out.name.endswith(SUFFIX):
        return out / f"{PREFIX}{to_tokyo(utc_now()):%Y%m%d-%H%M%S}{SUFFIX}"
    return out


def key_of(settings: Settings) -> bytes:
    return settings.audit_key.encode()


def _add_files(writer: archive.Writer, folder: Path) -> list[str]:
    missing = []
    for path in sorted(folder.glob("??/*")) if folder.is_dir() else []:
        if path.name.startswith(".") or not path.is_file():
            continue
        name = f"files/{path.parent.name}/{path.name}"
        try:
            part = writer.add_file(name, path)
        except FileNotFoundError:
            missing.append(name)
            continue
        if part.sha256 != path.name:
            raise BadBackup(f"保存されているファイル {path.name} の内容が壊れています。")
    return missing


def _anchor_line() -> bytes | None:
    try:
        known = anchors.read()
    except BrokenAnchor:
        return None
    return anchors.line_of(known) if known is not None else None


def _rotate(newest: Path, keep: int) -> None:
    names = sorted(newest.parent.glob(f"{PREFIX}????????-??????{SUFFIX}"), reverse=True)
    for path in names[keep:]:
        if path != newest:
            path.unlink()


# --- verify --------------------------------------------------------------------------------------------------------


def verify(settings: Settings, path: Path) -> Summary:
    """Read every part, compare with the signed manifest, open the database's copy, follow the log in it (SQLite).

    Raises BadBackup with what is wrong.
    """
    with opened(settings, path) as (_, contents):
        return summary_of(path, contents)


@contextlib.contextmanager
def opened(settings: Settings, path: Path) -> Any:
    """A verified backup, unpacked into a folder of its own (beside the data, where there is room for it)."""
    if not path.is_file():
        raise BadBackup(f"{path} がありません。")
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as name:
        folder = Path(name)
        contents = archive.read(path, into=folder)
        key = _signing_key(settings, contents)
        dialect = contents.manifest["dialect"]
        copy = folder / databases.PART.get(dialect, "database")
        if not copy.is_file():
            raise BadBackup("データベースの写しが入っていません。")
        if dialect == "sqlite":
            snapshot = databases.check_sqlite(copy)
            if (snapshot.sequence, snapshot.hash) != (contents.manifest["sequence"], contents.manifest["hash"]):
                raise BadBackup("データベースの写しの操作記録が、目録の番号と一致しません。")
            if key == key_of(settings):
                _check_chain(copy)
        else:
            databases.check_postgresql(copy)
        yield folder, contents


def _signing_key(settings: Settings, contents: Contents) -> bytes:
    """The key that signed it: ours, or the one that the backup brings along."""
    candidates = [key_of(settings)]
    if (brought := contents.small.get("secrets/audit_key")) is not None:
        candidates.append(brought)
    for key in candidates:
        if contents.is_signed_by(key):
            return key
    raise BadBackup(
        "署名が合いません。書き換えられたか、別の監査鍵で作られたバックアップです。"
        "作成したときの AUDIT_KEY(または secrets/audit_key)を設定してから、もう一度実行してください。"
    )


def _check_chain(copy: Path) -> None:
    engine = create_engine(f"sqlite:///{copy}")
    try:
        report = verify_chain(engine, with_anchor=False)
    finally:
        engine.dispose()
    if not report.is_ok:
        raise BadBackup(f"バックアップの中の操作記録に異常があります: {report.findings[0]}")


def summary_of(path: Path, contents: Contents) -> Summary:
    manifest = contents.manifest
    names = [part["name"] for part in manifest["parts"]]
    return Summary(
        path=path,
        created_at=manifest["created_at"],
        dialect=manifest["dialect"],
        revision=manifest["revision"],
        sequence=manifest["sequence"],
        hash=manifest["hash"],
        files=sum(name.startswith("files/") for name in names),
        bytes=path.stat().st_size,
        has_secrets=bool(manifest["with_secrets"]),
        missing=tuple(manifest["missing"]),
    )


def moment_in_words(created_at: str) -> str:
    """The moment of a manifest in Tokyo's time."""
    return f"{to_tokyo(dt.datetime.fromisoformat(created_at)):%Y-%m-%d %H:%M:%S}"


__all__ = ["BadBackup", "Summary", "create", "moment_in_words", "opened", "summary_of", "verify"]
