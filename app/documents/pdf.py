"""PDF from typst templates. Data go in as JSON, never into the source; a worker process with limits renders."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.problems import Problem

log = logging.getLogger(__name__)

PROJECT_ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "typst"
#: Address space, not resident memory: the fonts and the threads' stacks count too. 10,000 rows of the list fit.
MEMORY_BYTES = 2 * 1024**3
TIMEOUT_SECONDS = 30.0
#: A list of 10,000 rows has about 8 MB (JSON escapes kanji).
MAX_DATA_BYTES = 40 * 1024 * 1024

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_QUOTED = re.compile(r"[\"'`].*[\"'`]")
#: So many papers at once a process: the others wait, instead of taking the machine together.
_slots = threading.BoundedSemaphore(2)


class DocumentProblem(Problem):
    """A paper could not be made."""

    status = 500


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> bytes:
    """The PDF of `app/documents/typst/<template>.typ`.

    data: JSON types; `title` is the document's title too; `author`, `running_head`, `footer` and `mark`
    (「案」, printed across every page) are what `frame.typ` knows. Texts are printed as they are, whatever they hold.
    Raises DocumentProblem with a sentence when it fails, takes too long or too much.
    """
    if not _NAME.fullmatch(template) or not (TEMPLATES / f"{template}.typ").is_file():
        raise ValueError(f"no typst template {template!r}")
    request = {
        "template": template,
        "data": dict(data) | {"title": str(data.get("title", "")).strip() or "(無題)"},
        "memory_bytes": memory_bytes,
        "cpu_seconds": max(1, int(timeout_seconds * 2)),
    }
    payload = json.dumps(request).encode()
    if len(payload) > MAX_DATA_BYTES:
        raise DocumentProblem("PDFにする内容が大きすぎます。条件で絞り込み、件数を減らしてお試しください。")
    if not _slots.acquire(timeout=timeout_seconds):
        raise DocumentProblem("PDFの作成が混み合っています。しばらくしてから、もう一度お試しください。")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.documents.worker"],
            input=payload,
            capture_output=True,
            timeout=timeout_seconds,
            cwd=PROJECT_ROOT,
            env=_plain_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("PDF %s took longer than %s s", template, timeout_seconds)
        raise DocumentProblem(
            "PDFの作成に時間がかかりすぎたため、中止しました。条件で絞り込み、件数を減らしてお試しください。"
        ) from None
    finally:
        _slots.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        log.error("PDF %s failed (%s): %s", template, done.returncode, _place_of(done.stderr))
        if done.returncode < 0:  # ended by the system: memory or time
            raise DocumentProblem("PDFにする内容が多すぎます。条件で絞り込み、件数を減らしてお試しください。")
        raise DocumentProblem(
            "PDFを作成できませんでした。もう一度お試しください。続くときは、システム管理者へご連絡ください。"
        )
    return done.stdout


def _plain_environment() -> dict[str, str]:
    """What the worker needs, and none of the application's secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME")
    # Few threads and arenas: on a machine of many cores they alone would fill the address space that is allowed.
    own = {"PYTHONUTF8": "1", "RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
    return {name: os.environ[name] for name in kept if name in os.environ} | own


def _place_of(stderr: bytes) -> str:
    """What the worker said last, without quoted texts: the document's words may be personal and stay out of the log."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return _QUOTED.sub("…", lines[-1])[:200] if lines else "no message"
