"""Two records of one body: setting and lifting the pointer, and saying that two records are different bodies.

Merging rewrites nothing (domain.md 2.2): what hangs on either is seen under one identity, because everything asks for the
cluster (`identity`). It is one entry of the log, and it is undone by lifting the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.access.permissions import Permission
from app.access.scopes import get_visible, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.directory.affiliations import tell_affiliation
from app.directory.derived import derive_completeness
from app.directory.duplicates import refresh_candidates
from app.directory.identity import cluster_ids, head_id
from app.japanese.text import clean_line
from app.problems import Conflict, Invalid
from app.search.index import refresh
from models.directory import Organization
from models.directory_records import Affiliation
from models.directory_registration import DuplicateCandidate, DuplicateJudgement

COUNT_LIMIT = 1_000


def merge(session: Session, *, actor: Actor, absorbed: Organization, into: Organization, reason: str = "") -> None:
    """Let `into` stand for `absorbed`. Raises Invalid, Conflict."""
    actor.require(Permission.ORGANIZATION_MERGE)
    if absorbed.id == into.id:
        raise Invalid("同じ記録どうしは統合できません。別の団体を選んでください。")
    if absorbed.merged_into_id is not None:
        raise Conflict(f"「{absorbed}」は、すでに統合されています。先に統合を取り消してください。")
    if into.id in cluster_ids(session, absorbed.id):
        raise Conflict(f"「{into}」は、「{absorbed}」に統合されています。先にその統合を取り消してください。")
    if absorbed.is_person != into.is_person:
        raise Conflict("個人の記録と団体の記録は統合できません。")
    with act(session, actor, "organization:merge", f"団体の統合: {absorbed} → {into}", reason=reason or None):
        absorbed.merged_into_id = head_id(session, into.id)
        session.flush()
        _follow(session, [absorbed.id, absorbed.merged_into_id])
        _tell_people(session, actor, absorbed.id)


def unmerge(session: Session, *, actor: Actor, organization: Organization, reason: str = "") -> None:
    """Lift the pointer: the record stands for itself again. Raises Conflict when there is none."""
    actor.require(Permission.ORGANIZATION_MERGE)
    former = organization.merged_into_id
    if former is None:
        raise Conflict("この団体は統合されていません。")
    label = f"統合の取消し: {organization} ← {organization.merged_into}"
    with act(session, actor, "organization:unmerge", label, reason=reason or None):
        organization.merged_into_id = None
        session.flush()
        _follow(session, [organization.id, former])


def _tell_people(session: Session, actor: Actor, organization_id: int) -> None:
    """Whoever belongs to one of the two belongs to both now: the rooms above hear of it as of a new affiliation."""
    ids = cluster_ids(session, organization_id)
    rows = session.scalars(select(Affiliation).where(Affiliation.organization_id.in_(ids)).order_by(Affiliation.id))
    for affiliation in rows.all():
        tell_affiliation(session, actor, affiliation)


def _follow(session: Session, ids: Sequence[int]) -> None:
    """What follows from a pointer: search texts, levels of completeness, candidates."""
    session.expire_all()
    heads = {head_id(session, key) for key in ids}
    derive_completeness(session, ids)
    refresh(session, "organization", {*ids, *heads})
    refresh_candidates(session, {*ids, *heads})


def judge_different(session: Session, *, actor: Actor, first_id: int, second_id: int, note: str = "") -> None:
    """Say that two records are two bodies: the pair is not asked again."""
    actor.require(Permission.ORGANIZATION_MERGE)
    first, second = sorted((first_id, second_id))
    if first == second:
        raise Invalid("同じ記録どうしです。")
    one, other = get_visible(session, Organization, first, actor), get_visible(session, Organization, second, actor)
    known = select(DuplicateJudgement.id).where(
        DuplicateJudgement.first_id == first, DuplicateJudgement.second_id == second
    )
    if session.scalar(known) is not None:
        return
    with act(session, actor, "organization:judge", f"別の団体と判定: {one}、{other}"):
        session.add(
            DuplicateJudgement(
                first_id=first, second_id=second, judged_by_id=actor.user_id, note=clean_line(note)[:300] or None
            )
        )


def open_pairs(
    session: Session, actor: Actor, *, limit: int = 100, offset: int = 0
) -> list[tuple[DuplicateCandidate, Organization, Organization]]:
    """Candidates that nobody has judged, most alike first, with their two records."""
    first, second = aliased(Organization), aliased(Organization)
    ids = select(Organization.id).where(visible_to(Organization, actor), Organization.merged_into_id.is_(None))
    statement = (
        select(DuplicateCandidate, first, second)
        .join(first, first.id == DuplicateCandidate.first_id)
        .join(second, second.id == DuplicateCandidate.second_id)
        .where(first.id.in_(ids), second.id.in_(ids), ~_is_judged())
        .order_by(DuplicateCandidate.score.desc(), DuplicateCandidate.id)
        .limit(limit)
        .offset(offset)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def count_open_pairs(session: Session) -> int:
    """How many pairs wait for a judgement, at most COUNT_LIMIT + 1."""
    some = select(DuplicateCandidate.id).where(~_is_judged()).limit(COUNT_LIMIT + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _is_judged() -> ColumnElement[bool]:
    return exists().where(
        DuplicateJudgement.first_id == DuplicateCandidate.first_id,
        DuplicateJudgement.second_id == DuplicateCandidate.second_id,
    )
