"""Background work of the directory: looking for duplicates among what an import wrote."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory.duplicates import DUPLICATES, refresh_candidates
from app.jobs.handle import JobHandle
from app.jobs.kinds import register_job_kind
from app.search.index import refresh

_CHUNK = 100


def run_duplicates(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any] | None:
    """Reckon the candidates of these records, in short transactions. May be repeated."""
    ids: list[int] = job.payload["ids"]
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        refresh(session, "organization", chunk)
        refresh_candidates(session, chunk)
        job.end_chunk(session, start + len(chunk), len(ids))
    return None


register_job_kind(DUPLICATES, run_duplicates, title="重複の候補を調べる", max_attempts=10, rank=2)
