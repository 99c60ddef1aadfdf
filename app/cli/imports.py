"""`flask imports`: what may be imported, an import from the command line, and clearing away what expired."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from flask import Flask, current_app

from app.actor import system_actor
from app.cli import CommandGroup
from app.exchange import services
from app.exchange.describing import options_from
from app.exchange.queries import RunState, get_run
from app.exchange.retention import purge_expired
from app.exchange.specs import get_import, imports_for
from app.jobs.worker import run_pending
from app.problems import Problem
from models.base import db
from models.engine import reading
from models.exchange import ImportStatus

imports = CommandGroup("imports", help="Excel・CSVの取込み。")


@imports.command("kinds")
def kinds() -> None:
    """取り込めるものの一覧。"""
    for spec in imports_for(system_actor()):
        click.echo(f"{spec.name}\t{spec.title}")


@imports.command("run")
@click.argument("name")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "is_applied", is_flag=True, help="誤りがなければ、そのまま反映する。")
@click.option("--option", "options", multiple=True, help="条件(キー=値)。")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く。")
def run(name: str, path: Path, is_applied: bool, options: tuple[str, ...], as_json: bool) -> None:
    """ファイルを確認し、--apply なら反映する。"""
    actor, settings = system_actor(), current_app.extensions["settings"]
    try:
        sent = dict(option.partition("=")[::2] for option in options)
        started = services.start_import(
            db.session(),
            actor=actor,
            settings=settings,
            spec_name=name,
            content=path.read_bytes(),
            name=path.name,
            options=options_from(get_import(name), sent),
        )
        run_id = started.id
        db.session.remove()
        state = _worked(run_id)
        if is_applied and state.may_apply:
            db.session.remove()
            services.request_apply(db.session(), actor=actor, settings=settings, run_id=run_id)
            db.session.remove()
            state = _worked(run_id)
    except Problem as problem:
        raise click.ClickException(problem.message) from None
    _tell(state, as_json)
    wanted = {ImportStatus.APPLIED} if is_applied else {ImportStatus.READY}
    has_nothing_to_do = state.run.status is ImportStatus.READY and not state.run.new_count + state.run.changed_count
    if state.run.wrong_count or (state.run.status not in wanted and not has_nothing_to_do):
        raise SystemExit(1)


def _worked(run_id: int) -> RunState:
    """Do what waits; when the server's own worker took the job first, wait for it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    while True:
        run_pending(app)
        with reading():
            state = get_run(
                db.session(), actor=system_actor(), run_id=run_id, settings=current_app.extensions["settings"]
            )
            if not state.is_busy:
                return state
            db.session.remove()
        time.sleep(0.5)


def _tell(state: RunState, as_json: bool) -> None:
    found = state.run
    told = {
        "id": found.id,
        "status": found.status.value,
        "message": found.message or state.trouble,
        "new": found.new_count,
        "changed": found.changed_count,
        "unchanged": found.unchanged_count,
        "wrong": found.wrong_count,
        "notes": found.notes,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(
            f"取込 {found.id}: {found.status.label} 新規{found.new_count} 変更{found.changed_count} "
            f"変更なし{found.unchanged_count} 誤り{found.wrong_count} {told['message']}"
        )


@imports.command("purge")
def purge() -> None:
    """保存期限の過ぎた取込のファイルと内容を消去する。"""
    count = purge_expired(db.session(), current_app.extensions["settings"])
    click.echo(f"{count}件の取込の内容を消去しました。", err=True)


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(imports)
