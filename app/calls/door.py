"""Keeps the door shut: a proposal's state changes inside `advance` only, and its frozen rows never change.

Whatever sets `Proposal.state` elsewhere (a screen, an import, a bulk action, a command) is refused at once; so is a
proposal that is born in another state than 下書き, and any change of a version or of a line of the history.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy import inspect as inspect_
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from models.base import Base
from models.proposal_story import ProposalEvent, ProposalVersion, RuleOverride
from models.proposals import Proposal, ProposalState, ReceiptNumber

_is_open: contextvars.ContextVar[bool] = contextvars.ContextVar("proposal_door", default=False)
#: Written once.
_FROZEN: tuple[type[Base], ...] = (ProposalVersion, ProposalEvent, RuleOverride, ReceiptNumber)


class DoorShut(RuntimeError):
    """Code tried to change a proposal's state, or a frozen row of its story, past the door. A bug, not a refusal."""


@contextlib.contextmanager
def door() -> Iterator[None]:
    """Opened by `app.calls.services` alone, around the change of state."""
    token = _is_open.set(True)
    try:
        yield
    finally:
        _is_open.reset(token)


def _guard_state(target: Proposal, value: Any, old: Any, initiator: Any) -> None:
    if _is_open.get() or value == old:
        return
    if value == ProposalState.DRAFT and inspect_(target).identity is None:
        return
    raise DoorShut("a proposal's state is changed by app.calls.services.advance alone")


def _guard_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    for row in session.dirty:
        if isinstance(row, _FROZEN) and session.is_modified(row):
            raise DoorShut(f"{row.__tablename__} is never changed")
    for row in session.deleted:
        if isinstance(row, _FROZEN):
            raise DoorShut(f"{row.__tablename__} is never deleted")


def _guard_bulk(state: ORMExecuteState) -> None:
    """A bulk statement names the column or the frozen table: refused, whatever act it runs in."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    statement: Any = state.statement
    table = getattr(statement, "table", None)
    if not isinstance(table, Table):
        return
    if table.name in {model.__tablename__ for model in _FROZEN} and not state.is_insert:
        raise DoorShut(f"{table.name} is never changed")
    if table.name != Proposal.__tablename__ or _is_open.get():
        return
    named = {getattr(column, "key", column) for column in (getattr(statement, "_values", None) or ())}
    for row in getattr(statement, "_multi_values", None) or ():
        named |= {getattr(column, "key", column) for part in row for column in part}
    parameters = state.parameters or {}
    for row in parameters if isinstance(parameters, list) else [parameters]:
        named |= set(row)
    if "state" in named and not state.is_delete:
        raise DoorShut("a proposal's state is changed by app.calls.services.advance alone")


def install() -> None:
    """Attach the listeners. May be called again."""
    if not event.contains(Proposal.state, "set", _guard_state):
        event.listen(Proposal.state, "set", _guard_state)
        event.listen(Session, "before_flush", _guard_flush)
        event.listen(Session, "do_orm_execute", _guard_bulk)


install()
