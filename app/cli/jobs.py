"""`flask jobs`: do the background work, and see what is in the queue."""

from __future__ import annotations

import json

import click
from flask import Flask, current_app
from sqlalchemy import select

from app.cli import CommandGroup, require_database
from app.jobs.beside import told_of
from app.jobs.kinds import title_of
from app.jobs.queue import shown_status, workers_dir
from app.jobs.worker import Worker, install_signals
from models.base import db
from models.engine import reading
from models.exchange import Job

jobs = CommandGroup("jobs", help="バックグラウンド処理(取込など)。")


@jobs.command("work")
@click.option("--once", is_flag=True, help="一つだけ処理して終わる。")
@click.option("--burst", is_flag=True, help="順番待ちがなくなったら終わる。")
def work(once: bool, burst: bool) -> None:
    """順番待ちの処理を実行する(サーバーと並べて動かす)。"""
    require_database()
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    install_signals(worker)
    worker.run(once=once, burst=burst)


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く。")
@click.option("--limit", default=50, show_default=True)
def list_jobs(as_json: bool, limit: int) -> None:
    """新しい順に処理の一覧を表示する。"""
    settings = current_app.extensions["settings"]
    folder = workers_dir(settings)
    with reading():
        rows = db.session.scalars(select(Job).order_by(Job.id.desc()).limit(limit)).all()
    found = [
        {
            "id": job.id,
            "kind": job.kind,
            "title": title_of(job.kind),
            "status": shown_status(job, settings).value,
            "done": (told := told_of(job, folder)).done,
            "total": told.total,
            "attempts": job.attempts,
            "subject": f"{job.subject_table}:{job.subject_key}" if job.subject_table else "",
            "created_at": job.created_at.isoformat(timespec="seconds"),
        }
        for job in rows
    ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in found:
        click.echo("{id:>6} {status:<11} {title} {subject} {done}/{total}".format(**line))


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(jobs)
