"""What agenda items, resolutions and notices are about: kinds that rooms register, each with its own row scope.

A room says `register_subject("proposal", "提案", model=Proposal, endpoint="proposal.details_view")` in its `policy.py`.
Whoever may not see the subject does not see what hangs on it. A kind that nobody registered is closed to all.
The row scope of such a model must not ask `subject_visible` itself (a notice, an agenda item): that would go in circles.
"""

from __future__ import annotations

import dataclasses

from sqlalchemy import ColumnElement, and_, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.access.scopes import Criterion, visible_to
from app.actor import Actor
from models.base import Base


@dataclasses.dataclass(frozen=True)
class Subject:
    """A kind of record that others point to by (kind, id). `endpoint`: its page, taking `key`."""

    kind: str
    label: str
    model: type[Base]
    visible: Criterion | None
    endpoint: str | None

    def criterion(self, actor: Actor) -> ColumnElement[bool]:
        """Which rows of `model` the actor sees."""
        seen = visible_to(self.model, actor)
        return seen if self.visible is None else and_(seen, self.visible(actor))


_subjects: dict[str, Subject] = {}


def register_subject(
    kind: str,
    label: str,
    *,
    model: type[Base],
    visible: Criterion | None = None,
    endpoint: str | None = None,
) -> None:
    """Let others hang things on rows of `model` by this kind.

    visible: actor -> criterion over `model`, ANDed to the model's own row scope. endpoint: the record's page
    ("proposal.details_view").
    """
    _subjects[kind] = Subject(kind, label, model, visible, endpoint)


def find_subject(kind: str | None) -> Subject | None:
    """The registered kind."""
    return _subjects.get(kind or "")


def subjects() -> list[Subject]:
    """All kinds, by code."""
    return [_subjects[kind] for kind in sorted(_subjects)]


def subject_visible(
    actor: Actor, kind_column: InstrumentedAttribute[str | None], id_column: InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """SQL: the row has no subject, or one that the actor sees."""
    seen = [
        and_(
            kind_column == subject.kind,
            id_column.in_(select(inspect(subject.model).primary_key[0]).where(subject.criterion(actor))),
        )
        for subject in subjects()
    ]
    return or_(kind_column.is_(None), *seen)


def find_record(session: Session, actor: Actor, kind: str | None, key: int | None) -> Base | None:
    """The subject itself, if the actor sees it."""
    subject = find_subject(kind)
    if subject is None or key is None:
        return None
    primary = inspect(subject.model).primary_key[0]
    return session.scalars(select(subject.model).where(primary == key, subject.criterion(actor))).one_or_none()


def records_of(session: Session, actor: Actor, pairs: set[tuple[str, int]]) -> dict[tuple[str, int], Base]:
    """The visible subjects among (kind, id) pairs: one query a kind."""
    found: dict[tuple[str, int], Base] = {}
    for kind in sorted({kind for kind, _ in pairs}):
        subject = find_subject(kind)
        if subject is None:
            continue
        primary = inspect(subject.model).primary_key[0]
        wanted = [key for known, key in pairs if known == kind]
        rows = session.scalars(select(subject.model).where(primary.in_(wanted), subject.criterion(actor)))
        for row in rows:
            identity = inspect(row).identity
            if identity is not None:
                found[(kind, identity[0])] = row
    return found
