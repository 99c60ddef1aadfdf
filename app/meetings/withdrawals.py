"""Who is out for an item because of an interest (除斥): rooms that know conflicts register a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from models.bodies import Membership
from models.meetings import AgendaItem

#: (session, subject id, memberships) -> ids of the memberships that have an interest in the subject.
ConflictTeller = Callable[[Session, int, Sequence[Membership]], set[int]]
_tellers: dict[str, list[ConflictTeller]] = {}


def register_conflicts(subject_kind: str, teller: ConflictTeller) -> None:
    """Let meetings ask who has an interest in subjects of this kind; they are out of the item, its quorum and papers."""
    if teller not in _tellers.setdefault(subject_kind, []):
        _tellers[subject_kind].append(teller)


def in_conflict(session: Session, item: AgendaItem, memberships: Sequence[Membership]) -> set[int]:
    """Ids of the memberships that are out of the item, whether or not somebody noted it."""
    if item.subject_kind is None or item.subject_id is None:
        return set()
    found: set[int] = set()
    for teller in _tellers.get(item.subject_kind, ()):
        found |= teller(session, item.subject_id, memberships)
    return found
