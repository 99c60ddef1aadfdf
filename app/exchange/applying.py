"""The jobs that write a previewed import, and that take a written one back: all or nothing, one line in the log."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.exchange.maintenance import index_afterwards
from app.exchange.queries import planned_rows
from app.exchange.services import require_import
from app.exchange.specs import Context, ImportSpec, ParsedRow, PlannedRow
from app.jobs.handle import JobHandle
from app.problems import Conflict, NotFound
from models.base import utc_now
from models.exchange import ImportRow, ImportRun, ImportStatus, RowKind

_NAMED = 20
_NOTE_AT_ONCE = text(
    "UPDATE import_row SET record_key = v.key, record_version = v.wrote, seen_version = v.saw FROM unnest("
    "CAST(:ids AS bigint[]), CAST(:keys AS varchar[]), CAST(:wrote AS integer[]), CAST(:saw AS integer[])"
    ") AS v(id, key, wrote, saw) WHERE import_row.id = v.id"
)


def run_apply(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any] | None:
    """Write all new and changed rows. Raises Conflict, with nothing written, when a record changed since the preview."""
    job.progress(0, message="反映しています")
    with act(session, actor, "import:apply", "取込", keep_when_empty=True) as current:
        run, spec, context = _prepare(session, actor, job, ImportStatus.READY)
        if run.wrong_count:
            raise Conflict("誤りのある行があるため、取り込めません。")
        current.label = f"「{spec.title}」を取り込みました(新規{run.new_count:,}件、変更{run.changed_count:,}件)"
        total, done = run.new_count + run.changed_count, 0
        with index_afterwards(session, actor):
            for chunk in planned_rows(session, run.id):
                rows = [row for _, row in chunk]
                _refuse_stale(session, spec, context, rows)
                seen = [row.record_version for row in rows]
                _translated(lambda rows=rows: spec.apply(context, rows, current))  # type: ignore[misc]
                _note_written(session, chunk, seen)
                done += len(rows)
                job.progress_beside(session, done, total, "反映しています")
        run.status, run.applied_at = ImportStatus.APPLIED, utc_now()
        result = {"new": run.new_count, "changed": run.changed_count}
        _flush_and_finish(session, job, result)
    return result


def run_undo(session: Session, actor: Actor, job: JobHandle) -> dict[str, Any] | None:
    """Take a whole import back. Raises Conflict naming what was changed on top since."""
    job.progress(0, message="取り消しています")
    with act(session, actor, "import:undo", "取込の取消し", keep_when_empty=True) as current:
        run, spec, context = _prepare(session, actor, job, ImportStatus.APPLIED)
        current.label = f"「{spec.title}」の取込を取り消しました(新規{run.new_count:,}件、変更{run.changed_count:,}件)"
        chunks = [[row for _, row in chunk] for chunk in planned_rows(session, run.id)]
        seen = dict(
            session.execute(
                select(ImportRow.row_number, ImportRow.seen_version).where(
                    ImportRow.run_id == run.id, ImportRow.kind == RowKind.CHANGED
                )
            ).all()
        )
        _refuse_changed_on_top(session, spec, chunks)
        done, total = 0, run.new_count + run.changed_count
        with index_afterwards(session, actor):
            for rows in reversed(chunks):
                _translated(lambda rows=rows: spec.undo(context, rows, current))  # type: ignore[misc]
                session.flush()
                _give_way(session, spec, run, [(row, seen.get(row.number)) for row in rows])
                done += len(rows)
                job.progress_beside(session, done, total, "取り消しています")
        run.status, run.undone_at = ImportStatus.UNDONE, utc_now()
        result = {"new": run.new_count, "changed": run.changed_count}
        _flush_and_finish(session, job, result)
    return result


def _prepare(
    session: Session, actor: Actor, job: JobHandle, wanted: ImportStatus
) -> tuple[ImportRun, ImportSpec, Context]:
    """The run, locked, in the status that the job starts from; permissions asked again."""
    statement = select(ImportRun).where(ImportRun.id == int(job.subject_key)).with_for_update()
    run = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if run is None or run.is_purged:
        raise NotFound("取込の保存期限が過ぎています。もう一度ファイルを選んでください。")
    if run.status is not wanted:
        raise Conflict(f"この取込は「{run.status.label}」のため、実行できません。")
    spec = require_import(session, actor, run.spec_name, run.options)
    return run, spec, Context(session, actor, dict(run.options), frozenset(run.column_keys))


def _refuse_stale(session: Session, spec: ImportSpec, context: Context, rows: Sequence[PlannedRow]) -> None:
    """Whoever changed a record, or added the same one, since the preview comes first."""
    keys = [row.record_key for row in rows if not row.is_new and row.record_key]
    versions = spec.versions(session, keys) if keys else {}
    stale = [row for row in rows if not row.is_new and versions.get(row.record_key or "") != row.record_version]
    new = [ParsedRow(row.number, dict(row.values), {}) for row in rows if row.is_new]
    if new:
        known = spec.find_existing(dataclasses.replace(context, columns=frozenset()), new)
        stale += [row for row in rows if row.is_new and row.number in known]
    if stale:
        raise Conflict(
            f"確認した後に、ほかの人が変更または登録した記録があります: {_named(stale)}。"
            "何も反映していません。ファイルをもう一度選んで、確認からやり直してください。"
        )


def _refuse_changed_on_top(session: Session, spec: ImportSpec, chunks: Sequence[Sequence[PlannedRow]]) -> None:
    changed: list[PlannedRow] = []
    hindrances: list[str] = []
    for rows in chunks:
        versions = spec.versions(session, [row.record_key for row in rows if row.record_key])
        changed += [row for row in rows if versions.get(row.record_key or "") != row.record_version]
        hindrances += spec.hindrances(session, rows)
    if changed:
        raise Conflict(
            f"取り込んだ後に変更または削除された記録があるため、取り消せません: {_named(changed)}。"
            "それぞれの記録の画面で直してください。"
        )
    if hindrances:
        raise Conflict("取り消せません。" + "".join(hindrances[:_NAMED]))


def _named(rows: Sequence[PlannedRow]) -> str:
    names = "、".join(f"{row.number}行目「{row.label}」" for row in rows[:_NAMED])
    return names + (f" ほか{len(rows) - _NAMED:,}件" if len(rows) > _NAMED else "")


def _translated(write: Callable[[], None]) -> None:
    """A constraint of the database is the last guard: its refusal becomes a sentence, without SQL or cells."""
    try:
        write()
    except IntegrityError as error:
        raise Conflict(
            "ほかの記録と重なるか、参照している記録がなくなったため、実行できませんでした。何も変更していません。"
            "ファイルをもう一度選んで、確認からやり直してください。"
        ) from error


def _note_written(session: Session, chunk: Sequence[tuple[int, PlannedRow]], seen: Sequence[int | None]) -> None:
    """Keep with the import what was written: undo compares versions with it."""
    table = ImportRow.__table__
    if session.get_bind().dialect.name == "postgresql":  # one statement for all: a fifth of the time
        written = {
            "ids": [key for key, _ in chunk],
            "keys": [row.record_key for _, row in chunk],
            "wrote": [row.record_version for _, row in chunk],
            "saw": list(seen),
        }
        session.connection().execute(_NOTE_AT_ONCE, written)
        return
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("of_id"))
        .values(record_key=bindparam("key"), record_version=bindparam("wrote"), seen_version=bindparam("saw"))
    )
    session.connection().execute(
        statement,
        [
            {"of_id": key, "key": row.record_key, "wrote": row.record_version, "saw": version}
            for (key, row), version in zip(chunk, seen, strict=True)
        ],
    )


def _give_way(
    session: Session, spec: ImportSpec, run: ImportRun, rows: Sequence[tuple[PlannedRow, int | None]]
) -> None:
    """Records stand again as an earlier import wrote them: let that one be undone next, its version is the new one."""
    changed = [(row.record_key, saw) for row, saw in rows if not row.is_new and row.record_key and saw is not None]
    if not changed:
        return
    now = spec.versions(session, [key for key, _ in changed])
    table, runs = ImportRow.__table__, ImportRun.__table__
    earlier = select(runs.c.id).where(
        runs.c.spec_name == spec.name, runs.c.status == ImportStatus.APPLIED, runs.c.id < run.id
    )
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.record_key == bindparam("key"), table.c.record_version == bindparam("saw"))
        .where(table.c.run_id.in_(earlier))
        .values(record_version=bindparam("stands"))
    )
    parameters = [{"key": key, "saw": saw, "stands": now[key]} for key, saw in changed if key in now]
    if parameters and session.scalar(earlier.limit(1)) is not None:
        session.connection().execute(statement, parameters)


def _flush_and_finish(session: Session, job: JobHandle, result: dict[str, Any]) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("ほかの記録と重なるため、実行できませんでした。何も変更していません。") from error
    job.finish(session, result)
