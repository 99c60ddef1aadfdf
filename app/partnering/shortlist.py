"""Verbs on the shortlist: take candidates, write down what was found of each, choose, take the choice back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.partnering.queries import NOT_PARTNERS
from app.partnering.rules import is_called, missing_for_choice
from app.partnering.services import require_editable, require_open
from app.problems import Conflict, Invalid, NotFound, check_version
from models.base import utc_now
from models.directory import Organization
from models.partnering import PartnerCandidate, PartnerSearch

MOST_CANDIDATES = 20


def take_candidate(
    session: Session,
    *,
    actor: Actor,
    search: PartnerSearch,
    organization_id: int,
    rank: int | None = None,
    reasons: Sequence[str] = (),
) -> PartnerCandidate:
    """Put a group on the shortlist. Raises NotFound for one that the actor may not see, Conflict for one on it."""
    require_open(session, actor, search)
    query = scoped(Organization, actor).where(
        Organization.id == organization_id, Organization.is_person.is_(False), Organization.kind.not_in(NOT_PARTNERS)
    )
    organization = session.scalars(query).one_or_none()
    if organization is None or organization.merged_into_id is not None:
        raise NotFound("団体が見つかりません。一覧から選び直してください。")
    if any(candidate.organization_id == organization.id for candidate in search.candidates):
        raise Conflict(f"「{organization}」は、もう候補に入っています。")
    if len(search.candidates) >= MOST_CANDIDATES:
        raise Conflict(f"候補は{MOST_CANDIDATES}団体までです。外してから追加してください。")
    with act(session, actor, "partner-search:edit", f"候補の追加: {organization}({search.title})"):
        candidate = PartnerCandidate(
            organization=organization, rank_when_taken=rank, reasons=[str(reason)[:300] for reason in reasons][:10]
        )
        search.candidates.append(candidate)
        search.updated_at = utc_now()
        session.flush()
    return candidate


def drop_candidate(session: Session, *, actor: Actor, candidate: PartnerCandidate) -> None:
    """Take a group off the shortlist."""
    search = candidate.search
    require_open(session, actor, search)
    with act(session, actor, "partner-search:edit", f"候補から外す: {candidate}({search.title})"):
        search.candidates.remove(candidate)
        search.updated_at = utc_now()
        session.flush()


def judge_candidate(
    session: Session, *, actor: Actor, candidate: PartnerCandidate, version: int | None, values: Mapping[str, Any]
) -> PartnerCandidate:
    """Write down what was found of a candidate: a common purpose, a workable method, notes (rules.md 3)."""
    require_open(session, actor, candidate.search)
    check_version(candidate, version)
    with act(session, actor, "partner-search:edit", f"候補の検討: {candidate}({candidate.search.title})"):
        for name in ("has_common_purpose", "has_workable_method"):
            if name in values:
                setattr(candidate, name, values[name])
        for name in ("purpose_note", "method_note", "note"):
            if name in values:
                setattr(candidate, name, (values[name] or "").strip() or None)
        session.flush()
    return candidate


def decide(
    session: Session,
    *,
    actor: Actor,
    search: PartnerSearch,
    version: int | None,
    candidate_ids: Collection[int],
    reason: str,
    decided_on: dt.date | None,
) -> PartnerSearch:
    """Record the choice with its reason (実践編1(3), rules.md 3). Raises Invalid with what is missing first."""
    require_open(session, actor, search)
    check_version(search, version)
    if is_called(search):
        raise Conflict("公募の課題・テーマにしたため、相手は募集で選びます。ここでは選定できません。")
    chosen = [candidate for candidate in search.candidates if candidate.id in set(candidate_ids)]
    problems: dict[str, str] = {}
    if missing := missing_for_choice(search):
        raise Invalid(" ".join(missing))
    if not chosen:
        problems["candidates"] = "選ぶ団体を候補から選んでください。"
    if unfit := [str(one) for one in chosen if not (one.has_common_purpose and one.has_workable_method)]:
        problems["candidates"] = f"共通の目的か実施手法が見いだせないとした団体は選べません({'、'.join(unfit)})。"
    if not reason.strip():
        problems["reason"] = "選んだ理由を書いてください。"
    if decided_on is None or decided_on > today_in_tokyo():
        problems["decided_on"] = "今日以前の選定日を入力してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    with act(session, actor, "partner-search:decide", f"パートナーの選定: {search.title}", reason=reason.strip()):
        for candidate in search.candidates:
            candidate.is_chosen = candidate in chosen
        search.choice_reason = reason.strip()
        search.decided_on = decided_on
        session.flush()
    return search


def reopen(session: Session, *, actor: Actor, search: PartnerSearch, reason: str) -> PartnerSearch:
    """Take the choice back, with a reason; not once something was made of it."""
    require_editable(session, actor, search)
    if search.decided_on is None:
        raise Conflict("まだ選定していません。")
    if search.project_id is not None or search.challenge_id is not None:
        raise Conflict("この選定から協働事業か課題・テーマが作られています。そちらで直してください。")
    if not reason.strip():
        raise Invalid("理由を書いてください。", fields={"reason": "理由を書いてください。"})
    with act(session, actor, "partner-search:reopen", f"選定の取消し: {search.title}", reason=reason.strip()):
        for candidate in search.candidates:
            candidate.is_chosen = False
        search.decided_on = None
        search.choice_reason = None
        session.flush()
    return search
