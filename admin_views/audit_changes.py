"""One change of the log as its page and its file show it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.audit import queries
from app.audit.plans import model_of_table
from app.audit.queries import LogFilter
from app.audit.values import (
    difference,
    is_consented,
    label_of_column,
    label_of_table,
    sentence_of,
    value_in_words,
    veiled,
)
from app.extensions import db
from models.engine import reading
from models.records import ChangeKind

EXPORT_COLUMNS = (
    *("番号", "日時", "だれが", "だれの代わりに", "経路", "どこから", "操作の種類", "操作", "理由"),
    *("表", "対象番号", "対象", "登録・変更・削除", "変更の内容"),
)


@dataclasses.dataclass(frozen=True)
class ToldChange:
    """A change as its page shows it. `rows`: (column, old, new); `texts`: (column, parts of the difference)."""

    position: int
    kind: str
    table: str
    key: str
    label: str
    rows: list[tuple[str, str, str]]
    texts: list[tuple[str, list[tuple[str, str]]]]


def told(change: Any) -> ToldChange:
    model = model_of_table(change.table_name)
    rows, texts = [], []
    for name, pair in change.change_values.items():
        column = label_of_column(model, name)
        if not isinstance(pair, list) or len(pair) < 2:
            continue
        if is_consented(model, name):
            pair = veiled(pair)
        labels = pair[2:4] if len(pair) >= 4 else pair[:2]
        old, new = (value_in_words(model, name, value, label) for value, label in zip(pair[:2], labels, strict=True))
        if isinstance(pair[0], str) and isinstance(pair[1], str) and len(old) + len(new) > 100:
            texts.append((column, difference(old, new)))
        else:
            rows.append((column, old, new))
    return ToldChange(
        position=change.position + 1,
        kind=ChangeKind(change.kind).label,
        table=label_of_table(model, change.table_name),
        key=change.record_key,
        label=change.record_label,
        rows=rows,
        texts=texts,
    )


def export_rows(visible: ColumnElement[bool], wanted: LogFilter) -> Iterator[list[Any]]:
    """Rows of the file, read in a transaction of their own that only reads: others write on meanwhile."""
    with Session(db.engine) as session:
        with reading():
            session.connection()
        for entry, change in queries.stream(session, visible, wanted):
            line = [
                *(entry.sequence, entry.at, entry.actor_label, entry.on_behalf_of or "", entry.channel),
                *(entry.address or "", entry.verb, entry.label, entry.reason or ""),
            ]
            if change is None:
                yield [*line, "", "", "", "", ""]
                continue
            model = model_of_table(change.table_name)
            told = "\n".join(
                sentence_of(model, name, veiled(pair) if is_consented(model, name) else pair)
                for name, pair in change.change_values.items()
            )
            table = label_of_table(model, change.table_name)
            yield [*line, table, change.record_key, change.record_label, ChangeKind(change.kind).label, told]
