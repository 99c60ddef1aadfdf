"""Records that may be one body: same folded name, alias, phone or web site, or a near name, each with reason and score.

Near names are looked for where they can be: two names a few characters apart share a third of themselves unchanged, so
each third is asked of the index of headings, and only what it gives is compared (rapidfuzz).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from app.directory.derived import folded_phone, is_put_off, web_key
from app.japanese.normalize import fold_name
from app.search.criteria import hits
from app.search.query import parse_query
from models.directory import Organization, OrganizationAlias
from models.directory_registration import DuplicateCandidate, DuplicateReason

#: The job that looks for duplicates among what an import wrote.
DUPLICATES = "directory_duplicates"
#: From this likeness on (0–100) two names are near.
NEAR = 84
_SCORES = {
    DuplicateReason.SAME_NAME: 100,
    DuplicateReason.SAME_ALIAS: 98,
    DuplicateReason.SAME_PHONE: 90,
    DuplicateReason.SAME_WEB: 88,
}
_MOST = 300
_CENTER_LEVEL = 2


@dataclasses.dataclass(frozen=True)
class Likeness:
    """One record that may be meant, why, and how much (0–100)."""

    organization_id: int
    reason: DuplicateReason
    score: int


def likely_duplicates(
    session: Session,
    *,
    name: str = "",
    aliases: Iterable[str] = (),
    phone: str | None = None,
    web: str | None = None,
    but: Collection[int] = (),
) -> list[Likeness]:
    """Records that look like the one described, best first, the strongest reason of each. No scope: the caller's."""
    found: dict[int, Likeness] = {}

    def take(ids: Iterable[int], reason: DuplicateReason, score: int | None = None) -> None:
        for key in ids:
            if key in but:
                continue
            one = Likeness(key, reason, _SCORES[reason] if score is None else score)
            if key not in found or found[key].score < one.score:
                found[key] = one

    kept = (Organization.deleted_at.is_(None), Organization.merged_into_id.is_(None))
    folded = fold_name(name)
    if folded:
        take(_ids(session, Organization.folded_name == folded, *kept), DuplicateReason.SAME_NAME)
    others = {fold_name(alias) for alias in aliases} - {""}
    # One record's name is another's alias. Two equal aliases say nothing: one text can mean different bodies.
    if folded:
        aliased = select(OrganizationAlias.organization_id).where(OrganizationAlias.folded_name == folded)
        take(_ids(session, Organization.id.in_(aliased), *kept), DuplicateReason.SAME_ALIAS)
    if others:
        take(_ids(session, Organization.folded_name.in_(others), *kept), DuplicateReason.SAME_ALIAS)
    if number := folded_phone(phone):
        take(_ids(session, Organization.folded_phone == number, *kept), DuplicateReason.SAME_PHONE)
    if address := web_key(web):
        take(_ids(session, Organization.web_key == address, *kept), DuplicateReason.SAME_WEB)
    if len(folded) >= 3:
        for key, likeness in _near(session, folded):
            take([key], DuplicateReason.NEAR_NAME, likeness)
    return sorted(found.values(), key=lambda one: (-one.score, one.organization_id))


def _ids(session: Session, *criteria: object) -> Sequence[int]:
    return session.scalars(select(Organization.id).where(*criteria).order_by(Organization.id).limit(_MOST)).all()  # type: ignore[arg-type]


def _near(session: Session, folded: str) -> Iterator[tuple[int, int]]:
    """(id, likeness) of records whose name is near."""
    dialect = session.get_bind().dialect.name
    ids: set[int] = set()
    for part in parts_of(folded):
        query = parse_query(part)
        if query.words:
            statement = hits("organization", query, _CENTER_LEVEL, dialect, is_heading=True).limit(_MOST)
            ids.update(session.scalars(statement))
    if not ids:
        return
    rows = session.execute(
        select(Organization.id, Organization.folded_name).where(
            Organization.id.in_(ids), Organization.deleted_at.is_(None), Organization.merged_into_id.is_(None)
        )
    )
    for key, other in rows:
        if (likeness := likeness_of(folded, other)) >= NEAR and not are_told_apart(folded, other):
            yield key, likeness


def likeness_of(one: str, other: str) -> int:
    """How alike two folded names are, 0–99: equality is another reason."""
    if not one or not other:
        return 0
    return min(99, int(fuzz.ratio(one, other)))


#: What names of sister bodies differ by: 北公民館 and 南公民館, 小学校 and 中学校, 第一 and 第二.
_APART = frozenset("東西南北上下左右前後内外大中小新旧第一二三四五六七八九十0123456789")


#: What many bodies are called alike, as it folds: which of them is meant, the name before it says.
_INSTITUTION = re.compile(
    "公民館|小学校|中学校|高等学校|高校|大学|保育園|幼稚園|学童くらぶ|地域せんたー|自治会|町会|商店会|友の会|まつり|"
    "事業企画委員会|実行委員会|運営委員会|協議会|連合会|連絡会|懇談会|準備組合|市街地再開発|土地区画整理|pta"
)


def are_told_apart(one: str, other: str) -> bool:
    """Whether two folded names differ by what tells sister bodies apart; equal names do not.

    北公民館 and 南公民館, 小川公民館 and 鈴木公民館; not 市民まつり and 小平市民まつり, and not one slip in a longer name.
    """
    return _differ_by_signs(one, other) or _differ_by_place(one, other)


def _differ_by_place(one: str, other: str) -> bool:
    """Whether two institutions of one kind have names of their own that are not near."""
    kinds = _INSTITUTION.findall(one)
    if not kinds or kinds != _INSTITUTION.findall(other):
        return False
    first, second = sorted((_INSTITUTION.sub("", one), _INSTITUTION.sub("", other)), key=len)
    if second.endswith(first) or likeness_of(first, second) >= NEAR:
        return False
    return Levenshtein.distance(first, second) > (1 if len(first) >= 4 else 0)


def _differ_by_signs(one: str, other: str) -> bool:
    first, second = sorted((one, other))
    changed = set()
    for edit in Levenshtein.editops(first, second):
        if edit.tag != "insert":
            changed.add(first[edit.src_pos])
        if edit.tag != "delete":
            changed.add(second[edit.dest_pos])
    return bool(changed) and changed <= _APART


def parts_of(folded: str) -> list[str]:
    """The thirds of a folded name (halves of a short one), at least two characters each."""
    count = 3 if len(folded) >= 6 else 2 if len(folded) >= 4 else 1
    size = len(folded) // count
    return [folded[place * size : (place + 1) * size if place < count - 1 else None] for place in range(count)]


def refresh_candidates(session: Session, ids: Collection[int]) -> int:
    """Reckon anew which pairs these records may be part of; returns how many were found. In the caller's transaction."""
    if is_put_off(session, "candidates", ids):
        return 0
    found: dict[tuple[int, int], Likeness] = {}
    rows = session.execute(
        select(
            Organization.id,
            Organization.name,
            Organization.phone,
            Organization.web,
            Organization.deleted_at,
            Organization.merged_into_id,
        ).where(Organization.id.in_(ids))
    ).all()
    aliases: dict[int, list[str]] = {}
    for key, alias in session.execute(
        select(OrganizationAlias.organization_id, OrganizationAlias.name).where(
            OrganizationAlias.organization_id.in_(ids)
        )
    ):
        aliases.setdefault(key, []).append(alias)
    for row in rows:
        if row.deleted_at is not None or row.merged_into_id is not None:
            continue
        for one in likely_duplicates(
            session,
            name=row.name,
            aliases=aliases.get(row.id, ()),
            phone=row.phone,
            web=row.web,
            but={row.id},
        ):
            pair = (min(row.id, one.organization_id), max(row.id, one.organization_id))
            if pair not in found or found[pair].score < one.score:
                found[pair] = one
    connection = session.connection()
    table = DuplicateCandidate.__table__
    connection.execute(delete(table).where(or_(table.c.first_id.in_(ids), table.c.second_id.in_(ids))))  # type: ignore[arg-type]
    if found:
        connection.execute(
            insert(table),  # type: ignore[arg-type]
            [
                {"first_id": first, "second_id": second, "reason": one.reason, "score": one.score}
                for (first, second), one in found.items()
            ],
        )
    return len(found)


def refresh_all(session: Session, *, chunk: int = 200) -> int:
    """Reckon all pairs from scratch; returns how many there are."""
    session.connection().execute(delete(DuplicateCandidate.__table__))  # type: ignore[arg-type]
    last = 0
    while True:
        ids = session.scalars(
            select(Organization.id)
            .where(Organization.id > last, Organization.deleted_at.is_(None), Organization.merged_into_id.is_(None))
            .order_by(Organization.id)
            .limit(chunk)
        ).all()
        if not ids:
            break
        refresh_candidates(session, ids)
        last = ids[-1]
    return len(session.scalars(select(DuplicateCandidate.id)).all())
