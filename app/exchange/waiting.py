"""Imports to finish: checked but not applied, or broken off."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app
from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange.queries import state_of, unfinished_runs
from app.japanese.dates import to_tokyo
from app.work import Waiting, register_waiting
from models.exchange import ImportStatus


@register_waiting
def imports_to_finish(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of kind `import_run`, keyed by the run; due when the file expires."""
    if not actor.may("import:run"):
        return
    settings = current_app.extensions["settings"]
    for run in unfinished_runs(session, actor):
        state = state_of(run, actor, settings)
        if state.is_busy:
            continue
        if state.trouble:
            detail = state.trouble
        elif run.status is ImportStatus.READY and run.wrong_count:
            detail = f"誤りのある行が{run.wrong_count:,}行あります。直したファイルを選び直すか、取りやめてください。"
        elif run.status is ImportStatus.READY:
            detail = f"新規{run.new_count:,}件、変更{run.changed_count:,}件。内容を確かめて反映してください。"
        else:
            detail = "確認が終わっていません。"
        yield Waiting(
            "import_run", str(run.id), f"取込「{run.title}」({run.file_name})", to_tokyo(run.expires_at).date(), detail
        )
