"""Reading a frozen edition: what of it may still be shown, its seal, its difference to the one before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.directory.edition_contents import EditionDifference, Entry, differences, entry_from, hash_of, seal_of
from app.directory.fields import BY_NAME
from models.directory import Organization
from models.directory_profile import ConsentLevel, FieldConsent
from models.directory_rounds import Edition, EditionEntry
from models.reference import ActivityField, SeedState

_CHUNK = 500
#: Part of a group's identity, printed with it.
_ALWAYS = {"kind", "legal_form"}


@dataclasses.dataclass(frozen=True)
class Printable:
    """An edition as it may be handed out today. withdrawn: texts that are held back; gone: groups that are left out."""

    edition: Edition
    entries: list[Entry]
    field_names: dict[int, str]
    withdrawn: int
    gone: int
    #: Made-up groups of a demonstration database: the booklet says so.
    is_demo: bool = False

    @property
    def fingerprint(self) -> str:
        """The hash of what is handed out: the same as long as nothing was withdrawn or erased meanwhile."""
        return seal_of(hash_of(entry.as_json() | {"id": entry.organization_id}) for entry in self.entries)


def editions(session: Session, actor: Actor) -> list[Edition]:
    """All editions, newest first."""
    return list(session.scalars(scoped(Edition, actor).order_by(Edition.fiscal_year.desc())))


def find_edition(session: Session, actor: Actor, fiscal_year: int) -> Edition | None:
    """The edition of a year."""
    return session.scalars(scoped(Edition, actor).where(Edition.fiscal_year == fiscal_year)).one_or_none()


def get_edition(session: Session, actor: Actor, key: object) -> Edition:
    """The edition with that id. Raises NotFound."""
    return get_visible(session, Edition, key, actor)


def field_names(session: Session) -> dict[int, str]:
    """number → name of the activity fields."""
    return {row.number: row.name for row in session.scalars(select(ActivityField).order_by(ActivityField.number))}


def printable(session: Session, actor: Actor, edition: Edition) -> Printable:
    """The edition without what was erased, and without each text whose consent to publish was withdrawn since."""
    rows = session.scalars(
        scoped(EditionEntry, actor).where(EditionEntry.edition_id == edition.id).order_by(EditionEntry.position)
    ).all()
    frozen = [entry_from(row.organization_id, row.content) for row in rows if row.erased_at is None]
    allowed = _allowed(session, {entry.organization_id for entry in frozen})
    entries, withdrawn = [], 0
    for entry in frozen:
        may = allowed.get(entry.organization_id, frozenset())
        closed = [key for key in entry.values if key not in may and key not in _ALWAYS]
        shown = entry.without(closed)
        withdrawn += len(closed)
        if entry.fields and "fields" not in may:
            shown, withdrawn = dataclasses.replace(shown, fields=()), withdrawn + 1
        if set(shown.values) - _ALWAYS:
            entries.append(shown)
    is_demo = session.scalar(select(SeedState.value).where(SeedState.name == "demo")) is not None
    return Printable(edition, entries, field_names(session), withdrawn, edition.entry_count - len(entries), is_demo)


def _allowed(session: Session, ids: set[int]) -> dict[int, frozenset[str]]:
    """organisation → fields that it agrees to publish today; persons to nothing. A merged record follows its head."""
    heads = _heads(session, ids)
    wanted = sorted(ids | set(heads.values()))
    said: dict[int, dict[str, int]] = {}
    persons: set[int] = set()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        for row in session.execute(
            select(FieldConsent.organization_id, FieldConsent.field, FieldConsent.level).where(
                FieldConsent.organization_id.in_(part)
            )
        ):
            said.setdefault(row.organization_id, {})[row.field] = row.level
        persons.update(
            session.scalars(select(Organization.id).where(Organization.id.in_(part), Organization.is_person.is_(True)))
        )
    found = {}
    for one in ids:
        head = heads.get(one, one)
        levels = said.get(one, {}) | said.get(head, {})
        may = {name for name, level in levels.items() if level == ConsentLevel.PUBLIC and name in BY_NAME}
        is_person = one in persons or head in persons
        found[one] = frozenset() if is_person else frozenset(name for name in may if not BY_NAME[name].is_internal)
    return found


def _heads(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """merged record → the one that stands for it; records that were not merged are left out."""
    heads: dict[int, int] = {}
    waiting = {one: one for one in ids}
    for _ in range(50):  # pointers are short; a circle ends here
        pointers: dict[int, int] = {}
        targets = sorted(set(waiting.values()))
        for start in range(0, len(targets), _CHUNK):
            query = select(Organization.id, Organization.merged_into_id).where(
                Organization.id.in_(targets[start : start + _CHUNK]), Organization.merged_into_id.is_not(None)
            )
            pointers |= {row.id: row.merged_into_id for row in session.execute(query)}
        waiting = {one: pointers[at] for one, at in waiting.items() if at in pointers}
        if not waiting:
            break
        heads |= waiting
    return heads


def difference_to_last(session: Session, actor: Actor, edition: Edition) -> EditionDifference | None:
    """What changed since the edition before, of what both may still show; None for the first."""
    if edition.previous_id is None:
        return None
    before = printable(session, actor, get_edition(session, actor, edition.previous_id))
    after = printable(session, actor, edition)
    heads = _heads(session, {one.organization_id for one in [*before.entries, *after.entries]})
    labels = dict(before.edition.columns) | dict(edition.columns)
    return differences(
        before.entries, after.entries, labels, after.field_names, lambda number: heads.get(number, number)
    )


def is_intact(session: Session, edition: Edition) -> bool:
    """Whether every entry that was not erased is as it was frozen, and none was added or taken away."""
    rows = session.scalars(
        select(EditionEntry).where(EditionEntry.edition_id == edition.id).order_by(EditionEntry.position)
    ).all()
    kept = all(row.erased_at is not None or hash_of(row.content) == row.hash for row in rows)
    return kept and seal_of(row.hash for row in rows) == edition.content_hash
