"""The log before a member of a review who also keeps it: nothing of proposals and of what hangs on them (rules.md 25).

The log repeats titles and texts. What a person may read of a proposal changes with each declaration, the log does not;
so whoever stands on a review's list, now or formerly, reads no entry of these rooms. Another administrator does.
"""

from __future__ import annotations

import functools

from sqlalchemy import ColumnElement, Select, exists, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.access.scopes import register_scope
from app.actor import Actor
from models.base import Base
from models.minutes import Minutes
from models.proposals import Proposal
from models.records import AccessNote, AuditChange, AuditEntry, StoredFile
from models.review_records import ReviewDisclosure, SealedRecord
from models.review_results import ReviewConclusion, TieDecision
from models.reviews import ReviewMember

#: Texts over several proposals, which no column ties to one of them.
_OVER_ALL: tuple[type[Base], ...] = (Minutes, StoredFile, SealedRecord, ReviewDisclosure, ReviewConclusion, TieDecision)
#: Acts whose words may name a proposal though they change no row.
_RESOURCES = (
    *("proposal", "opinion", "sheet", "declaration", "conflict", "conclusion", "review-decision", "review-pack"),
    *("meeting", "minutes", "notice", "mail", "file"),
)
_LISTED = aliased(ReviewMember)


@functools.cache
def closed_tables() -> frozenset[str]:
    """Tables of proposals, of all that points at one through however many steps, and of texts over several."""
    tables = Base.metadata.tables.values()
    found = {Proposal.__tablename__, *(one.__tablename__ for one in _OVER_ALL)}
    found |= {table.name for table in tables if "subject_kind" in table.c}
    while more := {
        table.name
        for table in tables
        if table.name not in found and any(key.column.table.name in found for key in table.foreign_keys)
    }:
        found |= more
    return frozenset(found)


def _unless_listed(actor: Actor, is_open: ColumnElement[bool]) -> ColumnElement[bool]:
    """`is_open` for those on a list, all rows for everybody else; the list is asked once a query, not once a row."""
    if actor.user_id is None:
        return true()
    return or_(~exists(_places_of(actor)), is_open)


def _places_of(actor: Actor) -> Select[int]:
    return select(_LISTED.id).where(_LISTED.user_id == actor.user_id)


def reads_in_part(session: Session, actor: Actor) -> bool:
    """Whether entries are left out for this reader, so that the page can say so."""
    return actor.user_id is not None and session.scalar(_places_of(actor).limit(1)) is not None


def _entries(actor: Actor) -> ColumnElement[bool]:
    touches = exists().where(AuditChange.entry_id == AuditEntry.id, AuditChange.table_name.in_(sorted(closed_tables())))
    speaks = or_(*(AuditEntry.verb.startswith(f"{name}:") for name in _RESOURCES))
    return _unless_listed(actor, not_(or_(speaks, touches)))


def _of_table(column: InstrumentedAttribute[str], actor: Actor) -> ColumnElement[bool]:
    return _unless_listed(actor, column.not_in(sorted(closed_tables())))


register_scope(AuditEntry, visible=_entries)
register_scope(AuditChange, visible=functools.partial(_of_table, AuditChange.table_name))
register_scope(AccessNote, visible=functools.partial(_of_table, AccessNote.table_name))
