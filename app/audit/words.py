"""The history of a record in words, for its page. What a reader may not see of the present, the past does not tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy import inspect as inspect_
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import True_

from app.actor import Actor
from app.audit.past_rows import visible_past_keys
from app.audit.plans import model_of_table
from app.audit.values import label_of_table, sentence_of, veiled
from models.base import Base
from models.records import AuditChange, AuditEntry, ChangeKind

_MAX_SENTENCES = 40
#: So many lines of one kind, added or removed in one act, are named; more are counted.
_MAX_ALIKE = 3
#: model, actor → rows that the actor may read; None where no rule is registered for the model.
RowRule = Callable[[type[Base], Actor], ColumnElement[bool] | None]
#: model, column, actor → whether the actor may know that the column changed.
FieldRule = Callable[[type[Base], str, Actor], bool]
#: session, actor, key of a record → its columns of which the actor may not even know that they changed.
RecordRule = Callable[[Session, Actor, str], frozenset[str]]
_row_rule: RowRule | None = None
_field_rule: FieldRule | None = None
_value_rule: FieldRule | None = None
_record_rules: dict[str, RecordRule] = {}


@dataclasses.dataclass(frozen=True)
class HistoryLine:
    """One act, as the page of a record tells it. `sequence`: for `before`, to page on."""

    sequence: int
    entry_id: str
    at: dt.datetime
    who: str
    label: str
    reason: str | None
    sentences: list[str]


def register_reading(row_rule: RowRule, field_rule: FieldRule, value_rule: FieldRule) -> None:
    """Say how rows, columns and their past values are scoped (`app.access`, a floor above, does)."""
    global _row_rule, _field_rule, _value_rule
    _row_rule, _field_rule, _value_rule = row_rule, field_rule, value_rule


def register_record_rule(table: str, rule: RecordRule) -> None:
    """Say which columns of one record are closed to a reader (consent per field)."""
    _record_rules[table] = rule


def history_of(
    session: Session,
    actor: Actor,
    table: str,
    key: str,
    *,
    limit: int = 20,
    before: int | None = None,
    lines: Mapping[str, Collection[str]] | None = None,
) -> list[HistoryLine]:
    """The acts that changed a record or its lines, newest first. Two queries, and two for each scoped kind of line.

    The caller has made sure that the actor may read the record itself. before: only acts before that sequence. lines:
    {table: keys} of what hangs on a record that is itself a line of another, and so is told with that one else.
    """
    here = and_(AuditChange.root_table == table, AuditChange.root_key == key)
    model = model_of_table(table)
    if model is not None and model.__audit_parent__:
        here = or_(here, and_(AuditChange.table_name == table, AuditChange.record_key == key))
    for name, keys in (lines or {}).items():
        here = or_(here, and_(AuditChange.table_name == name, AuditChange.record_key.in_(keys)))
    touching = select(AuditChange.entry_id).where(here).distinct()
    statement = select(AuditEntry.__table__).where(AuditEntry.id.in_(touching))
    if before is not None:
        statement = statement.where(AuditEntry.sequence < before)
    entries = session.execute(statement.order_by(AuditEntry.sequence.desc()).limit(limit)).all()
    if not entries:
        return []
    changes = session.execute(
        select(AuditChange.__table__)
        .where(AuditChange.entry_id.in_([entry.id for entry in entries]), here)
        .order_by(AuditChange.position)
    ).all()
    told = _sentences(session, actor, table, key, changes)
    return [
        HistoryLine(
            sequence=entry.sequence,
            entry_id=entry.id,
            at=entry.at,
            who=who_of(entry.actor_label, entry.on_behalf_of),
            label=entry.label,
            reason=entry.reason,
            sentences=_cut(told[entry.id]),
        )
        for entry in entries
        if entry.id in told
    ]


def who_of(label: str, on_behalf_of: str | None) -> str:
    """「山田(佐藤の代理)」."""
    return f"{label}({on_behalf_of}の代理)" if on_behalf_of else label


def sentences_of(
    actor: Actor, change: Row[tuple[object, ...]], *, is_root: bool, closed: frozenset[str] = frozenset()
) -> list[str]:
    """One change in words. `is_root`: told on the record's own page, which needs no name. `closed`: columns left out."""
    model = model_of_table(change.table_name)
    if change.kind != ChangeKind.UPDATED:
        kind = ChangeKind(change.kind)
        if is_root:
            return [f"「{change.record_label}」を{kind.label}"]
        verb = {ChangeKind.CREATED: "追加", ChangeKind.DELETED: "削除"}[kind]
        return [f"{label_of_table(model, change.table_name)}「{change.record_label}」を{verb}"]
    prefix = "" if is_root else f"{label_of_table(model, change.table_name)}「{change.record_label}」の"
    return [
        prefix + sentence_of(model, name, pair if _tells_values(model, name, actor) else veiled(pair))
        for name, pair in change.change_values.items()
        if name not in closed and (model is None or may_know(model, name, actor))
    ]


def _tells_values(model: type[Base] | None, name: str, actor: Actor) -> bool:
    return model is None or _value_rule is None or _value_rule(model, name, actor)


def may_know(model: type[Base], name: str, actor: Actor) -> bool:
    """Whether the actor may be told that this column or many-to-many side changed."""
    if name not in inspect_(model).columns:
        return name in inspect_(model).relationships
    return _field_rule is not None and _field_rule(model, name, actor)


def _sentences(
    session: Session, actor: Actor, table: str, key: str, changes: Iterable[Row[tuple[object, ...]]]
) -> dict[str, list[str]]:
    """{entry: sentences}; an entry of which the actor may see nothing is left out."""
    rows = list(changes)
    lines: dict[str, set[str]] = {}
    for change in rows:
        if (change.table_name, change.record_key) != (table, key):
            lines.setdefault(change.table_name, set()).add(change.record_key)
    visible = {name: _visible_keys(session, actor, name, keys) for name, keys in lines.items()}
    told: dict[str, list[str]] = {}
    alike: dict[tuple[str, str, str], list[str]] = {}
    rule = _record_rules.get(table)
    closed = rule(session, actor, key) if rule is not None else frozenset()
    for change in rows:
        is_root = (change.table_name, change.record_key) == (table, key)
        keys = None if is_root else visible[change.table_name]
        if keys is not None and change.record_key not in keys:
            continue
        sentences = sentences_of(actor, change, is_root=is_root, closed=closed if is_root else frozenset())
        if sentences:
            told.setdefault(change.entry_id, []).extend(sentences)
        if not is_root and change.kind != ChangeKind.UPDATED:
            alike.setdefault((change.entry_id, change.table_name, change.kind), []).extend(sentences)
    for (entry_id, name, kind), sentences in alike.items():
        if len(sentences) > _MAX_ALIKE:
            told[entry_id] = _folded(told[entry_id], sentences, name, ChangeKind(kind))
    return told


def _folded(sentences: list[str], alike: list[str], table: str, kind: ChangeKind) -> list[str]:
    """The sentences with those alike as one, in the place of the first: 「公開範囲28件を追加」."""
    verb = {ChangeKind.CREATED: "追加", ChangeKind.DELETED: "削除"}[kind]
    place, gone = sentences.index(alike[0]), set(alike)
    kept = [sentence for sentence in sentences[place:] if sentence not in gone]
    return [*sentences[:place], f"{label_of_table(model_of_table(table), table)}{len(alike)}件を{verb}", *kept]


def _visible_keys(session: Session, actor: Actor, table: str, keys: set[str]) -> set[str] | None:
    """Which lines the actor may read; None: all of them. Lines that are gone are judged by what they were."""
    model = model_of_table(table)
    rule = _row_rule(model, actor) if _row_rule is not None and model is not None else None
    if model is None or rule is None or isinstance(rule, True_):
        return None  # a kind of line without rules of its own is read with its record
    column = inspect_(model).primary_key[0]
    numbers = [int(key) for key in keys if key.isdecimal()]
    present = {str(found) for found in session.scalars(select(column).where(column.in_(numbers)))}
    visible = {str(found) for found in session.scalars(select(column).where(column.in_(numbers), rule))}
    return visible | visible_past_keys(session, model, keys - present, rule)


def _cut(sentences: list[str]) -> list[str]:
    if len(sentences) <= _MAX_SENTENCES:
        return sentences
    return [*sentences[:_MAX_SENTENCES], f"ほか{len(sentences) - _MAX_SENTENCES}件の変更"]


def count_of_history(session: Session, table: str, key: str) -> int:
    """How many acts changed the record or its lines."""
    statement = select(func.count(AuditChange.entry_id.distinct())).where(
        AuditChange.root_table == table, AuditChange.root_key == key
    )
    return session.scalar(statement) or 0
