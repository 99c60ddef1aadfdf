"""The job that reads a file, checks every cell and sorts its rows. Writes nothing but the import's own rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange.columns import ImportColumn
from app.exchange.reading import Table, read_table
from app.exchange.services import require_import
from app.exchange.specs import Context, ImportSpec
from app.exchange.validating import (
    SortedRow,
    parse_rows,
    positions_of,
    problems_json,
    row_values,
    sort_rows,
)
from app.files.services import store_of
from app.jobs.handle import JobHandle
from app.problems import Invalid, NotFound, Problem
from models.base import db, utc_now
from models.engine import reading, writing
from models.exchange import ImportRow, ImportRun, ImportStatus, RowKind

_CHUNK = 1_000


def run_preview(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any] | None:
    """Read, check, sort. May be repeated: it begins by clearing what an earlier attempt left."""
    run_id = int(job.subject_key)
    with reading():
        run = session.get(ImportRun, run_id)
        if run is None or run.file is None:
            raise NotFound("ファイルの保存期限が過ぎています。もう一度ファイルを選んでください。")
        if run.status is not ImportStatus.RECEIVED:
            return None
        spec = require_import(session, actor, run.spec_name, run.options)
        options, digest = dict(run.options), run.file.sha256
        content = store_of(current_app.extensions["settings"]).get(digest)
    _clear(run_id, job)
    columns = spec.columns_for(options)
    try:
        table = read_table(content, columns)
        del content
        context = Context(session, actor, options, frozenset(table.keys.values()))
        with reading():
            counts = _sort_all(spec, context, columns, table, run_id, job)
    except Problem as problem:
        _conclude(run_id, job, ImportStatus.REFUSED, Counter(), message=problem.message)
        return None
    finally:
        session.rollback()
    _conclude(run_id, job, ImportStatus.READY, counts, notes=table.notes, column_keys=positions_of(table.keys))
    return None


def _clear(run_id: int, job: JobHandle) -> None:
    with writing(), Session(db.engine) as own:
        own.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
        job.note_progress(own, 0, 0, "ファイルを読んでいます")
        own.commit()


def _sort_all(
    spec: ImportSpec,
    context: Context,
    columns: Sequence[ImportColumn],
    table: Table,
    run_id: int,
    job: JobHandle,
) -> Counter[RowKind]:
    counts: Counter[RowKind] = Counter()
    seen: dict[Any, int] = {}
    rows = parse_rows(table, columns)
    done = 0
    while chunk := list(itertools.islice(rows, _CHUNK)):
        found = list(sort_rows(spec, context, columns, chunk, seen))
        counts.update(item.kind for item in found)
        done += len(found)
        with writing(), Session(db.engine) as own:
            own.connection().execute(insert(ImportRow.__table__), list(_as_rows(found, columns, run_id)))  # type: ignore[arg-type]
            job.note_progress(own, done, max(done, table.estimated_rows), "内容を確認しています")
            own.commit()
    if not done:
        raise Invalid("見出しの下に、取り込む行がありません。")
    return counts


def _as_rows(found: Sequence[SortedRow], columns: Sequence[ImportColumn], run_id: int) -> Iterator[dict[str, Any]]:
    for item in found:
        values, old = row_values(item, columns)
        yield {
            "run_id": run_id,
            "row_number": item.row.number,
            "kind": item.kind,
            "label": item.label,
            "record_key": item.existing.key if item.existing else None,
            "record_version": item.existing.version if item.existing else None,
            "row_values": values,
            "old_values": old,
            "problems": problems_json(item.row.problems),
        }


def _conclude(
    run_id: int,
    job: JobHandle,
    status: ImportStatus,
    counts: Counter[RowKind],
    *,
    message: str = "",
    notes: Sequence[str] = (),
    column_keys: Sequence[str] = (),
) -> None:
    """The run's new state and the end of its job, in one commit."""
    with writing(), Session(db.engine) as own:
        run = own.get_one(ImportRun, run_id, with_for_update=True)
        if status is ImportStatus.REFUSED:
            own.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
        run.status, run.message, run.notes = status, message, list(notes)
        run.column_keys, run.previewed_at = list(column_keys), utc_now()
        run.new_count, run.changed_count = counts[RowKind.NEW], counts[RowKind.CHANGED]
        run.unchanged_count, run.wrong_count = counts[RowKind.UNCHANGED], counts[RowKind.WRONG]
        own.flush()
        job.finish(own)
        own.commit()
