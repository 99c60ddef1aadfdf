"""`python -m app.server`: the web server and the worker of background jobs live and end together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import server
from app.config import PROJECT_ROOT
from tests.support.databases import Template, copy_sqlite


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


def _until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


Served = tuple["subprocess.Popen[bytes]", str]


@pytest.fixture
def served(sqlite_template: Template, tmp_path: Path) -> Iterator[Served]:
    """A running pair of processes over a seeded database, and its address."""
    settings = copy_sqlite(sqlite_template, tmp_path)
    port = _free_port()
    environment = {
        **os.environ,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "PORT": str(port),
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.server"], env=environment, cwd=PROJECT_ROOT, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _until(lambda: _answers(address))
        yield process, address
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:
            return bool(json.load(response)["status"] == "ok")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both_in_order(served: Served, number: signal.Signals) -> None:
    process, _ = served
    children = _children(process.pid)
    assert len(children) == 2
    process.send_signal(number)
    assert process.wait(30) == 0
    assert [pid for pid in children if _is_alive(pid)] == []


def test_a_killed_worker_of_jobs_is_started_anew_and_gunicorns_end_ends_both(served: Served) -> None:
    process, address = served
    web, jobs = _children(process.pid)
    os.kill(jobs, signal.SIGKILL)
    _until(lambda: len(_children(process.pid)) == 2 and jobs not in _children(process.pid))
    assert _answers(address)
    os.kill(web, signal.SIGKILL)
    assert process.wait(60) != 0
    _until(lambda: not _answers(address))


@pytest.mark.parametrize(("end_of_jobs", "starts"), [("exit 1", 1), ("kill -9 $$", 1 + server.MAX_RESTARTS)])
def test_a_worker_of_jobs_that_cannot_live_ends_both(
    monkeypatch: pytest.MonkeyPatch, end_of_jobs: str, starts: int
) -> None:
    started = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(arguments)
        return subprocess.Popen(["sh", "-c", end_of_jobs if "jobs" in arguments else "exec sleep 60"])

    monkeypatch.setattr(server, "_start", start)
    monkeypatch.setattr(signal, "signal", lambda *arguments: None)
    assert server.main() != 0
    assert started.count(server.JOBS) == starts


def test_a_killed_parent_leaves_nobody_behind(served: Served) -> None:
    process, _ = served
    children = _children(process.pid)
    process.kill()
    process.wait()
    _until(lambda: not any(_is_alive(pid) for pid in children))
