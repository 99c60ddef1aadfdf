"""Import of 10,000 rows x 20 columns: preview and apply beside reading the file and one bare bulk insert of it."""

from __future__ import annotations

import datetime as dt
import io
import logging
import time
from collections.abc import Callable
from typing import Any

import python_calamine
import xlsxwriter
from flask import Flask
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.exchange import services
from app.exchange.mapped import column_of
from app.exchange.specs import register_import
from app.exchange.table_import import Match, TableImport
from app.jobs.worker import Worker, run_pending
from benchmarks import dataset
from models.base import db
from models.exchange import ImportRun, ImportStatus
from models.registry import Project, ProjectStatus

ROWS = 10_000
_TEXTS = (
    "name", "summary", "common_goal", "why_collaborate", "why_this_partner", "selection_method", "form_reason",
    "group_role", "city_role", "agreement_note", "contract_note", "evaluation_plan",
)  # fmt: skip
COLUMNS = ("fiscal_year", "number", "status", *_TEXTS, "starts_on", "ends_on", "agreed_on", "contract_on", "cost_yen")


class _Projects(TableImport):
    name = "benchmark_project"
    title = "計測"
    permission = "project:import"
    model = Project
    matches = (Match(("fiscal_year", "number")),)
    columns = tuple(column_of(Project, name) for name in COLUMNS)


def make_file(rows: int, *, changed: bool = False) -> bytes:
    """A workbook of `rows` projects; `changed`: the same with another cost and summary."""
    target = io.BytesIO()
    statuses = list(ProjectStatus)
    with xlsxwriter.Workbook(target, {"constant_memory": True, "default_date_format": "yyyy/mm/dd"}) as book:
        sheet = book.add_worksheet("計測")
        sheet.write_row(0, 0, [column.label for column in _Projects.columns])
        for number in range(1, rows + 1):
            mark = "改" if changed else ""
            cells: list[Any] = [1960 + number % 40, number, statuses[number % 4].label]
            cells += [f"{dataset.name_of(number)}{name}{mark if name == 'summary' else ''}" for name in _TEXTS]
            cells += [dt.date(2026, 4, 1 + number % 28)] * 4 + [number * 100 + changed]
            for place, cell in enumerate(cells):
                sheet.write(number, place, cell)
    return target.getvalue()


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def floor(app: Flask, content: bytes) -> tuple[float, float]:
    """Seconds for (reading the file with calamine, inserting its rows in one bare statement and committing)."""
    found: list[list[Any]] = []

    def read() -> None:
        sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        found.extend(sheet.iter_rows())

    reading = _timed(read)
    status_of = {status.label: status for status in ProjectStatus}
    rows = [dict(zip(COLUMNS, cells, strict=True)) for cells in found[1:]]
    for row in rows:
        row["status"] = status_of[row["status"]]
        for name in ("fiscal_year", "number", "cost_yen"):
            row[name] = int(row[name])
    with app.app_context(), Session(db.engine) as session:

        def write() -> None:
            session.connection().execute(insert(Project.__table__), rows)  # type: ignore[arg-type]
            session.commit()

        writing = _timed(write)
    clear(app)
    return reading, writing


def clear(app: Flask) -> None:
    """Remove what was imported, past the log: this is a throw-away database."""
    with app.app_context(), Session(db.engine) as session:
        session.connection().execute(delete(Project.__table__).where(Project.fiscal_year < 2000))  # type: ignore[arg-type]
        session.commit()


def ours(app: Flask, content: bytes) -> tuple[float, float, float, int]:
    """(seconds of the preview, of the apply, of the search index after it, the run's id); the upload itself is not counted."""
    settings, actor = app.extensions["settings"], system_actor("計測")
    with app.app_context():
        run_id = services.start_import(
            db.session(), actor=actor, settings=settings, spec_name=_Projects.name, content=content, name="f.xlsx"
        ).id
        db.session.remove()
        preview = _timed(lambda: run_pending(app))
        services.request_apply(db.session(), actor=actor, settings=settings, run_id=run_id)
        db.session.remove()
        apply = _timed(lambda: Worker(app).run(once=True))
        index = _timed(lambda: run_pending(app))
        run = db.session.get_one(ImportRun, run_id)
        if run.status is not ImportStatus.APPLIED:
            raise RuntimeError(f"not applied: {run.message or (run.job and run.job.message)}")
        db.session.remove()
    return preview, apply, index, run_id


def undo(app: Flask, run_id: int) -> float:
    """Seconds of taking it back."""
    with app.app_context():
        services.request_undo(
            db.session(), actor=system_actor("計測"), settings=app.extensions["settings"], run_id=run_id
        )
        db.session.remove()
        seconds = _timed(lambda: run_pending(app))
        status = db.session.scalar(select(ImportRun.status).where(ImportRun.id == run_id))
        db.session.remove()
    if status is not ImportStatus.UNDONE:
        raise RuntimeError("not undone")
    return seconds


def run() -> list[dict[str, Any]]:
    """One row a database; seconds, and the ratio of preview and apply to the floor."""
    register_import(_Projects())
    logging.getLogger("app.jobs.worker").setLevel(logging.ERROR)
    new, changed = make_file(ROWS), make_file(ROWS, changed=True)
    figures = []
    with dataset.databases() as found:
        for dialect, settings in found:
            app = dataset.ready_app(settings)
            reading, writing = floor(app, new)
            preview, apply, index, run_id = ours(app, new)
            undone = undo(app, run_id)
            clear(app)
            ours(app, new)
            again, update_apply, _, _ = ours(app, changed)
            clear(app)
            figures.append(
                {
                    "database": dialect,
                    "rows": ROWS,
                    "columns": len(COLUMNS),
                    "read s": reading,
                    "insert s": writing,
                    "preview s": preview,
                    "apply s": apply,
                    "ratio": (preview + apply) / (reading + writing),
                    "index s": index,
                    "update preview s": again,
                    "update apply s": update_apply,
                    "undo s": undone,
                }
            )
    return figures


if __name__ == "__main__":
    from benchmarks.__main__ import table

    print(table(run()))
