"""What is found of an organisation, by level of consent: names (also of what was merged into it), purpose, activities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session, selectinload

from app.directory.consent import levels_of
from app.directory.fields import COLUMNS, Kept
from app.search.documents import PUBLIC, STAFF, SearchSpec, TextByLevel, Weight, cumulative, owners, register
from models.directory import Organization, OrganizationAlias
from models.directory_profile import FieldConsent, OrganizationField
from models.directory_records import ActivityRecord

_WEIGHTS: dict[str, Weight] = {"purpose": "B", "pr": "B", "activities": "C"}
#: Searched texts, weightiest first. Contacts and notes are not searched: nobody comes upon them by chance.
SEARCHED: tuple[str, ...] = tuple(
    field.name
    for field in sorted(COLUMNS, key=lambda field: _WEIGHTS.get(field.name, "C"))
    if not (field.is_contact or field.is_internal)
    and field.kept is not Kept.NUMBER
    and field.name not in {"web", "sns"}
)


#: All that a group's text is made of besides rows of other tables.
_READ = frozenset(
    {"name", "reading", "legal_form", "is_person", "merged_into_id", "deleted_at", "audiences", "areas", *SEARCHED}
)


def texts_of(organization: Organization) -> Iterator[tuple[int, Weight, str, str | None]]:
    """(level, weight, what it is, text) of everything that is searched, in the order in which a match is told."""
    least = STAFF if organization.is_person else PUBLIC
    yield least, "A", "団体名", organization.name
    yield least, "A", "よみ", organization.reading
    for alias in organization.aliases:
        yield least, "A", "別名", alias.name
    for other in _absorbed(organization):
        yield least, "A", "統合した団体", other.name
        yield least, "A", "よみ", other.reading
        for alias in other.aliases:
            yield least, "A", "別名", alias.name
    yield least, "B", "法人格", organization.legal_form
    levels = {name: max(least, int(level)) for name, level in levels_of(organization).items()}
    labels = Organization.__table__.c
    for name in SEARCHED:
        weight = _WEIGHTS.get(name, "C")
        yield levels[name], weight, str(labels[name].info["label"]), getattr(organization, name)
    for row in organization.fields:
        yield levels["fields"], "C", "活動分野", row.activity_field.name
    for audience in organization.audiences:
        yield levels["audiences"], "C", "対象", audience.name
    for area in organization.areas:
        yield levels["areas"], "C", "活動地域", area.name
    for record in organization.activity_records:
        yield levels["activity_records"], "C", "活動の記録", record.heading
        yield levels["activity_records"], "C", "活動の記録", record.description


def _absorbed(organization: Organization) -> Iterator[Organization]:
    """The records merged into it, directly or through another; a circle, which no service makes, ends."""
    seen, pending = {organization.id}, list(organization.absorbed)
    while pending:
        one = pending.pop(0)
        if one.id in seen or one.deleted_at is not None:
            continue
        seen.add(one.id)
        yield one
        pending += one.absorbed


def _texts(organization: Organization) -> TextByLevel:
    if organization.merged_into_id is not None:
        return {}  # found through the record that stands for it
    return cumulative((level, weight, text) for level, weight, _, text in texts_of(organization))


def _above(changed: Organization) -> Iterable[int | None]:
    """The records that a merged one is found through, now and before the change."""
    history: Any = inspect(changed).attrs.merged_into_id.history
    ids = {*history.added, *history.unchanged, *history.deleted} - {None}
    session = object_session(changed)
    seen: set[int] = set()
    while ids and session is not None:
        seen |= ids
        with session.no_autoflush:
            rows = [session.get(Organization, key) for key in ids]
        ids = {row.merged_into_id for row in rows if row is not None and row.merged_into_id is not None} - seen
    return seen


def _of_alias(changed: OrganizationAlias) -> Iterable[int | None]:
    """The alias's record, and those through which that one is found."""
    ids: set[int | None] = set(owners("organization_id")(changed)) - {None}
    session = object_session(changed)
    if session is not None:
        with session.no_autoflush:
            for owner in [session.get(Organization, key) for key in ids]:
                ids.update(_above(owner) if owner is not None and owner.merged_into_id is not None else ())
    return ids


register(
    SearchSpec(
        entity="organization",
        model=Organization,
        text_by_level=_texts,
        reads=_READ,
        touched_by={
            Organization: _above,
            OrganizationAlias: _of_alias,
            FieldConsent: owners("organization_id"),
            OrganizationField: owners("organization_id"),
            ActivityRecord: owners("organization_id"),
        },
        options=(
            selectinload(Organization.aliases),
            selectinload(Organization.consents),
            selectinload(Organization.fields).joinedload(OrganizationField.activity_field),
            selectinload(Organization.audiences),
            selectinload(Organization.areas),
            selectinload(Organization.activity_records),
            selectinload(Organization.absorbed).selectinload(Organization.aliases),
        ),
    )
)
