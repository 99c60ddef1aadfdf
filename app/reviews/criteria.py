"""Criteria of a call: entered, or started from a preset; frozen by the first sealed sheet (rules.md 27)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import Invalid, check_version
from app.reviews import queries
from app.reviews.openings import refresh_openings
from app.reviews.setting_up import require_unfrozen
from models.review_sheets import ScoreDraft, ScoreSheet
from models.reviews import Criterion, MissingRule, NextBestRule, ReviewMember, ReviewPreset, ReviewQuorum, ReviewStage

FIELDS = ("stage", "position", "label", "description", "lowest", "highest", "weight",
          "veto_at", "comment_below", "comment_above")  # fmt: skip
_WEIGHT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


def presets(session: Session) -> Sequence[ReviewPreset]:
    """In their order."""
    return session.scalars(select(ReviewPreset).order_by(ReviewPreset.position, ReviewPreset.id)).all()


def apply_preset(session: Session, *, actor: Actor, call_id: int, code: str) -> None:
    """Take over a preset's rule and criteria where the call has no criteria yet; all of it may be changed afterwards."""
    actor.require(Permission.CRITERION_EDIT)
    preset = session.scalars(select(ReviewPreset).where(ReviewPreset.code == code)).one_or_none()
    if preset is None:
        raise Invalid("ひな形を選んでください。", fields={"code": "ひな形を選んでください。"})
    with act(session, actor, "criterion:preset", f"審査基準のひな形「{preset.name}」を写しました"):
        queries.lock_review(session, call_id)
        require_unfrozen(session, call_id)
        if queries.criteria_of(session, call_id):
            raise Refusal("審査基準がすでにあります。ひな形を使うときは、先に今の審査基準を削除してください。")
        rule, said = queries.get_rule(session, call_id), preset.rule
        rule.minimum_percent = said.get("minimum_percent", rule.minimum_percent)
        rule.missing = MissingRule(said["missing"]) if "missing" in said else rule.missing
        rule.quorum = ReviewQuorum(said["quorum"]) if "quorum" in said else rule.quorum
        rule.tie = said.get("tie", rule.tie)
        rule.next_best = NextBestRule(said["next_best"]) if "next_best" in said else rule.next_best
        rule.source = f"ひな形「{preset.name}」"
        for position, row in enumerate(preset.criteria, start=1):
            session.add(Criterion(call_id=call_id, **_checked({"position": position} | row)))


def add_criterion(session: Session, *, actor: Actor, call_id: int, values: Mapping[str, Any]) -> Criterion:
    """Add one. Raises Invalid naming the fields, Conflict once a sheet was sealed."""
    actor.require(Permission.CRITERION_EDIT)
    clean = _checked(values)
    with act(session, actor, "criterion:edit", f"審査基準「{clean['label']}」を追加しました"):
        queries.lock_review(session, call_id)
        require_unfrozen(session, call_id)
        criterion = Criterion(call_id=call_id, **clean)
        _refuse_same_label(session, criterion)
        session.add(criterion)
        refresh_openings(session, call_id)
    return criterion


def update_criterion(
    session: Session, *, actor: Actor, criterion_id: int, values: Mapping[str, Any], version: int | None = None
) -> Criterion:
    """Change one."""
    actor.require(Permission.CRITERION_EDIT)
    criterion = get_visible(session, Criterion, criterion_id, actor)
    clean = _checked({name: getattr(criterion, name) for name in FIELDS} | dict(values))
    with act(session, actor, "criterion:edit", f"審査基準「{clean['label']}」を変更しました"):
        queries.lock_review(session, criterion.call_id)
        require_unfrozen(session, criterion.call_id)
        session.refresh(criterion)
        check_version(criterion, version)
        with session.no_autoflush:
            for name, value in clean.items():
                setattr(criterion, name, value)
            _refuse_same_label(session, criterion)
    return criterion


def remove_criterion(session: Session, *, actor: Actor, criterion_id: int) -> None:
    """Remove one; drafts forget what was written for it."""
    actor.require(Permission.CRITERION_EDIT)
    criterion = get_visible(session, Criterion, criterion_id, actor)
    call_id = criterion.call_id
    with act(session, actor, "criterion:edit", f"審査基準「{criterion.label}」を削除しました"):
        queries.lock_review(session, call_id)
        require_unfrozen(session, call_id)
        _forget_in_drafts(session, criterion)
        session.delete(criterion)
        refresh_openings(session, call_id)


def _forget_in_drafts(session: Session, criterion: Criterion) -> None:
    drafts = session.scalars(
        select(ScoreDraft)
        .join(ScoreSheet, ScoreSheet.id == ScoreDraft.sheet_id)
        .join(ReviewMember, ReviewMember.id == ScoreSheet.member_id)
        .where(ReviewMember.call_id == criterion.call_id)
    )
    for draft in drafts:
        key = str(criterion.id)
        draft.values = {
            part: {name: one for name, one in given.items() if name != key} if isinstance(given, dict) else given
            for part, given in draft.values.items()
        }


def _refuse_same_label(session: Session, criterion: Criterion) -> None:
    for other in queries.criteria_of(session, criterion.call_id, criterion.stage):
        if other is not criterion and other.label == criterion.label:
            sentence = "同じ審査に、同じ名前の項目があります。"
            raise Invalid(sentence, fields={"label": sentence})


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {"lowest": 0, "weight": "1", "description": ""} | {
        name: values[name] for name in FIELDS if name in values
    }
    problems: dict[str, str] = {}
    clean["label"] = " ".join(str(clean.get("label") or "").split())
    if not clean["label"]:
        problems["label"] = "項目の名前を入力してください。"
    clean["stage"] = ReviewStage(clean["stage"]) if clean.get("stage") in list(ReviewStage) else None
    if clean["stage"] is None:
        problems["stage"] = "書類審査か面接審査かを選んでください。"
    weight = str(clean["weight"]).strip()
    if not _WEIGHT.fullmatch(weight) or Fraction(weight) <= 0:
        problems["weight"] = "0より大きい数(小数は4桁まで)で入力してください。"
    clean["weight"] = weight
    lowest, highest = clean["lowest"], clean.get("highest")
    if not isinstance(lowest, int) or not isinstance(highest, int) or not 0 <= lowest < highest <= 1000:
        problems["highest"] = "満点は、最低点より大きく、1000までの整数にしてください。"
    else:
        for name in ("veto_at", "comment_below", "comment_above"):
            mark = clean.get(name)
            if mark is not None and not lowest <= mark <= highest:
                problems[name] = f"{lowest}から{highest}までの点にしてください。"
    if problems:
        raise Invalid("審査基準の入力を確かめてください。", fields=problems)
    return clean
