"""What the page of one import tells beside its rows: facts, progress, counts, and the list where the rows are now."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.exchange.describing import counts_of, options_in_words, status_of
from app.exchange.queries import RunState
from app.japanese.dates import format_datetime
from app.jobs.beside import Told, told_of
from app.jobs.liveness import is_any_worker_alive
from app.jobs.queue import workers_dir
from models.exchange import ImportStatus, JobStatus

#: Import → the list of what it brought in.
_LISTS = {
    "organizations": "organization.index_view",
    "projects": "project.index_view",
    "staff": "user.index_view",
    "talents": "talent.index_view",
}


def facts_of(state: RunState) -> list[tuple[str, str]]:
    """[(label, text)]: the file, its options, who, and when what was done."""
    run = state.run
    facts = [("ファイル", run.file_name), *options_in_words(run), ("だれが", run.actor_label)]
    moments = (
        ("受付", run.created_at),
        ("反映", run.applied_at),
        ("取消し", run.undone_at),
        ("ファイルと内容の保存期限", run.expires_at),
    )
    return facts + [(label, format_datetime(moment)) for label, moment in moments if moment is not None]


def progress_of(state: RunState, settings: Any) -> dict[str, Any]:
    """Values of exchange/progress.html."""
    job = state.job
    is_waiting = state.job_status is JobStatus.QUEUED
    told = told_of(job, workers_dir(settings)) if job else Told(0, 0, "")
    total, done = told.total, min(told.done, told.total)
    if is_waiting:
        note = "順番を待っています"
    elif not total:
        note = "準備しています"
    else:
        note = f"{done:,}行 / {total:,}行" + ("。操作記録を書いて、仕上げています" if done == total else "")
    has_no_worker = is_waiting and not is_any_worker_alive(workers_dir(settings))
    label = status_of(state)[0] if not is_waiting else "順番待ち"
    return {"label": label, "done": done, "total": total, "note": note, "has_no_worker": has_no_worker}


def list_url_of(state: RunState) -> str | None:
    """Where the rows of an applied import are now; None for rows that stand on the pages of others."""
    endpoint = _LISTS.get(state.run.spec_name)
    return url_for(endpoint) if endpoint is not None and state.run.status is ImportStatus.APPLIED else None


def counts_in_words(run: Any) -> str:
    """「新規3、変更1」."""
    return "、".join(f"{kind.label}{number:,}" for kind, number in counts_of(run) if number) or "—"
