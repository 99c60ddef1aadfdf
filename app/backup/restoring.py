"""Puts a backup in place: verified before anything is touched, the former data kept aside, the log followed afterwards."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from app.actor import Actor
from app.audit import anchor as anchors
from app.audit import chain
from app.audit.anchor import Anchor, BrokenAnchor
from app.audit.recorder import act
from app.audit.verify import verify as verify_chain
from app.backup import databases
from app.backup.archive import BadBackup, Contents
from app.backup.services import ANCHOR, SECRETS, Summary, key_of, opened, summary_of
from app.config import Settings
from app.japanese.dates import to_tokyo
from models.base import db, utc_now
from models.engine import writing


@dataclasses.dataclass(frozen=True)
class Restored:
    """What was put back. `kept`: where the former database went (a file, or a schema of the same database)."""

    summary: Summary
    kept: str | None
    secrets_installed: bool


def restore(settings: Settings, path: Path, *, actor: Actor, force: bool = False) -> Restored:
    """Put a backup in place of an empty database; with `force` of a filled one, which is kept aside.

    The backup is verified to its end before anything is touched. Afterwards the log is followed from its first entry
    and nobody is signed in any more. No other process may serve this database meanwhile.
    Raises BadBackup.
    """
    engine = db.engine
    with opened(settings, path) as (folder, contents):
        dialect = contents.manifest["dialect"]
        if dialect != engine.dialect.name:
            raise BadBackup(f"バックアップは{dialect}、このデータベースは{engine.dialect.name}です。")
        brings_key = not contents.is_signed_by(key_of(settings))
        if brings_key and os.environ.get("AUDIT_KEY"):
            raise BadBackup("環境変数 AUDIT_KEY がバックアップの監査鍵と違います。正しい鍵を設定してください。")
        is_filled = bool(inspect(engine).get_table_names())
        if is_filled and not force:
            raise BadBackup("データベースが空ではありません。置き換えるときは --force を付けてください。")
        _put_files(folder / "files", settings.files_dir)
        db.session.remove()
        kept = _put_database(engine, folder / databases.PART[dialect], is_filled)
        installed = _put_secrets(folder / "secrets", settings) if brings_key else False
        key = contents.small["secrets/audit_key"].decode() if brings_key else settings.audit_key
        chain.configure(key, anchors.path())
        _put_anchor(contents)
        summary = summary_of(path, contents)
    report = verify_chain(engine, expected=(summary.sequence, summary.hash))
    if not report.is_ok:
        raise BadBackup(f"戻したデータの操作記録に異常があります: {report.findings[0]}(元のデータ: {kept or 'なし'})")
    with writing(), engine.begin() as connection:
        connection.execute(text("DELETE FROM login_session"))
    label = f"バックアップからの復元({path.name}、操作記録{summary.sequence}番まで)"
    with act(
        db.session(), actor, "backup:restore", label, reason=f"元のデータ: {kept or 'なし'}", keep_when_empty=True
    ):
        pass
    return Restored(summary, kept, installed)


def _put_files(source: Path, target: Path) -> None:
    """Add what is missing: a file's name is its content, so what is there is the same."""
    for path in sorted(source.glob("??/*")) if source.is_dir() else []:
        place = target / path.parent.name / path.name
        if place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(path, place)


def _put_database(engine: Engine, copy: Path, is_filled: bool) -> str | None:
    stamp = f"{to_tokyo(utc_now()):%Y%m%d_%H%M%S}_{secrets.token_hex(2)}"
    if engine.dialect.name == "sqlite":
        file = databases.sqlite_file(engine)
        aside = file.with_name(f"{file.name}.before-restore-{stamp}") if is_filled else None
        databases.restore_sqlite(engine, copy, aside)
        return str(aside) if aside is not None else None
    schema = f"before_restore_{stamp}" if is_filled else None
    databases.restore_postgresql(engine, copy, schema)
    return schema


def _put_secrets(source: Path, settings: Settings) -> bool:
    """The keys of the backup in place of those that a first run made; those are kept aside."""
    folder = settings.data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in SECRETS:
        place = folder / name
        if place.exists():
            os.replace(place, place.with_name(f"{name}.before-restore-{secrets.token_hex(3)}"))
        os.replace(source / name, place)
    return True


def _put_anchor(contents: Contents) -> None:
    """The anchor at the restored head: one in the backup may be some writes ahead of its database's copy."""
    since = 1
    with contextlib.suppress(KeyError, BrokenAnchor):
        since = anchors.parse(contents.small[ANCHOR]).since
    anchors.renew(Anchor(contents.manifest["sequence"], contents.manifest["hash"], since))
