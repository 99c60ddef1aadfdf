"""The verbs of an import: take a file, apply, undo, discard. The long work itself is done by jobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import editable_by
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.exchange.queries import RunState, get_run, state_of
from app.exchange.reading import check_upload
from app.exchange.specs import ImportSpec, get_import
from app.files.kinds import TABLES
from app.files.names import safe_name
from app.files.services import check_size, store_file
from app.jobs.queue import enqueue, reap, workers_dir
from app.problems import Conflict, NotAllowed, NotFound
from models.base import utc_now
from models.exchange import ImportRun, ImportStatus, Job

PREVIEW, APPLY, UNDO = "import_preview", "import_apply", "import_undo"
#: How long the file, the rows and what undo needs are kept.
KEPT_FOR = dt.timedelta(days=90)


def require_import(session: Session, actor: Actor, spec_name: str, options: Mapping[str, Any]) -> ImportSpec:
    """The spec, if the actor may import into it with these options. Raises NotFound, NotAllowed or Problem."""
    actor.require("import:run")
    spec = get_import(spec_name)
    actor.require(spec.permission)
    spec.check_options(session, actor, options)
    return spec


def start_import(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    spec_name: str,
    content: bytes,
    name: str,
    options: Mapping[str, Any] | None = None,
) -> ImportRun:
    """Keep the file and queue its preview. Raises Invalid with a sentence for what can be seen to be no table at once."""
    options = dict(options or {})
    spec = require_import(session, actor, spec_name, options)
    check_size(len(content), settings)
    check_upload(content)
    with act(session, actor, "import:upload", f"「{spec.title}」の取込ファイルを受け付けました"):
        run = ImportRun(
            spec_name=spec.name,
            title=spec.title,
            user_id=actor.user_id,
            actor_label=actor.label[:200],
            file_name=safe_name(name),
            options=options,
            expires_at=utc_now() + KEPT_FOR,
        )
        session.add(run)
        session.flush()
        file = store_file(
            session,
            actor=actor,
            settings=settings,
            content=content,
            name=name,
            owner_table="import_run",
            owner_key=run.id,
            purpose="取込",
            allowed=TABLES,
        )
        run.file_id, run.file_name = file.id, file.name
        run.job_id = _enqueue(session, actor, PREVIEW, run).id
    return run


def request_preview(session: Session, *, actor: Actor, settings: Settings, run_id: int) -> Job:
    """Queue the preview again after it broke off."""
    state = _locked(session, actor, settings, run_id)
    if not state.may_preview:
        raise Conflict("この取込は、いまは確認をやり直せません。画面を開き直してください。")
    return _queued(session, actor, PREVIEW, state.run)


def request_apply(session: Session, *, actor: Actor, settings: Settings, run_id: int) -> Job:
    """Queue the apply. Raises Conflict while wrong rows are there, or when something is under way already.

    The request leaves no line in the log: the job writes one, in the transaction in which it changes the data.
    """
    state = _locked(session, actor, settings, run_id)
    require_import(session, actor, state.run.spec_name, state.run.options)
    if state.run.status is ImportStatus.READY and state.run.wrong_count:
        raise Conflict(
            f"誤りのある行が{state.run.wrong_count:,}行あるため、取り込めません。"
            "ファイルを直して、もう一度選んでください(一部だけを取り込むことはできません)。"
        )
    if not state.may_apply:
        raise Conflict("この取込は、いまは反映できません。すでに反映されたか、処理中です。画面を開き直してください。")
    return _queued(session, actor, APPLY, state.run)


def request_undo(session: Session, *, actor: Actor, settings: Settings, run_id: int) -> Job:
    """Queue the undo of a whole import. The job refuses when something was changed on top."""
    state = _locked(session, actor, settings, run_id)
    require_import(session, actor, state.run.spec_name, state.run.options)
    if not state.may_undo:
        raise Conflict("この取込は、いまは取り消せません。画面を開き直してください。")
    return _queued(session, actor, UNDO, state.run)


def discard(session: Session, *, actor: Actor, settings: Settings, run_id: int) -> None:
    """Give up an import that was not applied."""
    state = _locked(session, actor, settings, run_id)
    if not state.may_discard:
        raise Conflict("この取込は、いまは取りやめられません。画面を開き直してください。")
    label = f"「{state.run.title}」の取込を取りやめました"
    with act(session, actor, "import:discard", label, keep_when_empty=True):
        state.run.status = ImportStatus.DISCARDED


def _locked(session: Session, actor: Actor, settings: Settings, run_id: int) -> RunState:
    """The run, locked until the transaction ends, after jobs of dead workers were told so."""
    get_run(session, actor=actor, run_id=run_id, settings=settings)
    reap(session, workers_dir(settings))
    statement = (
        select(ImportRun)
        .where(ImportRun.id == run_id, editable_by(ImportRun, actor))
        .with_for_update(of=ImportRun)
        .execution_options(populate_existing=True)
    )
    run = session.scalars(statement).one_or_none()
    if run is None:
        raise NotAllowed("ほかの人の取込は操作できません。")
    if run.job_id is not None:
        session.refresh(run, ["job"])
        session.refresh(run.job)
    return state_of(run, actor, settings)


def _queued(session: Session, actor: Actor, kind: str, run: ImportRun) -> Job:
    if run.file_id is None and kind == PREVIEW:
        raise NotFound("ファイルの保存期限が過ぎています。もう一度ファイルを選んでください。")
    job = _enqueue(session, actor, kind, run)
    run.job_id = job.id
    session.commit()
    return job


def _enqueue(session: Session, actor: Actor, kind: str, run: ImportRun) -> Job:
    total = run.new_count + run.changed_count if run.new_count is not None and run.changed_count is not None else 0
    return enqueue(session, actor, kind, subject_table="import_run", subject_key=run.id, total=total)
