"""Backups on both databases: the drill, and everything that must be refused."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.audit import anchor as anchors
from app.audit.recorder import act
from app.audit.verify import verify as verify_chain
from app.backup import archive, databases, restoring, services
from app.backup.archive import BadBackup
from app.config import Settings
from app.factory import create_app
from app.files.store import Store
from models.base import db
from models.people import LoginSession
from models.reference import Area
from tests.app.audit.conftest import ACTOR, last_place, write_entries
from tests.support.postgres import PostgresServer

Fresh = Callable[..., Flask]


@pytest.fixture
def filled(any_app: Flask) -> Iterator[Flask]:
    """An application with some data and two stored files."""
    with any_app.app_context():
        write_entries(db.session(), 3)
        store = Store(settings_of(any_app).files_dir)
        store.put("甲の書類".encode())
        store.put(b"x" * 300_000)
        db.session.remove()
        yield any_app
        db.session.remove()


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Makes an application over an empty database of the same kind, in a folder of its own."""
    made: list[tuple[Flask, Callable[[], None]]] = []

    def make(like: Flask, **changed: Any) -> Flask:
        settings = settings_of(like)
        folder = tmp_path / f"fresh{len(made)}"
        drop: Callable[[], None] = lambda: None  # noqa: E731
        if settings.is_sqlite:
            url = f"sqlite:///{folder / 'kyodo.sqlite3'}"
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            name = f"fresh_{os.getpid()}_{len(made)}_{abs(hash(tmp_path)) % 10**8}"
            url = server.create(name)
            drop = lambda: server.drop(name)  # noqa: E731
        folder.mkdir()
        app = create_app(dataclasses.replace(settings, data_dir=folder, database_url=url, **changed))
        made.append((app, drop))
        return app

    yield make
    for app, drop in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        drop()


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings


def areas() -> list[str]:
    found = list(db.session.scalars(select(Area.name).order_by(Area.id)))
    db.session.remove()
    return found


def made(app: Flask, **options: Any) -> services.Summary:
    return services.create(settings_of(app), actor=ACTOR, **options)


def test_the_drill(filled: Flask, fresh: Fresh) -> None:
    before, place = areas(), last_place(db.session())
    summary = made(filled)
    assert (summary.sequence, summary.files, summary.has_secrets, summary.missing) == (place, 2, False, ())
    assert summary.path.stat().st_mode & 0o777 == 0o600
    assert services.verify(settings_of(filled), summary.path) == summary
    write_entries(db.session(), 2)  # what came after it is lost
    db.session.remove()
    other = fresh(filled)
    with other.app_context():
        restored = restoring.restore(settings_of(other), summary.path, actor=ACTOR)
        assert (restored.kept, restored.secrets_installed) == (None, False)
        assert areas() == before
        report = verify_chain(db.engine, expected=(summary.sequence, summary.hash))
        assert report.findings == [] and report.sequence == place + 1  # and the entry of the restore itself
        assert sorted(path.name for path in settings_of(other).files_dir.glob("??/*")) == sorted(
            path.name for path in settings_of(filled).files_dir.glob("??/*")
        )
        write_entries(db.session(), 1)
        assert verify_chain(db.engine).is_ok
        assert other.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def test_a_backup_taken_while_others_write_is_whole(filled: Flask, fresh: Fresh) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        with filled.app_context():
            while not stop.is_set():
                try:
                    write_entries(db.session(), 1)
                except BaseException as error:
                    failures.append(error)
                    return
            db.session.remove()

    def body(number: int) -> None:
        with filled.app_context():
            del number
            write()

    threads = [threading.Thread(target=body, args=(number,)) for number in range(1)]
    for thread in threads:
        thread.start()
    try:
        summary = made(filled)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    services.verify(settings_of(filled), summary.path)
    other = fresh(filled)
    with other.app_context():
        restoring.restore(settings_of(other), summary.path, actor=ACTOR)
        assert verify_chain(db.engine).is_ok


def test_a_filled_database_is_refused_and_with_force_kept_aside(filled: Flask) -> None:
    summary = made(filled)
    write_entries(db.session(), 1)
    with act(db.session(), ACTOR, "area:create", "後の町"):
        db.session.add(Area(name="後の町"))
    with pytest.raises(BadBackup, match="空ではありません"):
        restoring.restore(settings_of(filled), summary.path, actor=ACTOR)
    assert "後の町" in areas()
    restored = restoring.restore(settings_of(filled), summary.path, actor=ACTOR, force=True)
    assert "後の町" not in areas()
    assert verify_chain(db.engine).is_ok
    assert restored.kept is not None
    if db.engine.dialect.name == "sqlite":
        assert "後の町" in sqlite_areas(Path(restored.kept))
    else:
        with db.engine.connect() as connection:
            names = connection.execute(text(f'SELECT name FROM "{restored.kept}".area')).scalars().all()
        assert "後の町" in names


def sqlite_areas(path: Path) -> list[str]:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT name FROM area")]
    finally:
        connection.close()


def test_nobody_is_signed_in_after_a_restore(filled: Flask) -> None:
    with db.engine.begin() as connection:
        user = connection.execute(
            text(
                'INSERT INTO "user" (email, display_name, must_change_password, is_active, is_demo, created_at, updated_at)'
                " VALUES ('x@example.jp', 'x', true, true, false, '2026-01-01', '2026-01-01') RETURNING id"
            )
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO login_session (token_hash, user_id, created_at, last_seen_at, expires_at, is_pending, data)"
                " VALUES ('t', :user, '2026-01-01', '2026-01-01', '2099-01-01', false, '{}')"
            ),
            {"user": user},
        )
    summary = made(filled)
    restoring.restore(settings_of(filled), summary.path, actor=ACTOR, force=True)
    assert db.session.scalars(select(LoginSession)).all() == []


# --- secrets -------------------------------------------------------------------------------------------------------


def test_without_the_key_a_backup_is_neither_verified_nor_restored(filled: Flask, fresh: Fresh) -> None:
    summary = made(filled)
    other = fresh(filled, audit_key="b" * 64)
    with other.app_context():
        for doing in (
            lambda: services.verify(settings_of(other), summary.path),
            lambda: restoring.restore(settings_of(other), summary.path, actor=ACTOR),
        ):
            with pytest.raises(BadBackup, match="署名が合いません"):
                doing()


def test_no_secret_is_in_a_backup_unless_asked_for(filled: Flask) -> None:
    settings = settings_of(filled)
    content = unpacked(made(filled).path)
    assert not any(name.startswith("secrets/") for name in content)
    assert not any(
        settings.audit_key.encode() in data or settings.secret_key.encode() in data for data in content.values()
    )


def test_a_backup_with_secrets_brings_its_keys_to_a_new_machine(filled: Flask, fresh: Fresh) -> None:
    summary = made(filled, with_secrets=True)
    other = fresh(filled, audit_key="b" * 64)
    settings = settings_of(other)
    with other.app_context():
        restored = restoring.restore(settings, summary.path, actor=ACTOR)
        assert restored.secrets_installed
        assert verify_chain(db.engine).is_ok
        key = settings.data_dir / "secrets" / "audit_key"
        assert key.read_text() == settings_of(filled).audit_key
        assert key.stat().st_mode & 0o777 == 0o600
    again = create_app(dataclasses.replace(settings, audit_key=key.read_text()))
    with again.app_context():
        assert verify_chain(db.engine).is_ok
        db.session.remove()
        db.engine.dispose()


# --- what is wrong with it -----------------------------------------------------------------------------------------


def unpacked(path: Path) -> dict[str, bytes]:
    with gzip.open(path) as packed, tarfile.open(fileobj=packed) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def packed(path: Path, content: dict[str, bytes]) -> None:
    with gzip.open(path, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def _change_database(content: dict[str, bytes]) -> None:
    name = next(name for name in content if name.startswith("database."))
    content[name] = content[name][:-1] + bytes([content[name][-1] ^ 1])


def _change_database_and_manifest(content: dict[str, bytes]) -> None:
    import hashlib

    _change_database(content)
    manifest = json.loads(content["manifest.json"])
    for part in manifest["parts"]:
        part["sha256"] = hashlib.sha256(content[part["name"]]).hexdigest()
    content["manifest.json"] = json.dumps(manifest).encode()


TAMPERINGS: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "a changed database": (_change_database, "目録と一致しません"),
    "a manifest made to fit": (_change_database_and_manifest, "署名が合いません"),
    "a removed file": (lambda c: c.pop(next(name for name in c if name.startswith("files/"))), "がありません"),
    "an added file": (lambda c: c.update({"files/ab/evil": b"x"}), "目録にない"),
    "a path that leads out": (lambda c: c.update({"../evil": b"x"}), "思いがけない"),
    "an absolute path": (lambda c: c.update({"/tmp/evil": b"x"}), "思いがけない"),
    "no signature": (lambda c: c.pop("manifest.sig"), "目録か署名がありません"),
    "another format": (
        lambda c: c.update({"manifest.json": c["manifest.json"].replace(b'"format": 1', b'"format": 2')}),
        "読めない形式",
    ),
    "a manifest that is none": (lambda c: c.update({"manifest.json": b"[]"}), "目録を読めません"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_changed_backup_is_refused_and_nothing_is_touched(filled: Flask, name: str) -> None:
    change, message = TAMPERINGS[name]
    summary = made(filled)
    content = unpacked(summary.path)
    change(content)
    packed(summary.path, content)
    before = areas()
    for doing in (
        lambda: services.verify(settings_of(filled), summary.path),
        lambda: restoring.restore(settings_of(filled), summary.path, actor=ACTOR, force=True),
    ):
        with pytest.raises(BadBackup, match=message):
            doing()
    assert areas() == before
    assert list(settings_of(filled).data_dir.glob(".restore-*")) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_file_is_refused(filled: Flask, share: float) -> None:
    path = made(filled).path
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadBackup):
        services.verify(settings_of(filled), path)


def test_a_link_inside_is_refused(filled: Flask, tmp_path: Path) -> None:
    path = tmp_path / "link.tar.gz"
    with gzip.open(path, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo("files/ab/link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BadBackup, match="思いがけない"):
        services.verify(settings_of(filled), path)


def test_a_tampered_log_inside_a_signed_backup_is_found(app: Flask) -> None:
    """Somebody changed the database before the backup was made: the copy says so."""
    with app.app_context():
        from app.audit import ddl

        write_entries(db.session(), 2)
        db.session.remove()
        with db.engine.begin() as connection:
            ddl.drop_guards(connection)
            connection.execute(text("UPDATE audit_entry SET label = 'x' WHERE sequence = 1"))
            ddl.create_guards(connection)
        path = made(app).path
        with pytest.raises(BadBackup, match="1番: 変更"):
            services.verify(settings_of(app), path)


def test_a_backup_of_the_other_database_is_refused(filled: Flask, tmp_path: Path) -> None:
    path = made(filled).path
    content = unpacked(path)
    manifest = json.loads(content["manifest.json"])
    own = db.engine.dialect.name
    other = "postgresql" if own == "sqlite" else "sqlite"
    manifest["dialect"] = other
    content["manifest.json"] = json.dumps(manifest).encode()
    content["manifest.sig"] = archive.sign(settings_of(filled).audit_key.encode(), content["manifest.json"]).encode()
    packed(path, content)
    with pytest.raises(BadBackup):
        restoring.restore(settings_of(filled), path, actor=ACTOR, force=True)


def test_a_failing_restore_leaves_the_former_data(postgres_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_app.app_context():
        write_entries(db.session(), 1)
        path = made(postgres_app).path
        before = areas()
        run = databases._run

        def fail(command: list[str], *args: Any, **options: Any) -> None:
            broken = Path(command[-1])
            broken.write_bytes(broken.read_bytes()[:-2000])
            run(command, *args, **options)

        monkeypatch.setattr(databases, "_run", fail)
        with pytest.raises(BadBackup, match="pg_restore が失敗"):
            restoring.restore(settings_of(postgres_app), path, actor=ACTOR, force=True)
        assert areas() == before
        assert verify_chain(db.engine).is_ok
        db.session.remove()


# --- files and places ----------------------------------------------------------------------------------------------


def test_a_stored_file_that_is_damaged_stops_the_backup(app: Flask) -> None:
    with app.app_context():
        settings = settings_of(app)
        digest = Store(settings.files_dir).put(b"content")
        Store(settings.files_dir).path_of(digest).chmod(0o600)
        Store(settings.files_dir).path_of(digest).write_bytes(b"other")
        with pytest.raises(BadBackup, match="壊れています"):
            made(app)
        assert list((settings.data_dir / "backups").glob("*")) == []  # no half file


def test_rotation_keeps_the_newest_and_touches_nothing_else(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    out.mkdir()
    for day in range(1, 6):
        (out / f"kyodo-backup-2026010{day}-000000.tar.gz").write_bytes(b"old")
    (out / "kyodo-backup-notes.txt").write_text("keep")
    (out / "other.tar.gz").write_text("keep")
    with app.app_context():
        newest = made(app, out=out, keep=3).path
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [
            newest.name,
            "kyodo-backup-20260105-000000.tar.gz",
            "kyodo-backup-20260104-000000.tar.gz",
            "kyodo-backup-notes.txt",
            "other.tar.gz",
        ]
    )


def test_a_file_that_is_there_is_not_overwritten(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "mine.tar.gz"
    path.write_text("mine")
    with app.app_context(), pytest.raises(BadBackup, match="もうあります"):
        made(app, out=path)
    assert path.read_text() == "mine"


def test_missing_programs_are_named(postgres_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_candidates", lambda name: [])
    with postgres_app.app_context(), pytest.raises(BadBackup, match="pg_dump が見つかりません"):
        made(postgres_app)


def test_the_commands(filled: Flask, tmp_path: Path) -> None:
    runner = filled.test_cli_runner()
    out = tmp_path / "one.tar.gz"
    db.session.remove()
    done = runner.invoke(args=["backup", "create", "--out", str(out)])
    assert done.exit_code == 0 and out.exists(), done.output
    assert "鍵は入っていません" in done.output and settings_of(filled).audit_key not in done.output
    assert runner.invoke(args=["backup", "verify", str(out)]).exit_code == 0
    refused = runner.invoke(args=["backup", "restore", str(out)])
    assert refused.exit_code == 1 and "--force" in refused.output
    done = runner.invoke(args=["backup", "restore", "--force", str(out)])
    assert done.exit_code == 0 and "異常はありません" in done.output
    out.write_bytes(out.read_bytes()[:100])
    assert runner.invoke(args=["backup", "verify", str(out)]).exit_code == 1


def test_the_anchor_is_put_back_with_the_data(filled: Flask) -> None:
    summary = made(filled)
    write_entries(db.session(), 3)
    restoring.restore(settings_of(filled), summary.path, actor=ACTOR, force=True)
    known = anchors.read()
    assert known is not None and (known.sequence, known.since) == (summary.sequence + 1, 1)
    shutil.rmtree(settings_of(filled).data_dir / "backups")
