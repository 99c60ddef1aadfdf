"""An act while it is open: the journal of what it changed, and how several changes of one row become one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from app.actor import Actor
from app.audit.plans import as_json, model_of_table
from models.records import ChangeKind

#: Where a session keeps its open act (`session.info`).
ACT_KEY = "audit_act"
#: Stands for a value of a personal, sealed or secret column.
MASK = "(変更あり)"
#: Stands in a label for a personal value that a service wrote into it.
REDACTED = "●●"


class UnloggedChange(RuntimeError):
    """Something tried to change data outside a service."""


@dataclasses.dataclass
class Change:
    """What happened to one row. `values`: {column: [old, new]} or [old, new, old label, new label]."""

    kind: ChangeKind
    table_name: str
    record_key: str
    record_label: str
    root_table: str
    root_key: str
    values: dict[str, list[Any]]


@dataclasses.dataclass
class Act:
    """One act of one actor. Services may add to `label` and `reason` while it is open."""

    actor: Actor
    verb: str
    label: str
    reason: str | None = None
    on_behalf_of: str | None = None
    #: Written even when nothing changed (a sign-off, an export of personal data).
    is_kept_when_empty: bool = False
    #: In the order in which they were flushed; a SAVEPOINT that is rolled back takes its part off again.
    journal: list[Change] = dataclasses.field(default_factory=list)
    #: Tables that bulk statements may change, because the act was told what they do.
    bulk_tables: set[str] = dataclasses.field(default_factory=set)
    #: Values of marked columns seen meanwhile: they may not come into the log by way of a label.
    marked_values: set[str] = dataclasses.field(default_factory=set)
    is_written: bool = False

    def note(self, change: Change) -> None:
        """Add a change; a second one of the same row joins the first."""
        self.add(dataclasses.replace(change, values=as_json(change.values)))

    def add(self, change: Change) -> None:
        """Add a change whose values are JSON already (the collector's)."""
        if self.is_written:
            raise UnloggedChange(f"{change.table_name} was changed after the act was written")
        self.journal.append(change)

    def note_bulk(self, changes: Iterable[Change]) -> None:
        """Say what bulk Core statements of this act do: allows them on these tables, and logs them like any change."""
        for change in changes:
            self.bulk_tables.add(change.table_name)
            self.note(change)

    @property
    def changes(self) -> dict[tuple[str, str], Change]:
        """The net change of each row, in the order in which rows were first touched."""
        return net_changes(self.journal)

    def text(self, text: str, limit: int) -> str:
        """`text` as the log may keep it: no marked value, no NUL (PostgreSQL refuses it), at most `limit` characters."""
        return _cut(self._hidden(text), limit)

    def label_of(self, change: Change, limit: int) -> str:
        """The label of a changed row as `text`; of a row that names holders of an office as it is."""
        model = model_of_table(change.table_name)
        is_open = model is not None and model.__names_office__
        return _cut(change.record_label if is_open else self._hidden(change.record_label), limit)

    def _hidden(self, text: str) -> str:
        text = text.replace("\x00", "")
        for value in sorted(self.marked_values, key=len, reverse=True):
            if value in text:
                text = text.replace(value, REDACTED)
        return text


def _cut(text: str, limit: int) -> str:
    text = text.replace("\x00", "")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def net_changes(journal: Iterable[Change]) -> dict[tuple[str, str], Change]:
    """{(table, key): the one change that the journal's changes of that row come to}; rows that end as they began are left out."""
    net: dict[tuple[str, str], Change] = {}
    for change in journal:
        key = (change.table_name, change.record_key)
        known = net.get(key)
        net[key] = dataclasses.replace(change, values=dict(change.values)) if known is None else join(known, change)
    return {key: change for key, change in net.items() if not _is_nothing(change)}


def join(first: Change, second: Change) -> Change:
    """What the two come to, one after the other. Created and deleted within one act is a change of nothing."""
    created, deleted = ChangeKind.CREATED, ChangeKind.DELETED
    kinds = {
        (created, deleted): ChangeKind.UPDATED,  # without values: nothing
        (deleted, created): ChangeKind.UPDATED,  # the same key put back
    }
    kind = kinds.get((first.kind, second.kind))
    if kind is None:
        kind = first.kind if second.kind is ChangeKind.UPDATED else second.kind
        if first.kind is created:
            kind = created
    values = dict(first.values)
    if (first.kind, second.kind) == (created, deleted):
        values = {}
    else:
        for column, pair in second.values.items():
            joined = _join_values(values[column], pair) if column in values else pair
            if joined is None:
                del values[column]
            else:
                values[column] = joined
    label = first.record_label if second.kind is deleted else second.record_label
    return dataclasses.replace(second, kind=kind, values=values, record_label=label)


def _join_values(first: list[Any], second: list[Any]) -> list[Any] | None:
    """[old of the first, new of the second] with their labels; None when that is no change."""
    old, new = first[0], second[1]
    if old == new and old != MASK:
        return None
    labels = [first[2] if len(first) > 2 else old, second[3] if len(second) > 3 else new]
    return [old, new] if labels == [old, new] else [old, new, *labels]


def _is_nothing(change: Change) -> bool:
    return change.kind is ChangeKind.UPDATED and not change.values
