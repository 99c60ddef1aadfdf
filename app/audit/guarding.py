"""What a session may not do: change audited rows in bulk untold, commit inside an act, touch the log itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction

from app.audit.acts import ACT_KEY, Act, UnloggedChange
from app.audit.plans import audited_tables, link_tables, model_of_table
from models.records import AccessNote, AuditChange, AuditEntry, AuditHead

LOG_MODELS = (AuditEntry, AuditChange, AuditHead, AccessNote)
_LOG_TABLES = frozenset(str(model.__tablename__) for model in LOG_MODELS)
#: Savepoints that are open in an act: [(transaction, length of the journal when it began)].
_MARKS = "audit_savepoints"


class AppendOnly(UnloggedChange):
    """Something tried to write, change or delete rows of the log by itself."""


def _guard_bulk(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table: Any = getattr(state.statement, "table", None)
    if not isinstance(table, Table):
        return
    if table.name in _LOG_TABLES:
        raise AppendOnly(f"{table.name} is written by the recorder alone")
    if table.name not in audited_tables():
        return
    current: Act | None = state.session.info.get(ACT_KEY)
    if current is None or table.name not in _allowed(current):
        raise UnloggedChange(f"bulk change of {table.name} that no act was told about")


def _allowed(current: Act) -> set[str]:
    """The tables that the act was told about, and the link tables of their many-to-many sides."""
    names = set(current.bulk_tables)
    for name in current.bulk_tables:
        model = model_of_table(name)
        if model is not None:
            names |= link_tables(model.__mapper__)
    return names


def _refuse_log_write(mapper: Mapper[Any], connection: Any, target: Any) -> None:
    raise AppendOnly(f"{target.__tablename__} is written by the recorder alone")


# --- commits and savepoints -----------------------------------------------------------------------------------------


def _guard_commit(session: Session) -> None:
    current: Act | None = session.info.get(ACT_KEY)
    if current is not None and not current.is_written and not session.in_nested_transaction():
        raise UnloggedChange("an open act commits by itself, with its entry: leave the `with act(...)` first")


def _transaction_began(session: Session, transaction: SessionTransaction) -> None:
    current: Act | None = session.info.get(ACT_KEY)
    if current is not None and transaction.nested:
        session.info.setdefault(_MARKS, []).append((transaction, len(current.journal)))


def _transaction_committed(session: Session) -> None:
    marks = session.info.get(_MARKS)
    if marks and session.get_nested_transaction() is marks[-1][0]:
        marks.pop()


def _transaction_ended(session: Session, transaction: SessionTransaction) -> None:
    """Whatever was not released is undone: its changes leave the journal."""
    current: Act | None = session.info.get(ACT_KEY)
    marks: list[tuple[SessionTransaction, int]] = session.info.get(_MARKS, [])
    if transaction.parent is None:
        session.info.pop(_MARKS, None)
        if current is not None and not current.is_written:
            current.journal.clear()
    elif transaction.nested and current is not None:
        for index, (known, length) in enumerate(marks):
            if known is transaction:
                del current.journal[length:]
                del marks[index:]
                return


_LISTENERS = (
    ("do_orm_execute", _guard_bulk),
    ("before_commit", _guard_commit),
    ("after_transaction_create", _transaction_began),
    ("after_commit", _transaction_committed),
    ("after_transaction_end", _transaction_ended),
)


def install() -> None:
    """Listen to every session. May be called again."""
    for name, listener in _LISTENERS:
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)
    for model in LOG_MODELS:
        for name in ("before_insert", "before_update", "before_delete"):
            if not event.contains(model, name, _refuse_log_write):
                event.listen(model, name, _refuse_log_write)
