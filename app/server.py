"""How gunicorn serves (`gunicorn -c python:app.server wsgi:app`), and `python -m app.server`: gunicorn and one worker of
background jobs side by side. A worker that was killed is started anew; when gunicorn ends, or on Ctrl-C or TERM, both do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
#: Threads, so that a slow client holds no worker. More processes: WEB_CONCURRENCY (gunicorn reads it).
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 120
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
#: The application writes its own line a request (app/logs.py); gunicorn only what goes wrong.
loglevel = "warning"
accesslog = None
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
#: Gunicorn itself believes no proxy, not even one on this machine: TRUSTED_PROXIES alone says who is believed (app/factory.py).
forwarded_allow_ips = ""

#: Seconds that the two get to end by themselves.
PATIENCE = 25.0
#: A worker of background jobs that is killed oftener within so many seconds is not started again: then both end.
MAX_RESTARTS, RESTART_WINDOW = 3, 60.0

JOBS = ("flask", "--app", "wsgi", "jobs", "work")


def _end_with_parent() -> None:
    """Linux: whatever happens to the process above, even a kill -9, its children get a TERM."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # Own process groups: Ctrl-C reaches them through us alone, once.
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def main() -> int:
    """Run both until gunicorn ends; returns gunicorn's exit code (0 after Ctrl-C or TERM)."""
    is_ending = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal is_ending
        is_ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    web = _start("gunicorn", "-c", "python:app.server", "wsgi:app")
    jobs = _start(*JOBS)
    ended: list[float] = []
    while not is_ending and web.poll() is None:
        if jobs.poll() is not None:
            ended = [moment for moment in ended if time.monotonic() - moment < RESTART_WINDOW] + [time.monotonic()]
            if jobs.returncode >= 0 or len(ended) > MAX_RESTARTS:  # it says itself why it cannot go on
                break
            sys.stderr.write("jobs work was killed; starting it anew\n")
            jobs = _start(*JOBS)
        time.sleep(0.2)
    both = (web, jobs)
    if not is_ending:
        name = "gunicorn" if web.poll() is not None else "jobs work"
        sys.stderr.write(f"{name} ended; stopping the other\n")
    for process in both:
        if process.poll() is None:
            process.terminate()
        else:  # gunicorn's own workers outlive a killed gunicorn for a moment, and hold the address
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for process in both:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return 0 if is_ending else (web.returncode or jobs.returncode or 1)


if __name__ == "__main__":
    sys.exit(main())
