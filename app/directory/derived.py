"""What follows from a group's values and is kept beside them: folded name, phone and web address, completeness levels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.directory.completeness import assess, filled_fields
from app.directory.consent import open_fields
from app.directory.fields import BY_NAME, CENTER, PUBLIC, STAFF, Kept
from app.directory.identity import head_id
from app.japanese.normalize import fold, fold_name
from models.directory import Organization
from models.records import StoredFile

_LEVELS = (
    ("completeness_public", PUBLIC),
    ("completeness_staff", STAFF),
    ("completeness_center", CENTER),
)
#: Key of `session.info`: {what: ids of records} to be reckoned at the end of `app.directory.in_one_go`.
PUT_OFF = "directory_put_off"
_NOT_DIGIT = re.compile(r"\D+")
#: What `filled_fields` and `open_fields` read.
LOADED = tuple(
    selectinload(getattr(Organization, name))
    for name in ("consents", *(field.name for field in BY_NAME.values() if field.kept in {Kept.ROWS, Kept.RELATION}))
)


def folded_phone(typed: str | None) -> str | None:
    """The digits of a number, +81 as 0; None when there are too few to tell anything."""
    text = fold(typed or "")
    digits = _NOT_DIGIT.sub("", text)
    if text.startswith(("+81", "+ 81")):
        digits = "0" + digits[2:].removeprefix("0")
    return digits[:30] if len(digits) >= 9 else None


def web_key(typed: str | None) -> str | None:
    """Host and path of an address without www. and the last slash; None for none."""
    text = (typed or "").strip().lower()
    if not text:
        return None
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return f"{host}{parts.path.rstrip('/')}"[:300] if "." in host else None


def is_put_off(session: Session, what: str, ids: Iterable[int]) -> bool:
    """Whether the caller reckons "completeness" or "candidates" of these records later, once (`in_one_go`)."""
    later: dict[str, set[int]] | None = session.info.get(PUT_OFF)
    if later is not None:
        later.setdefault(what, set()).update(ids)
    return later is not None


def derive(session: Session, organization: Organization) -> None:
    """Reckon anew what follows from one record, and the completeness of the identity that it belongs to."""
    for name, value in (
        ("folded_name", fold_name(organization.name)),
        ("folded_phone", folded_phone(organization.phone)),
        ("web_key", web_key(organization.web)),
    ):
        if getattr(organization, name) != value:
            setattr(organization, name, value)
    session.flush()
    derive_completeness(session, [organization.id])


def derive_completeness(session: Session, ids: Iterable[int]) -> None:
    """Reckon the levels of these records' identities; merged records tell theirs through the one that stands for them."""
    if is_put_off(session, "completeness", ids):
        return
    heads = {head_id(session, key) for key in ids}
    rows = session.scalars(select(Organization).where(Organization.id.in_(heads)).options(*LOADED))
    for head in rows:
        members = members_under(session, head)
        files = file_fields(session, [one.id for one in members])
        _set_levels(head, [(filled_fields(one, files.get(one.id, ())), one) for one in members])
    session.flush()


def derive_many(session: Session, ids: Sequence[int]) -> None:
    """`derive_completeness` for many records: those that stand alone in a few queries, the merged ones one by one."""
    rows = session.scalars(select(Organization).where(Organization.id.in_(ids)).options(*LOADED)).all()
    above = set(session.scalars(select(Organization.merged_into_id).where(Organization.merged_into_id.in_(ids))))
    files = file_fields(session, [row.id for row in rows])
    joined = []
    for row in rows:
        if row.merged_into_id is not None or row.id in above:
            joined.append(row.id)
            continue
        _set_levels(row, [(filled_fields(row, files.get(row.id, ())), row)])
    session.flush()
    derive_completeness(session, joined)


def _set_levels(head: Organization, filled: Sequence[tuple[frozenset[str], Organization]]) -> None:
    for name, level in _LEVELS:
        there: set[str] = set()
        for fields, one in filled:
            there |= fields & open_fields(one, level)
        reached = int(assess(there).level)
        if getattr(head, name) != reached:
            setattr(head, name, reached)


def members_under(session: Session, head: Organization) -> list[Organization]:
    """The head and all records merged into it, directly or through another; deleted ones left out."""
    members, seen = [head], {head.id}
    while True:
        below = session.scalars(
            select(Organization)
            .where(
                Organization.merged_into_id.in_(seen),
                Organization.id.not_in(seen),
                Organization.deleted_at.is_(None),
            )
            .options(*LOADED)
            .order_by(Organization.id)
        ).all()
        if not below:
            return members
        members += below
        seen |= {one.id for one in below}


def file_fields(session: Session, ids: Iterable[int]) -> dict[int, set[str]]:
    """{group: file fields of which it has a paper}. One query."""
    keys = [str(key) for key in ids]
    statement = select(StoredFile.owner_key, StoredFile.purpose).where(
        StoredFile.owner_table == "organization", StoredFile.owner_key.in_(keys)
    )
    found: dict[int, set[str]] = {}
    for key, purpose in session.execute(statement):
        found.setdefault(int(key), set()).add(purpose)
    return found
