"""Identity of a group: the whole cluster of records that pointers join. Merging rewrites nothing (domain.md 2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, column, select, table
from sqlalchemy.orm import Session

from models.base import Key
from models.directory import Organization

#: Two columns of the table: copying all of them into each alias costs more than the query.
_TABLE: Any = table(Organization.__tablename__, column("id", Key), column("merged_into_id", Key))


def head_of(organization_id: Any) -> ColumnElement[int]:
    """SQL: the id that stands for the record named by a column of an outer query."""
    named = _element(organization_id)
    up = _upwards(_TABLE.alias(), named)
    return select(up.c.id).where(up.c.merged_into_id.is_(None)).correlate(named.table).scalar_subquery()


def cluster_of(organization_id: Any) -> Select[int]:
    """SQL: all ids of the identity of the record named by a column of an outer query, for `x.in_(cluster_of(y))`."""
    named = _element(organization_id)
    up = _upwards(_TABLE.alias(), named)
    return _members(up).correlate(named.table)


def heads_of(ids: Iterable[int]) -> Select[int]:
    """SELECT of the ids that stand for these records."""
    start = _TABLE.alias()
    up = _climb(select(start.c.id, start.c.merged_into_id).where(start.c.id.in_(list(ids))))
    return select(up.c.id).where(up.c.merged_into_id.is_(None))


def members_of(ids: Select[Any] | Iterable[int]) -> Select[int]:
    """SELECT of all ids of the identities that these records belong to, deleted ones included."""
    start = _TABLE.alias()
    wanted = start.c.id.in_(ids if isinstance(ids, Select) else list(ids))
    return _members(_climb(select(start.c.id, start.c.merged_into_id).where(wanted)))


def cluster_ids(session: Session, organization_id: int) -> set[int]:
    """All ids of one identity, the given one included. One query."""
    return {organization_id, *session.scalars(members_of([organization_id]))}


def head_id(session: Session, organization_id: int) -> int:
    """The id that stands for the identity: itself unless it was merged into another. One query."""
    return session.scalar(heads_of([organization_id])) or organization_id


def _element(named: Any) -> Any:
    return named.__clause_element__() if hasattr(named, "__clause_element__") else named


def _upwards(start: Any, named: Any) -> CTE:
    return _climb(select(start.c.id, start.c.merged_into_id).where(start.c.id == named).correlate(named.table))


def _climb(start: Select[Any]) -> CTE:
    """The records and all that their pointers lead to. UNION ends even where pointers went in a circle."""
    up = start.cte("identity_up", recursive=True, nesting=True)
    above = _TABLE.alias()
    return up.union(select(above.c.id, above.c.merged_into_id).join(up, above.c.id == up.c.merged_into_id))


def _members(up: CTE) -> Select[int]:
    """Everything below the ends of the pointers."""
    top = select(up.c.id).where(up.c.merged_into_id.is_(None))
    down = top.cte("identity_down", recursive=True, nesting=True)
    below = _TABLE.alias()
    down = down.union(select(below.c.id).join(down, below.c.merged_into_id == down.c.id))
    return select(down.c.id)
