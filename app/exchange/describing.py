"""Imports in words: what pages and files tell of a run and of its rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.exchange.columns import CellError, ImportColumn
from app.exchange.queries import RunState
from app.exchange.specs import ImportSpec, get_import
from app.problems import Invalid, NotFound
from models.exchange import ImportRow, ImportRun, ImportStatus, JobStatus, RowKind

BLANK = "(空欄)"
_MARKS = {
    ImportStatus.RECEIVED: "info",
    ImportStatus.REFUSED: "danger",
    ImportStatus.READY: "warning",
    ImportStatus.APPLIED: "success",
    ImportStatus.UNDONE: "muted",
    ImportStatus.DISCARDED: "muted",
}
_BUSY = {"import_preview": "内容を確認しています", "import_apply": "反映しています", "import_undo": "取り消しています"}


@dataclasses.dataclass(frozen=True)
class CellChange:
    """One cell that an import changes, in words."""

    label: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class RowLine:
    """One row of a preview: its number in the file, its name, and what its kind has to tell."""

    number: int
    label: str
    cells: Sequence[str] = ()
    changes: Sequence[CellChange] = ()
    #: (address, column, sentence)
    problems: Sequence[tuple[str, str, str]] = ()


def columns_of(run: ImportRun) -> list[ImportColumn]:
    """The columns that the file has, in its order; none when the kind of import is gone."""
    try:
        known = {column.key: column for column in get_import(run.spec_name).columns_for(run.options)}
    except NotFound:
        return []
    return [known[key] for key in run.column_keys if key in known]


def row_line(row: ImportRow, columns: Sequence[ImportColumn]) -> RowLine:
    """A stored row in words."""
    if row.kind is RowKind.NEW:
        return RowLine(row.row_number, row.label, [column.shown(row.values.get(column.key)) for column in columns])
    labels = {column.key: column.label for column in columns}
    if row.kind is RowKind.CHANGED:
        changes = [
            CellChange(
                column.label,
                column.shown(row.old[column.key]) or BLANK,
                column.shown(row.values.get(column.key)) or BLANK,
            )
            for column in columns
            if column.key in row.old
        ]
        return RowLine(row.row_number, row.label, changes=changes)
    problems = [(where, labels.get(key, ""), message) for where, key, message in row.problems]
    return RowLine(row.row_number, row.label, problems=problems)


def status_of(state: RunState) -> tuple[str, str]:
    """(label, kind of badge) of where an import stands."""
    if state.job is not None and state.job_status is JobStatus.QUEUED:
        return "順番待ち", "info"
    if state.job is not None and state.is_busy:
        return _BUSY.get(state.job.kind, "処理中"), "info"
    if state.job_status is JobStatus.INTERRUPTED:
        return "中断", "danger"
    return state.run.status.label, _MARKS[state.run.status]


def counts_of(run: ImportRun) -> list[tuple[RowKind, int]]:
    """How many rows of each kind, wrong ones first: they stand in the way."""
    return [
        (RowKind.WRONG, run.wrong_count),
        (RowKind.NEW, run.new_count),
        (RowKind.CHANGED, run.changed_count),
        (RowKind.UNCHANGED, run.unchanged_count),
    ]


def options_from(spec: ImportSpec, sent: Mapping[str, str]) -> dict[str, Any]:
    """The options of an upload from what a form sent. Raises Invalid with a sentence a field."""
    options: dict[str, Any] = {}
    fields: dict[str, str] = {}
    for column in spec.option_columns:
        try:
            options[column.key] = column.parser()(sent.get(column.key, ""))
        except CellError as error:
            fields[column.key] = str(error)
        else:
            if options[column.key] is None and column.required:
                fields[column.key] = f"「{column.label}」を入力してください。"
    if fields:
        raise Invalid("入力を確かめてください。", fields=fields)
    return options


def options_in_words(run: ImportRun) -> list[tuple[str, str]]:
    """(label, value) of a run's options."""
    try:
        spec = get_import(run.spec_name)
    except NotFound:
        return []
    return [(column.label, column.shown(run.options.get(column.key))) for column in spec.option_columns]
